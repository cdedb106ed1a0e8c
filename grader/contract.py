"""The public JSON grid, `jurygrid-grid/1`. Its JSON Schema is in `docs/jurygrid-grid-1.schema.json`."""

from __future__ import annotations

import json
from typing import Any

from grader.grid import Proposal
from grader.pipeline import Grid
from grader.values import Finding, Text

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
