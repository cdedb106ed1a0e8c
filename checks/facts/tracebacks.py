"""Reads the traceback of a failed test, whole: the last exception and what caused it, as pytest, unittest and Node print them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

CHAIN = re.compile(
    r"^(?:E\s+)?(?:During handling of the above exception, another exception occurred:"
    r"|The above exception was the direct cause of the following exception:)\s*$"
)
_ANSI = re.compile(r"\x1b\[[0-9;]{0,20}m|\ufffd\[[0-9;]{0,20}m")
_TOLD = re.compile(r"^E(?:\s+|$)")
_RAISED = re.compile(r"^(?:[A-Za-z_]\w*\.){0,12}([A-Z]\w{2,80})(?::\s?(.*))?$")
_PYTEST_END = re.compile(r"^(\S[^:\n]{0,300}|<frozen [\w.]+>):(\d{1,7}): ([A-Z]\w{2,80})?$")
_SHORT_FRAME = re.compile(r"^(\S[^:\n]{0,300}|<frozen [\w.]+>):(\d{1,7}): in (\S+)")
_FILE_FRAME = re.compile(r'^\s*File "([^"\n]{1,400})", line (\d{1,7})')
_NODE_FRAME = re.compile(r"^\s+(?:at|❯) .{0,300}?([\w./@-]{1,300}\.[cm]?[jt]sx?):(\d{1,7})")
PRINTED = re.compile(r"^-{2,} ?(?:Captured |system-(?:out|err))")
_LIBRARY = re.compile(r"site-packages/|dist-packages/|node_modules/|/lib/python3|<frozen |^/opt/environment/")
MOST_LINES = 4_000
MOST_CHAIN = 12


@dataclass(frozen=True, slots=True)
class Frame:
    """A line of the stack: `library` when it is not the candidate's."""

    path: str
    line: int

    @property
    def library(self) -> bool:
        """Tell whether the file is one of an installed package or of Python itself."""
        return _LIBRARY.search(self.path) is not None


@dataclass(frozen=True, slots=True)
class Raised:
    """An exception of the chain: its class without its module, its message, the lines that raised it, its frames, the innermost last."""

    name: str
    message: str
    near: str = ""
    frames: tuple[Frame, ...] = ()

    @property
    def own(self) -> Frame | None:
        """The innermost line of the candidate's, when there is one."""
        return next((f for f in reversed(self.frames) if not f.library), None)


@dataclass(frozen=True, slots=True)
class Traceback:
    """The chain, last exception first, and what was printed while it happened."""

    chain: tuple[Raised, ...]
    printed: str = ""


def read_traceback(message: str, trace: str) -> Traceback:
    """Return the chain in a trace; the message of the report stands in for a trace that holds no exception."""
    lines = _ANSI.sub("", trace).splitlines()[-MOST_LINES:]
    cut = next((i for i, line in enumerate(lines) if PRINTED.match(line)), len(lines))
    sections: list[list[str]] = [[]]
    for line in lines[:cut]:
        if CHAIN.match(line):
            sections.append([])
        else:
            sections[-1].append(line)
    chain = [raised for section in reversed(sections[-MOST_CHAIN:]) if (raised := _raised(section))]
    if not chain or chain[0].name == "Exception":
        chain = [*_from_message(message), *chain]
    return Traceback(tuple(chain), "\n".join(lines[cut:]))


def _from_message(message: str) -> list[Raised]:
    first, _, rest = message.partition("\n")
    told = _RAISED.match(first.strip())
    if told:
        return [Raised(told[1], f"{first}\n{rest}")]
    return [Raised("AssertionError" if first.startswith("assert") else "Error", message)] if message.strip() else []


def _raised(section: list[str]) -> Raised | None:
    told = [_TOLD.sub("", line) for line in section if _TOLD.match(line)]
    frames = [f for line in section if (f := _frame(line))]
    if any(_NODE_FRAME.match(line) for line in section):  # Node tells the innermost call first, Python last
        frames.reverse()
    name, message = _told(told, section) if told else _plain(section)
    if not name:
        return None
    return Raised(name, message[:4_000], _near(section), tuple(frames))


def _told(told: list[str], section: list[str]) -> tuple[str, str]:
    """Return (class, message) of an exception that pytest prints on lines that begin with E."""
    message = "\n".join(told)
    ends = [m[3] for line in section if (m := _PYTEST_END.match(line)) and m[3]]
    named = next((m for line in told if (m := _RAISED.match(line.strip()))), None)
    if told[0].startswith("assert ") and not ends:
        return "AssertionError", message
    if ends and (named is None or named[1] != ends[-1]):
        return ends[-1], message
    return (named[1] if named else "Error"), message


def _plain(section: list[str]) -> tuple[str, str]:
    """Return (class, message) of an exception printed as Python or Node do: at the left, after or before its frames."""
    node = any(_NODE_FRAME.match(line) for line in section)
    # What is all in capitals begins a line of a log (ERROR:) or of a database's answer (DETAIL:).
    order = range(len(section)) if node else range(len(section) - 1, -1, -1)
    for at in order:
        told = _RAISED.match(section[at].strip() if node else section[at])
        if told and not told[1].isupper() and not _FILE_FRAME.match(section[at]):
            return told[1], "\n".join(section[at : at + 30])
    ends = [m for line in section if (m := _PYTEST_END.match(line)) and m[3]]
    return (ends[-1][3], "") if ends else ("", "")


def _frame(line: str) -> Frame | None:
    found = _PYTEST_END.match(line) or _SHORT_FRAME.match(line) or _FILE_FRAME.match(line) or _NODE_FRAME.match(line)
    return Frame(found[1], int(found[2])) if found else None


def _near(section: list[str]) -> str:
    """Return the lines that raised: those that pytest marks, else the code under each frame; and the frames."""
    marked = [line for line in section if line.startswith((">", "  >"))]
    if not marked:
        marked = [after for line, after in pairwise(section) if _frame(line) and after.startswith("    ")]
    return "\n".join([*marked, *(line for line in section if _frame(line))])
