"""The preparer: real uv, wheels made by hand for what goes wrong, the real index for what goes right."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest

from checks.runner.asked import asked
from checks.runner.complaints import complaint
from checks.runner.frames import frame, read_frame
from tests.wheels import ROOT, UV, certificates, wheel

WINDOWS = "cp311-cp311-win_amd64"


class Preparer:
    """Sends tasks to the real program."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.links = folder / "links"
        self.links.mkdir()
        self.environment = folder / "environment"

    def ask(self, **task: Any) -> dict[str, Any]:
        index = task.pop("index", {"find_links": [str(self.links)], "url": (self.folder / "none").as_uri()})
        index = {"ca_bundle": certificates()} | index
        given = {"uv": UV, "cache": str(self.folder / "cache"), "environment": str(self.environment), "index": index, **task}
        start = (
            f"import sys; sys.path.insert(0, {str(ROOT / 'checks')!r}); from runner.prepare import main; raise SystemExit(main())"
        )
        done = subprocess.run(
            (sys.executable, "-I", "-c", start),
            input=frame(json.dumps(given).encode()),
            capture_output=True,
            check=True,
            env={"UV_INDEX_URL": "http://127.0.0.1:9/", "PIP_INDEX_URL": "http://127.0.0.1:9/"},
        )
        stream = io.BytesIO(done.stdout)
        answer = json.loads(read_frame(stream, 10_000_000) or b"")
        assert stream.read() == b""
        self.progress = done.stderr.decode()
        return dict(answer)

    def resolve(self, *requirements: str, tools: tuple[str, ...] = (), before: str = "", **more: Any) -> dict[str, Any]:
        return self.ask(do="resolve", requirements=requirements, tools=tools, before=before, **more)


@pytest.fixture
def preparer(tmp_path: Path) -> Preparer:
    return Preparer(tmp_path)


def packages(answer: dict[str, Any]) -> list[str]:
    return [line.split(" ")[0] for line in answer["lock"].splitlines()]


def reasons(answer: dict[str, Any]) -> dict[str, str]:
    return {d["text"]: d["reason"] for d in answer["left_out"]}


def used(answer: dict[str, Any]) -> dict[str, str]:
    return {d["text"]: d["used"] for d in answer["relaxed"]}


def test_the_real_index_as_of_a_day(preparer: Preparer) -> None:
    answer = preparer.resolve("packaging", "six", tools=("iniconfig>=2",), before="2024-01-15", index={})
    assert packages(answer) == ["iniconfig==2.0.0", "packaging==23.2", "six==1.16.0"]
    assert (answer["error"], answer["left_out"], answer["undated"]) == (None, [], [])
    assert "prepare resolve 3 packages" in preparer.progress
    installed = preparer.ask(do="install", lock=answer["lock"], index={})
    assert installed["installed"] == packages(answer)
    python = preparer.environment / "bin" / "python"
    done = subprocess.run((str(python), "-I", "-B", "-c", "import six, packaging; print(six.__version__)"), capture_output=True)
    assert done.stdout == b"1.16.0\n"
    assert not list(preparer.environment.rglob("*.pyc"))
    assert preparer.ask(do="compile", index={})["compiled"]
    assert list(preparer.environment.rglob("six.cpython-*.pyc"))


def test_what_was_built_before_numpy_2_gets_numpy_1(preparer: Preparer) -> None:
    old = preparer.resolve("pandas==1.5.3", before="2024-09-30", index={})
    assert "numpy==1.26.4" in packages(old) and "pandas==1.5.3" in packages(old)
    new = preparer.resolve("pandas==2.2.3", before="2024-09-30", index={})
    assert "numpy==2.1.1" in packages(new)
    wanted = preparer.resolve("pandas==1.5.3", "numpy>=2", before="2024-09-30", index={})  # theirs to decide
    assert "numpy==2.1.1" in packages(wanted)


def test_what_every_environment_holds_is_added_where_it_goes_together(preparer: Preparer) -> None:
    wheel(preparer.links, "good", "1.0")
    wheel(preparer.links, "setuptools", "80.0")
    wheel(preparer.links, "setuptools", "82.0")
    assert packages(preparer.resolve("good", beside=("setuptools<81",))) == ["good==1.0", "setuptools==80.0"]
    theirs = preparer.resolve("good", "setuptools==82.0", beside=("setuptools<81",))
    assert (packages(theirs), theirs["relaxed"]) == (["good==1.0", "setuptools==82.0"], [])


def test_a_pin_newer_than_the_day_is_taken_and_said(preparer: Preparer) -> None:
    answer = preparer.resolve("packaging==24.0", before="2024-01-15", index={})
    assert (packages(answer), answer["undated"]) == (["packaging==24.0"], ["packaging"])


def test_what_cannot_be_had_is_left_out_by_name_and_the_rest_resolves(preparer: Preparer) -> None:
    wheel(preparer.links, "good", "1.0")
    wheel(preparer.links, "windows-thing", "306", tag=WINDOWS)
    wheel(preparer.links, "needs-absent", "1.0", requires=("absent-below",))
    wheel(preparer.links, "needs-windows", "1.0", requires=("windows-thing",))
    answer = preparer.resolve("pkg-resources==0.0.0", "good", "windows-thing==306", "needs-absent", "needs-windows==1.0")
    assert packages(answer) == ["good==1.0"]
    assert reasons(answer) == {
        "pkg-resources==0.0.0": "not-found",
        "windows-thing==306": "no-wheel",
        "needs-absent": "not-found",
        "needs-windows==1.0": "no-wheel",
    }


def test_a_pin_that_cannot_be_had_is_loosened_as_little_as_possible(preparer: Preparer) -> None:
    for version in ("1.0", "1.9", "2.0"):
        wheel(preparer.links, "numbers", version)
    wheel(preparer.links, "tensors", "2.1.0")
    wheel(preparer.links, "old", "3.0")
    answer = preparer.resolve("numbers==1.2", "tensors==2.1.0+cu118", "old==1.0.1 ; python_version >= '3.8'")
    assert used(answer) == {
        "numbers==1.2": "numbers==1.9",
        "tensors==2.1.0+cu118": "tensors==2.1.0",
        "old==1.0.1 ; python_version >= '3.8'": "old==3.0",
    }
    assert answer["left_out"] == []


def test_a_conflict_loosens_what_others_need(preparer: Preparer) -> None:
    for version in ("1.0", "2.0"):
        wheel(preparer.links, "shared", version)
    wheel(preparer.links, "frame", "1.0", requires=("shared<2",))
    answer = preparer.resolve("frame==1.0", "shared==2.0")
    assert packages(answer) == ["frame==1.0", "shared==1.0"]
    assert used(answer) == {"shared==2.0": "shared==1.0"}


def test_two_that_exclude_each_other_leave_one(preparer: Preparer) -> None:
    for version in ("1.0", "2.0"):
        wheel(preparer.links, "shared", version)
    wheel(preparer.links, "before", "1.0", requires=("shared<2",))
    wheel(preparer.links, "after", "1.0", requires=("shared>=2",))
    answer = preparer.resolve("before", "after")
    assert len(packages(answer)) == 2
    assert list(reasons(answer).values()) == ["conflict"]


def test_our_tools_win_only_where_the_submission_s_do_not_work(preparer: Preparer) -> None:
    for version in ("6.2.5", "7.4.0", "9.0.0"):
        wheel(preparer.links, "pytest", version)
    assert packages(preparer.resolve("pytest==7.4.0", tools=("pytest>=7",))) == ["pytest==7.4.0"]
    answer = preparer.resolve("pytest==6.2.5", tools=("pytest>=7",))
    assert used(answer) == {"pytest==6.2.5": "pytest==9.0.0"}


def test_a_long_list_of_old_pins_takes_few_calls(preparer: Preparer) -> None:
    texts = []
    for n in range(30):
        wheel(preparer.links, f"old-{n}", "2.0", tag=WINDOWS if n % 3 == 0 else "py3-none-any")
        texts.append(f"old-{n}==1.0" if n % 3 == 1 else f"old-{n}")
    answer = preparer.resolve(*texts)
    assert (len(packages(answer)), len(answer["relaxed"]), len(answer["left_out"])) == (20, 10, 10)
    assert answer["calls"] < 90


def test_what_brings_too_much_is_left_out(preparer: Preparer) -> None:
    answer = preparer.resolve("six", "packaging", index={}, most_bytes=20_000, before="2024-01-15")
    assert (packages(answer), reasons(answer)) == (["six==1.16.0"], {"packaging": "too-large"})


def test_an_index_that_does_not_answer_is_our_failure(preparer: Preparer) -> None:
    answer = preparer.resolve("six", index={"url": "http://127.0.0.1:9/simple"})
    assert (answer["error"], answer.get("lock")) == ("index-unreachable", None)


def test_a_resolver_that_does_not_work_blames_no_requirement(preparer: Preparer) -> None:
    broken = preparer.folder / "uv"
    broken.write_text("#!/bin/sh\necho 'error: Failed to initialize cache' >&2\nexit 2\n")
    broken.chmod(0o755)
    answer = preparer.resolve("packaging==24.0", "six", tools=("iniconfig>=2",), uv=str(broken))
    assert (answer["error"], answer.get("left_out")) == ("install-failed", None)
    assert "initialize cache" in answer["detail"]


def test_time_is_bounded(preparer: Preparer) -> None:
    answer = preparer.resolve("six", index={}, seconds=0.001)
    assert answer["error"] == "resolve-timeout"


def test_an_index_without_days_is_used_all_the_same(preparer: Preparer) -> None:
    simple = preparer.folder / "simple"
    made = wheel(simple / "undated", "undated", "1.0")
    (simple / "undated" / "index.html").write_text(f'<a href="{made.name}">{made.name}</a>')
    answer = preparer.resolve("undated", index={"url": simple.as_uri()}, before="2024-01-15")
    assert (packages(answer), answer["undated"]) == (["undated==1.0"], ["undated"])


def test_nothing_of_a_package_runs_while_it_is_prepared(preparer: Preparer) -> None:
    trace = preparer.folder / "ran"
    code = f"open({str(trace)!r}, 'w').close()\n"
    wheel(
        preparer.links, "hostile", "1.0", files={"hostile-start.pth": f"import sys; exec({code!r})\n", "sitecustomize.py": code}
    )
    answer = preparer.resolve("hostile")
    told = preparer.ask(do="install", lock=answer["lock"])
    assert (told["error"], told["installed"]) == (None, ["hostile==1.0"])
    assert preparer.ask(do="compile")["compiled"]
    assert not trace.exists()
    assert list(preparer.environment.rglob("hostile.cpython-*.pyc"))
    subprocess.run((str(preparer.environment / "bin" / "python"), "-c", "pass"), check=True)
    assert trace.exists()  # it would have


def test_what_is_compiled_is_not_compiled_again_and_a_broken_module_hurts_no_other(preparer: Preparer) -> None:
    files = {"broken.py": "def", "other.py": "x = 1\n", "other/tests/test_it.py": "x = 1\n"}
    wheel(preparer.links, "good", "1.0", files=files)
    preparer.ask(do="install", lock=preparer.resolve("good")["lock"])
    assert preparer.ask(do="compile")["compiled"]
    (first,) = preparer.environment.rglob("good.cpython-*.pyc")
    made = first.stat().st_ino
    assert preparer.ask(do="compile")["compiled"]
    assert first.stat().st_ino == made
    assert {p.name.split(".")[0] for p in preparer.environment.rglob("*.pyc")} >= {"good", "other"}
    assert not [p for p in preparer.environment.rglob("*.pyc") if p.name.startswith(("broken", "test_it"))]


def test_a_source_distribution_is_never_built(preparer: Preparer) -> None:
    source = preparer.folder / "setup.py"
    source.write_text(f"open({str(preparer.folder / 'ran')!r}, 'w').close()")
    with tarfile.open(preparer.links / "source-only-1.0.tar.gz", "w:gz") as archive:
        archive.add(source, "source-only-1.0/setup.py")
    wheel(preparer.links, "good", "1.0")
    answer = preparer.resolve("source-only", "good")
    assert (packages(answer), reasons(answer)) == (["good==1.0"], {"source-only": "no-wheel"})
    assert not (preparer.folder / "ran").exists()


def test_a_wheel_that_does_not_match_its_hash_is_left_out(preparer: Preparer) -> None:
    wheel(preparer.links, "good", "1.0")
    wheel(preparer.links, "changed", "1.0")
    lock = preparer.resolve("good", "changed")["lock"]
    wheel(preparer.links, "changed", "1.0", files={"more.py": ""})
    told = preparer.ask(do="install", lock=lock, cache=str(preparer.folder / "another"))
    assert (told["installed"], told["left_out"]) == (["good==1.0"], [{"text": "changed==1.0", "reason": "broken"}])
    assert not list(preparer.environment.rglob("changed.py"))


def test_a_wheel_cannot_leave_its_environment(preparer: Preparer) -> None:
    wheel(preparer.links, "climber", "1.0", files={"../../../../../escaped.py": "x = 1\n"})
    told = preparer.ask(do="install", lock=preparer.resolve("climber")["lock"])
    assert not list(preparer.folder.glob("escaped.py"))
    assert told["error"] is None or told["error"] == "install-failed"


@pytest.mark.parametrize(
    "text",
    [
        "-r /etc/hostname",
        "--index-url http://x",
        "a @ file:///etc",
        "a\n--index-url=x",
        "./here",
        "git+https://x/y",
        "a;b@c",
        "",
        "é",
    ],
)
def test_what_is_no_requirement_is_not_given_to_the_resolver(preparer: Preparer, text: str) -> None:
    assert asked(text) is None


def test_no_looser_words_are_left_in_the_end() -> None:
    tried, one = [], asked("torch[x]==2.1.0+cu118 ; python_version >= '3.8'")
    while one is not None:
        tried.append(one.tried)
        one = one.looser()
    assert [t.partition(" ")[0] for t in tried] == ["torch[x]==2.1.0+cu118", "torch[x]==2.1.0", "torch[x]>=2.1.0,<3", "torch[x]"]


def test_the_words_of_a_refusal() -> None:
    told = complaint(
        "error: No solution found when resolving dependencies\n  cause: Because streamlit==1.12.0 depends on protobuf>=3.12,<4 and"
        " you require streamlit==1.12.0, we can conclude that you require protobuf>=3.12,<4.\n         And because you require"
        " protobuf==5.26.0, we can conclude that your requirements are unsatisfiable.\n"
    )
    assert told.below == ("protobuf",)
    assert {"streamlit", "protobuf"} <= set(told.mentioned)
    assert told.reason_for("protobuf") == "conflict"
