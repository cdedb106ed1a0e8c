"""Monitoring followed from end to end: defined, exposed, scraped, drawn, alerted; and every link that is broken."""

from __future__ import annotations

import re
from dataclasses import dataclass

from checks.facts.code_alerts import CodeAlert
from checks.facts.containers import Containers
from checks.facts.instruments import Exposure, Instruments, Metric, ToolUse
from checks.facts.instruments_catalogue import bare, speaks_of_model
from checks.facts.monitoring_files import AlertRule, Dashboard, Receiver, Scrape
from checks.facts.monitoring_stack import MonitoringStack, Tool
from checks.facts.watching_pages import WatchingPage
from grader.values import Text

# Metrics that libraries and exporters define by themselves: a dashboard may draw them without any definition in the code.
LIBRARY_METRIC = re.compile(
    r"^(up|scrape_\w+|process_\w+|python_\w+|http_(requests?|request_duration|request_size|response_size|server)\w*|starlette_\w+|fastapi_\w+"
    r"|flask_\w+|django_\w+|node_\w+|pg_\w+|mysql_\w+|redis_\w+|container_\w+|machine_\w+|prometheus_\w+|alertmanager_\w+|airflow_\w+|nginx_\w+|mongodb_\w+|ALERTS|grafana_\w+|loki_\w+|go_\w+)$"
)
INFRASTRUCTURE = re.compile(
    r"postgres|mysql|mariadb|redis|mongo|airflow|pushgateway|nginx|traefik|rabbitmq|kafka|minio|exporter|cadvisor", re.I
)
HOST_GATE = ("host.docker.internal", "gateway.docker.internal", "172.17.0.1")


@dataclass(frozen=True, slots=True)
class BrokenLink:
    """A link of the chain that does not hold, with the place that shows it."""

    code: str
    path: str
    line: int
    why: Text


@dataclass(frozen=True)
class Monitoring:
    """The chain: what each stage has, and which links hold."""

    instruments: Instruments
    stack: MonitoringStack
    pages: tuple[WatchingPage, ...]
    code_alerts: tuple[CodeAlert, ...]
    reached: tuple[Scrape, ...]  # scrapes that reach an application of the project
    drawn_model: tuple[tuple[Dashboard, str, int], ...]  # dashboards with a model's metric that the code defines
    drawn_application: tuple[Dashboard, ...]  # dashboards with some metric that is defined
    watching_rules: tuple[AlertRule, ...]  # rules that are loaded, compare, and read metrics that exist
    told: tuple[Receiver, ...]  # receivers that these rules can reach
    broken: tuple[BrokenLink, ...]

    @property
    def model_metrics(self) -> tuple[Metric, ...]:
        """Metrics about the model that something fills."""
        return self.instruments.of_model

    @property
    def exposed(self) -> tuple[Exposure, ...]:
        """Places that give metrics out to a collector."""
        return tuple(e for e in self.instruments.exposures if e.kind == "prometheus")

    @property
    def own_model_values(self) -> tuple[Exposure, ...]:
        """Routes of the project that give out or show values about the model."""
        return tuple(e for e in self.instruments.exposures if e.kind in ("json", "html") and e.about_model)

    @property
    def measured(self) -> bool:
        """Tell whether anything measures the model while it is in use."""
        return bool(self.model_metrics or self.own_model_values or any(t.served for t in self.tools_for("model")))

    @property
    def live_pages(self) -> tuple[WatchingPage, ...]:
        """Pages that show the model live: they read measures where they are kept, or something measures behind them."""
        fed = (p for p in self.pages if p.about_model and p.live)
        return tuple(p for p in fed if p.reads_itself or p.counts_uses or self.measured)

    def tools_for(self, follows: str) -> tuple[ToolUse, ...]:
        """Return the uses of tools that follow `model`, `training`, `application` or `errors`; those in an application first."""
        return tuple(sorted((t for t in self.instruments.tools if t.follows == follows), key=lambda t: (not t.served, t.path)))

    def compose(self, *roles: str) -> tuple[Tool, ...]:
        """Return the tools of some roles that compose files start."""
        return self.stack.role(*roles)


class _Linking:
    def __init__(self, instruments: Instruments, stack: MonitoringStack, containers: Containers) -> None:
        self.instruments, self.stack, self.containers = instruments, stack, containers
        self.broken: list[BrokenLink] = []
        self.model = {bare(m.name) for m in instruments.of_model if m.name}
        self.tools = {t.service.name for t in stack.tools if t.role != "tracking"}

    def scrapes(self) -> tuple[Scrape, ...]:
        return tuple(s for s in self.stack.scrapes if self._reaches(s))

    def _third_party(self, host: str) -> bool:
        """Tell whether a host is somebody else's image: its metrics are not the project's."""
        services = self.containers.named(host)
        return bool(services) and all(not s.dockerfile and INFRASTRUCTURE.search(s.image) for s in services)

    def _reaches(self, scrape: Scrape) -> bool:
        if scrape.host in self.tools or self._third_party(scrape.host) or (scrape.host == "localhost" and scrape.port == "9090"):
            return False  # the tool itself, or an exporter
        services = self.containers.named(scrape.host)
        if not services:
            if (
                scrape.host in HOST_GATE
                or "." in scrape.host
                or (scrape.host in ("localhost", "127.0.0.1") and not self.stack.role("collector"))
            ):
                return True
            en = f'The collector asks "{scrape.host}", which no compose file starts.'
            fr = f"Le collecteur interroge « {scrape.host} », qu'aucun fichier compose ne démarre."
            self._break("target-absent", scrape.path, scrape.line, fr, en)
            return False
        ports = frozenset(p for s in services for p in s.inner_ports)
        if ports and scrape.port and scrape.port not in ports and not self._listens(scrape.port, scrape.host):
            en = f'The collector asks port {scrape.port} of "{scrape.host}", which listens on {", ".join(sorted(ports))}.'
            fr = f"Le collecteur interroge le port {scrape.port} de « {scrape.host} », qui écoute sur {', '.join(sorted(ports))}."
            self._break("port-differs", scrape.path, scrape.line, fr, en)
            return False
        return True

    def _listens(self, port: str, host: str) -> bool:
        if any(e.address == f":{port}" for e in self.instruments.exposures):
            return True
        for service in self.containers.named(host):
            built = self.containers.dockerfile_of(service)
            texts = (
                [service.command, *(s.text for s in built.steps if s.name in ("CMD", "ENTRYPOINT", "EXPOSE"))]
                if built
                else [service.command]
            )
            if any(port in t for t in texts):
                return True
        return False

    def known(self, name: str) -> bool:
        return (
            bare(name) in self.instruments.names
            or bool(LIBRARY_METRIC.match(name))
            or any(m.name.startswith("{}") for m in self.instruments.metrics)
        )

    def dashboards(self) -> tuple[list[tuple[Dashboard, str, int]], list[Dashboard]]:
        model: list[tuple[Dashboard, str, int]] = []
        application = []
        for board in self.stack.dashboards:
            drawn = [(n, line) for n, line in board.metrics if bare(n) in self.model]
            if drawn:
                model.append((board, *drawn[0]))
            elif board.queries and not board.metrics and any(speaks_of_model(q.replace(" ", "_")) for q in board.queries):
                model.append((board, "", 1))
            known = [n for n, _ in board.metrics if self.known(n)]
            if known or (board.queries and not board.metrics):
                application.append(board)
            for name, line in board.metrics:
                if not self.known(name) and "_" in name:
                    en, fr = (
                        f"The dashboard draws {name}, which nothing defines.",
                        f"Le tableau de bord trace {name}, que rien ne définit.",
                    )
                    self._break("metric-undefined", board.path, line, fr, en)
                    break
        return model, application

    def rules(self) -> tuple[AlertRule, ...]:
        kept = []
        for rule in self.stack.rules:
            if not self.stack.loaded(rule):
                fr = f"Aucune configuration ne charge la règle « {rule.name} »."
                self._break("rules-not-loaded", rule.path, rule.line, fr, f'No configuration loads the rule "{rule.name}".')
            elif rule.threshold and (not rule.metrics or any(self.known(m) for m in rule.metrics)):
                kept.append(rule)
        return tuple(kept)

    def receivers(self, rules: tuple[AlertRule, ...]) -> tuple[Receiver, ...]:
        kinds = {r.kind for r in rules}
        real = [r for r in self.stack.receivers if r.real and r.kind in kinds]
        managers = bool(self.stack.alerting) or not self.stack.collectors
        named = self.stack.policies
        reached = [
            r
            for r in real
            if (r.kind == "prometheus" and managers)
            or (r.kind == "grafana" and (r.name in named or r.name == "grafana-default-email"))
        ]
        if rules and not reached:
            where = self.stack.receivers[0] if self.stack.receivers else rules[0]
            fr, en = (
                "Les règles d'alerte n'atteignent aucun destinataire configuré.",
                "The alert rules reach no configured receiver.",
            )
            self._break("receiver-absent", where.path, where.line, fr, en)
        return tuple(reached)

    def mounts(self) -> None:
        for tool in self.stack.tools:
            for mount in tool.missing:
                en = f"{tool.service.name} mounts {mount.source}, which is not in the repository."
                fr = f"{tool.service.name} monte {mount.source}, absent du dépôt."
                self._break("mount-absent", tool.service.path, mount.line, fr, en)

    def unfilled(self) -> None:
        for metric in self.instruments.metrics:
            if not metric.filled:
                en, fr = f"Nothing updates the metric {metric.name}.", f"Rien ne met à jour la métrique {metric.name}."
                self._break("metric-not-filled", metric.path, metric.line, fr, en)

    def _break(self, code: str, path: str, line: int, fr: str, en: str) -> None:
        self.broken.append(BrokenLink(code, path, line, Text(fr, en)))


def monitoring(
    instruments: Instruments,
    monitoring_stack: MonitoringStack,
    watching_pages: tuple[WatchingPage, ...],
    code_alerts: tuple[CodeAlert, ...],
    containers: Containers,
) -> Monitoring:
    """Link the stages of monitoring, and list the links that do not hold."""
    linking = _Linking(instruments, monitoring_stack, containers)
    reached = linking.scrapes()
    model, application = linking.dashboards()
    rules = linking.rules()
    told = linking.receivers(rules)
    linking.mounts()
    linking.unfilled()
    return Monitoring(
        instruments,
        monitoring_stack,
        watching_pages,
        code_alerts,
        reached,
        tuple(model),
        tuple(application),
        rules,
        told,
        tuple(linking.broken),
    )


FACTS = (monitoring,)
