"""Fetching, against a real Git host over HTTPS on loopback."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from grader.errors import RepositoryRefused, SourceRefused
from grader.fetch import Snapshot, fetch
from grader.pack import Entry, choose, read_tree
from grader.settings import Settings
from grader.source import parse_source
from grader.values import Skipped
from tests.conftest import Make, git
from tests.git_host import GitHost


def bring(host: GitHost, address: str, folder: Path, ref: str | None = None) -> Snapshot:
    target = folder / "fetched"
    target.mkdir(exist_ok=True)
    return fetch(parse_source(address, host.settings.hosts), ref, settings=host.settings, folder=target)


def test_brings_the_default_branch_with_its_history(git_host: GitHost, make_repository: Make, tmp_path: Path) -> None:
    work = make_repository({"README.md": "# Projet"})
    git(work, "commit", "--quiet", "--allow-empty", "--message", "fix: corrige le calcul")
    git(work, "branch", "hotfix-prix")
    snapshot = bring(git_host, git_host.publish(work), tmp_path)
    assert snapshot.commit == git(work, "rev-parse", "HEAD")
    assert snapshot.tree == git(work, "rev-parse", "HEAD^{tree}")
    assert (snapshot.ref, snapshot.date) == ("main", "2026-03-02T09:00:00Z")
    assert [c.subject for c in snapshot.history.commits] == ["fix: corrige le calcul", "first work"]
    assert snapshot.history.commits[1].files == ("README.md",)
    assert {"main", "hotfix-prix"} <= set(snapshot.history.branches)
    assert snapshot.history.complete


def test_a_branch_that_holds_the_work_is_told(git_host: GitHost, make_repository: Make, tmp_path: Path) -> None:
    work = make_repository({"README.md": "# Projet"})
    git(work, "switch", "--quiet", "--create", "dev")
    make_repository({f"api/module_{n}.py": "x = 1" for n in range(12)} | {"node_modules/a.js": "1"})
    git(work, "switch", "--quiet", "--create", "essai", "main")
    make_repository({"essai.py": "y = 2"})
    git(work, "switch", "--quiet", "main")
    for address in (git_host.publish(work), str(work)):
        assert bring(git_host, address, tmp_path).history.elsewhere == (Skipped("dev", "other-branch:12"),)
    assert bring(git_host, git_host.publish(work), tmp_path, "dev").history.elsewhere == ()


def test_nothing_is_checked_out(git_host: GitHost, make_repository: Make, tmp_path: Path) -> None:
    work = make_repository({"secret-name.py": "print('hello')"})
    bring(git_host, git_host.publish(work), tmp_path)
    assert not list((tmp_path / "fetched").rglob("secret-name.py"))
    assert not list((tmp_path / "fetched").rglob("hooks"))


@pytest.mark.parametrize("kind", ["branch", "tag", "sha"])
def test_a_ref_may_be_a_branch_a_tag_or_a_commit(git_host: GitHost, make_repository: Make, tmp_path: Path, kind: str) -> None:
    work = make_repository({"a.txt": "1"})
    git(work, "tag", "v1")
    git(work, "branch", "side")
    wanted = git(work, "rev-parse", "HEAD")
    make_repository({"a.txt": "2"})
    ref = {"branch": "side", "tag": "v1", "sha": wanted}[kind]
    assert bring(git_host, git_host.publish(work), tmp_path, ref).commit == wanted


def test_a_pushed_configuration_is_not_obeyed(git_host: GitHost, make_repository: Make, tmp_path: Path) -> None:
    work = make_repository({".gitattributes": "* export-ignore\n*.py filter=evil", "a.py": "x = 1", ".gitmodules": ""})
    snapshot = bring(git_host, git_host.publish(work), tmp_path)
    assert snapshot.commit == git(work, "rev-parse", "HEAD")


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("camille/absent", "source-absent-or-private"),
        ("private/projet", "source-absent-or-private"),
        ("redirect/projet", "source-redirected"),
    ],
)
def test_a_host_that_refuses_is_a_clear_refusal(git_host: GitHost, tmp_path: Path, name: str, code: str) -> None:
    with pytest.raises(SourceRefused) as refusal:
        bring(git_host, f"{git_host.address}/{name}", tmp_path)
    assert refusal.value.code == code


def test_an_empty_repository_is_refused(git_host: GitHost, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    git(empty, "init", "--quiet")
    with pytest.raises(RepositoryRefused, match="empty"):
        bring(git_host, git_host.publish(empty, "camille/vide"), tmp_path)


def test_an_unknown_ref_is_refused(git_host: GitHost, make_repository: Make, tmp_path: Path) -> None:
    address = git_host.publish(make_repository({"a": "1"}))
    with pytest.raises(RepositoryRefused) as refusal:
        bring(git_host, address, tmp_path, "nowhere")
    assert refusal.value.code == "ref-unknown"


def test_a_repository_without_default_branch_asks_for_one(git_host: GitHost, make_repository: Make, tmp_path: Path) -> None:
    address = git_host.publish(make_repository({"a": "1"}), "camille/orphan")
    (git_host.root / "camille/orphan.git/HEAD").write_text("ref: refs/heads/nowhere\n")
    with pytest.raises(RepositoryRefused) as refusal:
        bring(git_host, address, tmp_path)
    assert refusal.value.code == "no-default-branch"


def test_a_repository_over_the_limit_is_refused(git_host: GitHost, make_repository: Make, tmp_path: Path) -> None:
    import os

    address = git_host.publish(make_repository({f"{i}.bin": os.urandom(200_000) for i in range(10)}))
    small = replace(git_host, settings=replace(git_host.settings, most_bytes=300_000))
    with pytest.raises(RepositoryRefused) as refusal:
        bring(small, address, tmp_path)
    assert refusal.value.code == "repository-too-large"


def test_a_large_file_stays_at_the_host(git_host: GitHost, make_repository: Make, tmp_path: Path) -> None:
    address = git_host.publish(make_repository({"model.bin": bytes(400_000), "a.py": "x = 1"}))
    host = replace(git_host, settings=replace(git_host.settings, most_file_bytes=100_000))
    snapshot = bring(host, address, tmp_path)
    kept, skipped = choose(read_tree(snapshot, host.settings), host.settings)
    assert [e.path for e in kept] == ["a.py"]
    assert [(s.path, s.reason) for s in skipped] == [("model.bin", "absent-from-the-host")]


def test_images_and_data_sets_come_last() -> None:
    crowd = [Entry(f"a/etiquettes/{n}.txt", "100644", "0" * 40, 1) for n in range(300)]
    images = [Entry(f"a/images/{n}.png", "100644", "0" * 40, 1) for n in range(3)]
    code = Entry("z/app.py", "100644", "0" * 40, 1)
    kept, skipped = choose([*crowd, *images, code], Settings(most_files=10))
    assert kept[0] == code and len(kept) == 10
    assert skipped[-1].reason == "beyond-the-limits:294"
