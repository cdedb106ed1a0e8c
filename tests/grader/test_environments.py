"""Prepared environments: shared, rebuilt when a builder was killed, pruned unless in use; answers are believed only when well formed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from grader.answers import RESOLVED, read_answer
from grader.environments import Environment, Environments, PackageIndex, ready
from grader.errors import SandboxFailed
from grader.plan import Part, Place, Requirement
from grader.pruning import prune
from grader.sandbox import ENVIRONMENT, Contact, Mount
from grader.sandbox.folders import FolderStore
from grader.settings import Settings
from grader.stores import prune_now_and_then
from tests.wheels import ROOT, LocalSandbox, certificates, wheel

HASH = "--hash=sha256:" + "0" * 64


class Cohort:
    """One cache folder, one index of wheels made by hand, as many graders as asked."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.links = folder / "cache", folder / "links"
        self.index = PackageIndex((folder / "none").as_uri(), (), (str(self.links),))
        self.store = FolderStore(self.folder / "store")
        wheel(self.links, "tool", "7.0")
        wheel(self.links, "good", "1.0")

    def grader(self, **more: object) -> Environments:
        sandbox = LocalSandbox(self.store)
        return Environments(sandbox, self.store, self.folder, "local", **{"index": self.index, "seconds": 60.0, **more})  # type: ignore[arg-type]


@pytest.fixture
def cohort(tmp_path: Path) -> Cohort:
    return Cohort(tmp_path)


def part(*texts: str) -> Part:
    return Part("root", "", "python", tuple(Requirement(t, Place("requirements.txt", n)) for n, t in enumerate(texts, 1)))


def prepare(grader: Environments, *texts: str, contact: Contact | None = None) -> Environment:
    return grader.prepare(part(*texts), before="2026-03-01", contact=contact or Contact(), tools=("tool>=7",))


def stored(environment: Environment) -> str:
    assert environment.mount is not None, environment.error
    return environment.mount.name


def tasks(grader: Environments) -> list[object]:
    assert isinstance(grader.sandbox, LocalSandbox)
    return [task["do"] for task in grader.sandbox.tasks]


def test_the_second_submission_of_a_cohort_starts_nothing(cohort: Cohort) -> None:
    with cohort.grader() as first, cohort.grader() as second:
        cold = prepare(first, "good==1.0", "absent==0.0.0", "good==3.0")
        assert (cold.error, cold.warm, cold.installed) == (None, False, ("good==1.0", "tool==7.0"))
        assert [(d.text, d.reason, d.place.line) for d in cold.left_out] == [("absent==0.0.0", "not-found", 2)]
        assert [(r.requirement.place.line, r.used) for r in cold.relaxed] == [(3, "good==1.0")]
        assert tasks(first) == ["resolve", "install"]
        warm = prepare(second, "good==1.0", "absent==0.0.0", "good==3.0")
        assert tasks(second) == []
        assert warm.warm
        assert (warm.key, warm.installed, warm.left_out) == (cold.key, cold.installed, cold.left_out)
        assert warm.seconds < 1


def test_other_words_with_the_same_lock_share_the_environment(cohort: Cohort) -> None:
    with cohort.grader() as first, cohort.grader() as second:
        assert prepare(first, "good").key == prepare(second, "good>=1").key
        assert tasks(second) == ["resolve"]


def test_what_the_environment_holds_can_be_used(cohort: Cohort) -> None:
    with cohort.grader() as grader:
        made = prepare(grader, "good")
        python = cohort.store.path(stored(made)) / "bin" / "python"
        done = subprocess.run(
            (str(python), "-I", "-c", "import good, tool; print(good.version)"), capture_output=True, check=True
        )
        assert done.stdout == b"1.0\n"
        assert made.mount == Mount(stored(made), ENVIRONMENT)


def test_two_graders_build_once(cohort: Cohort) -> None:
    graders = [cohort.grader() for _ in range(4)]
    made: list[Environment] = []
    threads = [threading.Thread(target=lambda g=g: made.append(prepare(g, "good"))) for g in graders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [m.error for m in made] == [None] * 4
    assert sum(tasks(g).count("install") for g in graders) == 1
    assert sorted(m.warm for m in made) == [False, True, True, True]
    for grader in graders:
        grader.close()


def test_what_is_not_said_to_be_complete_is_built_anew(cohort: Cohort) -> None:
    with cohort.grader() as grader:
        first = prepare(grader, "good")
    cohort.store.remove(ready(stored(first)))
    with cohort.grader() as grader:
        again = prepare(grader, "good")
        assert (again.key, again.warm, again.error) == (first.key, False, None)


def test_a_grader_killed_while_it_builds_blocks_nobody(cohort: Cohort) -> None:
    script = f"""
import sys; sys.path.insert(0, {str(ROOT)!r})
from pathlib import Path
from tests.grader.test_environments import Cohort, prepare, Contact
import os, signal
prepare(Cohort(Path({str(cohort.folder.parent)!r})).grader(), "good", contact=Contact(
    line=lambda line: os.kill(os.getpid(), signal.SIGKILL) if "install" in line else None))
"""
    died = subprocess.run((sys.executable, "-c", script), capture_output=True)
    assert died.returncode == -signal.SIGKILL, died.stderr.decode()
    (left,) = (s.name for s in cohort.store.stored() if s.name.startswith("environment-"))
    with cohort.grader() as grader:
        made = prepare(grader, "good")
        assert made.key in left
        assert stored(made) != left
        assert (made.warm, made.error) == (False, None)
        until = time.monotonic() + 60  # its sandbox outlived it, and may write where it was told until it ends
        while cohort.store.has(left) and time.monotonic() < until:
            prune(cohort.store, cohort.folder, older_than=10**6, most_bytes=10**12)
            time.sleep(0.1)
        assert not cohort.store.has(left)


def test_pruning_spares_what_is_used_and_takes_the_oldest_first(cohort: Cohort) -> None:
    wheel(cohort.links, "other", "1.0", files={"other_data.txt": "x" * 300_000})
    with cohort.grader() as old, cohort.grader() as used:
        first, second = stored(prepare(old, "good")), stored(prepare(used, "other"))
        old.close()
        hour_ago = time.time() - 3600
        for name in (first, second):
            os.utime(cohort.store.root / f"{name}.used", (hour_ago, hour_ago))
        assert prune(cohort.store, cohort.folder, older_than=7200, most_bytes=10**12).names == ()
        pruned = prune(cohort.store, cohort.folder, older_than=1800, most_bytes=10**12)
        assert pruned.names == (first,)
        assert pruned.bytes > 0
        assert cohort.store.has(second)
        used.close()
    assert prune(cohort.store, cohort.folder, older_than=10**6, most_bytes=1000).names == (second,)
    assert cohort.store.stored() == ()
    with cohort.grader() as again:
        assert prepare(again, "good").error is None


def test_pruning_is_done_once_a_day_and_sooner_where_something_was_built(cohort: Cohort) -> None:
    settings, note = Settings(cache_bytes=1000), cohort.folder / "pruned"

    def graded(minutes_ago: int) -> int:
        """Prepare and let go, the last pruning some minutes ago; return how many environments are left."""
        if note.exists():
            then = time.time() - 60 * minutes_ago
            os.utime(note, (then, then))
        with cohort.grader() as grader:
            assert prepare(grader, "good").error is None
            grader.close()
            prune_now_and_then(grader, settings)
        return sum(s.name.startswith("environment-") for s in cohort.store.stored())

    assert graded(0) == 0  # never before: at once
    assert graded(9) == 1  # built anew, a moment after
    assert graded(11) == 1  # nothing was built
    assert graded(60 * 24 + 1) == 0
    assert graded(11) == 0  # built anew, a while after


def test_pruning_removes_what_nobody_completed(cohort: Cohort) -> None:
    cohort.store.make("environment-half-1")
    assert prune(cohort.store, cohort.folder, older_than=10**6, most_bytes=10**12).names == ("environment-half-1",)


def test_an_unreachable_index_is_not_remembered(cohort: Cohort) -> None:
    with cohort.grader(index=PackageIndex("http://127.0.0.1:9/simple")) as grader:
        assert prepare(grader, "good").error == "index-unreachable"
    assert not (cohort.folder / "resolved").exists()


def test_the_end_of_time_is_our_failure(cohort: Cohort) -> None:
    with cohort.grader(seconds=0.001) as grader:
        made = prepare(grader, "good")
    assert made.error in ("resolve-timeout", "preparation-timeout")


def test_an_answer_that_is_none_is_our_failure(cohort: Cohort) -> None:
    for program in ("print('hello')", "import os; os.kill(os.getpid(), 9)", "import sys; sys.stdout.buffer.write(b'\\0' * 8)"):
        with cohort.grader() as grader:
            grader.sandbox.program = (sys.executable, "-c", program)  # type: ignore[attr-defined]
            made = prepare(grader, "good")
            assert made.error in ("preparation-malformed", "preparation-failed"), program
            assert made.mount is None


@pytest.mark.parametrize(
    "answer",
    [
        [],
        {"lock": "a==1\n"},
        {"lock": f"a @ https://x {HASH}\n"},
        {"lock": f"--index-url=http://x\na==1 {HASH}\n"},
        {"lock": f"a==1 {HASH}\n", "left_out": [{"text": "a", "reason": "<b>no</b>"}]},
        {"lock": f"a==1 {HASH}\n", "left_out": [{"text": "a" * 500, "reason": "no-wheel"}]},
        {"lock": f"a==1 {HASH}\n", "relaxed": [{"text": "a", "used": "../../etc"}]},
        {"lock": f"a==1 {HASH}\n", "python": "3.11\n"},
        {"lock": 1},
        {"error": "somebody-else-s-fault"},
        {"left_out": [{"text": "a", "reason": "no-wheel"}] * 2000},
    ],
)
def test_a_malformed_answer_is_not_believed(answer: object) -> None:
    with pytest.raises(SandboxFailed, match="something else"):
        read_answer(RESOLVED, json.dumps(answer).encode())


def test_what_was_never_asked_is_dropped(cohort: Cohort) -> None:
    forged = {"lock": "", "left_out": [{"text": "mine", "reason": "conflict"}], "relaxed": [{"text": "mine", "used": "mine==1"}]}
    data = json.dumps(forged).encode()
    program = f"import sys; sys.stdout.buffer.write({len(data).to_bytes(8, 'big') + data!r})"
    with cohort.grader() as grader:
        grader.sandbox.program = (sys.executable, "-c", program)  # type: ignore[attr-defined]
        made = prepare(grader, "good")
    assert (made.left_out, made.relaxed) == ((), ())


def test_an_environment_is_compiled_beside_what_runs_in_it_and_once(cohort: Cohort) -> None:
    with cohort.grader() as first, cohort.grader() as second:
        made = prepare(first, "good")
        first.compile(made)
        first.compile(made)
        first.compiling.wait(60)
        assert tasks(first) == ["resolve", "install", "compile"]
        assert list(cohort.store.path(stored(made)).rglob("good.cpython-*.pyc"))
        second.compile(prepare(second, "good"))
        second.compiling.wait(60)
        assert tasks(second) == []


def test_compiling_that_was_ended_is_gone_on_with_by_the_next(cohort: Cohort) -> None:
    with cohort.grader() as first:
        made = prepare(first, "good")
        first.sandbox.program = (sys.executable, "-c", "import time; time.sleep(60)")  # type: ignore[attr-defined]
        first.compile(made)
        began = time.monotonic()
    assert time.monotonic() - began < 30
    with cohort.grader() as second:
        second.compile(prepare(second, "good"))
        second.compiling.wait(60)
        assert tasks(second) == ["compile"]


def test_what_was_remembered_and_then_damaged_is_asked_again(cohort: Cohort) -> None:
    with cohort.grader() as grader:
        key = prepare(grader, "good").key
    for path in (*(cohort.folder / "resolved").iterdir(), *(cohort.folder / "installed").iterdir()):
        path.write_text('{"lock": "')
    with cohort.grader() as grader:
        made = prepare(grader, "good")
        assert (made.key, made.error, tasks(grader)) == (key, None, ["resolve", "install"])


def test_a_node_part_shares_its_packages_too(cohort: Cohort) -> None:
    web = Part("web", "web", "node", tuple(Requirement(t, Place("web/package.json", 4)) for t in ("ms@2.1.2", "is-odd@^99.0.0")))
    index = PackageIndex(ca_bundle=certificates())
    with cohort.grader(index=index) as first, cohort.grader(index=index) as second:
        cold = first.prepare(web, before="2026-03-01", contact=Contact())
        assert (cold.error, cold.warm) == (None, False)
        assert {"ms@2.1.2", "is-odd@3.0.1"} <= set(cold.installed)
        assert [(r.requirement.text, r.used) for r in cold.relaxed] == [("is-odd@^99.0.0", "is-odd@3.0.1")]
        assert (cohort.store.path(stored(cold)) / "node_modules" / "ms").is_dir()
        assert second.prepare(web, before="2026-03-01", contact=Contact()).warm
        assert tasks(second) == []
