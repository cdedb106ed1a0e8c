"""What a package.json asks for."""

from __future__ import annotations

import json

from checks.recipes.declarations import declarations
from grader.plan import LeftOut
from tests.recipes.samples import workspace

PACKAGE = {
    "dependencies": {
        "react": "^18.2.0",
        "mine": "file:../mine",
        "alias": "npm:other@1",
        "fork": "someone/fork#main",
        "web": "https://example.org/web.tgz",
        "empty": "",
        "number": 3,
        "../../etc": "1.0.0",
        "multi": ">=1.0 <2 || 3.x",
    },
    "devDependencies": {"jest": "latest", "react": "^17.0.0"},
}


def asked(files: dict[str, str]) -> tuple[list[str], dict[str, str]]:
    (declared,) = (d for d in declarations(workspace(files)) if d.language == "node")
    return [r.text for r in declared.requirements], {
        item.text: item.reason for item in declared.left_out if isinstance(item, LeftOut)
    }


def test_names_and_ranges_only() -> None:
    texts, left_out = asked({"web/package.json": json.dumps(PACKAGE)})
    assert sorted(texts) == ["empty@*", "jest@latest", "multi@>=1.0 <2 || 3.x", "react@^18.2.0"]
    assert left_out == {
        "mine@file:../mine": "local-path",
        "alias@npm:other@1": "url",
        "fork@someone/fork#main": "url",
        "web@https://example.org/web.tgz": "url",
        "number@": "malformed",
        "../../etc@1.0.0": "malformed",
    }


def test_the_lock_file_gives_exact_versions_of_released_packages_only() -> None:
    lock = {
        "packages": {
            "": {"name": "x"},
            "node_modules/react": {"version": "18.2.1", "resolved": "https://registry.example.org/react-18.2.1.tgz"},
            "node_modules/jest": {"version": "1.0.0", "resolved": "git+ssh://git@example.org/jest.git"},
            "node_modules/empty": {"version": "--registry=http://x", "resolved": "https://x"},
            "node_modules/a/node_modules/multi": {"version": "9.9.9"},
        }
    }
    files = {"web/package.json": json.dumps(PACKAGE), "web/package-lock.json": json.dumps(lock)}
    assert sorted(asked(files)[0]) == ["empty@*", "jest@latest", "multi@>=1.0 <2 || 3.x", "react@18.2.1"]


def test_a_hostile_lock_file_costs_its_versions_only() -> None:
    for text in ("[" * 100_000, "null", '{"packages": [1]}', '{"packages": {"node_modules/react": 1}}'):
        assert "react@^18.2.0" in asked({"package.json": json.dumps(PACKAGE), "package-lock.json": text})[0]
