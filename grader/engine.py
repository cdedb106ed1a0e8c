"""Computes the facts that the selected checks name, once each, and runs the checks.

A check and a fact are plain functions: their parameters are the names of the facts they need. A fact that fails makes only
the checks that asked for it inconclusive, and says why.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import Any

from grader.values import Finding, Outcome, Text

CHECK_SECONDS = 8.0
FACT_SECONDS = 90.0
_FIELD = re.compile(r"^(fr|why|pourquoi|fix|corriger):\s*", re.M)


@dataclass(frozen=True, slots=True)
class Check:
    """A check with its texts: the sentence that is true when it is met, why it matters, how to make it so."""

    id: str
    function: Callable[..., Finding]
    needs: tuple[str, ...]
    what: Text
    why: Text
    fix: Text


class FactFailed(Exception):
    """A fact could not be computed; `reason` is a code such as `took-too-long`."""

    def __init__(self, fact: str, reason: str) -> None:
        """Name the fact and the reason."""
        super().__init__(f"{fact}: {reason}")
        self.fact = fact
        self.reason = reason


def needs(function: Callable[..., Any]) -> tuple[str, ...]:
    """Return the names of the facts that a fact or a check asks for."""
    return tuple(inspect.signature(function).parameters)


def check_from(function: Callable[..., Finding]) -> Check:
    """Read a check from a function: id from module and name, texts from the docstring.

    Raises ValueError when a text is missing in one of the two languages.
    """
    family = function.__module__.rsplit(".", 1)[-1]
    check_id = f"{family}.{function.__name__}".replace("_", "-")
    doc = inspect.getdoc(function) or ""
    pieces = _FIELD.split(doc)
    texts = {name: " ".join(body.split()) for name, body in zip(pieces[1::2], pieces[2::2], strict=True)}
    missing = {"fr", "why", "pourquoi", "fix", "corriger"} - set(texts)
    if missing or not pieces[0].strip():
        raise ValueError(f"{check_id}: the docstring lacks {', '.join(sorted(missing)) or 'its first sentence'}")
    return Check(
        check_id,
        function,
        needs(function),
        Text(texts["fr"], " ".join(pieces[0].split())),
        Text(texts["pourquoi"], texts["why"]),
        Text(texts["corriger"], texts["fix"]),
    )


Clock = Callable[[float], AbstractContextManager[None]]


class Engine:
    """Runs checks over lazily computed facts. `clock(seconds)` bounds a piece of work by raising `overtime`."""

    def __init__(
        self,
        facts: Iterable[Callable[..., Any]],
        roots: Mapping[str, Any],
        *,
        clock: Clock = lambda _: nullcontext(),
        overtime: type[BaseException] = TimeoutError,
        failed: Mapping[str, str] | None = None,
        progress: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Take the fact functions, the root facts' values, and facts already known to fail (name → reason code)."""
        self._functions = {function.__name__: function for function in facts}
        self._values: dict[str, Any] = dict(roots)
        self._failures: dict[str, str] = dict(failed or {})
        self._clock, self._overtime, self._progress = clock, overtime, progress

    def learn(self, facts: Iterable[Callable[..., Any]]) -> None:
        """Take more fact functions; what is computed stays."""
        self._functions |= {function.__name__: function for function in facts}

    def replace(self, root: str, value: Any) -> None:
        """Give a root fact another value: what was computed from the old one, failures included, is forgotten."""
        self._values = {n: v for n, v in self._values.items() if not self._rests_on(n, root)} | {root: value}
        self._failures = {n: r for n, r in self._failures.items() if not self._rests_on(n, root)}

    def depends(self, check: Check, root: str) -> bool:
        """Tell whether a check needs a root fact, directly or through other facts."""
        return any(self._rests_on(need, root) for need in check.needs)

    def _rests_on(self, name: str, root: str) -> bool:
        function = self._functions.get(name)
        return name == root or (function is not None and any(self._rests_on(need, root) for need in needs(function)))

    def fact(self, name: str) -> Any:
        """Return a fact's value, computing it once. Raises FactFailed, every time, for one that could not be computed."""
        if name in self._values:
            return self._values[name]
        if name in self._failures:
            raise FactFailed(name, self._failures[name])
        if name not in self._functions:
            raise KeyError(f"no such fact: {name}")
        function = self._functions[name]
        arguments = {need: self.fact(need) for need in needs(function)}
        self._progress(name)
        try:
            with self._clock(FACT_SECONDS):
                self._values[name] = function(**arguments)
        except self._overtime:
            self._failures[name] = "took-too-long"
        except MemoryError:
            self._failures[name] = "out-of-memory"
        except Exception as error:
            self._failures[name] = f"error-{type(error).__name__}"
        if name in self._failures:
            raise FactFailed(name, self._failures[name])
        return self._values[name]

    def run(self, check: Check) -> Finding:
        """Return the check's finding; whatever goes wrong is an inconclusive finding, never an exception."""
        try:
            arguments = {need: self.fact(need) for need in check.needs}
            self._progress(check.id)
            with self._clock(CHECK_SECONDS):
                return replace(check.function(**arguments), check=check.id)
        except FactFailed as failure:
            return could_not_tell(check.id, failure.reason, failure.fact)
        except self._overtime:
            return could_not_tell(check.id, "took-too-long")
        except MemoryError:
            return could_not_tell(check.id, "out-of-memory")
        except Exception as error:
            return could_not_tell(check.id, f"error-{type(error).__name__}")


def is_our_failure(finding: Finding) -> bool:
    """Tell whether a finding says only that we failed."""
    ours = ("took-too-long", "out-of-memory", "crashed", "examiner-gave-up", "error-")
    return finding.outcome == Outcome.INCONCLUSIVE and (finding.reason or "").startswith(ours)


def could_not_tell(check: str, reason: str, fact: str | None = None) -> Finding:
    """Return the inconclusive finding of a failure of ours."""
    part_fr, part_en = (f" (« {fact} »)", f' ("{fact}")') if fact else ("", "")
    return Finding(
        check,
        Outcome.INCONCLUSIVE,
        Text(
            f"L'examen n'a pas abouti{part_fr} : {reason}. Cela ne dit rien du travail rendu.",
            f"The examination did not complete{part_en}: {reason}. This says nothing about the work handed in.",
        ),
        reason=reason,
    )
