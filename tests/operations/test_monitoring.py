"""Alerts and the dashboard ask for metrics that the service exports."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml
from fastapi.testclient import TestClient

ROOT = Path(__file__).parents[2]


@pytest.fixture
def exported(client: TestClient) -> set[str]:
    client.get("/health/live")
    text = client.get("/metrics").text
    kinds = dict(re.findall(r"^# TYPE (\w+) (\w+)", text, re.M))
    of_histograms = {
        f"{name}_{part}" for name, kind in kinds.items() if kind == "histogram" for part in ("bucket", "count", "sum")
    }
    return {*re.findall(r"^(\w+)(?:{| )", text, re.M), *kinds, *of_histograms}


def queries() -> list[str]:
    rules = yaml.safe_load((ROOT / "operations/prometheus/alerts.yml").read_text("utf-8"))
    panels = json.loads((ROOT / "operations/grafana/dashboards/jurygrid.json").read_text("utf-8"))["panels"]
    return [r["expr"] for g in rules["groups"] for r in g["rules"]] + [t["expr"] for p in panels for t in p["targets"]]


def test_every_query_asks_for_what_is_exported(exported: set[str]) -> None:
    asked = {name for q in queries() for name in re.findall(r"jurygrid_\w+", q)}
    assert len(asked) >= 8
    assert asked - exported == set()


def test_every_alert_says_what_it_means() -> None:
    rules = yaml.safe_load((ROOT / "operations/prometheus/alerts.yml").read_text("utf-8"))["groups"][0]["rules"]
    assert all(len(r["annotations"]["summary"]) > 20 for r in rules)
    guide = (ROOT / "docs/operations.md").read_text("utf-8")
    assert [r["alert"] for r in rules if r["alert"] not in guide] == []
