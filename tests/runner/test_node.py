"""Node's own test runner, and what is said when another is not installed."""

from __future__ import annotations

from pathlib import Path

from tests.runner.steps import part, run, suite
from tests.runner.test_tests import outcomes

TESTS = """
    const test = require('node:test');
    const assert = require('node:assert');
    test('adds', () => assert.equal(1 + 1, 2));
    test('fails', () => assert.equal(1 + 1, 3));
    test('hangs', {timeout: 500}, async () => new Promise((r) => setTimeout(r, 60000)));
    """


def test_node() -> None:
    document = run(
        {"web/sum.test.js": TESTS, "web/package.json": "{}"},
        Path("/nonexistent"),
        suite=suite("node", folder="web"),
        part=part(folder="web", language="node"),
        per_test_seconds=4,
    )
    told = outcomes(document["junit"])  # the file itself is one more, when it has to be killed
    assert {n: told[n] for n in ("adds", "fails", "hangs")} == {"adds": "passed", "fails": "failure", "hangs": "failure"}
    assert outcomes(document["again"])["fails"] == "failure"
    assert document["commands"][0]["folder"] == "web"


def test_what_is_not_installed_is_told() -> None:
    document = run({"a.test.js": ""}, Path("/nonexistent"), suite=suite("vitest"), part=part(language="node"))
    assert (document["trouble"], document["junit"]) == (["no-vitest"], None)
