"""The words of the pages: each is translated, none is left over, and both name the same values."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages.pofile import read_po
from jinja2.ext import babel_extract

ROOT = Path(__file__).parents[2]
NAMED = re.compile(r"%\((\w+)\)s")


def in_templates() -> Iterator[tuple[str, ...]]:
    """Give the words of each call of gettext in our templates: one, or two where it counts."""
    options = {"newstyle_gettext": "true", "trim_blocks": "true"}
    for file in sorted((ROOT / "api" / "templates").glob("*.html")):
        with file.open("rb") as source:
            for _, function, words, _ in babel_extract(source, ("_", "ngettext"), [], options):
                found = (words,) if isinstance(words, str) else tuple(w for w in words if isinstance(w, str))
                yield found[:2] if function == "ngettext" else found[:1]


def catalogue() -> dict[tuple[str, ...], tuple[str, ...]]:
    with (ROOT / "api" / "translations" / "fr.po").open("rb") as source:
        messages = [m for m in read_po(source) if m.id]
    return {
        (m.id if isinstance(m.id, tuple) else (m.id,)): (tuple(m.string) if isinstance(m.string, tuple) else (m.string,))
        for m in messages
    }


def test_every_word_is_translated_and_none_is_left_over() -> None:
    used = set(in_templates())
    assert len(used) > 200
    assert used - set(catalogue()) == set()
    assert set(catalogue()) - used == set()


def test_both_languages_name_the_same_values() -> None:
    for english, french in catalogue().items():
        for word in french:
            assert word
            assert set(NAMED.findall(word)) == set(NAMED.findall(english[-1])), english


def test_french_typography() -> None:
    for french in catalogue().values():
        for word in french:
            assert not re.search(r"(?<!\u00a0)[;:?!](\s|$)", word), word
            assert '"' not in word
