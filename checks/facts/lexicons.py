"""Words that an instructor may edit: topics with French and English terms, and names that are matched as they are."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import snowballstemmer
import yaml

_TOKEN = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "Œ": "OE", "Æ": "AE", "ß": "ss"})
# Words too small to tell topics apart; phrases match across them.
SMALL = frozenset(
    [
        "a",
        "an",
        "and",
        "are",
        "as",
        "at",
        "au",
        "aux",
        "avec",
        "by",
        "ce",
        "ces",
        "d",
        "dans",
        "de",
        "des",
        "du",
        "en",
        "est",
        "et",
        "for",
        "from",
        "has",
        "in",
        "is",
        "it",
        "l",
        "la",
        "le",
        "les",
        "leur",
        "leurs",
        "of",
        "on",
        "ou",
        "par",
        "pour",
        "qu",
        "que",
        "qui",
        "sa",
        "se",
        "ses",
        "son",
        "sur",
        "that",
        "the",
        "this",
        "to",
        "un",
        "une",
        "was",
        "with",
    ]
)
_KEYS = ("fr", "en", "names")


@dataclass(frozen=True, slots=True)
class Term:
    """A term as index keys, one per word; `shown` is what the lexicon says."""

    keys: tuple[str, ...]
    shown: str


def fold(text: str) -> str:
    """Return text in lower case without accents."""
    plain = unicodedata.normalize("NFKD", text.translate(_LIGATURES))
    return "".join(c for c in plain if not unicodedata.combining(c)).casefold()


def words(text: str) -> list[str]:
    """Return the folded words of a text, elided articles dropped (`l'alerte` → `alerte`), small words left out."""
    found = []
    for token in _TOKEN.findall(fold(text)):
        word = re.split(r"['’]", token)[-1] if "'" in token or "’" in token else token
        if word and word not in SMALL:
            found.append(word)
    return found


@lru_cache(maxsize=100_000)
def keys_of(word: str) -> tuple[str, str, str]:
    """Return the index keys of a word: its French stem, its English stem, itself."""
    return _key("fr", word), _key("en", word), _key("names", word)


@lru_cache(maxsize=200_000)
def _key(kind: str, word: str) -> str:
    stemmer = {"fr": "french", "en": "english"}.get(kind)
    return f"{kind}:{_stemmer(stemmer).stemWord(word) if stemmer else word}"


@lru_cache(maxsize=2)
def _stemmer(language: str) -> snowballstemmer.stemmer:
    return snowballstemmer.stemmer(language)


@lru_cache(maxsize=1)
def load_topics() -> dict[str, tuple[Term, ...]]:
    """Read every lexicon of `rubrics/lexicons`. Raises ValueError naming the file, and the topic, of a defect."""
    topics: dict[str, tuple[Term, ...]] = {}
    for entry in sorted(files("rubrics").joinpath("lexicons").iterdir(), key=lambda e: e.name):
        if entry.name.endswith(".yaml"):
            _read(entry.name, entry.read_text("utf-8"), topics)
    return topics


def _read(name: str, text: str, topics: dict[str, tuple[Term, ...]]) -> None:
    data = yaml.load(text, yaml.CSafeLoader)
    for topic, given in (data or {}).items():
        if not isinstance(given, dict):
            continue  # a list of words of its own kind, such as personal_data
        if topic in topics:
            raise ValueError(f"{name}: the topic {topic} is in another lexicon already")
        if set(given) - set(_KEYS) or not all(isinstance(v, list) for v in given.values()):
            raise ValueError(f"{name}: {topic} holds lists under {', '.join(_KEYS)}, nothing else")
        topics[topic] = tuple(_term(kind, str(term)) for kind in _KEYS for term in given.get(kind, []))


def _term(kind: str, text: str) -> Term:
    found = words(text) or _TOKEN.findall(fold(text))
    return Term(tuple(_key(kind, word) for word in found), text)
