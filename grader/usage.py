"""A parser of arguments that speaks both languages, and for which a usage error is an expected refusal."""

from __future__ import annotations

import argparse
import re
import sys
from typing import Any, NoReturn

from grader.words import help_text

REFUSED = 1

# What argparse says → what it means in French. The first match wins.
_IN_FRENCH = (
    (r"the following arguments are required: (.*)", r"il manque : \1"),
    (r"unrecognized arguments: (.*)", r"arguments inconnus : \1"),
    (r"argument (.*): invalid choice: (.*) \(choose from (.*)\)", r"\1 : \2 n'est pas un choix. Choix : \3"),
    (r"argument (.*): expected .* arguments?", r"\1 : il faut une valeur"),
    (r"argument (.*): ignored explicit argument (.*)", r"\1 : ne prend pas de valeur (\2)"),
    (r"ambiguous option: (.*) could match (.*)", r"option ambiguë : \1 peut être \2"),
)
_HEADINGS = {"positional arguments": "arguments\u00a0", "options": "options\u00a0"}


class _Format(argparse.HelpFormatter):
    """The same layout, with our words before it."""

    def __init__(self, prog: str, language: str) -> None:
        super().__init__(prog)
        self._language = language

    def add_usage(self, usage: Any, actions: Any, groups: Any, prefix: str | None = None) -> None:
        super().add_usage(usage, actions, groups, f"{help_text('usage', self._language)} " if prefix is None else prefix)

    def start_section(self, heading: str | None) -> None:
        super().start_section(_HEADINGS.get(heading or "", heading) if self._language == "fr" else heading)


class Parser(argparse.ArgumentParser):
    """Arguments of a command, in English; its parts are parsers of the same class."""

    language = "en"

    def __init__(self, *, add_help: bool = True, **rest: Any) -> None:
        """Take what argparse takes; the help is ours."""
        super().__init__(add_help=False, formatter_class=lambda prog: _Format(prog, self.language), **rest)
        if add_help:
            self.add_argument("-h", "--help", action="help", help=help_text("help", self.language))

    def error(self, message: str) -> NoReturn:
        """Say what is wrong with the command, and end with the exit code of a refusal."""
        self.print_usage(sys.stderr)
        self.exit(REFUSED, f"{self.prog}: {_told(message, self.language)}\n")


class FrenchParser(Parser):
    """Arguments of a command, in French."""

    language = "fr"


def _told(message: str, language: str) -> str:
    if language == "fr":
        for pattern, words in _IN_FRENCH:
            if match := re.fullmatch(pattern, message, re.S):
                return match.expand(words)
    return message
