"""The grid in a terminal: competency by competency, with the two best pieces of evidence."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.padding import Padding
from rich.panel import Panel
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from grader import values
from grader.grid import Proposal
from grader.pipeline import Grid
from grader.plurals import agree
from grader.render.forge import is_paged
from grader.render.labels import (
    COUNTED,
    MARKS,
    WORDS,
    counted,
    elsewhere,
    moment,
    number,
    outcome_of,
    percent,
    reason,
    typeset,
    word,
)
from grader.render.summary import summarise, tally
from grader.render.terminal_run import show_run
from grader.rubric import Competency
from grader.values import Evidence, Outcome

_STYLE: dict[Outcome | None, str] = {Outcome.MET: "green", Outcome.PARTLY: "yellow", Outcome.NOT_MET: "red", None: "cyan"}
SHOWN_EVIDENCE = 2
SHOWN_SKIPPED = 12
SHOWN_SUPPRESSIONS = 6
MARGIN = 10  # columns taken by the mark and the id of a criterion
LEAST_EXCERPT = 24  # columns: with less room beside its place, an excerpt has a line of its own
_NO_BREAK, _STAND_IN = "\u00a0", "\ue000"


class _Glued:
    """What it holds, never broken at a no-break space: Rich takes one for white space, so a stand-in travels in its place."""

    def __init__(self, inside: RenderableType) -> None:
        self.inside = inside

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for segment in console.render(self.inside, options):
            yield Segment(segment.text.replace(_STAND_IN, _NO_BREAK), segment.style, segment.control)


def _glue(text: str) -> str:
    return text.replace(_NO_BREAK, _STAND_IN)


def _said(text: values.Text, language: str) -> str:
    return _glue(typeset(text, language))


def show(grid: Grid, console: Console, language: str) -> None:
    """Print the whole grid. Text from the repository is printed literally, never as markup."""
    _show_criteria(grid, console, language)
    _show_end(grid, console, language)


def show_reading(grid: Grid, console: Console, language: str) -> None:
    """Print the grid as reading alone makes it, while the submission still runs."""
    _show_criteria(grid, console, language)
    console.print()
    console.print(_Glued(_summary(grid, language)))
    console.print(_Glued(Text(_glue(word("running-goes-on", language)), style="italic")))


def show_after_run(grid: Grid, before: Grid, console: Console, language: str) -> None:
    """Print what running changed in a grid that was shown as reading alone made it, then the rest."""
    read = {p.criterion.id: p for p in before.proposals}
    changed = [p for p in grid.proposals if _told(p) != _told(read[p.criterion.id])]
    console.print()
    console.print(_Glued(Text(f"{_glue(word('changed-by-run', language))} ({len(changed)})", style="bold underline")))
    for proposal in changed:
        console.print(_Glued(_criterion(proposal, language, console.width)))
    _show_end(grid, console, language)


def _told(proposal: Proposal) -> tuple[object, ...]:
    return proposal.outcome, proposal.why, proposal.question


def _show_criteria(grid: Grid, console: Console, language: str) -> None:
    console.print(_Glued(_header(grid, language)))
    proposals = {p.criterion.id: p for p in grid.proposals}
    for competency in grid.rubric.competencies:
        console.print()
        mine = tuple(proposals[c.id] for c in competency.criteria)
        console.print(_Glued(_heading(competency, mine, language)))
        for proposal in mine:
            console.print(_Glued(_criterion(proposal, language, console.width)))


def _show_end(grid: Grid, console: Console, language: str) -> None:
    show_run(grid.report, console, language)
    _show_skipped(grid, console, language)
    _show_suppressions(grid, console, language)
    console.print()
    console.print(_Glued(_summary(grid, language)))


def _header(grid: Grid, language: str) -> Panel:
    place = word("sandbox-none", language) if grid.sandbox == "none" else grid.sandbox
    table = Table.grid(padding=(0, 2))
    for key, value in (
        ("source", f"{grid.snapshot.url} ({grid.snapshot.ref})"),
        ("commit", f"{grid.snapshot.commit[:12]}, {moment(grid.snapshot.date, language)}"),
        ("rubric", f"{grid.rubric.id}, {word('version', language)} {grid.rubric.version[:12]}"),
        ("sandbox", place),
        *(("elsewhere", f"{s.path} — {reason(s.reason, language)}") for s in elsewhere(grid.report.skipped)),
    ):
        table.add_row(Text(word(key, language), style="dim"), Text(value))
    title = f"{word('title', language)} — {_said(grid.rubric.title, language)}"
    return Panel(Group(table, Text(_glue(word("warning", language)), style="italic")), title=Text(title), expand=False)


def _heading(competency: Competency, proposals: tuple[Proposal, ...], language: str) -> Text:
    """Return the competency with how many of its criteria are at each level."""
    text = Text.assemble((f"{competency.id}  {_said(competency.text, language)}", "bold underline"), "  ")
    for outcome, many in tally(proposals):
        text.append(f" {MARKS[outcome]}{_STAND_IN}{many}", style=_STYLE[outcome])
    return text


def _criterion(proposal: Proposal, language: str, width: int) -> RenderableType:
    """Return one criterion: its mark and id in a column of their own, everything else beside it."""
    style = _STYLE[proposal.outcome]
    label = outcome_of(proposal.outcome, proposal.criterion.decide, language)
    confidence = f" {_glue(percent(proposal.confidence, language))}" if proposal.outcome else ""
    head = Text.assemble((f"{label}{confidence}", style), f"  {_said(proposal.criterion.text, language)}")
    body: list[RenderableType] = [head, Text(_said(proposal.why, language), style="dim")]
    body += [_evidence(place, language, width - MARGIN) for place in proposal.evidence[:SHOWN_EVIDENCE]]
    if proposal.question:
        body.append(Text(f"→{_STAND_IN}{_said(proposal.question, language)}", style="italic"))
    row = Table.grid(padding=(0, 1))
    row.add_column(width=8, no_wrap=True)
    row.add_column()
    row.add_row(Text.assemble((f"{MARKS[proposal.outcome]} ", style), (proposal.criterion.id, "bold")), Group(*body))
    return Padding(row, (0, 0, 0, 1))


def _evidence(place: Evidence, language: str, width: int) -> Text:
    """Return the place, then as much of the excerpt as one line holds."""
    where = place.path
    if place.line:
        where += f" ({word('page', language)} {place.line})" if is_paged(place.path) else f":{place.line}"
    text = Text(where, style="blue")
    if place.excerpt:
        beside = width - text.cell_len - 2
        excerpt = Text(place.excerpt, style="default")
        excerpt.truncate(beside if beside >= LEAST_EXCERPT else width - 2, overflow="ellipsis")
        text.append("  " if beside >= LEAST_EXCERPT else "\n  ").append_text(excerpt)
    return text


def _show_skipped(grid: Grid, console: Console, language: str) -> None:
    rows = [f"{item.path} — {reason(item.reason, language)}" for item in grid.report.skipped]
    _show_list(word("skipped", language), rows, SHOWN_SKIPPED, console, language)


def _show_suppressions(grid: Grid, console: Console, language: str) -> None:
    rows = [f"{item.path}:{item.line}  {item.text}" for item in grid.report.suppressions]
    _show_list(word("suppressions", language), rows, SHOWN_SUPPRESSIONS, console, language)


def _show_list(title: str, rows: Iterable[str], most: int, console: Console, language: str) -> None:
    lines = list(rows)
    if not lines:
        return
    console.print()
    console.print(Text(f"{title} ({len(lines)})", style="bold"))
    rest = [agree(word("more", language).format(count=len(lines) - most), language)] if len(lines) > most else []
    for line in lines[:most] + rest:
        console.print(Padding(Text(line), (0, 0, 0, 2)))


def _summary(grid: Grid, language: str) -> Panel:
    count = summarise(grid.proposals)

    def told(many: int, text: values.Text) -> str:
        return _glue(counted(many, text, language))

    text = Text(told(count.total, WORDS["criteria"]) + (f"{_STAND_IN}: " if language == "fr" else ": "))
    text.append(told(count.proposed, WORDS["proposed"]), style="bold")
    parts = ((Outcome.MET, count.met), (Outcome.PARTLY, count.partly), (Outcome.NOT_MET, count.not_met))
    text.append(" (")
    for index, (outcome, many) in enumerate(parts):
        text.append(", " if index else "")
        text.append(told(many, COUNTED[outcome]), style=_STYLE[outcome])
    pointed, people = told(count.pointed, WORDS["pointed"]), told(count.people, WORDS["people"])
    text.append(f"){_STAND_IN}; {pointed}{_STAND_IN}; {people}. " if language == "fr" else f"); {pointed}; {people}. ")
    text.append(told(count.questions, WORDS["asked"]) + ".")
    text.append(f"  {number(grid.timings['total'], language)}{_STAND_IN}s", style="dim")
    return Panel(text, title=Text(word("summary", language)), expand=False)
