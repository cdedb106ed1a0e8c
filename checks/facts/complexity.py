"""How hard each Python function is to follow: cognitive complexity, in-process, under our settings alone.

Cognitive complexity (G. Ann Campbell, 2018) counts branches and loops, more when they are nested; 15 is its author's limit.
"""

from __future__ import annotations

from dataclasses import dataclass

from complexipy import code_complexity

from checks.facts.python_code import TEST_PATH
from checks.workspace import File, Workspace

LIMIT = 15
LARGEST = 150_000
MOST_FILES = 4000


@dataclass(frozen=True, slots=True)
class Function:
    """One function and its cognitive complexity; `line` counts from 1."""

    path: str
    line: int
    name: str
    complexity: int


@dataclass(frozen=True, slots=True)
class Complexity:
    """Every function of the code that is not a test, the hardest to follow first."""

    functions: tuple[Function, ...]

    @property
    def over(self) -> tuple[Function, ...]:
        """Return the functions over the limit."""
        return tuple(f for f in self.functions if f.complexity > LIMIT)


def complexity(workspace: Workspace) -> Complexity:
    """Measure every function of the code that is not a test."""
    files = [f for f in workspace.with_suffix(".py") if 0 < f.size <= LARGEST and not TEST_PATH.search(f.path)]
    measured = [f for file in files[:MOST_FILES] for f in workspace.attempt(file, _measured) or ()]
    return Complexity(tuple(sorted(measured, key=lambda f: (-f.complexity, f.path, f.line))))


def _measured(file: File) -> list[Function]:
    try:
        found = code_complexity(file.text, no_ignore=True, with_plans=False)
    except ValueError:  # what does not parse is said where code is read, by the parser that the other facts rest on
        return []
    return [Function(file.path, f.line_start, f.name, f.complexity) for f in found.functions]


FACTS = (complexity,)
