"""Python of a newer version than ours, rewritten so that ours can parse it: a project's choice of Python hides none of its code.

Lines stay where they are. Rewritten are quotes, backslashes and line ends inside the fields of f-strings (PEP 701), and the
parameters of generic functions, classes and types (PEP 695).
"""

from __future__ import annotations

import ast
import re

_PREFIX = re.compile(r"(?<![\w])([rRbBuUfF]{0,2})('''|\"\"\"|'|\")")
_GENERIC = re.compile(r"^([ \t]*(?:async[ \t]+)?(?:def|class)[ \t]+\w+)\[[^\]\n]{1,300}\]", re.M)
_TYPE = re.compile(r"^([ \t]*)type[ \t]+(\w+)(?:\[[^\]\n]{1,300}\])?[ \t]*=", re.M)
_MOST = 400_000  # characters
_DEEPEST = 5  # f-strings inside f-strings


def parse(source: str) -> ast.Module:
    """Return the tree of a program of any version. Raises SyntaxError of ours when no version has such a program."""
    plain = source.replace("\0", " ")
    try:
        return ast.parse(plain)
    except SyntaxError:
        return ast.parse(older(plain))


def older(source: str) -> str:
    """Return the same program in older syntax; what cannot be told stays as it is."""
    if len(source) > _MOST:
        return source
    plain = _TYPE.sub(r"\1\2 =", _GENERIC.sub(r"\1", source))
    return _Rewriter(plain).text()


class _Rewriter:
    """Copies a program and rewrites its f-strings. `at` only grows: the work is linear in the size of the source."""

    def __init__(self, source: str) -> None:
        self.source, self.at = source, 0

    def text(self) -> str:
        out: list[str] = []
        while self.at < len(self.source):
            here = self.source[self.at]
            if here == "#":
                out.append(self._until_line_end())
            elif start := _PREFIX.match(self.source, self.at):
                out.append(self._string(start, depth=0))
            else:
                out.append(here)
                self.at += 1
        return "".join(out)

    def _until_line_end(self) -> str:
        end = self.source.find("\n", self.at)
        begin, self.at = self.at, len(self.source) if end < 0 else end
        return self.source[begin : self.at]

    def _string(self, start: re.Match[str], depth: int) -> str:
        """Copy a string whose start was matched, in its own quotes, or inside a field in those that stand free there."""
        prefix, quotes = start[1], start[2]
        self.at = start.end()
        raw = "r" in prefix.lower()
        if "f" in prefix.lower() and depth < _DEEPEST:
            inside = self._formatted(quotes, depth, raw=raw)
        else:
            begin = self.at
            self._skip(quotes)
            inside = self.source[begin : self.at]
        closed = self.source.startswith(quotes, self.at)
        self.at += len(quotes) if closed else 0
        return prefix + quotes + inside + (quotes if closed else "")

    def _skip(self, quotes: str) -> None:
        while self.at < len(self.source) and not self.source.startswith(quotes, self.at):
            if len(quotes) == 1 and self.source[self.at] == "\n":
                return
            self.at += 2 if self.source[self.at] == "\\" else 1

    def _formatted(self, quotes: str, depth: int, *, raw: bool) -> str:
        out: list[str] = []
        while self.at < len(self.source) and not self.source.startswith(quotes, self.at):
            here = self.source[self.at]
            if here == "\n" and len(quotes) == 1:
                break
            if here in "{}" and self.source.startswith(here * 2, self.at):
                out.append(here * 2)
                self.at += 2
            elif here == "{":
                out.append(self._field(quotes, depth))
            else:
                step = 2 if here == "\\" and not raw else 1
                out.append(self.source[self.at : self.at + step])
                self.at += step
        return "".join(out)

    def _field(self, quotes: str, depth: int) -> str:
        """Copy a field: strings in the other kind of quotes, without backslashes; line ends of one that has none outside go after it."""
        out, level = [], 0
        while self.at < len(self.source):
            here = self.source[self.at]
            if start := _PREFIX.match(self.source, self.at):
                out.append(self._nested(start, quotes, depth))
                continue
            if here == "#":
                self._until_line_end()
                continue
            level += (here in "{[(") - (here in "}])")
            out.append(" " if here == "\\" or (here == "\n" and len(quotes) == 1) else here)
            self.at += 1
            if level <= 0 and here == "}":
                break
        return "".join(out)

    def _nested(self, start: re.Match[str], quotes: str, depth: int) -> str:
        """Return a string of a field in the quotes that the string around it leaves free; deeper ones by their place alone."""
        free = "'" if quotes[0] == '"' else '"'
        begin = start.end()
        self._string(start, depth + 1)
        held = self.source[begin : max(begin, self.at - len(start[2]))]
        plain = re.sub(r"[\\'\"\n]", "", held)
        if "f" in start[1].lower():
            plain = re.sub(r"[{}]", " ", plain)
        return f"{free}{plain}{free}"
