"""GitLab CI, CircleCI, Azure Pipelines and Jenkins, read into the same shape as the rest."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from checks.facts.containers import environment
from checks.facts.shell_commands import Command, commands
from checks.facts.workflow_github import judge
from checks.facts.workflows import Job, Step, Trigger, Workflow
from checks.facts.yaml_files import Mapping, as_items, as_mapping, load_yaml
from checks.workspace import File, Workspace

_GITLAB_WORDS = frozenset(
    [
        "image",
        "services",
        "stages",
        "variables",
        "before_script",
        "after_script",
        "cache",
        "default",
        "include",
        "workflow",
        "pages:deploy",
        "spec",
    ]
)

JENKINSFILE = "Jenkinsfile"
_JENKINS_NAME = re.compile(r"(^|[._-])jenkinsfile($|[._-])", re.I)
_JENKINS_BODY = re.compile(r"^(pipeline|node)\b[^\n{]*\{", re.M)
_NOT_RUN = frozenset((".md", ".txt", ".rst", ".html", ".bak", ".old", ".orig", ".example", ".sample", ".disabled"))
_JENKINS_STARTS = (
    ("schedule", re.compile(r"\b(?:cron|parameterizedCron)\s?\(")),
    ("push", re.compile(r"\b(?:pollSCM|githubPush|gitlab|bitbucketPush|GenericTrigger)\s?\(")),
    ("after", re.compile(r"\bupstream\s?\(")),
)


def reader(file: File) -> Callable[[File, Workspace], Workflow | None] | None:
    """Return the reader of a file that one of these services executes, or None."""
    if file.path in (".gitlab-ci.yml", ".gitlab-ci.yaml"):
        return read_gitlab
    if file.path == ".circleci/config.yml":
        return read_circle
    if file.path in ("azure-pipelines.yml", ".azure-pipelines.yml", "azure-pipelines.yaml"):
        return read_azure
    return read_jenkins if _is_jenkinsfile(file) else None


def _is_jenkinsfile(file: File) -> bool:
    """A job of Jenkins names the file that it runs: `Jenkinsfile` unless told otherwise, `Jenkinsfile.train`, `nightly.jenkinsfile`."""
    if file.name == JENKINSFILE:
        return True
    named = _JENKINS_NAME.search(file.name) and file.suffix not in _NOT_RUN
    return bool(named) and not file.is_binary and bool(_JENKINS_BODY.search(file.text))


def _script(value: Any, line: int, file: File, workspace: Workspace, folder: str = "") -> tuple[Command, ...]:
    if isinstance(value, str):
        first = line + 1 if re.search(r"[|>][+-]?\s*$", file.line(line)) else line
        return commands(value, path=file.path, line=first, workspace=workspace, folder=folder)
    return tuple(c for item, at in as_items(value) if isinstance(item, str) for c in _script(item, at, file, workspace, folder))


def read_gitlab(file: File, workspace: Workspace) -> Workflow | None:
    """Read GitLab CI: jobs are the top-level keys with a script, in the order of their stages."""
    documents = load_yaml(file)
    top = as_mapping(documents[0] if documents else None)
    stages = [str(s) for s in top.get("stages") or ("build", "test", "deploy")]
    before = _script(top.get("before_script"), top.at("before_script"), file, workspace)
    jobs = []
    for name, value in top.items():
        body = as_mapping(value)
        if name in _GITLAB_WORDS or name.startswith(".") or "script" not in body:
            continue
        jobs.append(
            (
                stages.index(str(body.get("stage", "test"))) if str(body.get("stage", "test")) in stages else 99,
                _gitlab_job(name, top, body, before, file, workspace),
            )
        )
    ordered = [job for _, job in sorted(jobs, key=lambda pair: pair[0])]
    rules = str([as_mapping(v).get("rules") or as_mapping(v).get("only") for v in top.values()])
    triggers = [Trigger("push", 1, "push")]
    if "merge_request" in rules:
        triggers.append(Trigger("pull-request", 1, "merge_requests"))
    if "schedule" in rules:
        triggers.append(Trigger("schedule", 1, "schedules"))
    return Workflow(file.path, "GitLab CI", tuple(triggers), tuple(ordered), judge("gitlab-ci", top))


def _gitlab_job(name: str, top: Mapping, body: Mapping, before: tuple[Command, ...], file: File, workspace: Workspace) -> Job:
    own = _script(body.get("before_script"), body.at("before_script"), file, workspace) or before
    done = (*own, *_script(body["script"], body.at("script"), file, workspace))
    neutral = "failure-ignored" if body.get("allow_failure") is True else None
    needs = tuple(str(as_mapping(n).get("job", n)) for n in body.get("needs") or [])
    services = tuple(str(as_mapping(s).get("name", s)) for s in body.get("services") or top.get("services") or [])
    manual = body.get("when") == "never"
    given = (*environment(top.get("variables")), *environment(body.get("variables")))
    step = Step(name, top.at(name), file.path, done, neutral=neutral, variables=given)
    return Job(name, top.at(name), (step,), needs, services, "", manual)


def read_circle(file: File, workspace: Workspace) -> Workflow | None:
    """Read CircleCI: jobs with their run steps; every push starts them, or a schedule of the workflows."""
    documents = load_yaml(file)
    top = as_mapping(documents[0] if documents else None)
    jobs = as_mapping(top.get("jobs"))
    found = tuple(Job(name, jobs.at(name), tuple(_circle_steps(as_mapping(jobs[name]), file, workspace))) for name in jobs)
    triggers = [Trigger("push", 1, "push")]
    if "schedule" in str(top.get("workflows")):
        triggers.append(Trigger("schedule", top.at("workflows"), "schedule"))
    return Workflow(file.path, "CircleCI", tuple(triggers), found, judge("circle-ci", top))


def _circle_steps(body: Mapping, file: File, workspace: Workspace) -> Iterator[Step]:
    for item, line in as_items(body.get("steps")):
        run = as_mapping(item).get("run")
        text, at = (run.get("command"), run.at("command")) if isinstance(run, Mapping) else (run, line)
        name = str(run.get("name", "")) if isinstance(run, Mapping) else ""
        if isinstance(text, str):
            yield Step(name, line, file.path, _script(text, at, file, workspace))
        elif isinstance(item, str) or (isinstance(item, Mapping) and item and run is None):
            uses = item if isinstance(item, str) else next(iter(item))
            yield Step(str(uses), line, file.path, uses=str(uses), uses_kind="set-up")


def read_azure(file: File, workspace: Workspace) -> Workflow | None:
    """Read Azure Pipelines: stages, jobs and steps, whatever the nesting."""
    documents = load_yaml(file)
    top = as_mapping(documents[0] if documents else None)
    jobs = tuple(_azure_jobs(top, file, workspace))
    triggers = [] if top.get("trigger") == "none" else [Trigger("push", top.at("trigger"), "trigger")]
    if "pr" in top and top["pr"] != "none":
        triggers.append(Trigger("pull-request", top.at("pr"), "pr"))
    if "schedules" in top:
        triggers.append(Trigger("schedule", top.at("schedules"), "schedules"))
    return Workflow(file.path, "Azure Pipelines", tuple(triggers), jobs, judge("azure-pipelines", top))


def _azure_jobs(body: Mapping, file: File, workspace: Workspace, depth: int = 0) -> Iterator[Job]:
    if depth > 4:
        return
    for key in ("stages", "jobs"):
        for item, _ in as_items(body.get(key)):
            yield from _azure_jobs(as_mapping(item), file, workspace, depth + 1)
    deployment = as_mapping(as_mapping(as_mapping(body.get("strategy")).get("runOnce")).get("deploy"))
    steps = body.get("steps") or deployment.get("steps")
    if steps:
        needs = body.get("dependsOn") or ()
        named = str(body.get("job") or body.get("deployment") or body.get("stage") or "job")
        yield Job(
            named,
            body.line,
            tuple(_azure_steps(steps, file, workspace)),
            (needs,) if isinstance(needs, str) else tuple(map(str, needs)),
        )


def _azure_steps(steps: Any, file: File, workspace: Workspace) -> Iterator[Step]:
    for item, line in as_items(steps):
        body = as_mapping(item)
        neutral = "failure-ignored" if body.get("continueOnError") is True else None
        name = str(body.get("displayName", ""))
        for key in ("script", "bash", "powershell", "pwsh"):
            if isinstance(body.get(key), str):
                yield Step(name, line, file.path, _script(body[key], body.at(key), file, workspace), neutral=neutral)
        if isinstance(body.get("task"), str):
            yield Step(name, line, file.path, uses=body["task"], uses_kind=_azure_task(body), neutral=neutral)


def _azure_task(body: Mapping) -> str:
    task, command = str(body["task"]).lower(), str(as_mapping(body.get("inputs")).get("command", "")).lower()
    if task.startswith("docker"):
        return "publish" if "push" in command else "build" if "build" in command else "set-up"
    if re.match(r"azure(webapp|rmwebapp|functionapp|containerapps)|kubernetes|helm", task):
        return "deploy"
    return "set-up" if task.startswith(("usepython", "usenode", "checkout")) else "other"


def read_jenkins(file: File, workspace: Workspace) -> Workflow | None:
    """Read a declarative Jenkinsfile: stages and their `sh` or `bat` steps."""
    text = file.text
    jobs = []
    stages = list(re.finditer(r"\bstage\s*\(\s*['\"]([^'\"]{1,80})['\"]\s*\)", text))
    for index, stage in enumerate(stages):
        end = stages[index + 1].start() if index + 1 < len(stages) else len(text)
        line = text.count("\n", 0, stage.start()) + 1
        jobs.append(
            Job(stage[1], line, (Step(stage[1], line, file.path, _jenkins_commands(text, stage.end(), end, file, workspace)),))
        )
    return Workflow(file.path, "Jenkins", tuple(_jenkins_triggers(file)), tuple(jobs)) if jobs else None


def _jenkins_triggers(file: File) -> Iterator[Trigger]:
    """Yield what the file says that starts it. Jenkins runs a `Jenkinsfile` on every push; what starts another file is set in the server."""
    said = [
        Trigger(kind, number, line.strip()[:80])
        for number, line in enumerate(file.lines, 1)
        for kind, pattern in _JENKINS_STARTS
        if not line.lstrip().startswith(("//", "*")) and pattern.search(line)
    ]
    yield from said
    if file.name == JENKINSFILE and all(t.kind != "push" for t in said):
        yield Trigger("push", 1, "scm")
    elif not said:
        yield Trigger("manual", 1, file.name)


def _jenkins_commands(text: str, start: int, end: int, file: File, workspace: Workspace) -> tuple[Command, ...]:
    found: list[Command] = []
    for step in re.finditer(r"\b(?:sh|bat|powershell)\s*\(?\s*(?:script\s*:\s*)?('''|\"\"\"|'|\")", text[start:end]):
        body = start + step.end()
        close = text.find(step[1], body, end)
        if close > 0:
            found += commands(text[body:close], path=file.path, line=text.count("\n", 0, body) + 1, workspace=workspace)
    return tuple(found)
