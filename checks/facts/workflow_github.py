"""GitHub Actions: workflows, local composite actions and local reusable workflows."""

from __future__ import annotations

import functools
import posixpath
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from checks.facts.containers import environment
from checks.facts.shell_catalogue import BUILD, DEPLOY, LINT, OTHER, PUBLISH, SETUP, TALK, TEST
from checks.facts.shell_commands import commands
from checks.facts.workflows import Job, Step, Trigger, Workflow
from checks.facts.yaml_files import Mapping, as_items, as_mapping, load_yaml
from checks.workspace import File, Workspace

_TRIGGERS = {
    "push": "push",
    "pull_request": "pull-request",
    "pull_request_target": "pull-request",
    "schedule": "schedule",
    "workflow_dispatch": "manual",
    "repository_dispatch": "manual",
    "release": "release",
    "create": "tag",
    "workflow_run": "after",
    "workflow_call": "call",
    "merge_group": "pull-request",
}
# What well-known actions do, by the start of their name.
_ACTIONS = (
    (BUILD, r"docker/(build-push-action|bake-action)|mr-smithers-excellent/docker-build-push|redhat-actions/buildah"),
    (
        PUBLISH,
        r"softprops/action-gh-release|actions/(create-release|upload-release-asset|publish)|ncipollo/release-action|pypa/gh-action-pypi-publish",
    ),
    (
        PUBLISH,
        r"peter-evans/create-pull-request|marvinpinto/action-automatic-releases|google-github-actions/release|ad-m/github-push-action",
    ),
    (
        DEPLOY,
        r"appleboy/(ssh|scp)-action|easingthemes/ssh-deploy|burnett01/rsync-deployments|garygrossgarten/github-action-(ssh|scp)",
    ),
    (
        DEPLOY,
        r"azure/(webapps-deploy|container-apps-deploy-action|functions-action|k8s-deploy|aci-deploy|static-web-apps-deploy)",
    ),
    (
        DEPLOY,
        r"google-github-actions/(deploy-\w+)|aws-actions/amazon-ecs-deploy|akhileshns/heroku-deploy|superfly/flyctl-actions",
    ),
    (
        DEPLOY,
        r"(actions/deploy-pages|peaceiris/actions-gh-pages|jamesives/github-pages-deploy)|johnbeynon/render-deploy|amondnet/vercel-action|nwtgck/actions-netlify",
    ),
    (DEPLOY, r"(huggingface|nateraw)/\S*|bervprojects/railway-deploy|digitalocean/app_action"),
    (
        LINT,
        r"github/(super-linter|codeql-action)|psf/black|chartboost/ruff-action|astral-sh/ruff-action|aquasecurity/trivy|hadolint/|sonarsource/|pre-commit/action|pycqa/",
    ),
    (TEST, r"cypress-io/github-action"),
    (
        SETUP,
        r"actions/(checkout|setup-\w+|cache|download-artifact|upload-artifact)|astral-sh/setup-uv|docker/(login|setup|metadata)|azure/login|aws-actions/configure|snok/install",
    ),
)


def reader(file: File) -> Callable[[File, Workspace], Workflow | None] | None:
    """Return the reader of a file that GitHub executes, or None."""
    executed = re.fullmatch(r"\.github/workflows/[^/]+\.ya?ml", file.path)
    return read if executed else None


def read(file: File, workspace: Workspace) -> Workflow | None:
    """Read one workflow."""
    documents = load_yaml(file)
    top = as_mapping(documents[0] if documents else None)
    if "jobs" not in top:
        return None
    defaults = _folder(as_mapping(as_mapping(top.get("defaults")).get("run")))
    jobs = tuple(job for name in as_mapping(top["jobs"]) for job in _jobs(name, top["jobs"], file, workspace, defaults))
    jobs = tuple(replace(job, steps=_given(job.steps, top)) for job in jobs)
    return Workflow(file.path, "GitHub Actions", tuple(_triggers(top)), jobs, judge("github-workflows", top))


def judge(schema: str, document: Any) -> Callable[[], tuple[bool | None, str]]:
    """Return what tells, when first asked, whether a document follows a schema, and what the schema says against it."""
    return functools.cache(functools.partial(_validity, schema, document))


def _validity(schema: str, document: Any) -> tuple[bool | None, str]:
    """Validate against the schema that the CI service publishes. None when there is no schema at hand."""
    import json
    from importlib.resources import files

    import jsonschema

    place = files("check_jsonschema").joinpath("builtin_schemas").joinpath("vendor").joinpath(f"{schema}.json")
    if not place.is_file():
        return None, ""
    rules = json.loads(place.read_text("utf-8"))
    kind = jsonschema.validators.validator_for(rules)
    try:
        error = jsonschema.exceptions.best_match(kind(rules).iter_errors(document))
    except (RecursionError, jsonschema.exceptions.SchemaError, re.error):
        return None, ""
    return (True, "") if error is None else (False, error.message[:200])


def _triggers(top: Mapping) -> Iterator[Trigger]:
    events = top.get("on")
    line = top.at("on")
    if isinstance(events, str):
        events = [events]
    if isinstance(events, list):
        yield from (Trigger(_TRIGGERS.get(str(event), "other"), line, str(event)) for event in events)
        return
    mapping = as_mapping(events)
    for event, options in mapping.items():
        kind = _TRIGGERS.get(event, "other")
        given = as_mapping(options)
        if event == "push" and "tags" in given and "branches" not in given:
            kind = "tag"
        if event == "push" and given.get("branches-ignore") == ["**"]:
            continue
        detail = ", ".join(f"{key}: {_short(value)}" for key, value in given.items())
        yield Trigger(kind, mapping.at(event), f"{event} {detail}".strip())


def _short(value: Any) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)


def _folder(run: Mapping) -> str:
    return str(run.get("working-directory") or "").removeprefix("./").rstrip("/")


def _jobs(name: str, jobs: Mapping, file: File, workspace: Workspace, defaults: str) -> Iterator[Job]:
    body = as_mapping(jobs[name])
    line = jobs.at(name)
    needs = body.get("needs") or []
    needs = (needs,) if isinstance(needs, str) else tuple(map(str, needs)) if isinstance(needs, list) else ()
    condition = str(body.get("if", ""))
    folder = _folder(as_mapping(as_mapping(body.get("defaults")).get("run"))) or defaults
    steps = tuple(s for item, at in as_items(body.get("steps")) for s in _steps(as_mapping(item), at, file, workspace, folder, 0))
    if isinstance(body.get("uses"), str):
        steps += tuple(_reused(body, body.at("uses"), file, workspace))
    if body.get("continue-on-error") is True:
        steps = tuple(replace(s, neutral=s.neutral or "failure-ignored") for s in steps)
    steps = _given(steps, body)
    services = tuple(as_mapping(body.get("services")))
    yield Job(name, line, steps, needs, services, condition, _is_off(condition), str(body.get("name") or ""))


def _given(steps: tuple[Step, ...], above: Mapping) -> tuple[Step, ...]:
    """Give steps the variables of what is around them, which their own outweigh."""
    around = tuple(environment(above.get("env")))
    return tuple(replace(s, variables=(*around, *s.variables)) for s in steps) if around else steps


def _is_off(condition: str) -> bool:
    return re.sub(r"[\s${}]", "", condition).lower() in ("false", "0")


def _reused(body: Mapping, line: int, file: File, workspace: Workspace) -> Iterator[Step]:
    target = workspace.get(posixpath.normpath(str(body["uses"]).split("@")[0])) if str(body["uses"]).startswith("./") else None
    workflow = read(target, workspace) if target and target.path != file.path else None
    if workflow is None:
        yield Step(str(body["uses"]), line, file.path, uses=str(body["uses"]), uses_kind=OTHER)
        return
    for job in workflow.jobs:
        yield from job.steps


def _steps(body: Mapping, line: int, file: File, workspace: Workspace, folder: str, depth: int) -> Iterator[Step]:
    condition = str(body.get("if", ""))
    neutral = "switched-off" if _is_off(condition) else "failure-ignored" if body.get("continue-on-error") is True else None
    name = str(body.get("name") or body.get("id") or "")
    if isinstance(body.get("uses"), str):
        yield from _action(body, line, name, neutral, condition, file, workspace, depth)
    if isinstance(body.get("run"), str):
        at = body.at("run")
        text = body["run"]
        place = _folder(body) or folder
        first = at + 1 if "\n" in text.strip("\n") or _is_block(file, at) else at
        done = commands(text, path=file.path, line=first, workspace=workspace, folder=place)
        given = tuple(environment(body.get("env")))
        yield Step(name, line, file.path, done, neutral=neutral, condition=condition, variables=given)


def _is_block(file: File, line: int) -> bool:
    return bool(re.search(r"[|>][+-]?\s*$", file.line(line)))


def _action(
    body: Mapping, line: int, name: str, neutral: str | None, condition: str, file: File, workspace: Workspace, depth: int
) -> Iterator[Step]:
    uses = str(body["uses"])
    given = as_mapping(body.get("with"))
    if uses.startswith("./") and depth < 3:
        yield from _composite(uses, file, workspace, depth)
        return
    script = given.get("script") if isinstance(given.get("script"), str) else ""
    done = commands(script, path=file.path, line=given.at("script") + 1, workspace=workspace) if script else ()
    kind = next((kind for kind, pattern in _ACTIONS if re.match(pattern, uses, re.I)), OTHER)
    if kind == DEPLOY and done and all(c.kind == TALK for c in done):
        neutral = neutral or "only-talks"
    step = Step(name, body.at("uses"), file.path, done, uses, kind, neutral, condition)
    yield step
    if kind == BUILD and "push" in given and str(given["push"]).lower() not in ("false", "no"):
        yield replace(step, uses_kind=PUBLISH, line=given.at("push"), commands=())


def _composite(uses: str, file: File, workspace: Workspace, depth: int) -> Iterator[Step]:
    place = posixpath.normpath(uses)
    target = workspace.get(f"{place}/action.yml") or workspace.get(f"{place}/action.yaml")
    documents = load_yaml(target) if target else []
    runs = as_mapping(as_mapping(documents[0] if documents else None).get("runs"))
    for item, at in as_items(runs.get("steps")):
        if target is not None:
            yield from _steps(as_mapping(item), at, target, workspace, "", depth + 1)
