"""Who may import whom, what each tool is used by, and that everything is documented."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from checks.registry import CHECKS, FACTS
from grader.catalogue import SENTENCES
from grader.engine import needs
from grader.words import HELP

ROOT = Path(__file__).parents[1]
ROOT_FACTS = {"workspace", "history", "tool_run", "ran_archive"}


def sources(*packages: str) -> list[Path]:
    found = [p for package in packages for p in sorted((ROOT / package).rglob("*.py"))]
    return [p for p in found if not {"samples", "migrations"} & set(p.parts)]


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def users(package: str, *of: str) -> set[str]:
    return {
        str(p.relative_to(ROOT)) for p in sources(*of) if any(n == package or n.startswith(f"{package}.") for n in imported(p))
    }


def test_the_domain_imports_none_of_the_others() -> None:
    assert users("checks", "grader") == {"grader/cli.py", "grader/commands/grade_all.py"}  # composition roots


def test_checks_see_only_values_engine_and_plain_text() -> None:
    allowed = {"grader.values", "grader.engine", "grader.paths", "grader.plan", "grader.plurals", "grader.report"}
    seen = {n for p in sources("checks") for n in imported(p) if n.startswith("grader.")}
    assert {n for n in seen if not any(n == a or n.startswith(f"{a}.") for a in allowed)} == set()


def test_the_service_imports_the_domain_and_its_queue() -> None:
    assert users("api", "grader", "checks", "worker") == set()
    assert users("worker", "grader", "checks") == set()
    assert all(n.startswith("worker.queue") for p in sources("api") for n in imported(p) if n.startswith("worker."))
    assert users("checks", "api", "worker") <= {"api/main.py"}  # a composition root


def test_sql_is_spoken_in_the_store_alone() -> None:
    for package in ("sqlmodel", "sqlalchemy", "alembic"):
        assert {u for u in users(package, "grader", "worker", "api") if not u.startswith("grader/store/")} == set(), package


def test_there_is_one_place_for_each_tool() -> None:
    assert {u for u in users("celery", "grader", "checks", "api", "worker") if not u.startswith("worker/")} == set()
    assert users("docker", "grader", "checks") == {"grader/sandbox/docker.py"}
    assert users("subprocess", "grader") == {"grader/process.py"}


def test_the_environment_is_read_in_one_place() -> None:
    readers = {
        str(p.relative_to(ROOT)) for p in sources("grader", "checks", "worker", "api") if "os.environ" in p.read_text("utf-8")
    }
    readers.discard("checks/runner/index.py")  # a sandbox's own environment: the certificates that its image names
    assert readers <= {"grader/settings.py", "grader/cli.py", "grader/fetch.py", "api/demo.py"}


def test_checks_have_unique_ids_and_texts_in_both_languages() -> None:
    ids = [c.id for c in CHECKS]
    assert len(ids) == len(set(ids))
    for check in CHECKS:
        for text in (check.what, check.why, check.fix):
            assert len(text.fr) > 15, check.id
            assert len(text.en) > 15, check.id
            assert text.fr != text.en, check.id


def test_every_fact_that_is_asked_for_exists() -> None:
    known = {f.__name__ for f in FACTS} | ROOT_FACTS
    assert len(known) == len(FACTS) + len(ROOT_FACTS)
    for function in (*FACTS, *(c.function for c in CHECKS)):
        assert set(needs(function)) <= known, function.__name__


@pytest.mark.parametrize("catalogue", [SENTENCES, HELP])
def test_the_catalogues_are_bilingual_and_name_the_same_values(catalogue: dict[str, object]) -> None:
    import re

    for code, text in catalogue.items():
        fr, en = text.fr, text.en  # type: ignore[attr-defined]
        assert fr and en
        assert set(re.findall(r"{\w+}", fr)) == set(re.findall(r"{\w+}", en)), code


def test_every_error_code_has_a_sentence() -> None:
    raised = set()
    for path in sources("grader", "worker", "api"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ERRORS and node.args:
                raised |= {n.value for n in ast.walk(node.args[0]) if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    assert raised - set(SENTENCES) == set()
    assert len(raised) > 20


ERRORS = {"Refused", "SourceRefused", "RepositoryRefused", "RubricInvalid", "OurFailure", "SandboxFailed"}
ERRORS |= {"Unknown", "Forbidden", "NotSignedIn", "Conflict", "TooLarge", "TooMany"}


def test_functions_are_small() -> None:
    long = []
    for path in sources("grader", "checks", "worker", "api"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (node.end_lineno or 0) - node.lineno > 60:
                long.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.name}")
    assert long == []


def test_no_skipped_test() -> None:
    marks = ("skip", "skipif", "xfail", "importorskip", "skipTest", "skipUnless", "expectedFailure")
    names = [
        (str(p), n.attr)
        for p in sources("tests")
        for n in ast.walk(ast.parse(p.read_text("utf-8")))
        if isinstance(n, ast.Attribute)
    ]
    assert [pair for pair in names if pair[1] in marks] == []
