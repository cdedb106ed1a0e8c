"""Words that agree with the number before them: sentences are written once, for one thing and for many."""

from __future__ import annotations

import re

_NUMBER_OR_MARK = re.compile(
    r"(?<![\w.,-])(?P<number>\d+)(?![\w.,]\w)"
    r"|(?<=\w)\((?:(?P<one>[a-zé]{0,4})\|(?P<others>[a-zé]{0,5})|(?P<ending>s|es|nt))\)"
)


def agree(text: str, language: str) -> str:
    """Return `text` with `file(s)`, `tombe(nt)` and `quer(y|ies)` in agreement with the last number before them.

    The French plural begins at two, the English one leaves one out. Without a number, the plural stands.
    """
    many = True

    def settle(match: re.Match[str]) -> str:
        nonlocal many
        if match["number"]:
            count = int(match["number"])
            many = count >= 2 if language == "fr" else count != 1
            return match["number"]
        if match["ending"]:
            return match["ending"] if many else ""
        return match["others"] if many else match["one"]

    return _NUMBER_OR_MARK.sub(settle, text)
