"""The public JSON grid, `jurygrid-grid/1`. Its JSON Schema is in `docs/jurygrid-grid-1.schema.json`."""

from __future__ import annotations

import json
from typing import Any

from grader.grid import Proposal
from grader.pipeline import Grid
from grader.values import Finding, Report, Run, Text, Tried

FORMAT = "jurygrid-grid/1"


def as_document(grid: Grid) -> dict[str, Any]:
    """Return the grid as plain data, in the contract's order."""
    return {
        "format": FORMAT,
        "rubric": {"id": grid.rubric.id, "version": grid.rubric.version},
        "source": {"url": grid.snapshot.url, "commit": grid.snapshot.commit, "tree": grid.snapshot.tree},
        "sandbox": grid.sandbox,
        "criteria": [_criterion(p) for p in grid.proposals],
        "suppressions": [{"path": s.path, "line": s.line, "text": s.text} for s in grid.report.suppressions],
        "skipped": [{"path": s.path, "reason": s.reason} for s in grid.report.skipped],
        "timings": grid.timings,
        **_optional(grid.report),
    }


def _optional(report: Report) -> dict[str, Any]:
    """Return the parts of the contract that are there only when there is something to say."""
    found: dict[str, Any] = {}
    if report.influences:
        found["influences"] = [{"path": i.path, "line": i.line, "what": _text(i.what), "text": i.text} for i in report.influences]
    if report.run:
        found["run"] = _run(report.run)
    return found


def _run(run: Run) -> dict[str, Any]:
    return {
        "sandbox": run.sandbox,
        "steps": [_tried(step) for step in run.steps],
        "left_out": [{"text": p.text, "part": p.part, "reason": p.reason} for p in run.left_out],
        "relaxed": list(run.relaxed),
        "services": [{"kind": s.kind, "state": s.state} for s in run.services],
        "screenshots": [{"part": s.part, "what": s.what, "bytes": len(s.png) * 3 // 4} for s in run.screenshots],
    }


def _tried(step: Tried) -> dict[str, Any]:
    return {
        "kind": step.kind,
        "part": step.part,
        "what": step.what,
        "command": step.command,
        "how": step.how,
        "reason": step.reason,
        "seconds": step.seconds,
        "summary": _text(step.summary),
        "path": step.path,
        "line": step.line,
        "counts": step.counts,
        "failures": [
            {"path": f.path, "line": f.line, "name": f.name, "whose": f.whose, "code": f.code, "why": _text(f.why)}
            for f in step.failures
        ],
    }


def as_json(grid: Grid) -> str:
    """Return the grid as JSON text, the same for the same input, timings aside."""
    return json.dumps(as_document(grid), ensure_ascii=False, indent=1) + "\n"


def _criterion(proposal: Proposal) -> dict[str, Any]:
    return {
        "id": proposal.criterion.id,
        "decide": proposal.criterion.decide,
        "proposal": proposal.outcome.value if proposal.outcome else None,
        "confidence": proposal.confidence,
        "why": _text(proposal.why),
        "question": _text(proposal.question) if proposal.question else None,
        "findings": [_finding(f) for f in proposal.findings],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "check": finding.check,
        "outcome": finding.outcome.value,
        "reason": finding.reason,
        "evidence": [{"source": e.source.value, "path": e.path, "line": e.line, "excerpt": e.excerpt} for e in finding.evidence],
    }


def _text(text: Text) -> dict[str, str]:
    return {"fr": text.fr, "en": text.en}
