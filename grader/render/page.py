"""The grid as one self-contained page: printable, usable from the keyboard and by a screen reader."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from grader.engine import Check
from grader.pipeline import Grid
from grader.render import labels
from grader.render.forge import is_paged, link_of
from grader.render.summary import summarise, tally
from grader.rubric import Competency
from grader.values import Evidence, Outcome, Source, Text

BEST = 2
_TABLES = {"step": labels.STEPS, "ending": labels.ENDINGS, "whose": labels.WHOSE, "left-out": labels.LEFT_OUT}


def render(grid: Grid, language: str, checks: Mapping[str, Check]) -> str:
    """Return the page as HTML. Everything from the repository is escaped; the page loads nothing."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string(files("grader.render").joinpath("page.html").read_text("utf-8"))
    return template.render(
        grid=grid,
        language=language,
        proposals={p.criterion.id: p for p in grid.proposals},
        summary=summarise(grid.proposals),
        checks=checks,
        best=BEST,
        word=lambda key: labels.word(key, language),
        colon="\u00a0:" if language == "fr" else ":",
        count=lambda number, key: _count(number, key, language),
        tally=lambda competency: _tally(grid, competency, language),
        figure=lambda value: labels.number(value, language),
        percent=lambda share: labels.percent(share, language),
        moment=lambda date: labels.moment(date, language),
        say=lambda text: labels.typeset(text, language),
        told=lambda p: labels.outcome_of(p.outcome, p.criterion.decide, language),
        outcome=lambda value: labels.OUTCOMES[value].in_(language),
        mark=lambda value: labels.MARKS[value],
        provenance=lambda source: labels.SOURCES[source].in_(language),
        decide=lambda kind: labels.DECIDE[kind].in_(language),
        elsewhere=labels.elsewhere(grid.report.skipped),
        reason=lambda code: labels.reason(code, language),
        where=lambda place: _where(place, language),
        address=lambda place: link_of(grid.snapshot, place.path, place.line),
        excerpt=highlighted,
        run=grid.report.run,
        services_of=lambda run: labels.services(run, language),
        told_of=lambda kind, code: labels.told(_TABLES[kind], code, language),
        step_place=lambda step: Evidence(Source.READ, step.path, step.line),
        failure_address=lambda f: link_of(grid.snapshot, f.path, f.line) if f.path else None,
        tooltip=lambda check: _tooltip(checks.get(check), language),
        style=Markup(files("grader.render").joinpath("page.css").read_text("utf-8")),  # noqa: S704 - our own file
        script=Markup(files("grader.render").joinpath("page.js").read_text("utf-8")),  # noqa: S704 - our own file
    )


def _count(number: int, key: str, language: str) -> Markup:
    """Return words in agreement with a figure, the figure set apart."""
    text = labels.COUNTED[Outcome(key)] if key in labels.COUNTED else labels.WORDS[key]
    figure, _, rest = labels.counted(number, text, language).partition(" ")
    return Markup("<strong>{}</strong> {}").format(figure, rest)


def _tally(grid: Grid, competency: Competency, language: str) -> list[tuple[str, str, str]]:
    """Return the levels of a competency that occur: CSS class, mark with its count, and the same in words."""
    ids = {c.id for c in competency.criteria}
    levels = tally(tuple(p for p in grid.proposals if p.criterion.id in ids))
    return [
        (
            outcome.value if outcome else "none",
            f"{labels.MARKS[outcome]} {many}",
            f"{many} {labels.OUTCOMES[outcome].in_(language)}",
        )
        for outcome, many in levels
    ]


def _where(place: Evidence, language: str) -> str:
    if not place.line:
        return place.path
    kind = "page" if is_paged(place.path) else "line"
    return f"{place.path}, {labels.word(kind, language)} {place.line}"


def _tooltip(check: Check | None, language: str) -> dict[str, str] | None:
    if check is None:
        return None
    texts: dict[str, Text] = {"what": check.what, "why": check.why, "fix": check.fix}
    return {key: labels.typeset(text, language) for key, text in texts.items()}


@lru_cache(maxsize=20_000)
def highlighted(place: Evidence) -> Any:
    """Return the excerpt with syntax colours; Pygments escapes it. Finding the lexer of a name is what takes time: once is enough."""
    from pygments import highlight
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import TextLexer, get_lexer_for_filename
    from pygments.util import ClassNotFound

    try:
        lexer = get_lexer_for_filename(place.path.rsplit("/", 1)[-1])
    except ClassNotFound:
        lexer = TextLexer()
    return Markup(highlight(place.excerpt, lexer, HtmlFormatter(nowrap=True)).strip())  # noqa: S704 - escaped by Pygments
