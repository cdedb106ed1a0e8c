"""What the documents say of monitoring: tools, metrics with their thresholds, installation, configuration, use."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from checks.facts.documents import Section, Table
from checks.facts.instructions import code_line
from checks.facts.topics import Topics
from checks.facts.zones import Explanations, Zone, body, first
from checks.findings import evidence
from checks.parts import Part
from grader.values import Evidence, Text

# A number compared with something, or given with a unit: `> 5 %`, `supérieur à 800 ms`, `< 0.55`, `≥ 3 en 10 min`.
_LIMIT = re.compile(
    r"(?:[<>≥≤]=?|\bsup[ée]rieure?s? (?:ou [ée]gale?s? )?[àa]|\binf[ée]rieure?s? (?:ou [ée]gale?s? )?[àa]|\bd[ée]passe\w*"
    r"|\bau[- ]del[àa] de|\bau[- ]dessus de|\ben[- ]dessous de|\bmoins de|\bplus de|\babove|\bbelow|\bexceeds?|\bover"
    r"|\bgreater than|\bless than|\bunder|\bseuil\w*(?: d'alerte)?(?: de| à| :)?|\bthresholds?(?: of|:)?)"
    r" ?(?:de |of |à |: ?)?[~≈]? ?\d+(?:[.,]\d+)?(?![\d.,]*\s?(?:jours?|mois|ans?|ann[ée]es?|days?|months?|years?)\b)",
    re.I,
)
_ANY_ERROR = re.compile(
    r"\b(toute|any|every|each|d[èe]s) (exception|erreur|error|une erreur)|==\s*0\b|\bup\s*=+\s*0|\b5xx\b", re.I
)
_SENTENCE = re.compile(r"(?<=[.!?;])\s|\n")
_FALSE_ALERT = re.compile(r"\bfausses? alertes?\b|\bfalse (?:alerts?|alarms?)\b", re.I)  # what a model gets wrong: nobody is told
_NUMBER = re.compile(r"\d")
_SERIES = re.compile(
    r"\b[a-z][a-z0-9]*(?:_[a-z0-9]+)*_(?:total|seconds|bytes|count|bucket|sum|ms|ratio|percent|score|rate|requests|errors|latency)\b"
)
_ADDRESS = re.compile(
    r"(localhost|127\.0\.0\.1|0\.0\.0\.0|<[\w-]+>|\b[a-z]+):\d{4,5}\b|https?://\S+|(^|\s)/(metrics|dashboard|monitoring)\b"
)
_QUERY = re.compile(r"\b(rate|histogram_quantile|increase|sum by|avg_over_time|sum|avg)\s*\(")
_SETTING = re.compile(
    r"\b[\w-]{1,80}\.(ya?ml|toml|ini|json|cfg|env|conf|service)\b|\b[A-Z][A-Z0-9]+_[A-Z0-9_]+\b|\.env\b|:\d{4,5}\b"
)
_TRACKER = re.compile(r"\bmlflow (ui|server)\b|\btensorboard\b.{0,20}--logdir|\baim up\b")
ENOUGH = 2
ITEM = 8  # words of an item of a list, rather than a sentence


@dataclass(frozen=True, slots=True)
class Limit:
    """A metric with its threshold, as a document gives it."""

    path: str
    line: int
    text: str
    number: int = 0  # several may stand on one line


@dataclass(frozen=True)
class MonitoringManual:
    """The parts of the documentation of monitoring, each with the best place where it was found."""

    tool: Part
    installation: Part
    configuration: Part
    use: Part
    model_installation: Part
    model_configuration: Part
    model_use: Part
    about_model: Part
    tracker: Part  # the command that starts the server in which experiments or predictions are followed
    metrics: tuple[Evidence, ...]
    limits: tuple[Limit, ...]
    reasons: tuple[Evidence, ...]
    accessibility: tuple[Evidence, ...]


class _Limits:
    """Finds metrics given with a threshold: rows of tables, items of lists, sentences."""

    def __init__(self, topics: Topics) -> None:
        self.topics = topics

    def of(self, section: Section, watched: bool) -> Iterator[Limit]:
        """Yield the limits of a section; outside the zone of monitoring a sentence must itself speak of alerts."""
        inside: set[int] = set()
        for table in section.tables:
            found = list(self._of_table(section, table, watched))
            inside |= set(range(table.line, table.line + len(table.rows) + 3)) if found else set()
            yield from found
        for line, text in body(section):
            if line not in inside and _LIMIT.search(text) and self.topics.in_text("monitoring-metric", text):
                yield from self._of_line(section, line, text if watched else self._alerting(text))
        if watched:
            for block in section.code:
                for offset, text in enumerate(block.text.splitlines()[:200]):
                    if _QUERY.search(text) and _LIMIT.search(text):
                        yield Limit(section.path, code_line(section, block, offset), text.strip())

    def _alerting(self, text: str) -> str:
        """Return the sentences that give a limit and speak of alerts; false alerts are a model's, not somebody's."""
        said = (s for s in _SENTENCE.split(text) if _LIMIT.search(s))
        return " ".join(s for s in said if self.topics.in_text("monitoring-threshold", _FALSE_ALERT.sub("", s)))

    def _of_table(self, section: Section, table: Table, watched: bool) -> Iterator[Limit]:
        """Yield the rows with a limit; outside the zone of monitoring, a goal to reach is no limit."""
        kinds = ("monitoring-threshold-column", *(("monitoring-target-column",) if watched else ()))
        limits = [i for i, cell in enumerate(table.header) if any(self.topics.in_text(kind, cell) for kind in kinds)]
        named = any(self.topics.in_text("monitoring-metric-column", cell) for cell in table.header)
        if not limits or not named:
            return
        for number, row in enumerate(table.rows):
            cells = [row[i] for i in limits if i < len(row)]
            if any(_NUMBER.search(cell) or _ANY_ERROR.search(cell) for cell in cells):
                yield Limit(section.path, table.line + number + 2, " | ".join(row))

    def _of_line(self, section: Section, line: int, text: str) -> Iterator[Limit]:
        for number in range(min(len(_LIMIT.findall(text)), 5)):
            yield Limit(section.path, line, text, number)


def _once(limits: Iterable[Limit]) -> list[Limit]:
    """Keep the first of the limits that several files say in the same words: a report and its PDF, slides and their notes."""
    found: dict[tuple[str, int], Limit] = {}
    for limit in limits:
        found.setdefault((" ".join(limit.text.split()), limit.number), limit)
    return list(found.values())


def _series(area: Zone) -> tuple[Evidence, ...]:
    """Return lines that name metrics: series of a collector, or rows of a table of metrics."""
    found = []
    for section in area.sections:
        found += [evidence(section.path, n, t) for n, t in body(section) if _SERIES.search(t)]
        for table in section.tables:
            if any(area.topics.in_text("monitoring-metric-column", cell) for cell in table.header[:2]):
                rows = [row for row in table.rows if area.topics.in_text("monitoring-metric", " ".join(row))]
                found += [evidence(section.path, table.line, " | ".join(row)) for row in rows]
    if len(found) < ENOUGH:
        listed = Zone(area.named("monitoring-metric-column"), area.topics).said("monitoring-metric")
        found += listed if len(listed) > ENOUGH else _items(area)
    return tuple(dict.fromkeys(found))


def _items(area: Zone) -> list[Evidence]:
    """Return the short lines that name what a chapter on monitoring follows, of the first chapter that lists several."""
    for section in area.named("monitoring"):
        short = [evidence(section.path, n, t) for n, t in body(section) if len(t.split()) <= ITEM]
        named = [e for e in short if area.topics.in_text("monitoring-metric", e.excerpt)]
        if len(named) >= ENOUGH and len(short) > ENOUGH:
            return named
    return []


def _installation(area: Zone) -> Evidence | None:
    headed = [
        s
        for s in area.named("monitoring-installation")
        if s.code or _ADDRESS.search(s.text) or area.in_file(s.path).command("install", "start")
    ]
    place = next((evidence(s.path, s.line, s.heading) for s in headed), None)
    return first(place, area.command("install", "start", in_code=True), area.command("install", "start", "crontab"))


def _configuration(area: Zone) -> Evidence | None:
    headed = [s for s in area.named("monitoring-configuration") if s.code or _SETTING.search("\n".join(t for _, t in body(s)))]
    said = [e for e in area.said("monitoring-configuration") if _SETTING.search(e.excerpt)]
    titled = {s.path for s in area.sections if any(h and area.topics.in_text("monitoring", h) for h in (s.heading, *s.trail[:1]))}
    own = [e for e in said if e.path in titled]  # one line is enough where the whole document, or its chapter, is on the tools
    coded = next((s for s in area.sections for b in s.code if b.language in ("yaml", "yml", "ini", "toml", "conf")), None)
    return first(
        next((evidence(s.path, s.line, s.heading) for s in headed), None),
        tuple(said) if len(said) >= ENOUGH else tuple(own),
        evidence(coded.path, coded.line, coded.heading) if coded else None,
    )


def _use(area: Zone) -> Evidence | None:
    headed = [s for s in area.named("monitoring-use") if s.code or len(body(s)) >= ENOUGH]
    queries = next((s for s in area.sections for b in s.code if _QUERY.search(b.text)), None)
    addresses = [e for e in area.said("monitoring-use") if _ADDRESS.search(e.excerpt)]
    return first(
        next((evidence(s.path, s.line, s.heading) for s in headed), None),
        evidence(queries.path, queries.line, queries.heading) if queries else None,
        tuple(addresses),
        next(
            (
                evidence(s.path, n, t)
                for s, n, t in _rows(area)
                if _ADDRESS.search(t) and area.topics.in_text("monitoring-tool", t)
            ),
            None,
        ),
    )


def _rows(area: Zone) -> Iterator[tuple[Section, int, str]]:
    for section in area.sections:
        for line, text in body(section):
            yield section, line, text


def _tooled(area: Zone) -> Zone:
    """Keep the sections of files that name a tool: without one there is nothing to install."""
    files = {e.path for e in area.said("monitoring-tool")} | {
        s.path for s in area.sections if area.topics.in_text("monitoring-tool", s.heading)
    }
    return area.narrowed(lambda s: s.path in files)


def monitoring_manual(explanations: Explanations, topics: Topics) -> MonitoringManual:
    """Read what the documents say of monitoring."""
    area = explanations.apart_from("incident-title", explanations.zone("monitoring"))
    tooled = _tooled(area)
    model_lines = area.said("monitoring-model")
    model_files = {e.path for e in model_lines if sum(o.path == e.path for o in model_lines) >= ENOUGH}
    model = tooled.narrowed(lambda s: s.path in model_files)
    watched = {id(s) for s in area.sections}
    limits = _Limits(topics)
    tests = {
        s.path
        for s in explanations.zone("testing", only=("heading", "trail")).sections
        if s.trail and topics.in_text("testing", s.trail[0])
    }
    ordered = sorted((s for s in explanations.sections if s.path not in tests), key=lambda s: id(s) not in watched)
    found = _once(limit for s in ordered for limit in limits.of(s, id(s) in watched))
    tools = tooled.said("monitoring-tool")
    return MonitoringManual(
        Part(Text("outil", "tool"), first(tools)),
        Part(Text("installation", "installation"), _general_installation(explanations, tooled, area)),
        Part(Text("configuration", "configuration"), _configuration(tooled)),
        Part(Text("utilisation", "use"), _use(tooled)),
        Part(Text("installation", "installation"), _installation(model)),
        Part(Text("configuration", "configuration"), _configuration(model)),
        Part(Text("utilisation", "use"), _use(model)),
        Part(Text("suivi du modèle", "monitoring of the model"), first(tuple(e for e in model_lines if e.path in model_files))),
        Part(Text("démarrage du serveur de suivi", "start of the tracking server"), _tracker(explanations)),
        _series(tooled),
        tuple(found),
        tuple(e for e in tools if topics.in_text("monitoring-reason", e.excerpt)),
        area.said("monitoring-accessibility"),
    )


def _general_installation(explanations: Explanations, tooled: Zone, area: Zone) -> Evidence | None:
    """Return where the tools are installed; without a tool, the commands that follow logs and scheduled tasks."""
    return _installation(tooled) or _started_with_the_rest(explanations) or area.command("crontab", "start")


def _tracker(explanations: Explanations) -> Evidence | None:
    found = (c for c in explanations.everything.commands("start") if _TRACKER.search(c.text))
    return next((evidence(c.path, c.line, c.text) for c in found), None)


def _started_with_the_rest(explanations: Explanations) -> Evidence | None:
    """Return where a tool's address is given right after the commands that install the whole."""
    everything = explanations.everything
    for evidence_of_tool in (e for e in everything.said("monitoring-tool") if _ADDRESS.search(e.excerpt)):
        if everything.in_file(evidence_of_tool.path).command("install", "start", in_code=True):
            return evidence_of_tool
    return None


FACTS = (monitoring_manual,)
