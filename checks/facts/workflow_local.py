"""Chains that no CI service starts: DVC stages, Airflow, Prefect and Dagster pipelines, targets of a Makefile."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from checks.facts.shell_commands import EVALUATE, TRAIN, Command, commands
from checks.facts.workflows import LocalChain
from checks.facts.yaml_files import as_mapping, load_yaml
from checks.workspace import File, Workspace

_ORCHESTRATORS = {
    "airflow": "Airflow",
    "prefect": "Prefect",
    "dagster": "Dagster",
    "kedro": "Kedro",
    "zenml": "ZenML",
    "luigi": "Luigi",
    "kfp": "Kubeflow",
}


def chains(workspace: Workspace) -> tuple[LocalChain, ...]:
    """Return the local chains, in path order."""
    return tuple(
        chain for file in workspace.own for chain in workspace.attempt(file, lambda f: tuple(_chains(f, workspace))) or ()
    )


def _chains(file: File, workspace: Workspace) -> Iterator[LocalChain]:
    if file.name == "dvc.yaml":
        yield from _dvc(file, workspace)
    elif file.name == "Makefile":
        done = commands(
            "\n".join(line.strip().lstrip("@-") for line in file.lines if line.startswith("\t")),
            path=file.path,
            line=1,
            workspace=workspace,
        )
        if any(c.kind in (TRAIN, EVALUATE) for c in done):
            yield LocalChain(file.path, 1, "Make", done)
    elif file.suffix == ".py":
        yield from _orchestrated(file)


def _dvc(file: File, workspace: Workspace) -> Iterator[LocalChain]:
    documents = load_yaml(file)
    stages = as_mapping(as_mapping(documents[0] if documents else None).get("stages"))
    done: list[Command] = []
    for name in stages:
        command = as_mapping(stages[name]).get("cmd")
        text = "\n".join(map(str, command)) if isinstance(command, list) else str(command or "")
        done += commands(text, path=file.path, line=stages.at(name), workspace=workspace)
    if done:
        yield LocalChain(file.path, stages.line, "DVC", tuple(done))


def _orchestrated(file: File) -> Iterator[LocalChain]:
    """Find a pipeline by its import and its declaration: `DAG(…)`, `@dag`, `@flow`, `@pipeline`, `@job`."""
    head = re.search(rf"^\s*(?:from|import)\s+({'|'.join(_ORCHESTRATORS)})\b", file.text, re.M)
    if not head:
        return
    for node in ast.walk(ast.parse(file.text)):
        name = _called(node.func) if isinstance(node, ast.Call) else ""
        marks = [_called(d.func if isinstance(d, ast.Call) else d) for d in getattr(node, "decorator_list", [])]
        if name == "DAG" or {"dag", "flow", "pipeline", "job", "graph"} & set(marks):
            yield LocalChain(file.path, getattr(node, "lineno", 1), _ORCHESTRATORS[head[1]])
            return


def _called(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
