"""The archive that an examination gets, from hostile trees."""

from __future__ import annotations

import io
import json
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest

from grader.errors import RepositoryRefused
from grader.fetch import fetch
from grader.pack import pack
from grader.settings import Settings, read_settings
from grader.source import parse_source
from tests.conftest import Make, git

SETTINGS = read_settings({})


def archive_of(work: Path, folder: Path, settings: Settings = SETTINGS) -> tuple[dict[str, bytes], dict[str, str]]:
    """Return (path → content) and (skipped path → reason)."""
    folder.mkdir(exist_ok=True)
    snapshot = fetch(parse_source(str(work), settings.hosts), None, settings=settings, folder=folder)
    packed = pack(snapshot, settings=settings, folder=folder)
    first, rest = packed.frame("job.json", {"nonce": "é"})
    files = {}
    with tarfile.open(fileobj=io.BytesIO(first + rest.read_bytes()), mode="r|") as archive:
        for member in archive:
            content = archive.extractfile(member)
            assert content is not None and member.isreg()
            files[member.name.removeprefix("tree/")] = content.read()
    assert json.loads(files.pop("job.json")) == {"nonce": "é"}
    return files, {s.path: s.reason for s in packed.skipped}


def test_files_arrive_as_they_are(make_repository: Make, tmp_path: Path) -> None:
    names = {"a b/é.py": b"x = 1\n", "line\nbreak.txt": b"1", "tab\tname": b"2", "-rf": b"3", "$(id).sh": b"4"}
    work = make_repository({**names, ".gitattributes": b"* export-ignore\n"})
    (work / "a b" / "uncommitted.py").write_text("secret")
    files, skipped = archive_of(work, tmp_path / "out")
    assert files == {**names, ".gitattributes": b"* export-ignore\n"}
    assert skipped == {}


def test_links_submodules_and_pointers_are_named_not_followed(make_repository: Make, tmp_path: Path) -> None:
    work = make_repository({"a.py": "1", "big.csv": "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n"})
    (work / "out").symlink_to("/etc/passwd")
    git(work, "add", "out")
    git(work, "update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},module")
    git(work, "commit", "--quiet", "--message", "links")
    files, skipped = archive_of(work, tmp_path / "out")
    assert set(files) == {"a.py"}
    assert skipped == {"out": "symlink", "module": "submodule", "big.csv": "lfs-pointer"}


def test_committed_environments_and_libraries_are_left_out_by_folder(make_repository: Make, tmp_path: Path) -> None:
    work = make_repository(
        {
            "app.py": "1",
            "monenv/pyvenv.cfg": "",
            "monenv/lib/x.py": "",
            "web/node_modules/a/i.js": "",
            "web/node_modules/b.js": "",
        }
    )
    files, skipped = archive_of(work, tmp_path / "out")
    assert set(files) == {"app.py"}
    assert skipped == {"monenv/": "vendored:2", "web/node_modules/": "vendored:2"}


def test_limits_keep_the_first_files_and_say_how_many_are_beyond(make_repository: Make, tmp_path: Path) -> None:
    work = make_repository({f"{i:02}.txt": "x" * 100 for i in range(10)} | {"huge.bin": bytes(5000)})
    small = replace(SETTINGS, most_files=4, most_file_bytes=1000)
    files, skipped = archive_of(work, tmp_path / "out", small)
    assert sorted(files) == ["00.txt", "01.txt", "02.txt", "03.txt"]
    assert skipped == {"huge.bin": "too-large", "…": "beyond-the-limits:6"}


def test_a_tree_that_climbs_out_is_not_written(make_repository: Make, tmp_path: Path) -> None:
    work = make_repository({"a.py": "1"})
    blob = git(work, "hash-object", "-w", "a.py")
    tree = bytes.fromhex(blob)
    bad = git(
        work, "hash-object", "-w", "-t", "tree", "--literally", "--stdin", stdin=b"100644 ..\0" + tree + b"100644 ok.py\0" + tree
    )
    commit = git(work, "commit-tree", bad, "-m", "climb")
    git(work, "update-ref", "refs/heads/main", commit)
    files, skipped = archive_of(work, tmp_path / "out")
    assert set(files) == {"ok.py"}
    assert skipped == {"..": "unsafe-name"}


def test_a_missing_object_is_named(make_repository: Make, tmp_path: Path) -> None:
    work = make_repository({"a.py": "1", "gone.pdf": "content to lose"})
    sha = git(work, "rev-parse", "HEAD:gone.pdf")
    (work / ".git/objects" / sha[:2] / sha[2:]).unlink()
    files, skipped = archive_of(work, tmp_path / "out")
    assert set(files) == {"a.py"}
    assert skipped == {"gone.pdf": "absent-from-the-host"}


def test_a_repository_without_commit_or_files_is_refused(make_repository: Make, tmp_path: Path) -> None:
    work = make_repository({})
    with pytest.raises(RepositoryRefused, match="empty"):
        archive_of(work, tmp_path / "out")


def test_a_local_configuration_is_outranked(make_repository: Make, tmp_path: Path) -> None:
    work = make_repository({"a.py": "1"})
    trap = tmp_path / "trap"
    for key in (
        "core.fsmonitor",
        "core.alternateRefsCommand",
        "core.pager",
        "core.sshCommand",
        "diff.external",
        "core.hooksPath",
    ):
        git(work, "config", key, f"touch {trap}")
    archive_of(work, tmp_path / "out")
    assert not trap.exists()


def test_a_hundred_thousand_files_end_within_the_limits(make_repository: Make, tmp_path: Path) -> None:
    work = make_repository({"a.py": "1"})
    blob = git(work, "rev-parse", "HEAD:a.py")
    git(
        work,
        "update-index",
        "--index-info",
        stdin="".join(f"100644 {blob}\td{i % 100}/f{i}.py\n" for i in range(100_000)).encode(),
    )
    git(work, "commit", "--quiet", "--message", "many")
    files, skipped = archive_of(work, tmp_path / "out")
    assert len(files) == SETTINGS.most_files
    assert skipped == {"…": f"beyond-the-limits:{100_001 - SETTINGS.most_files}"}
