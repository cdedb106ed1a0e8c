"""Node packages: the real npm and the real registry."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.runner.test_prepare import Preparer

DAY = "2026-03-01"


@pytest.fixture
def preparer(tmp_path: Path) -> Preparer:
    return Preparer(tmp_path)


def install(preparer: Preparer, packages: dict[str, str], **more: Any) -> dict[str, Any]:
    preparer.environment.mkdir(exist_ok=True)
    return preparer.ask(do="install-node", packages=packages, before=DAY, **{"index": {}, **more})


def test_names_and_ranges_are_installed_and_the_rest_is_named(preparer: Preparer) -> None:
    told = install(
        preparer, {"ms": "2.1.2", "is-odd": "^99.0.0", "@sindresorhus/is": "^7.0.0", "x;y": "1", "left": "git+https://x"}
    )
    assert told["error"] is None
    assert {"ms@2.1.2", "is-odd@3.0.1"} <= set(told["installed"])
    assert any(name.startswith("@sindresorhus/is@7.") for name in told["installed"])
    assert told["relaxed"] == [{"text": "is-odd@^99.0.0", "used": "is-odd@3.0.1"}]
    assert {d["text"]: d["reason"] for d in told["left_out"]} == {"x;y@1": "malformed", "left@git+https://x": "malformed"}
    assert json.loads((preparer.environment / "node_modules" / "ms" / "package.json").read_text())["version"] == "2.1.2"


def test_an_absent_package_is_left_out(preparer: Preparer) -> None:
    told = install(preparer, {"ms": "2.1.2", "@jurygrid-tests/absent-package": "1.0.0"})
    assert told["installed"] == ["ms@2.1.2"]
    assert [d["reason"] for d in told["left_out"]] == ["not-found"]


def test_a_registry_that_does_not_answer_is_our_failure(preparer: Preparer) -> None:
    assert install(preparer, {"ms": "2.1.2"}, index={"npm": "http://127.0.0.1:9/"}, seconds=60)["error"] in (
        "index-unreachable",
        "install-timeout",
    )
