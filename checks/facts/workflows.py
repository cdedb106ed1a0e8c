"""Continuous integration of GitHub, GitLab, CircleCI, Azure and Jenkins, normalised: triggers, jobs, ordered steps, what each does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from checks.facts.containers import Variable
from checks.facts.shell_catalogue import TALK
from checks.facts.shell_commands import Command
from checks.workspace import File, Workspace


@dataclass(frozen=True, slots=True)
class Trigger:
    """What starts a workflow: `push`, `pull-request`, `schedule`, `manual`, `tag`, `release`, `after` (another workflow) or `call`."""

    kind: str
    line: int
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One step: `kinds` say what it does, `neutral` why it does nothing or cannot fail, None when it is sound.

    `variables` are those that the configuration gives it, the nearest last.
    """

    name: str
    line: int
    path: str
    commands: tuple[Command, ...] = ()
    uses: str = ""
    uses_kind: str = ""
    neutral: str | None = None
    condition: str = ""
    variables: tuple[Variable, ...] = ()

    @property
    def excerpt(self) -> str:
        """What to show of the step."""
        return (self.uses or (self.commands[0].text if self.commands else self.name))[:200]

    @property
    def kinds(self) -> tuple[str, ...]:
        """Everything that the step does, neutral or not, in order."""
        own = (self.uses_kind,) if self.uses_kind else ()
        return tuple(dict.fromkeys((*own, *(c.kind for c in self.commands))))

    @property
    def only_talks(self) -> bool:
        """Tell whether the step only prints."""
        return not self.uses and bool(self.commands) and all(c.kind == TALK for c in self.commands)


@dataclass(frozen=True, slots=True)
class Job:
    """A job with its ordered steps."""

    name: str
    line: int
    steps: tuple[Step, ...]
    needs: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    condition: str = ""
    disabled: bool = False
    title: str = ""


@dataclass(frozen=True, slots=True)
class Did:
    """Something that a chain really does: a command or an action, with the step and the job around it."""

    kind: str
    path: str
    line: int
    text: str
    workflow: Workflow
    job: Job
    step: Step
    script: str | None = None
    arguments: tuple[str, ...] = ()
    neutral: str | None = None
    folder: str = ""

    @property
    def sound(self) -> bool:
        """Tell whether it can fail and is not switched off."""
        return self.neutral is None


@dataclass(frozen=True, slots=True)
class Workflow:
    """One configuration of a CI service. Its schema is held against it when somebody asks: that takes longer than all the rest."""

    path: str
    tool: str
    triggers: tuple[Trigger, ...]
    jobs: tuple[Job, ...]
    judged: Callable[[], tuple[bool | None, str]] = field(default=lambda: (None, ""), compare=False)

    @property
    def valid(self) -> bool | None:
        """Tell whether it follows the schema of its service; None when no schema could judge it."""
        return self.judged()[0]

    @property
    def complaint(self) -> str:
        """What the schema says against it."""
        return self.judged()[1]

    def done(self, *kinds: str) -> Iterator[Did]:
        """Yield everything of these kinds that the workflow does, neutralised or not."""
        for job in self.jobs:
            for step in job.steps:
                neutral = "switched-off" if job.disabled else step.neutral
                if step.uses_kind in kinds:
                    yield Did(step.uses_kind, step.path, step.line, step.uses, self, job, step, None, (), neutral)
                for c in step.commands:
                    if c.kind in kinds:
                        why = neutral or c.neutral
                        yield Did(c.kind, c.path, c.line, c.text, self, job, step, c.script, c.arguments, why, c.folder)


@dataclass(frozen=True, slots=True)
class LocalChain:
    """A chain that no CI service starts: DVC, Airflow, Prefect, Dagster, a Makefile, tox, a Kubernetes CronJob.

    `schedule` is where it says when it runs; `calls` are dotted names of what a pipeline in Python imports; `remote` is the
    line and the call by which it hands work to another machine or container, which is not followed.
    """

    path: str
    line: int
    tool: str
    commands: tuple[Command, ...] = ()
    schedule: int | None = None
    calls: tuple[str, ...] = ()
    remote: tuple[int, str] | None = None


@dataclass(frozen=True)
class Workflows:
    """Every chain of the repository. `misplaced` are workflow-like files that no service reads."""

    all: tuple[Workflow, ...]
    misplaced: tuple[str, ...] = ()
    local: tuple[LocalChain, ...] = field(default=())

    def done(self, *kinds: str) -> tuple[Did, ...]:
        """Return everything of these kinds that a triggered workflow does."""
        return tuple(did for workflow in self.all if workflow.triggers for did in workflow.done(*kinds))

    def sound(self, *kinds: str) -> tuple[Did, ...]:
        """Return what of these kinds can really fail or happen."""
        return tuple(did for did in self.done(*kinds) if did.sound)

    @property
    def triggered(self) -> tuple[Workflow, ...]:
        """Return the workflows that something starts."""
        return tuple(w for w in self.all if w.triggers)


def workflows(workspace: Workspace) -> Workflows:
    """Read every CI configuration and every local chain."""
    from checks.facts import workflow_github, workflow_local, workflow_services

    found = []
    for file in workspace.own:
        read = workflow_github.reader(file) or workflow_services.reader(file)
        workflow = workspace.attempt(file, lambda f, read=read: read(f, workspace)) if read else None  # type: ignore[misc]
        if workflow is not None:
            found.append(workflow)
    return Workflows(tuple(found), tuple(f.path for f in workspace.own if _misplaced(f)), workflow_local.chains(workspace))


def _misplaced(file: File) -> bool:
    inside = file.path.startswith(".github/workflows/")
    if inside:
        return file.path.count("/") > 2 or file.suffix not in (".yml", ".yaml")
    elsewhere = "/workflows/" in f"/{file.path}" or file.name in ("ci.yml", "cd.yml", "ci-cd.yml", "ci.yaml")
    return elsewhere and file.suffix in (".yml", ".yaml") and "jobs:" in file.text and "runs-on" in file.text


FACTS = (workflows,)
