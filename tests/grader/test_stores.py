"""What every store does, whatever sandbox mounts it; and holds, which keep what is used."""

from __future__ import annotations

import multiprocessing
import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from grader.holds import Hold
from grader.places import usable_root
from grader.process import Limits
from grader.sandbox import ENVIRONMENT, Contact, Job, Mount, Store, Stored
from grader.sandbox.bubblewrap import Bubblewrap
from grader.sandbox.docker import Docker
from grader.sandbox.folders import FolderStore
from grader.sandbox.volumes import VolumeStore
from grader.settings import read_settings
from tests.conftest import engine_address

# One line a store: a function of an empty folder. `write` puts bytes into a name as a sandbox would.
STORES: dict[str, Callable[[Path], Store]] = {
    "folders": lambda folder: FolderStore(folder / "store"),
    "volumes": lambda folder: VolumeStore(engine_address() or "", folder / "uses"),
}
WRITER = "import sys; open('/opt/environment/file', 'w').write('x' * 100_000)"


def write(store: Store, name: str) -> None:
    """Write 100,000 bytes into a name, as a sandbox would."""
    if isinstance(store, FolderStore):
        (store.path(name) / "file").write_text("x" * 100_000)
        return
    settings = read_settings()
    docker = Docker(settings.image, settings.runner_image, host=engine_address() or "")
    mount = Mount(name, ENVIRONMENT, writable=True)
    job = Job((), Limits(seconds=30), arguments=("-I", "-c", WRITER), candidate=True, mounts=(mount,))
    assert docker.run(job, Contact()).ok


@pytest.fixture(params=["folders", pytest.param("volumes", marks=pytest.mark.engine)])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    store = STORES[request.param](tmp_path)
    before = {s.name for s in store.stored()}
    yield store
    for one in store.stored():
        if one.name not in before:
            store.remove(one.name)


def stored(store: Store, name: str) -> list[Stored]:
    return [s for s in store.stored() if s.name == name]


@pytest.mark.root
def test_what_was_written_with_a_root_folder_can_be_written_without_one_and_again_with_it() -> None:
    root = usable_root(read_settings())
    assert root is not None, "no root of this code: run the tests by `make test`"
    with tempfile.TemporaryDirectory(prefix="store-", dir="/var/tmp") as folder:
        Path(folder).chmod(0o755)  # nobody may look into it, as into the machine's own
        store = FolderStore(Path(folder) / "store")
        store.make("one")
        mount = Mount("one", ENVIRONMENT, writable=True)
        job = Job((), Limits(seconds=30), arguments=("-I", "-c", WRITER), candidate=True, mounts=(mount,))
        for used in (root, None, root):
            done = Bubblewrap(used, store).run(job, Contact())
            assert done.ok, (used, done.stderr)


def test_what_is_made_is_there_until_removed(store: Store) -> None:
    assert not store.has("environment-a")
    assert stored(store, "environment-a") == []
    store.make("environment-a")
    store.make("environment-a")
    assert store.has("environment-a")
    assert len(stored(store, "environment-a")) == 1
    store.remove("environment-a")
    store.remove("environment-a")
    assert not store.has("environment-a")
    assert stored(store, "environment-a") == []


def test_making_again_keeps_what_it_holds_and_removing_does_not(store: Store) -> None:
    store.make("one")
    write(store, "one")
    store.make("one")
    assert stored(store, "one")[0].bytes >= 100_000
    store.remove("one")
    store.make("one")
    assert stored(store, "one")[0].bytes < 10_000


def test_use_is_noted(store: Store) -> None:
    begun = time.time()
    store.make("one")
    first = stored(store, "one")[0].used_at
    assert begun - 2 <= first <= time.time() + 2
    time.sleep(1.1)
    store.touch("one")
    assert stored(store, "one")[0].used_at > first
    store.touch("absent")
    assert not store.has("absent")


@pytest.mark.parametrize("name", ["", "..", "a/b", "A", "a" * 81, "a\n", ".a"])
def test_a_name_is_a_name(store: Store, name: str) -> None:
    with pytest.raises(ValueError, match="name"):
        store.make(name)


def test_folders_are_removed_whatever_they_hold(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "store")
    store.make("one")
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").write_text("kept")
    inside = store.path("one") / "deep" / "er"
    inside.mkdir(parents=True)
    (inside / "file").write_text("x")
    (inside / "link").symlink_to(outside)
    os.mkfifo(inside / "pipe")
    inside.chmod(0o500)
    inside.parent.chmod(0o500)
    store.remove("one")
    assert [p.name for p in store.root.iterdir()] == []
    assert (outside / "kept").read_text() == "kept"


def test_a_removal_that_was_killed_is_finished_by_the_next(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "store")
    store.make("one")
    (store.root / ".leaving-killed" / "two").mkdir(parents=True)
    assert [s.name for s in store.stored()] == ["one"]
    store.remove("one")
    assert list(store.root.iterdir()) == []


def test_users_share_and_makers_wait(tmp_path: Path) -> None:
    path = tmp_path / "holds" / "key"
    users, maker = [Hold(path), Hold(path)], Hold(path)
    assert all(user.shared(0) for user in users)
    assert not maker.exclusive(0.1)
    threading.Timer(0.3, lambda: [user.release() for user in users]).start()
    assert maker.exclusive(20)
    assert not users[0].shared(0)
    maker.release()
    assert users[0].shared(0)


def test_waiting_ends_when_asked(tmp_path: Path) -> None:
    stop = threading.Event()
    first, second = Hold(tmp_path / "key"), Hold(tmp_path / "key")
    assert first.exclusive(0)
    threading.Timer(0.2, stop.set).start()
    begun = time.monotonic()
    assert not second.shared(60, stop)
    assert time.monotonic() - begun < 30


def test_a_lock_file_that_was_removed_protects_nothing(tmp_path: Path) -> None:
    first, second = Hold(tmp_path / "key"), Hold(tmp_path / "key")
    assert first.exclusive(0)
    first.path.unlink()
    assert second.exclusive(0)
    first.release()
    assert not Hold(tmp_path / "key").shared(0)


def _hold_and_die(path: Path) -> None:
    Hold(path).exclusive(0)
    os.kill(os.getpid(), 9)


def test_a_hold_ends_with_its_process(tmp_path: Path) -> None:
    process = multiprocessing.get_context("fork").Process(target=_hold_and_die, args=(tmp_path / "key",))
    process.start()
    process.join()
    assert process.exitcode == -9
    assert Hold(tmp_path / "key").exclusive(5)
