"""Which stores keep the data, and what was done for their performance and their security?"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator

from checks.facts import infrastructure_catalogue as known
from checks.facts.containers import Containers
from checks.facts.infrastructure import Infrastructure
from checks.facts.python_code import PythonCode
from checks.facts.schema_values import Schema
from checks.findings import evidence, met, partly, unshown
from checks.parts import Part, missing, present, sentence
from checks.workspace import Workspace
from grader.values import Evidence, Finding, Text

SEVERAL = 2
NAMES = {
    known.RELATIONAL: Text("relationnelle", "relational"),
    known.DOCUMENT: Text("documents", "document"),
    known.KEY_VALUE: Text("clé-valeur", "key-value"),
    known.WAREHOUSE: Text("colonnes", "columnar"),
    known.OBJECT: Text("objets", "object"),
    known.SEARCH: Text("recherche", "search"),
    known.VECTOR: Text("vecteurs", "vector"),
    known.GRAPH: Text("graphe", "graph"),
    known.SERIES: Text("séries temporelles", "time series"),
}
_FAST = re.compile(
    r"\bPARTITION\s+BY\s+(RANGE|LIST|HASH|to|\w+\()|\bCREATE\s+MATERIALIZED\s+VIEW\b|\bCLUSTER\s+BY\b|\bDISTKEY\b|\bSORTKEY\b|\bcreate_hypertable\b"
    r"|\bCREATE\s+(UNIQUE\s+)?INDEX\b|\.create_index\(|\bpartitionBy\(|partition_cols\s*=|\bbucketBy\(|\btime_partitioning\b|\bTTL\s+\w",
    re.I,
)
_SAFE = re.compile(
    r"^\s*(CREATE\s+(ROLE|USER)|GRANT\s+(?!ALL\b)\w+|REVOKE\s+\w+|ALTER\s+TABLE\s+\S+\s+ENABLE\s+ROW\s+LEVEL|CREATE\s+POLICY)\b|\bpgp_sym_encrypt\b"
    r"|sslmode\s*[=:]\s*[\"']?(require|verify)|\bssl\s*=\s*True\b|\bCREATE\s+MASKING\b",
    re.I | re.M,
)
_ENCRYPTED = re.compile(
    r"\b(storage_encrypted|encrypted|encryption_at_rest\w*)\s*[:=]\s*\"?true|kms_key|server_side_encryption|sse_algorithm|BucketEncryption|StorageEncrypted:\s*true",
    re.I,
)


def suits_the_data(
    infrastructure: Infrastructure, containers: Containers, python_code: PythonCode, schema: Schema, workspace: Workspace
) -> Finding:
    """The stores suit the data: their types, with measures for performance and for security.

    fr: Les bases conviennent aux données : leurs types, avec des mesures de performance et de sécurité.
    why: A store that fits neither volume nor sensitivity has to be replaced once it is full.
    pourquoi: Une base qui ne convient ni au volume ni à la sensibilité doit être remplacée une fois pleine.
    fix: Say which store keeps which data, index or partition what is searched, and give each program a role of its own.
    corriger: Dire quelle base garde quoi, indexer ou partitionner ce qui est cherché, et donner à chaque programme son rôle.
    """
    kinds: dict[str, Evidence] = {}
    for kind, place in _stores(infrastructure, containers, python_code, schema):
        kinds.setdefault(kind, place)
    ask = Text("Quelle base garde quelles données, et pourquoi celle-là ?", "Which store keeps which data, and why that one?")
    if not kinds:
        return unshown("Aucune base n'est utilisée dans le dépôt.", "No store is used in the repository.", question=ask)
    fast = [*schema.indexes, *_said(workspace, _FAST)]
    safe = [*_said(workspace, _SAFE), *(r.place for r in infrastructure.of(*known.STORES) if _ENCRYPTED.search(r.text))]
    several = next(iter(list(kinds.values())[1:]), None)
    parts = (
        Part(Text("plusieurs types de bases", "several kinds of store"), several),
        Part(Text("performance", "performance"), next(iter(fast), None)),
        Part(Text("sécurité", "security"), next(iter(safe), None)),
    )
    names = Text(", ".join(NAMES[k].fr for k in kinds), ", ".join(NAMES[k].en for k in kinds))
    fr, en = sentence(parts)
    where = [*list(kinds.values())[:SEVERAL], *present(parts)]
    finding = met if len(present(parts)) >= SEVERAL else partly
    return finding(
        f"Bases utilisées ({names.fr}) : {fr}.",
        f"Stores in use ({names.en}): {en}.",
        where,
        question=ask if missing(parts) else None,
    )


def _stores(
    infrastructure: Infrastructure, containers: Containers, code: PythonCode, schema: Schema
) -> Iterator[tuple[str, Evidence]]:
    """Yield (kind, place) of every store: declared, started, spoken to; those of tools of monitoring alone are not the data's."""
    for resource in infrastructure.of(*known.STORES):
        yield from ((kind, resource.place) for kind in known.STORES if resource.serves(kind))
    for service in containers.services:
        image = containers.image_of(service)
        yield from (
            (kind, evidence(service.path, service.line, f"{service.name}: {image}"))
            for kind, pattern in known.IMAGES.items()
            if kind in known.STORES and pattern.search(image)
        )
    if schema.tables:
        table = schema.tables[0]
        yield known.RELATIONAL, evidence(table.path, table.line, table.name)
    for module in code.application:
        for node in (n for n in module.nodes if isinstance(n, ast.Import | ast.ImportFrom)):
            origins = [node.module or ""] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names]
            for kind in (known.CLIENTS[o] for o in (origin.split(".")[0] for origin in origins) if o in known.CLIENTS):
                yield kind, evidence(module.path, module.line(node), module.excerpt(node))


def _said(workspace: Workspace, pattern: re.Pattern[str]) -> list[Evidence]:
    """Return the lines of SQL, Python and dbt that a pattern matches, comments left out."""
    found = []
    for file in workspace.with_suffix(".sql", ".py", ".cql", ".tf"):
        if file.size < 300_000 and pattern.search(file.text):
            hits = ((n, line) for n, line in enumerate(file.lines, 1) if not line.lstrip().startswith(("--", "#", "//")))
            found += [evidence(file.path, n, line) for n, line in hits if pattern.search(line[:600])][:2]
    return found


CHECKS: tuple[Callable[..., Finding], ...] = (suits_the_data,)
