"""The files of monitoring tools: collectors, rules, receivers and dashboards, and the values that describe them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from checks.facts.yaml_files import Mapping, as_items, as_mapping, load_yaml
from checks.workspace import File

PLACEHOLDER = re.compile(
    r"example\.(com|org|net|email)|example@|your[-_ .@]|votre|x{4,}|changeme|change_me|<[^>]{0,60}>|placeholder"
    r"|\btodo\b|replace|a_remplir|127\.0\.0\.1:5001",
    re.I,
)
ADDRESS_KEYS = frozenset(
    [
        "url",
        "api_url",
        "webhook_url",
        "to",
        "addresses",
        "routing_key",
        "service_key",
        "bot_token",
        "channel",
        "url_file",
        "webhook_url_file",
        "api_url_file",
        "chatid",
        "recipient",
    ]
)
COMPARISON = re.compile(r"[<>]=?|==|!=|absent")
MOST_QUERIES = 200
SQL = re.compile(r"\bselect\b", re.I)
PROMQL_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
PROMQL_NOISE = re.compile(
    r"\{[^{}]*\}|\"[^\"]*\"|'[^']*'|\[[^\[\]]*\]|\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^()]*\)"
)
PROMQL_WORDS = frozenset(
    [
        "sum",
        "rate",
        "irate",
        "avg",
        "min",
        "max",
        "count",
        "topk",
        "bottomk",
        "by",
        "without",
        "on",
        "ignoring",
        "and",
        "or",
        "unless",
        "offset",
        "bool",
        "le",
        "quantile",
        "histogram_quantile",
        "increase",
        "delta",
        "absent",
        "time",
        "vector",
        "clamp_min",
        "clamp_max",
        "changes",
        "stddev",
        "stdvar",
        "group_left",
        "group_right",
        "label_replace",
        "round",
        "abs",
        "ceil",
        "floor",
        "sort",
        "sort_desc",
        "scalar",
        "deriv",
        "idelta",
        "count_values",
        "inf",
        "nan",
        "avg_over_time",
        "max_over_time",
        "min_over_time",
        "sum_over_time",
        "count_over_time",
        "last_over_time",
        "quantile_over_time",
        "count_over_time",
        "rate_counter",
        "label_values",
        "query_result",
    ]
)


@dataclass(frozen=True, slots=True)
class Scrape:
    """A target that a collector asks for metrics: `host` and `port` as written, `address` the path asked."""

    path: str
    line: int
    job: str
    host: str
    port: str
    address: str


@dataclass(frozen=True, slots=True)
class AlertRule:
    """An alert rule: `kind` is `prometheus` or `grafana`, `threshold` tells whether it compares a value."""

    kind: str
    path: str
    line: int
    name: str
    metrics: tuple[str, ...]
    threshold: bool


@dataclass(frozen=True, slots=True)
class Receiver:
    """Who an alert is sent to: `real` is False for an empty one, a sample address or a placeholder."""

    kind: str
    path: str
    line: int
    name: str
    real: bool


@dataclass(frozen=True, slots=True)
class Dashboard:
    """A dashboard kept as JSON: how many panels, and the metrics that their queries name with the line of the first use."""

    path: str
    title: str
    panels: int
    metrics: tuple[tuple[str, int], ...]
    queries: tuple[str, ...]


def metric_names(query: str) -> tuple[str, ...]:
    """Return the metrics that a PromQL query names, in order."""
    text = query[:4000]
    for _ in range(4):
        text = PROMQL_NOISE.sub(" ", text)
    found = []
    for match in PROMQL_NAME.finditer(text):
        name = match.group()
        if name.lower() not in PROMQL_WORDS and not name.startswith("__") and not text[match.end() :].lstrip().startswith("("):
            found.append(name)
    return tuple(dict.fromkeys(found))


class StackReading:
    """What the YAML files of monitoring tools say, gathered file by file."""

    def __init__(self) -> None:
        """Start with nothing read."""
        self.scrapes: list[Scrape] = []
        self.collectors: list[str] = []
        self.patterns: list[str] = []
        self.alerting: list[str] = []
        self.rules: list[AlertRule] = []
        self.receivers: list[Receiver] = []
        self.policies: list[str] = []
        self.sources: list[tuple[str, int]] = []

    def read(self, file: File) -> None:
        """Read a YAML file. Raises the parser's error when it is malformed."""
        for document in load_yaml(file):
            top = as_mapping(document)
            if "scrape_configs" in top and "clients" not in top and "positions" not in top:  # Promtail scrapes logs
                self._collector(file.path, top)
            for group, _ in as_items(top.get("groups")):
                for rule, line in as_items(as_mapping(group).get("rules")):
                    self._rule(file.path, as_mapping(rule), line)
            if "receivers" in top and "route" in top:
                for receiver, line in as_items(top["receivers"]):
                    self._receiver("prometheus", file.path, as_mapping(receiver), line)
            for point, line in as_items(top.get("contactPoints")):
                self._receiver("grafana", file.path, as_mapping(point), line)
            self.policies.extend(_receivers_named(top.get("policies"), 0))
            for _, line in as_items(top.get("datasources")):
                self.sources.append((file.path, line))

    def _collector(self, path: str, top: Mapping) -> None:
        self.collectors.append(path)
        self.patterns.extend(str(p) for p, _ in as_items(top.get("rule_files")))
        for manager, _ in as_items(as_mapping(top.get("alerting")).get("alertmanagers")):
            self.alerting.extend(t for t, _ in _targets(as_mapping(manager)))
        for config, line in as_items(top["scrape_configs"]):
            job = as_mapping(config)
            for target, at in _targets(job):
                host, _, port = target.split("//")[-1].split("/")[0].partition(":")
                address = str(job.get("metrics_path") or "/metrics")
                self.scrapes.append(Scrape(path, at or line, str(job.get("job_name", "")), host, port, address))

    def _rule(self, path: str, rule: Mapping, line: int) -> None:
        if "alert" in rule and "expr" in rule:
            expression = str(rule["expr"])
            self.rules.append(
                AlertRule(
                    "prometheus", path, line, str(rule["alert"]), metric_names(expression), bool(COMPARISON.search(expression))
                )
            )
        elif "data" in rule and ("title" in rule or "uid" in rule):
            names: list[str] = []
            threshold = False
            for item, _ in as_items(rule["data"]):
                model = as_mapping(as_mapping(item).get("model"))
                expression = str(model.get("expr") or "")
                names.extend(metric_names(expression))
                threshold |= (
                    bool(COMPARISON.search(PROMQL_NOISE.sub(" ", expression)))
                    or "conditions" in model
                    or model.get("type") == "math"
                )
            self.rules.append(AlertRule("grafana", path, line, str(rule.get("title", "")), tuple(names), threshold))

    def _receiver(self, kind: str, path: str, receiver: Mapping, line: int) -> None:
        real = any(not PLACEHOLDER.search(a) for a in _receiver_addresses(receiver, 0))
        self.receivers.append(Receiver(kind, path, line, str(receiver.get("name", "")), real))


def _targets(job: Mapping) -> Iterator[tuple[str, int]]:
    for config, _ in as_items(job.get("static_configs")):
        for target, line in as_items(as_mapping(config).get("targets")):
            yield str(target), line


def _receiver_addresses(value: Any, depth: int) -> Iterator[str]:
    if depth > 8:
        return
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if isinstance(inner, str) and key in ADDRESS_KEYS and inner.strip():
                yield inner
            else:
                yield from _receiver_addresses(inner, depth + 1)
    for inner, _ in as_items(value):
        yield from _receiver_addresses(inner, depth + 1)


def _receivers_named(value: Any, depth: int) -> Iterator[str]:
    if depth > 8:
        return
    if isinstance(value, Mapping):
        if isinstance(value.get("receiver"), str):
            yield value["receiver"]
        for inner in value.values():
            yield from _receivers_named(inner, depth + 1)
    for inner, _ in as_items(value):
        yield from _receivers_named(inner, depth + 1)


def read_dashboard(file: File) -> Dashboard | None:
    """Read a dashboard kept as JSON; None for another kind of file. Raises ValueError when malformed."""
    document = json.loads(file.text)
    board = document.get("dashboard", document) if isinstance(document, dict) else None
    if not isinstance(board, dict) or not isinstance(board.get("panels"), list):
        return None
    panels = [
        p for top in board["panels"] if isinstance(top, dict) for p in (top, *(top.get("panels") or ())) if isinstance(p, dict)
    ]
    drawn = [p for p in panels if p.get("type") not in ("row", "text", "news", "welcome")]
    queries = [
        str(q)
        for p in drawn
        for t in p.get("targets") or ()
        if isinstance(t, dict)
        for q in (t.get("expr"), t.get("rawSql"), t.get("query"))
        if isinstance(q, str)
    ]
    asked = [q for q in queries[:MOST_QUERIES] if not SQL.search(q)]
    metrics = {name: _line_of(file, name) for query in asked for name in metric_names(query)}
    return Dashboard(file.path, str(board.get("title", "")), len(drawn), tuple(metrics.items()), tuple(queries))


def _line_of(file: File, name: str) -> int:
    return next((number for number, text in enumerate(file.lines, 1) if name in text), 1)
