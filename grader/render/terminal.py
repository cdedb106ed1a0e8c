"""The grid in a terminal: competency by competency, with the two best pieces of evidence."""

from __future__ import annotations

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from grader.grid import Proposal
from grader.pipeline import Grid
from grader.render.forge import is_paged
from grader.render.labels import MARKS, OUTCOMES, outcome_of, reason, typeset, word
from grader.render.summary import summarise
from grader.render.terminal_run import show_run
from grader.values import Evidence, Outcome

_STYLE: dict[Outcome | None, str] = {Outcome.MET: "green", Outcome.PARTLY: "yellow", Outcome.NOT_MET: "red", None: "cyan"}
SHOWN_EVIDENCE = 2
SHOWN_SKIPPED = 12


def show(grid: Grid, console: Console, language: str) -> None:
    """Print the whole grid. Text from the repository is printed literally, never as markup."""
    console.print(_header(grid, language))
    proposals = {p.criterion.id: p for p in grid.proposals}
    for competency in grid.rubric.competencies:
        console.print()
        console.print(Text(f"{competency.id}  {competency.text.in_(language)}", style="bold underline"))
        for criterion in competency.criteria:
            _show_criterion(proposals[criterion.id], console, language)
    show_run(grid.report, console, language)
    _show_skipped(grid, console, language)
    console.print()
    console.print(_summary(grid, language))


def _header(grid: Grid, language: str) -> Panel:
    place = word("sandbox-none", language) if grid.sandbox == "none" else grid.sandbox
    table = Table.grid(padding=(0, 2))
    for key, value in (
        ("source", f"{grid.snapshot.url} ({grid.snapshot.ref})"),
        ("commit", f"{grid.snapshot.commit[:12]}  {grid.snapshot.date}"),
        ("rubric", f"{grid.rubric.id} · {word('version', language)} {grid.rubric.version[:12]}"),
        ("sandbox", place),
    ):
        table.add_row(Text(word(key, language), style="dim"), Text(value))
    title = f"{word('title', language)} — {grid.rubric.title.in_(language)}"
    return Panel(Group(table, Text(word("warning", language), style="italic")), title=Text(title), expand=False)


def _show_criterion(proposal: Proposal, console: Console, language: str) -> None:
    """Print one criterion: its mark and id in a column of their own, everything else beside it."""
    style = _STYLE[proposal.outcome]
    label = outcome_of(proposal.outcome, proposal.criterion.decide, language)
    confidence = f" {proposal.confidence:.0%}" if proposal.outcome else ""
    head = Text.assemble((f"{label}{confidence}", style), f"  {typeset(proposal.criterion.text, language)}")
    body: list[RenderableType] = [head, Text(typeset(proposal.why, language), style="dim")]
    body += [_evidence(place, language) for place in proposal.evidence[:SHOWN_EVIDENCE]]
    if proposal.question:
        body.append(Text(f"» {typeset(proposal.question, language)}", style="italic"))
    row = Table.grid(padding=(0, 1))
    row.add_column(width=8, no_wrap=True)
    row.add_column()
    row.add_row(Text.assemble((f"{MARKS[proposal.outcome]} ", style), (proposal.criterion.id, "bold")), Group(*body))
    console.print(Padding(row, (0, 0, 0, 1)))


def _evidence(place: Evidence, language: str) -> Text:
    where = place.path
    if place.line:
        where += f" ({word('page', language)} {place.line})" if is_paged(place.path) else f":{place.line}"
    text = Text(where, style="blue")
    if place.excerpt:
        text.append(f"  {place.excerpt[:110]}", style="default")
    return text


def _show_skipped(grid: Grid, console: Console, language: str) -> None:
    skipped = grid.report.skipped
    if not skipped:
        return
    console.print()
    console.print(Text(f"{word('skipped', language)} ({len(skipped)})", style="bold"))
    for item in skipped[:SHOWN_SKIPPED]:
        console.print(Padding(Text(f"{item.path} — {reason(item.reason, language)}"), (0, 0, 0, 2)))
    if len(skipped) > SHOWN_SKIPPED:
        console.print(Padding(Text(word("more", language).format(count=len(skipped) - SHOWN_SKIPPED)), (0, 0, 0, 2)))


def _summary(grid: Grid, language: str) -> Panel:
    count = summarise(grid.proposals)
    text = Text(
        f"{count.total} {word('criteria', language)} : " if language == "fr" else f"{count.total} {word('criteria', language)}: "
    )
    text.append(f"{count.proposed} {word('proposed', language)}", style="bold")
    parts = ((Outcome.MET, count.met), (Outcome.PARTLY, count.partly), (Outcome.NOT_MET, count.not_met))
    text.append(" (")
    for index, (outcome, number) in enumerate(parts):
        text.append(", " if index else "")
        text.append(f"{number} {OUTCOMES[outcome].in_(language)}", style=_STYLE[outcome])
    text.append(f"), {count.pointed} {word('pointed', language)}, {count.people} {word('people', language)}.")
    text.append(f"  {grid.timings['total']:.1f} {word('seconds', language)}", style="dim")
    return Panel(text, title=Text(word("summary", language)), expand=False)
