"""Rubrics and checks, to be read."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from api.asking import Asking, Reading, Somebody, TheService
from api.problems import language_of
from api.shapes import CheckShape, RubricShape
from grader.errors import Forbidden
from grader.rubric import Rubric
from grader.rules import checks_of
from grader.store.access import Act
from grader.store.rubrics import all_rubrics, rubric_at
from grader.store.tables import RubricText

router = APIRouter(prefix="/api", tags=["rubrics"])


def must_read_rubrics(asking: Asking) -> None:
    """Raise Forbidden unless somebody evaluates, presides, instructs or administers somewhere."""
    if not any(asking.who.may(Act.RUBRIC, s) for s in (None, *asking.who.sessions)):
        raise Forbidden("not-allowed")


@router.get("/rubrics")
def rubrics(asking: Somebody, session: Reading) -> list[RubricShape]:
    """List the stored versions of rubrics, newest first."""
    must_read_rubrics(asking)
    return [RubricShape.model_validate(r) for r in all_rubrics(session)]


@router.get("/rubrics/{version}")
def rubric(version: str, asking: Somebody, session: Reading) -> dict[str, Any]:
    """Tell a rubric: blocks, exams, competencies, and each criterion with the checks that its rule names."""
    must_read_rubrics(asking)
    return told(rubric_at(session, version))


@router.get("/rubrics/{version}/text", response_class=Response, responses={200: {"content": {"application/yaml": {}}}})
def text(version: str, asking: Somebody, session: Reading) -> Response:
    """Give a rubric's YAML, as it is edited."""
    must_read_rubrics(asking)
    rubric_at(session, version)
    return Response(session.get_one(RubricText, version).text, media_type="application/yaml; charset=utf-8")


def told(one: Rubric) -> dict[str, Any]:
    """Return a rubric as plain data."""
    return {
        "id": one.id,
        "version": one.version,
        "title": {"fr": one.title.fr, "en": one.title.en},
        "blocks": [
            {"id": b.id, "text": {"fr": b.text.fr, "en": b.text.en}, "competencies": list(b.competencies)} for b in one.blocks
        ],
        "exams": [{"id": e.id, "competencies": list(e.competencies), "deliverables": list(e.deliverables)} for e in one.exams],
        "competencies": [
            {
                "id": c.id,
                "text": {"fr": c.text.fr, "en": c.text.en},
                "criteria": [
                    {
                        "id": k.id,
                        "decide": k.decide,
                        "text": {"fr": k.text.fr, "en": k.text.en},
                        "checks": sorted(checks_of(k.rule)),
                    }
                    for k in c.criteria
                ],
            }
            for c in one.competencies
        ],
    }


@router.get("/checks")
def checks(request: Request, asking: Somebody, service: TheService) -> list[CheckShape]:
    """List the checks: what each sees, why it matters, how to fix what it finds. Candidates may read it too."""
    language = language_of(request)
    return [
        CheckShape(id=c.id, what=c.what.in_(language), why=c.why.in_(language), fix=c.fix.in_(language))
        for c in sorted(service.checks.values(), key=lambda c: c.id)
    ]
