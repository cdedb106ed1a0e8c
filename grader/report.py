"""Reads the report that leaves a sandbox as what it is: hostile bytes, to be validated before anything is believed."""

from __future__ import annotations

import re
from dataclasses import replace

from pydantic import TypeAdapter, ValidationError

from grader.errors import SandboxFailed
from grader.sandbox import MOST_REPORT
from grader.values import (
    Evidence,
    FailedTest,
    Finding,
    Influence,
    LeftOutRequirement,
    Report,
    Run,
    RunService,
    Screenshot,
    Skipped,
    Suppression,
    Text,
    Tried,
)

MOST_LISTED = 2_000
MOST_STEPS, MOST_FAILURES, MOST_SCREENSHOTS, MOST_PNG = 60, 60, 6, 700_000
_PNG = re.compile(r"iVBORw0KGgo[A-Za-z0-9+/]*={0,2}")
_REPORT = TypeAdapter(Report)


def read_report(data: bytes, *, nonce: str, checks: frozenset[str]) -> Report:
    """Return the report. Raises SandboxFailed when it is malformed, too large, or answers another job.

    Findings of checks that were not asked for are dropped.
    """
    if len(data) > MOST_REPORT:
        raise SandboxFailed("report-too-large")
    try:
        report = _REPORT.validate_json(data)
    except (ValidationError, RecursionError):
        raise SandboxFailed("report-malformed") from None
    if report.nonce != nonce:
        raise SandboxFailed("report-forged")
    return replace(
        report,
        findings=tuple(_bounded(f) for f in report.findings if f.check in checks),
        skipped=tuple(Skipped(_clean(s.path, 400), _clean(s.reason, 80)) for s in report.skipped[:MOST_LISTED]),
        suppressions=tuple(
            Suppression(_clean(s.path, 400), s.line, _clean(s.text, 200)) for s in report.suppressions[:MOST_LISTED]
        ),
        influences=tuple(
            Influence(_clean(i.path, 400), i.line, _sentence(i.what), _clean(i.text, 200))
            for i in report.influences[:MOST_LISTED]
        ),
        run=_run(report.run) if report.run else None,
    )


def _run(run: Run) -> Run:
    """Return what was run, bounded; a screenshot that is not the base64 of a PNG is dropped."""
    pictures = [s for s in run.screenshots if len(s.png) <= MOST_PNG and _PNG.fullmatch(s.png)]
    return Run(
        _clean(run.sandbox, 30),
        tuple(map(_tried, run.steps[:MOST_STEPS])),
        tuple(
            LeftOutRequirement(_clean(p.text, 200), _clean(p.part, 200), _clean(p.reason, 60)) for p in run.left_out[:MOST_LISTED]
        ),
        tuple(_clean(r, 200) for r in run.relaxed[:MOST_LISTED]),
        tuple(RunService(_clean(s.kind, 30), _clean(s.state, 20)) for s in run.services[:MOST_STEPS]),
        tuple(Screenshot(_clean(s.part, 200), _clean(s.what, 300), s.png) for s in pictures[:MOST_SCREENSHOTS]),
    )


def _tried(step: Tried) -> Tried:
    return replace(
        step,
        kind=_clean(step.kind, 20),
        part=_clean(step.part, 200),
        what=_clean(step.what, 300),
        command=_clean(step.command, 600),
        how=_clean(step.how, 30),
        reason=_clean(step.reason, 60) if step.reason else None,
        summary=_sentence(step.summary),
        path=_clean(step.path, 400),
        counts={_clean(k, 40): v for k, v in list(step.counts.items())[:40]},
        failures=tuple(
            FailedTest(
                _clean(f.path, 400), f.line, _clean(f.name, 300), _clean(f.whose, 20), _clean(f.code, 60), _sentence(f.why)
            )
            for f in step.failures[:MOST_FAILURES]
        ),
    )


def _bounded(finding: Finding) -> Finding:
    return replace(
        finding,
        why=_sentence(finding.why),
        question=_sentence(finding.question) if finding.question else None,
        evidence=tuple(Evidence(e.source, _clean(e.path, 400), e.line, _clean(e.excerpt, 240)) for e in finding.evidence[:8]),
    )


def _sentence(text: Text) -> Text:
    return Text(_clean(text.fr, 600), _clean(text.en, 600))


def _clean(text: str, most: int) -> str:
    """Make control, bidirectional and unpaired characters visible, so that no page, terminal or sheet obeys them."""
    shown = "".join(c if _is_harmless(c) else f"\\x{ord(c):02x}" if ord(c) < 256 else f"\\u{ord(c):04x}" for c in text[:most])
    return shown[:most]


def _is_harmless(character: str) -> bool:
    code = ord(character)
    if code < 32 or 0x7F <= code < 0xA0 or 0xD800 <= code <= 0xDFFF:
        return False
    return (
        not (0x200B <= code <= 0x200F and code != 0x200D)
        and not 0x202A <= code <= 0x202E
        and not 0x2066 <= code <= 0x2069
        and code != 0xFEFF
    )
