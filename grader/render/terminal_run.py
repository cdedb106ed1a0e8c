"""What was run, in a terminal: each step, what was not installed, what acts on the grading."""

from __future__ import annotations

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from grader.plurals import agree
from grader.render.labels import ENDINGS, LEFT_OUT, STEPS, WHOSE, number, services, told, typeset, word
from grader.values import Report, Run, Tried

SHOWN_FAILURES = 3
SHOWN = 12


def show_run(report: Report, console: Console, language: str) -> None:
    """Print what was run and what acts on the grading; nothing when there is neither."""
    if report.run is not None:
        _heading(word("run", language), console)
        console.print(Padding(_steps(report.run, language), (0, 0, 0, 2)))
        _lists(report.run, console, language)
    if report.influences:
        _heading(f"{word('influences', language)} ({len(report.influences)})", console)
        _lines([f"{i.path}:{i.line} — {i.what.in_(language)}" for i in report.influences], console, language)


def _heading(text: str, console: Console) -> None:
    console.print()
    console.print(Text(text, style="bold"))


def _steps(run: Run, language: str) -> Group:
    """Return a line a step (what, on what, how it ended), what came of it, and the command that does it again."""
    rows: list[RenderableType] = []
    for step in run.steps:
        head = Text(told(STEPS, step.kind, language), style="bold")
        head.append("  " + " ".join(filter(None, (step.what, step.part and f"({step.part})"))), style="not bold")
        head.append(f" — {told(ENDINGS, step.how, language)}, {number(step.seconds, language)}\u00a0s", style="not bold dim")
        rows += [head, Padding(_summary(step, language), (0, 0, 0, 2))]
    return Group(*rows)


def _summary(step: Tried, language: str) -> Text:
    text = Text(typeset(step.summary, language), style="dim")
    alike: dict[tuple[str, str], list[str]] = {}
    for failure in step.failures:
        alike.setdefault((failure.whose, typeset(failure.why, language)), []).append(failure.name)
    for (whose, why), names in list(alike.items())[:SHOWN_FAILURES]:
        more = f" (+{len(names) - 1})" if len(names) > 1 else ""
        text.append(f"\n{names[0]}{more} [{told(WHOSE, whose, language)}] {why}")
    if len(alike) > SHOWN_FAILURES:
        hidden = sum(map(len, list(alike.values())[SHOWN_FAILURES:]))
        text.append(f"\n{agree(word('more', language).format(count=hidden), language)}")
    if step.command:
        text.append(f"\n$ {step.command}", style="blue")
    return text


def _lists(run: Run, console: Console, language: str) -> None:
    if run.services:
        console.print(Padding(Text(f"{word('services', language)} – {services(run, language)}"), (0, 0, 0, 2)))
    if run.left_out:
        console.print(Padding(Text(word("left-out", language)), (0, 0, 0, 2)))
        _lines([f"{p.text} — {told(LEFT_OUT, p.reason, language)}" for p in run.left_out], console, language)


def _lines(lines: list[str], console: Console, language: str) -> None:
    for line in lines[:SHOWN]:
        console.print(Padding(Text(line), (0, 0, 0, 4)))
    if len(lines) > SHOWN:
        console.print(Padding(Text(word("more", language).format(count=len(lines) - SHOWN)), (0, 0, 0, 4)))
