"""The plan that leaves a sandbox: hostile until it is validated."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pytest

from grader.errors import SandboxFailed
from grader.plan import Part, Place, Plan, Requirement, Service, Suite, Variable, read_plan

HERE = Place("a.py", 1)


def document(**more: Any) -> dict[str, Any]:
    part = Part("api", "api", "python", (Requirement("fastapi==0.110", HERE),), suites=(Suite("pytest", "api", (), HERE),))
    return {**asdict(Plan((part,))), **more}


def test_a_plan_comes_back_as_it_left() -> None:
    plan = read_plan(document())
    assert plan.parts[0].requirements[0].text == "fastapi==0.110"
    assert plan.parts[0].suites[0].runner == "pytest"


@pytest.mark.parametrize(
    "text", ["x @ https://e.org/x.whl", "-r /etc/passwd", "--index-url=http://e.org", "./local", "a\n--pre", "a" * 400]
)
def test_a_requirement_that_leads_elsewhere_is_dropped(text: str) -> None:
    part = asdict(Part("api", "api", "python", (Requirement(text, HERE), Requirement("six", HERE))))
    assert [r.text for r in read_plan(document(parts=(part,))).parts[0].requirements] == ["six"]


def test_names_that_are_none_are_dropped() -> None:
    services = [
        asdict(Service("redis", (host,), port, "", "", "", HERE)) for host, port in (("cache", 6379), ("a\nb", 1), ("db", 99999))
    ]
    variables = [asdict(Variable(name, value, HERE)) for name, value in (("PORT", "1"), ("A=B", "1"), ("C", "\0"))]
    plan = read_plan(document(services=services, variables=variables))
    assert [s.hosts for s in plan.services] == [("cache",)]
    assert [v.name for v in plan.variables] == ["PORT"]


def test_a_plan_is_bounded() -> None:
    part = asdict(Part("p", "p", "python", suites=(Suite("pytest", "p", (), HERE),) * 50))
    plan = read_plan(document(parts=(part,) * 50))
    assert len(plan.parts) == 12
    assert len(plan.parts[0].suites) == 8


@pytest.mark.parametrize("wrong", [None, [], "x", {"parts": 1}, {"parts": [{"name": 1}]}])
def test_a_malformed_plan_is_ours_to_refuse(wrong: Any) -> None:
    with pytest.raises(SandboxFailed, match="plan"):
        read_plan(wrong)
