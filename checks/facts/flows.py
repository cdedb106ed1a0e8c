"""Flows of data beyond one program: streams, dbt, what starts a flow by itself, what watches it and controls what it carries."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from checks.facts import infrastructure_catalogue as known
from checks.facts.containers import Containers
from checks.facts.infrastructure import Infrastructure
from checks.facts.python_code import Call, Module, PythonCode
from checks.facts.yaml_files import Mapping, as_items, as_mapping, load_yaml
from checks.findings import evidence
from checks.workspace import File, Workspace
from grader.values import Evidence

MOST_BYTES = 300_000
PRODUCES, RECEIVES, PROCESSES, SUITS = "produces", "receives", "processes", "suits"
LINEAGE, PUBLISHES, MEASURES = "lineage", "publishes", "measures"
CONTROLS, CORRECTS, RETRIES, TRIGGERS = "controls", "corrects", "retries", "triggers"

_CALLS: dict[str, re.Pattern[str]] = {
    PRODUCES: re.compile(
        r"^kafka\.(KafkaProducer|producer\.\S*KafkaProducer)$|^confluent_kafka\.(\w+\.)*(Serializing)?Producer$|^aiokafka\.AIOKafkaProducer$"
        r"|^quixstreams\.\S*get_producer$|\.put_records?$|^azure\.eventhub\.(aio\.)?EventHubProducerClient|^google\.cloud\.pubsub_v1\.PublisherClient$"
        r"|\.xadd$|\.basic_publish$|^paho\.mqtt\.(publish\.|client\.Client\(\)\.publish$)|^pulsar\.Client\(\)\.create_producer$|^nats\.\S*publish$"
    ),
    RECEIVES: re.compile(
        r"^kafka\.(KafkaConsumer|consumer\.\S*KafkaConsumer)$|^confluent_kafka\.(\w+\.)*(Deserializing|Avro)?Consumer$|^aiokafka\.AIOKafkaConsumer$"
        r"|^faust\.(App|Stream)$|\.get_shard_iterator$|^azure\.eventhub\.(aio\.)?EventHubConsumerClient|^google\.cloud\.pubsub_v1\.SubscriberClient$"
        r"|\.(xread|xreadgroup)$|\.basic_consume$|^paho\.mqtt\.(subscribe\.|client\.Client$)|^pulsar\.Client\(\)\.subscribe$|^websockets?\.(\w+\.)*(connect|WebSocketApp)$"
        r"|^nats\.\S*subscribe$"
    ),
    PROCESSES: re.compile(
        r"(^|\.)readStream\b|(^|\.)writeStream\b|^pyflink\.|^bytewax\.|^quixstreams\.Application|^pathway\.io\.|^apache_beam\.io\.(ReadFromPubSub|kafka)"
        r"|^apache_beam\.io\.gcp\.pubsub\.|^faust\.App$|^river\.\S+\.learn_one$"
    ),
    LINEAGE: re.compile(r"^(openlineage|datahub|marquez_client|sqllineage|pyatlas|spline_agent)\b"),
    PUBLISHES: re.compile(
        r"\.(build_data_docs|open_data_docs|save_html)$|^evidently\b.*\.(run|save)$|^ydata_profiling\.ProfileReport$|^whylogs\.log$"
    ),
    MEASURES: re.compile(r"^prometheus_client\.(push_to_gateway|pushadd_to_gateway)$|^statsd\.|^airflow\.stats\.Stats\."),
    CONTROLS: re.compile(
        r"^(great_expectations|pandera|soda|pydeequ|deepchecks|frictionless|pointblank|dataframely)\b|^evidently\b.*TestSuite\(\)\.run$"
    ),
    CORRECTS: re.compile(r"(^|\.)(SimpleImputer|KNNImputer|IterativeImputer)$"),  # other corrections: `Transformations`
    RETRIES: re.compile(r"^(tenacity|backoff|retrying|retry)\b|(^|\.)Retry$"),
}
_ASIDE = re.compile(
    r"quarantin|rejects?\b|rejected|rejets?\b|rejetee?s?|refusee?s?|dead.?letter|\bdlq\b|\binvalid_(rows|records|data|lines)\b|\b(lignes|donnees|données)_invalides\b|bad_records|badRecordsPath"
    r"|error_(table|records|rows)|lignes_en_erreur",
    re.I,
)
_OTHER_CODE = re.compile(
    r"\b(KafkaStreams|StreamsBuilder|StreamExecutionEnvironment|DataStream<|readStream|new KafkaConsumer|new KafkaProducer|@KafkaListener)\b"
)
_KAFKA_JS = re.compile(
    r"from\s+['\"](kafkajs|node-rdkafka|mqtt|amqplib|rhea)['\"]|require\(['\"](kafkajs|node-rdkafka|mqtt|amqplib)['\"]\)"
)
_STREAM_SQL = re.compile(
    r"^\s*CREATE\s+(OR\s+REPLACE\s+)?(STREAM|SOURCE\s+CONNECTOR|SINK\s+CONNECTOR)\b|'connector'\s*=\s*'(kafka|upsert-kafka)'",
    re.I | re.M,
)
_CONNECTOR = re.compile(r"\"connector\.class\"\s*:|^connector\.class\s*=", re.M)
_SUITING = re.compile(
    r"NUM_PARTITIONS|LOG_RETENTION|REPLICATION_FACTOR|--partitions|--replication-factor|retention\.ms|schema.?registry|\bNewTopic\(|withWatermark|shard_count"
    r"|num_partitions|\bgroup_id\s*=|[\"']group\.id[\"']|maxlen\s*=",
    re.I,
)
_CRON_LINE = re.compile(
    r"^\s*(?:echo\s+[\"'])?((?:[\d*/,\-]+\s+){5}|@(?:daily|hourly|weekly|monthly|reboot)\s+)[\w/.$\"'(].{3,}", re.M
)
_TIMER = re.compile(r"^\s*OnCalendar\s*=", re.M)
_SCHEDULER = re.compile(
    r"^apscheduler\.\S*\.add_job$|\.(add_job|scheduled_job)$|^schedule\.every\b|^celery\.schedules\.crontab$|^rocketry\.|^aiocron\.crontab$|^dagster\.ScheduleDefinition$"
    r"|\.(serve|to_deployment)$"
)
_TRIGGERS = re.compile(r"(^|\.)(TriggerDagRunOperator|run_deployment|trigger_dag|submit_run_for_job)$")
_FRESH = re.compile(r"^\s*(freshness|loaded_at_field)\s*:", re.M)


@dataclass(frozen=True, slots=True)
class Dbt:
    """A dbt project: its models, those that build on others, and the tests of its data."""

    path: str
    models: tuple[Evidence, ...]
    tests: tuple[Evidence, ...]
    fresh: tuple[Evidence, ...]


@dataclass(frozen=True)
class Flows:
    """Signs by kind, in path order; `brokers` are started or declared, `schedules` start something at set times."""

    signs: dict[str, tuple[Evidence, ...]]
    brokers: tuple[Evidence, ...] = ()
    connectors: tuple[Evidence, ...] = ()
    schedules: tuple[Evidence, ...] = ()
    tools: tuple[Evidence, ...] = ()  # configurations of tools that move data: Airbyte, Meltano, NiFi, dlt, Glue…
    dbt: tuple[Dbt, ...] = ()

    def of(self, *kinds: str) -> list[Evidence]:
        """Return the signs of some kinds."""
        return [e for kind in kinds for e in self.signs.get(kind, ())]


def flows(workspace: Workspace, python_code: PythonCode, containers: Containers, infrastructure: Infrastructure) -> Flows:
    """Gather what code, configurations and scripts say of flows; tests are left out."""
    signs: dict[str, list[Evidence]] = {}
    for module in python_code.application:
        for kind, place in _in_python(module):
            signs.setdefault(kind, []).append(place)
    schedules, connectors, tools = [], [], []
    for file in (f for f in workspace.own if f.size < MOST_BYTES and not f.is_binary):
        for kind, place in _in_text(file):
            signs.setdefault(kind, []).append(place)
        connectors += _first(file, _CONNECTOR) if file.suffix in (".json", ".properties") else []
        schedules += _cron(file)
        tools += _tool(file)
    brokers = [
        evidence(s.path, s.line, f"{s.name}: {containers.image_of(s)}")
        for s in containers.services
        if known.IMAGES[known.STREAM].search(containers.image_of(s))
    ]
    for service in containers.services:
        if _SUITING.search(" ".join(f"{v.name}={v.value}" for v in service.environment) + service.command):
            signs.setdefault(SUITS, []).append(evidence(service.path, service.line, service.name))
    brokers += [r.place for r in infrastructure.of(known.STREAM)]
    tools += [r.place for r in infrastructure.of(known.FLOW)]
    schedules += [r.place for r in infrastructure.of(known.SCHEDULE)]
    schedules += [
        evidence(m.path, c.line, m.excerpt(c.node)) for m in python_code.application for c in m.calls if _schedules(m, c)
    ]
    projects = [p for f in workspace.named("dbt_project.yml") if (p := _dbt(f, workspace)) is not None]
    frozen = {kind: tuple(dict.fromkeys(places)) for kind, places in signs.items()}
    return Flows(frozen, tuple(brokers), tuple(connectors), tuple(schedules), tuple(tools), tuple(projects))


def _schedules(module: Module, call: Call) -> bool:
    if not _SCHEDULER.search(call.name):
        return False
    return bool(
        {"apscheduler", "schedule", "celery", "rocketry", "aiocron", "dagster", "prefect", "flask_apscheduler"} & module.imported
    )


def _in_python(module: Module) -> Iterator[tuple[str, Evidence]]:
    for call in module.calls:
        for kind, pattern in _CALLS.items():
            if pattern.search(call.name) and not (kind == CORRECTS and module.notebook):
                yield kind, evidence(module.path, call.line, module.excerpt(call.node))
        words = " ".join(text for a in (*call.node.args, *(k.value for k in call.node.keywords)) if (text := module.text_of(a)))
        if _writes(call) and _ASIDE.search(f"{words} {module.excerpt(call.node)}"[:600]):
            yield CORRECTS, evidence(module.path, call.line, module.excerpt(call.node))
        if _TRIGGERS.search(call.name):
            yield TRIGGERS, evidence(module.path, call.line, ast.unparse(call.node)[:300])
        if any(k.arg in ("retries", "max_retries", "retry_policy") for k in call.node.keywords):
            yield RETRIES, evidence(module.path, call.line, module.excerpt(call.node))
    for handler in (n for n in module.nodes if isinstance(n, ast.ExceptHandler) and n.type is not None):
        if "ValidationError" in ast.unparse(handler.type) and {"pydantic", "marshmallow", "jsonschema"} & module.imported:  # type: ignore[arg-type]
            yield CONTROLS, evidence(module.path, module.line(handler), module.excerpt(handler))
    for number, line in (
        enumerate(module.source, 1) if module.imported & {"kafka", "confluent_kafka", "pyspark", "redis", "boto3"} else ()
    ):
        if _SUITING.search(line[:400]) and not line.lstrip().startswith("#") and not module.notebook:
            yield SUITS, evidence(module.path, number, line)


def _writes(call: Call) -> bool:
    """Tell whether a call puts rows somewhere: what was refused is kept apart."""
    last = call.name.rsplit(".", 1)[-1] or getattr(call.node.func, "attr", "")
    return bool(
        re.match(
            r"^(to_\w+|insert\w*|write\w*|save\w*|send|produce|put_object|upload\w*|execute|executemany|move|copy|option|xadd|add|load_\w+)$",
            last,
        )
    )


def _first(file: File, pattern: re.Pattern[str]) -> list[Evidence]:
    hit = pattern.search(file.text)
    number = file.text.count("\n", 0, hit.start()) + 1 if hit else 0
    return [evidence(file.path, number, file.line(number))] if hit else []


def _in_text(file: File) -> Iterator[tuple[str, Evidence]]:
    """Read other languages by what can hardly mean anything else."""
    if file.suffix in (".java", ".scala", ".kt"):
        yield from ((PROCESSES, e) for e in _first(file, _OTHER_CODE))
    elif file.suffix in (".js", ".ts", ".mjs"):
        yield from ((RECEIVES, e) for e in _first(file, _KAFKA_JS))
    elif file.suffix in (".sql", ".ksql"):
        yield from ((PROCESSES, e) for e in _first(file, _STREAM_SQL))
    elif file.suffix in (".sh", ".yml", ".yaml", ".tf", ".properties"):
        lines = enumerate(file.lines if "kafka" in file.text.lower() else (), 1)
        set_up = ((n, line) for n, line in lines if not line.lstrip().startswith("#") and _SUITING.search(line[:400]))
        yield from ((SUITS, evidence(file.path, n, line)) for n, line in set_up)


def _cron(file: File) -> list[Evidence]:
    """Return the first line of a crontab, of a timer, or of a script that installs one."""
    if file.suffix == ".timer":
        return _first(file, _TIMER)
    named = "cron" in file.name.lower()
    installs = file.suffix == ".sh" and "crontab" in file.text
    return _first(file, _CRON_LINE) if (named and file.suffix not in (".py", ".md", ".ipynb")) or installs else []


def _tool(file: File) -> list[Evidence]:
    """Return the configuration of a tool that moves data by itself."""
    if file.name in ("meltano.yml", "airbyte.yaml", "airbyte.yml") or file.suffix in (".dtsx", ".kjb", ".ktr", ".hpl"):
        return [evidence(file.path, 1, file.name)]
    if (
        file.suffix in (".yml", ".yaml")
        and re.search(r"^(id|namespace):.*\n(?:.*\n){0,40}?tasks:", file.text[:20_000], re.M)
        and "io.kestra" in file.text
    ):
        return [evidence(file.path, 1, file.line(1))]
    return []


def _dbt(file: File, workspace: Workspace) -> Dbt | None:
    root = file.path.rpartition("/")[0]
    inside = [f for f in workspace.own if f.path.startswith(f"{root}/" if root else "") and f.size < MOST_BYTES]
    models = [
        evidence(f.path, 1, f.line(1)) for f in inside if f.suffix == ".sql" and re.search(r"\{\{\s*(ref|source)\s*\(", f.text)
    ]
    described = [
        f for f in inside if f.suffix in (".yml", ".yaml") and re.search(r"^(models|sources|seeds|snapshots)\s*:", f.text, re.M)
    ]
    tests = [e for f in described for e in workspace.attempt(f, lambda f: tuple(_dbt_tests(f))) or ()]
    tests += [evidence(f.path, 1, f.line(1)) for f in inside if f.suffix == ".sql" and "/tests/" in f"/{f.path}"]
    fresh = [e for f in described for e in _first(f, _FRESH)]
    return Dbt(file.path, tuple(models), tuple(tests), tuple(fresh)) if models else None


def _dbt_tests(file: File) -> Iterator[Evidence]:
    for document in load_yaml(file):
        for part in ("models", "sources", "seeds", "snapshots"):
            for item, _ in as_items(as_mapping(document).get(part)):
                yield from _tests_of(file, as_mapping(item), 0)


def _tests_of(file: File, item: Mapping, depth: int) -> Iterator[Evidence]:
    for key in ("tests", "data_tests"):
        if item.get(key):
            yield evidence(file.path, item.at(key), f"{item.get('name', '')}: {key}")
    for below in ("columns", "tables") if depth < 3 else ():
        for inner, _ in as_items(item.get(below)):
            yield from _tests_of(file, as_mapping(inner), depth + 1)


FACTS = (flows,)
