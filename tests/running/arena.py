"""Runs one hostile repository for real: read by the real recognisers, prepared, run beside an innocent step, told by the real report.

After every run it looks for what got out: files read or written, connections, processes, containers, groups; and whether the innocent
step and what reading found are as they would be without the attack.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from textwrap import dedent
from typing import Any

from checks import registry
from checks.workspace import Workspace
from grader.engine import Engine
from grader.environments import Environment, Environments
from grader.fetch import fetch
from grader.frames import Input
from grader.pack import pack
from grader.places import choose_sandbox
from grader.plan import Part, Place, Plan, Requirement, read_plan
from grader.running import Running
from grader.sandbox import Contact, Sandbox
from grader.settings import Settings, read_settings
from grader.source import parse_source
from grader.stores import environments_in
from grader.values import Finding, History, Run
from tests.conftest import commit
from tests.running.watch import OURS, Listener, addresses, containers, files_in, groups_of, marked

SHARED = tuple(Requirement(n, Place("requirements.txt", 1)) for n in ("fastapi", "uvicorn", "flask", "sqlalchemy", "alembic"))
BESIDE = {"beside/schema.sql": "CREATE TABLE hive (id INTEGER PRIMARY KEY, name TEXT);\nCREATE TABLE crop (id INTEGER);\n"}
TODAY = datetime.now(UTC).date().isoformat()
TESTS = "def test_innocent():\n    assert 1 + 1 == 2\n"


@dataclass(frozen=True)
class Case:
    """A hostile repository, with what its account must say.

    `outcomes` maps tests to how they ended, where the suite is believed; `doubt` holds the codes of which one tells why it is not
    (none: it is believed; None among them: it may be); `told` are pieces of the list of what acts on the grading; `then` looks at the rest.
    """

    files: Mapping[str, str | bytes] = field(default_factory=dict)
    tests: str = TESTS
    conftest: str = ""
    outcomes: Mapping[str, str] | None = None
    doubt: tuple[str | None, ...] = ()
    told: tuple[str, ...] = ()
    then: Callable[[Told], None] = lambda _told: None
    kind: str = "tests"
    seconds: float = 60.0
    memory: int = 1_500_000_000
    disk: int = 400_000_000
    own_requirements: bool = False
    language: str = "python"  # of the tests: a case of Node brings its own files
    measured: bool = False  # whether coverage is measured


@dataclass(frozen=True)
class Told:
    """What one run left, as the examination reads it."""

    workspace: Workspace
    archive: bytes
    plan: Plan
    token: str

    @cached_property
    def engine(self) -> Engine:
        """The engine of facts, over the files and the archive."""
        roots = {"workspace": self.workspace, "history": History(), "tool_run": None, "ran_archive": self.archive}
        return Engine(registry.FACTS, roots)

    @cached_property
    def run(self) -> Run:
        """The account shown to people."""
        record = self.engine.fact("run_record")
        assert isinstance(record, Run)
        return record

    @cached_property
    def findings(self) -> dict[str, Finding]:
        """Findings of every check on what ran, by name."""
        return {c.id: self.engine.run(c) for c in registry.CHECKS if c.id.startswith("run-")}

    @property
    def suite(self) -> Any:
        """The first suite of tests, with its outcomes."""
        return self.engine.fact("test_outcomes").suites[0]

    @property
    def outcomes(self) -> dict[str, str]:
        """Return how each test ended."""
        return {o.name: o.outcome for o in self.suite.all}

    @property
    def step(self) -> Any:
        """The step that was attacked: the first that is not the innocent one."""
        return next(s for s in self.engine.fact("ran").steps if not s.path.startswith("beside/"))

    @property
    def server(self) -> Any:
        """The first server, as the prober saw it."""
        return self.engine.fact("ran").servers[0]

    @property
    def schema(self) -> Any:
        """The first schema that is not the innocent one."""
        return next(s for s in self.engine.fact("ran").schemas if not s.step.path.startswith("beside/"))

    @property
    def text(self) -> str:
        """Return everything that the account says, as JSON."""
        return json.dumps(asdict(self.run), ensure_ascii=False)


def others_compile(environments: Environments, made: list[Environment]) -> None:
    """Wait for environments that another process of the tests may be compiling: it would write into what is watched."""
    end = time.monotonic() + 60
    while time.monotonic() < end and not all(environments.compiling.is_done(m.key, m.mount.name) for m in made if m.mount):
        time.sleep(0.05)


@dataclass
class Arena:
    """One sandbox with all that is watched around it."""

    name: str
    folder: Path
    listener: Listener
    sentinel: Path
    token: str
    settings: Settings

    def play(self, case: Case) -> Told:
        """Run a case, and assert all that holds of every case. Returns what was told, for the rest."""
        mark = f"mark-{secrets.token_hex(8)}"
        place = choose_sandbox(self.name, self.settings)
        work = self.folder / mark
        repository = commit(work / "repository", {p: self.filled(t, mark) for p, t in written(case).items()})
        files = {str(p.relative_to(repository)): p.read_bytes() for p in readable(repository)}
        workspace = Workspace(files)
        plan = planned(workspace, case)
        with environments_in(place, self.settings) as environments:
            # Beforehand: so that what is watched is there, and the time of a case is that of its run.
            made = [environments.prepare(part, before=TODAY, contact=Contact()) for part in plan.parts]
            assert [m.error for m in made] == [None] * len(made), made
            for one in made:
                environments.compile(one)
            environments.compiling.wait(120)
            others_compile(environments, made)
            watched = (self.sentinel, *OURS, *stores(place, self.settings, [m.mount.name for m in made if m.mount]))
            before = files_in(*watched)
            settings = replace(self.settings, run_seconds=case.seconds, run_memory=case.memory, run_tmp=case.disk)
            snapshot = fetch(parse_source(str(repository), settings.hosts), None, settings=settings, folder=work)
            packed = pack(snapshot, settings=settings, folder=work)
            nonce = secrets.token_hex(16)
            running = Running(place, packed, environments, settings, nonce, TODAY, lambda _said: None)
            running.start(plan)
            told = Told(workspace, whole(running.archive()), plan, self.token)
        assert len(before) > 1000
        self._nothing_got_out(told, nonce, mark)
        changed = set(files_in(*watched).items()) ^ set(before.items())
        assert changed == set(), sorted(changed)[:20]
        innocent(told)
        expected(case, told)
        shutil.rmtree(work)
        return told

    def filled(self, text: str | bytes, mark: str) -> str | bytes:
        """Fill in what attackers would have to find out: where a secret lies, where somebody listens."""
        if isinstance(text, bytes):
            return text
        values = {
            "MARK": mark,
            "SECRET": str(self.sentinel / "secret.txt"),
            "SENTINEL": str(self.sentinel),
            "PORT": str(self.listener.port),
            "ADDRESSES": repr(addresses()),
            "ABSTRACT": self.listener.abstract,
            "OURS": repr([str(o) for o in OURS]),
            "STORE": str(self.settings.cache_folder),
        }
        for name, value in values.items():
            text = text.replace(f"@{name}@", value)
        return text

    def _nothing_got_out(self, told: Told, nonce: str, mark: str) -> None:
        assert self.listener.heard == []
        assert self.token.encode() not in told.archive
        assert marked(mark) == []
        assert containers(nonce[:12]) == []
        assert groups_of(os.getpid()) == []
        assert [p for p in (Path("/dev/shm") / mark, Path("/tmp") / mark) if p.exists()] == []
        # Whoever learns the nonce can forge: it stands in our own account and once in each document, nowhere else.
        assert told.archive.count(nonce.encode()) <= 1 + len(told.engine.fact("ran").steps)


def written(case: Case) -> dict[str, str | bytes]:
    """Return the files of a case, with the innocent ones."""
    own: dict[str, str | bytes] = {}
    if case.kind == "tests" and case.language == "python":
        own["tests/test_case.py"] = dedent(case.tests)
        own |= {"conftest.py": dedent(case.conftest)} if case.conftest else {}
    return {**BESIDE, **own, **{p: dedent(t) if isinstance(t, str) else t for p, t in case.files.items()}}


def readable(repository: Path) -> Iterator[Path]:
    """Yield the committed files, as they would be examined: no links."""
    for path in repository.rglob("*"):
        if path.is_file() and not path.is_symlink() and ".git" not in path.relative_to(repository).parts:
            yield path


def planned(workspace: Workspace, case: Case) -> Plan:
    """Return the real plan of the repository with the shared packages, without mutants, and only what the case is about."""
    roots = {"workspace": workspace, "history": History(), "tool_run": None, "ran_archive": b""}
    plan = read_plan(asdict(Engine(registry.FACTS, roots).fact("plan")))
    parts = tuple(only(p, case) for p in plan.parts if p.language in ("python", case.language))
    wanted = {"tests": [s for p in parts for s in p.suites], "serve": [a for p in parts for a in p.apps]}
    assert case.kind == "migrate" or wanted[case.kind], "the recognisers saw nothing to run"
    return replace(plan, parts=parts)


def only(part: Part, case: Case) -> Part:
    """Return the part with what the case runs and the innocent schema."""
    kept = tuple(d for d in part.databases if case.kind == "migrate" or d.place.path.startswith("beside/"))
    requirements = part.requirements if case.own_requirements else SHARED if part.language == "python" else ()
    mine = part.language == case.language
    suites, apps = (part.suites if mine and case.kind == "tests" else ()), (part.apps[:1] if case.kind == "serve" else ())
    code = part.code if case.measured else ()
    return replace(part, requirements=requirements, suites=suites, apps=apps, databases=kept, code=code, python="")


def stores(place: Sandbox, settings: Settings, names: list[str]) -> list[Path]:
    """Return where prepared environments lie on the machine."""
    if place.name != "docker":
        return [settings.cache_folder / "store" / name for name in names]
    asked = ("docker", "--host", settings.docker_host, "info", "--format", "{{.DockerRootDir}}")
    root = Path(subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip())
    return [root / "volumes" / f"jurygrid-{name}" / "_data" for name in names]


def whole(given: Input) -> bytes:
    """Return a frame as bytes."""
    pieces = given if isinstance(given, tuple) else (given,)
    return b"".join(p.read_bytes() if isinstance(p, Path) else p for p in pieces)


def innocent(told: Told) -> None:
    """Assert that the step beside the attack gave what it always gives."""
    found = [s for s in told.engine.fact("ran").schemas if s.step.path.startswith("beside/")]
    assert [[(t.name, t.rows) for t in s.tables or ()] for s in found] == [[("crop", 0), ("hive", 0)]], found


def expected(case: Case, told: Told) -> None:
    """Assert what a case says of its account, and that no attack makes a success or a failure of what is unknown."""
    if case.kind == "tests":
        suite = told.suite
        assert (suite.doubt in case.doubt) if case.doubt else suite.doubt is None, (suite.doubt, told.text[-3000:])
        if case.outcomes is not None:
            assert told.outcomes == dict(case.outcomes), told.text[-3000:]
        if suite.doubt:
            assert told.findings["run-tests.succeed"].outcome.value == "inconclusive"
            assert told.findings["run-tests.succeed"].reason == suite.doubt
    influences = [i.what.en for i in told.engine.fact("influences")]
    for piece in case.told:
        assert any(piece in what for what in influences), influences
    case.then(told)


@contextmanager
def arena(name: str) -> Iterator[Arena]:
    """Set up the arena of one sandbox: a secret that anybody on this machine may read and write, and a listener."""
    settings = read_settings()
    with ExitStack() as opened:
        folder = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="hostile-")))
        folder.chmod(0o755)
        sentinel, token = folder / "sentinel", secrets.token_hex(20)
        sentinel.mkdir(mode=0o777)
        sentinel.chmod(0o777)
        (sentinel / "secret.txt").write_text(token)
        (sentinel / "secret.txt").chmod(0o666)
        os.environ["JURYGRID_SENTINEL"] = token
        opened.callback(os.environ.pop, "JURYGRID_SENTINEL", None)
        listener = opened.enter_context(Listener())
        yield Arena(name, folder, listener, sentinel, token, settings)
        # What a survivor would do, it would do by now.
        time.sleep(0.5)
        assert listener.heard == []
