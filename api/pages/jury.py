"""The jury's pages: candidates, grids with their evidence, decisions, closing."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, Response

from api.asking import Asking, Reading, Somebody, TheService, Writing
from api.pages.frame import page, to
from api.problems import language_of
from grader.errors import Refused
from grader.grid import Proposal
from grader.pipeline import Grid
from grader.render import labels
from grader.render.forge import link_of
from grader.render.page import highlighted
from grader.render.summary import tally
from grader.rubric import Competency, Rubric
from grader.store.access import Act, enrolment_for
from grader.store.candidates import Filter, candidate, candidates
from grader.store.database import Session
from grader.store.decisions import LEVELS, minutes_of
from grader.store.grids import fetched, grid_of
from grader.store.handed import assessment_for, snapshot_of
from grader.store.jury import assessment_that_counts, close_grid, decide_on, names_of, rubric_for, verdicts_of
from grader.store.minutes import Verdict
from grader.store.pages import Wanted
from grader.store.sessions import sessions_of
from grader.store.tables import Assessment, CertificationSession, Enrolment
from grader.values import Evidence

router = APIRouter(include_in_schema=False)
SHOWN = ("all", "undecided", "question", "unknown", "differs", "stale")


@dataclass(frozen=True)
class Board:
    """A grid and what people decided on it, by criterion."""

    enrolment: Enrolment
    assessment: Assessment
    grid: Grid
    rubric: Rubric
    proposals: dict[str, Proposal]
    verdicts: dict[str, Verdict]
    mine: dict[str, str]  # criterion → one's own last level

    @property
    def decided(self) -> int:
        """How many criteria have a verdict."""
        return sum(v.level is not None for v in self.verdicts.values())

    def wanted(self, competency: Competency, show: str) -> list[str]:
        """Return the criteria of a competency to show."""
        return [c.id for c in competency.criteria if self._is(c.id, show)]

    def _is(self, criterion: str, show: str) -> bool:
        proposal, verdict = self.proposals[criterion], self.verdicts[criterion]
        return {
            "undecided": criterion not in self.mine,
            "question": proposal.question is not None,
            "unknown": proposal.outcome is None,
            "differs": verdict.differs,
            "stale": verdict.is_stale,
        }.get(show, True)

    def next_undecided(self, after: str = "") -> str | None:
        """Return the next criterion on which one has not decided, from after a competency on."""
        order = [c for k in self.rubric.competencies for c in (x.id for x in k.criteria)]
        waiting = [c for c in order if c not in self.mine]
        later = [
            c for c in waiting if order.index(c) > max((order.index(c) for c in order if c.split(".")[0] == after), default=-1)
        ]
        return next(iter(later or waiting), None)


def board(session: Session, enrolment: Enrolment, asking: Asking) -> Board:
    """Return the grid of a candidate with its decisions. Raises Unknown when there is none yet."""
    assessment = assessment_that_counts(session, enrolment)
    grid, rubric = grid_of(session, assessment), rubric_for(session, enrolment)
    known = {p.criterion.id: p for p in grid.proposals}
    rubric = rubric.only(frozenset(c.id for c in rubric.competencies if all(k.id in known for k in c.criteria)))
    verdicts = {k: v for k, v in verdicts_of(session, enrolment, assessment).items() if k in known}
    mine = {k: d.level for k, v in verdicts.items() for d in v.decisions if d.person_id == asking.person.id}
    return Board(enrolment, assessment, grid, rubric, known, verdicts, mine)


@router.get("/desk")
def desk(
    request: Request,
    asking: Somebody,
    session: Reading,
    text: str = "",
    after: str | None = None,
    session_id: uuid.UUID | None = None,
) -> HTMLResponse:
    """List the candidates whom one follows."""
    which = Filter(session_id, evaluator=None, text=text[:100], others_than=asking.person.id)
    found = candidates(session, asking.who, which, Wanted(after, 50))
    sessions = sessions_of(session, asking.who, Wanted(limit=200)).rows
    may = {s.id: frozenset(a for a in Act if asking.who.may(a, s.id)) for s in sessions}
    totals = {s.id: sum(1 for _ in rubric_total(session, s)) for s in sessions}
    return page(
        request,
        "desk.html",
        asking,
        found=found,
        sessions={s.id: s for s in sessions},
        may=may,
        totals=totals,
        text=text,
        session_id=session_id,
    )


def rubric_total(session: Session, certification: CertificationSession) -> tuple[str, ...]:
    """Return the criteria of a session."""
    from grader.store.rubrics import rubric_of

    return tuple(c.id for c in rubric_of(session, certification.id).criteria)


@router.get("/candidates/{enrolment_id}/grid")
def overview(request: Request, enrolment_id: uuid.UUID, asking: Somebody, session: Reading, show: str = "all") -> HTMLResponse:
    """Show a grid from above: competency by competency, and how far the jury is."""
    enrolment = enrolment_for(session, asking.who, enrolment_id, Act.READ_GRID)
    found = board(session, enrolment, asking)
    show = show if show in SHOWN else "all"
    tallies = {k.id: tally(tuple(found.proposals[c.id] for c in k.criteria)) for k in found.rubric.competencies}
    left = {name: [c for k in found.rubric.competencies for c in found.wanted(k, name)] for name in SHOWN}
    return page(
        request,
        "overview.html",
        asking,
        board=found,
        one=candidate(session, enrolment),
        tallies=tallies,
        show=show,
        shown=SHOWN,
        left=left,
        decided_ids={c for c, v in found.verdicts.items() if v.level is not None},
        minutes=minutes_of(session, enrolment.id),
        **_may(asking, enrolment),
    )


def _may(asking: Asking, enrolment: Enrolment) -> dict[str, bool]:
    is_mine = enrolment.person_id == asking.person.id
    return {
        "may_decide": not is_mine,
        "may_close": asking.who.may(Act.CLOSE, enrolment.session_id) and not is_mine,
        "may_rerun": asking.who.may(Act.RERUN, enrolment.session_id),
    }


@router.get("/candidates/{enrolment_id}/grid/{competency_id}")
def competency(
    request: Request, enrolment_id: uuid.UUID, competency_id: str, asking: Somebody, session: Reading, show: str = "all"
) -> HTMLResponse:
    """Show a competency's criteria, each with its proposal, its evidence and the form to decide."""
    enrolment = enrolment_for(session, asking.who, enrolment_id, Act.READ_GRID)
    return _competency(request, asking, session, enrolment, competency_id, show=show)


def _competency(
    request: Request,
    asking: Asking,
    session: Session,
    enrolment: Enrolment,
    competency_id: str,
    *,
    show: str = "all",
    typed: dict[str, str] | None = None,
    problem: str | None = None,
) -> HTMLResponse:
    from grader.errors import Unknown

    found = board(session, enrolment, asking)
    order = list(found.rubric.competencies)
    place = next((n for n, c in enumerate(order) if c.id == competency_id), None)
    if place is None:
        raise Unknown("unknown")
    one = order[place]
    show = show if show in SHOWN else "all"
    service = request.app.state.service
    return page(
        request,
        "competency.html",
        asking,
        status=422 if problem else 200,
        board=found,
        one=candidate(session, enrolment),
        competency=one,
        show=show,
        wanted=set(found.wanted(one, show)),
        before=order[place - 1] if place else None,
        following=order[place + 1] if place + 1 < len(order) else None,
        next_undecided=found.next_undecided(one.id),
        levels=LEVELS,
        checks=service.checks,
        names=names_of(session, found.verdicts),
        where=lambda e: where(found.assessment.id, e),
        label=lambda e: label(e, language_of(request)),
        excerpt=highlighted,
        minutes=minutes_of(session, enrolment.id),
        typed=typed or {},
        problem=problem,
        **_may(asking, enrolment),
    )


def where(assessment_id: uuid.UUID, place: Evidence) -> str:
    """Return the address of a piece of evidence in our own viewer."""
    from urllib.parse import urlencode

    line = {"line": place.line} if place.line else {}
    return f"/assessments/{assessment_id}/file?{urlencode({'path': place.path, **line}, errors='replace')}#here"


def label(place: Evidence, language: str) -> str:
    """Return a place in words."""
    return f"{place.path}, {labels.word('line', language)} {place.line}" if place.line else place.path


@router.post("/candidates/{enrolment_id}/decide")
def decide(
    request: Request,
    enrolment_id: uuid.UUID,
    asking: Somebody,
    session: Writing,
    criterion: Annotated[str, Form(max_length=30)],
    level: Annotated[str, Form(max_length=12)] = "",
    comment: Annotated[str, Form(max_length=10_000)] = "",
    show: Annotated[str, Form(max_length=20)] = "all",
) -> Response:
    """Add a decision, and come back to the same criterion."""
    enrolment = enrolment_for(session, asking.who, enrolment_id, Act.DECIDE)
    where_ = criterion.split(".")[0]
    try:
        if not level:
            raise Refused("level-missing")
        decide_on(session, enrolment, asking.person.id, criterion=criterion, level=level, comment=comment.strip() or None)
    except Refused as problem:
        session.rollback()
        said = problem.sentence(language_of(request))
        return _competency(request, asking, session, enrolment, where_, show=show, typed={criterion: comment}, problem=said)
    return to(f"/candidates/{enrolment_id}/grid/{where_}?show={show if show in SHOWN else 'all'}#{criterion}")


@router.get("/assessments/{assessment_id}/file")
def file(
    request: Request, assessment_id: uuid.UUID, asking: Somebody, service: TheService, session: Reading, path: str, line: int = 1
) -> HTMLResponse:
    """Show a file of what was graded, at a line."""
    found = assessment_for(session, asking.who, assessment_id, Act.READ_GRID)
    snapshot = snapshot_of(session, found)
    around = 60
    line = max(1, min(line, 10_000_000))
    problem, lines = None, None
    try:
        lines = service.viewer.lines(snapshot, path, start=max(1, line - around), count=2 * around)
    except Refused as refusal:
        problem = refusal.sentence(language_of(request))
    return page(
        request,
        "file.html",
        asking,
        path_shown=path,
        line=line,
        around=around,
        lines=lines,
        problem=problem,
        snapshot=snapshot,
        assessment=found,
        forge=link_of(fetched(snapshot), path, line),
    )


@router.get("/candidates/{enrolment_id}/close")
def closing(request: Request, enrolment_id: uuid.UUID, asking: Somebody, session: Reading) -> HTMLResponse:
    """Show what closing would seal, and what stands in its way."""
    return _closing(request, asking, session, enrolment_for(session, asking.who, enrolment_id, Act.CLOSE))


def _closing(
    request: Request, asking: Asking, session: Session, enrolment: Enrolment, *, problem: str | None = None
) -> HTMLResponse:
    found = verdicts_of(session, enrolment)
    rubric = rubric_for(session, enrolment)
    return page(
        request,
        "close.html",
        asking,
        status=422 if problem else 200,
        one=candidate(session, enrolment),
        enrolment=enrolment,
        rubric=rubric,
        levels={level: sum(v.level == level for v in found.values()) for level in LEVELS},
        differing=[v.criterion for v in found.values() if v.differs],
        undecided=[v.criterion for v in found.values() if v.level is None and not v.differs],
        minutes=minutes_of(session, enrolment.id),
        problem=problem,
    )


@router.post("/candidates/{enrolment_id}/close")
def close(
    request: Request,
    enrolment_id: uuid.UUID,
    asking: Somebody,
    session: Writing,
    block: Annotated[list[str], Form()] = [],  # noqa: B006 - FastAPI copies it
    sure: Annotated[str, Form(max_length=5)] = "",
) -> Response:
    """Seal the grid."""
    enrolment = enrolment_for(session, asking.who, enrolment_id, Act.CLOSE)
    try:
        if sure != "yes":
            raise Refused("close-unsure")
        close_grid(session, enrolment, by=asking.person.id, blocks=block)
    except Refused as problem:
        session.rollback()
        return _closing(request, asking, session, enrolment, problem=problem.sentence(language_of(request)))
    return to(f"/candidates/{enrolment_id}/close", done="closed")
