"""What leaves a sandbox is hostile until validated."""

from __future__ import annotations

import json

import pytest

from grader.errors import SandboxFailed
from grader.report import read_report

CHECKS = frozenset({"a"})


def document(**changes: object) -> bytes:
    finding = {
        "check": "a",
        "outcome": "met",
        "why": {"fr": "oui", "en": "yes"},
        "evidence": [{"source": "read", "path": "x.py", "line": 3, "excerpt": "code"}],
        "reason": None,
        "measures": {},
        "question": None,
    }
    whole = {
        "nonce": "n",
        "findings": [{**finding, **changes}],
        "skipped": [],
        "suppressions": [],
        "timings": {},
        "versions": {},
        "claims": [],
    }
    return json.dumps(whole).encode()


def test_a_sound_report_is_read() -> None:
    report = read_report(document(), nonce="n", checks=CHECKS)
    assert report.findings[0].evidence[0].line == 3


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"[]",
        b"nonsense",
        b"[" * 100_000,
        document(outcome="excellent"),
        document(evidence=[{"source": "trust-me"}]),
        document(why="yes"),
    ],
)
def test_a_malformed_report_is_our_failure(data: bytes) -> None:
    with pytest.raises(SandboxFailed) as failure:
        read_report(data, nonce="n", checks=CHECKS)
    assert failure.value.code == "report-malformed"


def test_a_report_that_answers_another_job_is_refused() -> None:
    with pytest.raises(SandboxFailed) as failure:
        read_report(document(), nonce="other", checks=CHECKS)
    assert failure.value.code == "report-forged"


def test_findings_nobody_asked_for_are_dropped() -> None:
    assert read_report(document(check="b"), nonce="n", checks=CHECKS).findings == ()


def test_escapes_are_made_visible() -> None:
    hostile = "a\x1b[2Jb\u202ec\u0007\nd\x9bq"
    finding = read_report(document(why={"fr": hostile, "en": hostile}), nonce="n", checks=CHECKS).findings[0]
    assert finding.why.fr == "a\\x1b[2Jb\\u202ec\\x07\\x0ad\\x9bq"


def test_everything_is_bounded() -> None:
    place = {"source": "read", "path": "p" * 5000, "line": 1, "excerpt": "e" * 5000}
    finding = read_report(document(evidence=[place] * 50), nonce="n", checks=CHECKS).findings[0]
    assert len(finding.evidence) == 8
    assert len(finding.evidence[0].path) == 400
    assert len(finding.evidence[0].excerpt) == 240
