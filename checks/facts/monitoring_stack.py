"""Monitoring tools as configured: what is scraped, drawn, watched by rules, and who is told."""

from __future__ import annotations

import fnmatch
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass

from checks.facts.containers import Containers, Mount, Service
from checks.facts.monitoring_files import (
    AlertRule,
    Dashboard,
    Receiver,
    Scrape,
    StackReading,
    read_dashboard,
)
from checks.workspace import Workspace

# Word in an image's name → what the tool does.
TOOL_IMAGES = {
    "prom/prometheus": "collector",
    "bitnami/prometheus": "collector",
    "victoriametrics": "collector",
    "telegraf": "collector",
    "influxdb": "collector",
    "otel/opentelemetry-collector": "collector",
    "grafana/alloy": "collector",
    "alertmanager": "alerts",
    "grafana/grafana": "view",
    "kibana": "view",
    "opensearch-dashboards": "view",
    "langfuse/langfuse": "traces",
    "jaegertracing": "traces",
    "openzipkin": "traces",
    "arizephoenix": "traces",
    "grafana/loki": "logs",
    "grafana/promtail": "logs",
    "logstash": "logs",
    "filebeat": "logs",
    "fluentd": "logs",
    "fluent-bit": "logs",
    "elasticsearch": "logs",
    "graylog": "logs",
    "uptime-kuma": "uptime",
    "netdata": "system",
    "node-exporter": "system",
    "cadvisor": "system",
    "exporter": "system",
    "zabbix": "system",
    "glances": "system",
    "mlflow": "tracking",
}
MOST_JSON = 4_000_000


@dataclass(frozen=True, slots=True)
class Tool:
    """A monitoring tool that a compose file starts. `missing` are mounted paths of the repository that do not exist."""

    role: str
    image: str
    service: Service
    mounted: tuple[str, ...]
    missing: tuple[Mount, ...]


@dataclass(frozen=True)
class MonitoringStack:
    """Everything configured outside the code, in path order."""

    tools: tuple[Tool, ...]
    scrapes: tuple[Scrape, ...]
    collectors: tuple[str, ...]  # paths of the collectors' configurations
    rule_patterns: tuple[str, ...]
    alerting: tuple[str, ...]  # alert managers that collectors are told of
    rules: tuple[AlertRule, ...]
    receivers: tuple[Receiver, ...]
    policies: tuple[str, ...]  # receivers that Grafana's policies name
    dashboards: tuple[Dashboard, ...]
    sources: tuple[tuple[str, int], ...]  # data sources provisioned

    def role(self, *roles: str) -> tuple[Tool, ...]:
        """Return the tools of some roles."""
        return tuple(t for t in self.tools if t.role in roles)

    def loaded(self, rule: AlertRule) -> bool:
        """Tell whether a configuration loads the file of a rule."""
        if rule.kind == "grafana":
            return True
        name = posixpath.basename(rule.path)
        return any(fnmatch.fnmatch(name, posixpath.basename(p)) for p in self.rule_patterns)


def _tools(containers: Containers) -> Iterator[Tool]:
    for service in containers.services:
        image = containers.image_of(service)
        build = f"{service.name} {service.dockerfile} {service.command}".lower()
        role = next(
            (r for word, r in TOOL_IMAGES.items() if word in image), "tracking" if "mlflow" in build and "server" in build else ""
        )
        dockerfile = containers.dockerfile_of(service)
        if not role and dockerfile is not None:
            commands = " ".join(s.text for s in dockerfile.steps if s.name in ("CMD", "ENTRYPOINT"))
            role = "tracking" if "mlflow" in commands else ""
        if not role:
            continue
        copied = [
            posixpath.normpath(posixpath.join(service.context, w))
            for s in (dockerfile.steps if dockerfile else ())
            if s.name in ("COPY", "ADD")
            for w in s.text.split()[:-1]
        ]
        mounted = [m.source for m in service.mounts if m.source and m.present]
        missing = tuple(
            m
            for m in service.mounts
            if m.source and not m.present and re.search(r"\.(ya?ml|json|ini|conf)$|provisioning|rules|dashboards", m.source)
        )
        yield Tool(role, image, service, (*mounted, *copied), missing)


def monitoring_stack(workspace: Workspace, containers: Containers) -> MonitoringStack:
    """Read the collectors' configurations, rules, receivers and dashboards, and the tools that compose files start."""
    reading = StackReading()
    dashboards = []
    for file in workspace.own:
        if file.suffix in (".yml", ".yaml") and re.search(
            r"^(scrape_configs|groups|receivers|contactPoints|policies|datasources):", file.text, re.M
        ):
            workspace.attempt(file, reading.read)
        elif file.suffix == ".json" and file.size < MOST_JSON and '"panels"' in file.text:
            board = workspace.attempt(file, read_dashboard)
            if board is not None:
                dashboards.append(board)
    return MonitoringStack(
        tuple(_tools(containers)),
        tuple(reading.scrapes),
        tuple(reading.collectors),
        tuple(reading.patterns),
        tuple(reading.alerting),
        tuple(reading.rules),
        tuple(reading.receivers),
        tuple(reading.policies),
        tuple(dashboards),
        tuple(reading.sources),
    )


FACTS = (monitoring_stack,)
