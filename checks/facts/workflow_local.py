"""Chains that no CI service starts: DVC stages, Airflow, Prefect and Dagster pipelines, Makefile targets, tox, nox, CronJobs."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from checks.facts.newer_syntax import parse
from checks.facts.shell_catalogue import EVALUATE, LINT, TEST, TRAIN
from checks.facts.shell_commands import Command, commands
from checks.facts.workflows import LocalChain
from checks.facts.yaml_files import as_items, as_mapping, load_yaml
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
_SCHEDULES = frozenset(("schedule", "schedule_interval", "cron", "cron_schedule", "interval"))
_REMOTE = re.compile(
    r"^(exec_command|SSH\w*Operator|Docker\w*Operator|Kubernetes\w*Operator|Ecs\w*Operator|Emr\w*Operator|SageMaker\w*Operator"
    r"|Databricks\w*Operator|SparkSubmitOperator|Vertex\w*Operator|CreateCustom\w*TrainingJobOperator|Dataproc\w*Operator"
    r"|BatchOperator|CloudRunExecuteJobOperator|AzureContainer\w*Operator|AzureBatchOperator)$"
)
_MOST = 200_000


def chains(workspace: Workspace) -> tuple[LocalChain, ...]:
    """Return the local chains, in path order."""
    return tuple(
        chain
        for file in workspace.own
        if _may_be_a_chain(file)
        for chain in workspace.attempt(file, lambda f: tuple(_chains(f, workspace))) or ()
    )


def _may_be_a_chain(file: File) -> bool:
    if file.size > _MOST:
        return False
    if file.suffix == ".py":
        return file.name == "noxfile.py" or any(name.encode() in file.data for name in _ORCHESTRATORS)
    named = file.name in ("dvc.yaml", "Makefile", "tox.ini", ".pre-commit-config.yaml") or file.suffix in (".sh", ".bat", ".ps1")
    return named or (file.suffix in (".yaml", ".yml") and b"CronJob" in file.data)


def _chains(file: File, workspace: Workspace) -> Iterator[LocalChain]:
    if file.name == "dvc.yaml":
        yield from _dvc(file, workspace)
    elif file.name == ".pre-commit-config.yaml":
        hooks = tuple(_hooks(file))
        yield from (LocalChain(file.path, 1, "pre-commit", hooks) for _ in hooks[:1])
    elif file.name == "noxfile.py":
        yield from _nox(file)
    elif file.suffix == ".py":
        yield from _orchestrated(file)
    elif file.suffix in (".yaml", ".yml"):
        yield from _cron_jobs(file, workspace)
    else:
        yield from _commanded(file, workspace)


def _commanded(file: File, workspace: Workspace) -> Iterator[LocalChain]:
    """Read a Makefile, a script or tox.ini: a chain when it tests, trains or evaluates."""
    tool = {"Makefile": "Make", "tox.ini": "tox"}.get(file.name, "shell")
    found: list[Command] = []
    for number, text in (
        _together(_lines(file, tool)) if file.suffix not in (".bat", ".ps1") else enumerate(_lines(file, tool), 1)
    ):
        if text:
            found += commands(text, path=file.path, line=number, workspace=workspace, folder=_folder(file))
    done = tuple(c for c in found if c.kind in (TEST, LINT, TRAIN, EVALUATE))
    if done:
        yield LocalChain(file.path, done[0].line, tool, tuple(found))


def _together(lines: Iterator[str]) -> Iterator[tuple[int, str]]:
    """Yield the lines with their numbers, those that a backslash continues as one text."""
    waiting: list[str] = []
    for number, line in enumerate(lines, 1):
        waiting.append(line)
        if not line.endswith("\\"):
            yield number - len(waiting) + 1, "\n".join(waiting)
            waiting = []
    if waiting:
        yield number - len(waiting) + 1, "\n".join(waiting)


def _folder(file: File) -> str:
    return file.path.rpartition("/")[0]


def _lines(file: File, tool: str) -> Iterator[str]:
    """Yield the lines that are commands, others as empty ones so that numbers hold."""
    inside = False
    for line in file.lines:
        if tool == "Make":
            yield line.strip().lstrip("@-") if line.startswith("\t") else ""
            continue
        if tool == "tox":
            begins = re.match(r"(commands\w*)\s*=(.*)", line)
            inside = bool(begins) or (inside and line.startswith((" ", "\t")))
            yield (begins[2] if begins else line).strip().replace("{posargs}", "") if inside else ""
            continue
        yield line.strip()


def _hooks(file: File) -> Iterator[Command]:
    documents = load_yaml(file)
    for repository, _ in as_items(as_mapping(documents[0] if documents else None).get("repos")):
        for hook, line in as_items(as_mapping(repository).get("hooks")):
            name = str(as_mapping(hook).get("id", ""))
            entry = str(as_mapping(hook).get("entry", name))
            yield Command(entry[:200], line, file.path, TEST if "pytest" in f"{name} {entry}" else LINT)


def _nox(file: File) -> Iterator[LocalChain]:
    found = [
        Command(ast.unparse(node)[:200], node.lineno, file.path, TEST if "pytest" in ast.unparse(node)[:400] else LINT)
        for node in ast.walk(parse(file.text))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and ast.unparse(node.func) == "session.run"
    ]
    if found:
        yield LocalChain(file.path, found[0].line, "nox", tuple(found))


def _dvc(file: File, workspace: Workspace) -> Iterator[LocalChain]:
    documents = load_yaml(file)
    stages = as_mapping(as_mapping(documents[0] if documents else None).get("stages"))
    done: list[Command] = []
    for name in stages:
        command = as_mapping(stages[name]).get("cmd")
        text = "\n".join(map(str, command)) if isinstance(command, list) else str(command or "")
        done += commands(text, path=file.path, line=stages.at(name), workspace=workspace, folder=_folder(file))
    if done:
        yield LocalChain(file.path, stages.line, "DVC", tuple(done))


def _cron_jobs(file: File, workspace: Workspace) -> Iterator[LocalChain]:
    for document in load_yaml(file):
        top = as_mapping(document)
        if top.get("kind") != "CronJob":
            continue
        pod = top
        for key in ("spec", "jobTemplate", "spec", "template", "spec"):
            pod = as_mapping(pod.get(key))
        done: list[Command] = []
        for container, line in as_items(pod.get("containers")):
            body = as_mapping(container)
            words = [str(w) for key in ("command", "args") for w, _ in as_items(body.get(key))]
            done += commands(" ".join(words), path=file.path, line=line, workspace=workspace)
        yield LocalChain(file.path, top.line, "Kubernetes", tuple(done), as_mapping(top.get("spec")).at("schedule"))


def _orchestrated(file: File) -> Iterator[LocalChain]:
    """Find a pipeline by its import and its declaration: `DAG(…)`, `@dag`, `@flow`, `@pipeline`, `@job`."""
    head = re.search(rf"^[ \t]*(?:from|import)\s+({'|'.join(_ORCHESTRATORS)})\b", file.text, re.M)
    if not head:
        return
    tree = parse(file.text)
    for node in ast.walk(tree):
        name = _called(node.func) if isinstance(node, ast.Call) else ""
        marks = [_called(d.func if isinstance(d, ast.Call) else d) for d in getattr(node, "decorator_list", [])]
        if name == "DAG" or {"dag", "flow", "pipeline", "job", "graph"} & set(marks):
            line = getattr(node, "lineno", 1)
            yield LocalChain(file.path, line, _ORCHESTRATORS[head[1]], (), _schedule(tree), tuple(_words_of(tree)), _remote(tree))
            return


def _schedule(tree: ast.Module) -> int | None:
    """Return the line on which a pipeline says when it runs, None when only people start it."""
    for node in ast.walk(tree):
        never = isinstance(node, ast.keyword) and isinstance(node.value, ast.Constant) and node.value.value is None
        if isinstance(node, ast.keyword) and node.arg in _SCHEDULES and not never:
            return node.value.lineno
    return None


def _remote(tree: ast.Module) -> tuple[int, str] | None:
    """Return the first call by which a pipeline hands work to another machine, container or service."""
    calls = [n for n in ast.walk(tree) if isinstance(n, ast.Call) and _REMOTE.search(_called(n.func))]
    return min(((n.lineno, ast.unparse(n.func)[:200]) for n in calls), default=None)


def _words_of(tree: ast.Module) -> Iterator[str]:
    """Yield what a pipeline names: the modules and functions it imports, the commands it hands to a shell."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.keyword) and node.arg in ("bash_command", "command", "application"):
            text = node.value.value if isinstance(node.value, ast.Constant) else ""
            yield from [text[:300]] if isinstance(text, str) and text else []


def _called(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
