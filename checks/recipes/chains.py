"""What a chain of CI does for the tests that it runs, since its author found that they need it: variables, and programs run before."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from checks.facts.containers import Variable as Given
from checks.facts.names import names
from checks.facts.python_code import PythonCode
from checks.facts.shell_catalogue import TEST
from checks.facts.shell_commands import Command, split_words
from checks.facts.workflows import Job, Step, Workflows
from checks.recipes.requirement_lines import name_of, sort_requirement
from checks.recipes.variables import usable
from grader.plan import Place, Preparation, Requirement, Suite, Variable

MOST_VARIABLES = 40
MOST_BEFORE = 4
MOST_INSTALLED = 40
MOST_WORDS = 12
_NODE = re.compile(r"\b(npm|npx|yarn|pnpm|bun|node|vitest|jest)\b")
_NODE_RUNNERS = ("vitest", "jest", "node")
_WORDS = {"django": "manage.py test"}
_TESTS = re.compile(r"(^|/)(test_[^/]*|[^/]*_test|run_?tests?)\.py$")
_MODULE = re.compile(r"\bpython[\d.]*\s+-m\s")
_EXPRESSION = re.compile(r"\$\{\{[^{}\n]{0,200}(?:\}\}|$)")  # of GitHub, whose blanks and names are no words of the command
_SHELL = re.compile(r"[$`<>|&*;\\\n\0]")
_PIP = re.compile(r"^\s*(?:[$>!%]\s*)?(?:sudo\s+)?(?:(?:\S*/)?python[\d.]*\s+-m\s+)?(?:uv\s+)?pip[\d.]*\s+install\s+(.+)$")
_TAKES_VALUE = names(
    "-r --requirement -c --constraint -e --editable -i --index-url --extra-index-url -f --find-links -t --target --python"
)
_TOOLS = names(
    "pip setuptools wheel build twine uv poetry pipenv pdm tox nox flake8 ruff black isort pylint mypy pyright bandit safety pip-audit"
    " pre-commit codecov awscli dvc virtualenv autopep8 pycodestyle pydocstyle"
)
# What a service gives to every job without being asked.
_ALWAYS = {
    "GitHub Actions": {"CI": "true", "GITHUB_ACTIONS": "true"},
    "GitLab CI": {"CI": "true", "GITLAB_CI": "true"},
    "CircleCI": {"CI": "true", "CIRCLECI": "true"},
}
_NAME = r"([A-Za-z_][A-Za-z0-9_]{0,63})"
# `export NAME=value`, and what is written into a file of variables: `echo "NAME=value" >> .env`, `… >> $GITHUB_ENV`.
_SET = (
    re.compile(rf"^\s*export\s+{_NAME}=(.*)$"),
    re.compile(rf"^\s*echo\s+(?:-\w+\s+)?[\"']?{_NAME}=(.*?)[\"']?\s*>>?\s*[\"']?\S*(?:\.env\b|GITHUB_ENV)\S*\s*$"),
)
_BEFORE = re.compile(rf"^\s*(?:env\s+)?{_NAME}=(\"[^\"]*\"|'[^']*'|\S*)\s+(?=\S)")


@dataclass(frozen=True, slots=True)
class TestStep:
    """A command that runs tests in `folder`."""

    __test__ = False

    text: str
    folder: str
    variables: tuple[Variable, ...]
    before: tuple[Preparation, ...]
    hidden: tuple[str, ...] = ()  # variables whose value only the service knows, and that nothing could stand for


def test_steps(workflows: Workflows, code: PythonCode) -> tuple[TestStep, ...]:
    """Return the steps of all chains that run tests, in order, those whose failure is ignored too."""
    known = {name for given in _ALWAYS.values() for name in given}
    read = {text for m in code.modules for text, _ in m.strings if text in known}
    return tuple(
        found
        for w in workflows.all
        for job in w.jobs
        if not job.disabled
        for found in _in_job(job, {name: value for name, value in _ALWAYS.get(w.tool, {}).items() if name in read})
    )


def installed(workflows: Workflows) -> tuple[Requirement, ...]:
    """Return the packages that jobs which run tests install by name: `pip install pytest-asyncio`; not those of linters."""
    jobs = [job for w in workflows.all for job in w.jobs if not job.disabled]
    lines = [
        (c.text, Place(c.path, c.line))
        for job in jobs
        if any(c.kind == TEST for s in job.steps for c in s.commands)
        for s in job.steps
        for c in s.commands
    ]
    return tuple(dict.fromkeys(r for text, place in lines for r in named_by_pip(text, place)))[:MOST_INSTALLED]


def named_by_pip(text: str, place: Place) -> Iterator[Requirement]:
    """Yield the packages that a command of pip or uv names."""
    found = _PIP.match(re.split(r"&&|\|\||[;|#]", _EXPRESSION.sub("$", text), maxsplit=1)[0])
    words = split_words(found[1]) if found else []
    for before, word in zip(["", *words], words, strict=False):
        if word.startswith("-") or before in _TAKES_VALUE or _SHELL.search(re.sub(r"[<>*]", "", word)):
            continue
        for item in sort_requirement(word, place):
            if isinstance(item, Requirement) and name_of(item.text) not in _TOOLS:
                yield item


def as_in_chain(steps: tuple[TestStep, ...], suite: Suite, known: tuple[Variable, ...] = ()) -> Suite:
    """Return a suite with what the step that runs it has: one that names its runner before one that does not, then one in its folder.

    What the service hides takes the value that the application is given, such as the address of the declared database.
    """
    node = suite.runner in _NODE_RUNNERS
    fitting = [s for s in steps if bool(_NODE.search(s.text)) == node]
    best = max(fitting, key=lambda s: (_WORDS.get(suite.runner, suite.runner) in s.text, s.folder == suite.folder), default=None)
    if best is None:
        return suite
    return replace(suite, variables=(*best.variables, *(v for v in known if v.name in best.hidden)), before=best.before)


def _in_job(job: Job, always: Mapping[str, str]) -> Iterator[TestStep]:
    before = [Given(name, value, job.line) for name, value in always.items()]
    programs: list[Preparation] = []
    for step in job.steps:
        found: list[Given] = []
        for command in step.commands:
            found += _set_by(command.text, command.line)
            if words := _program(command):
                programs.append(Preparation(command.folder, words, Place(command.path, command.line)))
            elif command.kind == TEST:
                given = (*before, *step.variables, *found, *_in_front(command.text, command.line))
                kept = _kept(given, step)
                hidden = tuple({g.name for g in given if "${{" in g.value} - {v.name for v in kept})
                yield TestStep(command.text, command.folder, kept, tuple(programs[:MOST_BEFORE]), hidden)
        before += found


def _program(command: Command) -> tuple[str, ...]:
    """Return the words of a Python program of the submission that runs to its end (a base made, a model trained); else none."""
    words = command.arguments
    if not words or len(words) > MOST_WORDS or any(_SHELL.search(w) for w in words) or command.text.rstrip().endswith("&"):
        return ()
    program, first, second = (words[0].rsplit("/", 1)[-1], *words[1:3], "", "")[:3]
    if re.fullmatch(r"python[\d.]*", program):
        migrates = first.endswith("manage.py") and second in ("migrate", "loaddata")
        script = first.endswith(".py") and command.script is not None and not _TESTS.search(first)
        return words if migrates or script else ()
    if (
        _MODULE.search(command.text) and "." in program and not program.endswith(".py")
    ):  # tools of others have no dot in their names
        return ("python", "-m", *words)
    return words if (program, first) == ("alembic", "upgrade") else ()


def _set_by(text: str, line: int) -> Iterator[Given]:
    for shape in _SET:
        if found := shape.match(text):
            yield Given(found[1], found[2].strip().strip("\"'"), line)


def _in_front(text: str, line: int) -> Iterator[Given]:
    """Yield what stands before a program: `NAME=value pytest`."""
    while found := _BEFORE.match(text):
        yield Given(found[1], found[2].strip("\"'"), line)
        text = text[found.end() :]


def _kept(given: tuple[Given, ...], step: Step) -> tuple[Variable, ...]:
    """Return what may be given, each name once, the nearest; a secret of the service gets what stands for one."""
    by_name = {g.name: Variable(g.name, "" if "${{" in g.value else g.value, Place(step.path, g.line)) for g in given}
    return tuple(u for v in by_name.values() if (u := usable(v, {})))[:MOST_VARIABLES]
