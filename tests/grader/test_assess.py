"""From what is handed in to a grid, by the worker's own code: several repositories, documents, private ones, and force-pushes."""

from __future__ import annotations

import io
import json
import logging
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from sqlmodel import Session, select

from grader.assess import Assessor
from grader.compose import DOCUMENTS
from grader.files import Files
from grader.handing import Asked, Hand, hand_in
from grader.render.forge import link, link_of
from grader.secret import is_signed, read_secret
from grader.store.database import Database
from grader.store.documents import add_document
from grader.store.grids import fetched, grid_of
from grader.store.tables import Assessment, Document, Enrolment, Receipt, Snapshot, State, SubmittedRepository
from grader.uploads import receive_upload
from grader.values import Outcome
from grader.viewer import Viewer
from tests.conftest import commit
from tests.git_host import TOKEN, GitHost
from tests.grader.test_uploads import archive, docx
from tests.store.people import People, people

REPORT = [
    "Le projet est porté par la mairie et la direction de l'eau, parties prenantes de la commande.",
    "Le but fonctionnel est de prévoir les crues ; le but technique, une API en Python.",
]


class Quiet:
    """A queue that nobody hears: these tests take what waits by themselves."""

    def tell(self, *_: object) -> None:
        """Do nothing."""


class Here:
    """A store, a worker and a candidate."""

    def __init__(self, database: Database, tmp_path: Path, git_host: GitHost) -> None:
        self.database, self.host = database, git_host
        self.files, self.secret = Files(str(tmp_path / "files")), read_secret(tmp_path / "secret")
        work = tmp_path / "work"
        work.mkdir()
        settings = replace(git_host.settings, work_folder=work)
        self.worker = Assessor(database, self.files, self.secret, settings, Quiet(), sandbox="none", samples=True)
        with database.begin() as session:
            self.known: People = people(session)

    def hand_in(self, *urls: str, documents: tuple[tuple[str, str, bytes], ...] = (), token: str | None = None) -> Assessment:
        """Hand in and take all that waits; return the assessment."""
        with self.database.begin() as session:
            enrolment = session.get_one(Enrolment, self.known.enrolment.id)
            ids = []
            for exam, name, data in documents:
                upload = receive_upload(self.files, io.BytesIO(data), name=name, most_bytes=10_000_000)
                ids.append(add_document(session, enrolment, upload, exam=exam, by=self.known.ada.id).id)
            hand = Hand(self.secret, self.worker.settings.hosts, samples=True)
            asked = Asked(tuple((u, None, token) for u in urls), tuple(ids))
            submission, _ = hand_in(session, hand, enrolment, asked, person=self.known.ada.id, key=None)
            identity = submission.id
        while self.worker.take(State.RECEIVED) or self.worker.take(State.QUEUED):
            pass
        with self.database.read() as session:
            return session.exec(select(Assessment).where(Assessment.submission_id == identity)).one()

    def read(self) -> Session:
        return Session(self.database.engine)


@pytest.fixture
def here(database: Database, tmp_path: Path, git_host: GitHost) -> Here:
    return Here(database, tmp_path, git_host)


def repository(tmp_path: Path, name: str, files: dict[str, bytes | str]) -> Path:
    return commit(tmp_path / "repositories" / name, files)


def test_a_force_push_after_submission_changes_nothing(here: Here, tmp_path: Path, git_host: GitHost) -> None:
    first = repository(tmp_path, "a", {"README.md": "# first\n"})
    url = git_host.publish(first)
    with here.database.begin() as session:
        enrolment = session.get_one(Enrolment, here.known.enrolment.id)
        hand = Hand(here.secret, here.worker.settings.hosts)
        hand_in(session, hand, enrolment, Asked(((url, None, None),)), person=here.known.ada.id, key=None)
    assert here.worker.take(State.RECEIVED)
    git_host.publish(repository(tmp_path, "b", {"README.md": "# forced\n"}))
    assert here.worker.take(State.QUEUED)
    with here.read() as session:
        row = session.exec(select(Assessment)).one()
        snapshot = session.get_one(Snapshot, row.snapshot_id)
        receipt = session.exec(select(Receipt)).one()
        assert row.state == State.READY
        assert grid_of(session, row).snapshot.commit == snapshot.commit == json.loads(receipt.document)["graded"]["commit"]
    assert is_signed(receipt.document, receipt.signature, here.secret.public_key)
    shown = Viewer(here.files, tmp_path / "viewer", here.worker.settings).lines(snapshot, "README.md")
    assert shown.lines == ("# first",)
    head = subprocess.run(
        ("git", "-C", str(first), "rev-parse", "HEAD"), capture_output=True, text=True, check=True
    ).stdout.strip()
    assert snapshot.commit == head  # one repository alone is graded as it is


def test_a_private_repository_opens_to_its_token_which_is_written_nowhere(
    here: Here, tmp_path: Path, git_host: GitHost, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    url = git_host.publish(repository(tmp_path, "p", {"README.md": "# private\n"}), "private/projet")
    refused = here.hand_in(url)
    assert (refused.state, refused.code) == (State.REFUSED, "source-absent-or-private")
    opened = here.hand_in(url, token=TOKEN)
    assert opened.state == State.READY, (opened.code, opened.detail)
    with here.read() as session:
        assert [r.deploy_token for r in session.exec(select(SubmittedRepository))][-1] is None
    assert TOKEN not in caplog.text
    here.database.engine.dispose()
    for file in tmp_path.rglob("*"):
        if file.is_file():
            assert TOKEN.encode() not in file.read_bytes(), file


def test_while_it_waits_a_token_is_encrypted(here: Here, git_host: GitHost) -> None:
    with here.database.begin() as session:
        enrolment = session.get_one(Enrolment, here.known.enrolment.id)
        asked = Asked(((f"{git_host.address}/private/projet", None, TOKEN),))
        hand_in(session, Hand(here.secret, here.worker.settings.hosts), enrolment, asked, person=here.known.ada.id, key=None)
    with here.read() as session:
        kept = session.exec(select(SubmittedRepository)).one().deploy_token
    assert kept and TOKEN.encode() not in kept
    assert here.secret.decrypt(kept) == TOKEN


def test_a_document_beside_a_repository_is_read_like_one_of_its_files(here: Here, tmp_path: Path, git_host: GitHost) -> None:
    url = git_host.publish(repository(tmp_path, "a", {"app.py": "x = 1\n"}))
    alone = here.hand_in(url)
    with_report = here.hand_in(url, documents=(("E1", "rapport.docx", docx(REPORT)),))
    assert with_report.state == State.READY, (with_report.code, with_report.detail)
    with here.read() as session:
        grids = [grid_of(session, a) for a in (alone, with_report)]
        snapshot = session.get_one(Snapshot, with_report.snapshot_id)
        assert [d.state for d in session.exec(select(Document))] == ["accepted"]
    places = {e.path for p in grids[1].proposals for e in p.evidence}
    assert f"{DOCUMENTS}/E1/rapport.docx" in places
    assert snapshot.parts[""]["url"] == url
    assert DOCUMENTS in snapshot.parts
    assert grids[1].snapshot.url == url
    assert link_of(grids[1].snapshot, "app.py", 1) == link(url, grids[0].snapshot.commit, "app.py", 1)
    assert link_of(grids[1].snapshot, f"{DOCUMENTS}/E1/rapport.docx", 1) is None


def test_the_same_parts_make_the_same_commit_and_reuse_the_report(here: Here, tmp_path: Path, git_host: GitHost) -> None:
    url = git_host.publish(repository(tmp_path, "a", {"app.py": "x = 1\n"}))
    report = docx(REPORT)
    first, second = (here.hand_in(url, documents=(("E1", "rapport.docx", report),)) for _ in range(2))
    other = here.hand_in(url, documents=(("E3", "rapport.docx", report),))
    assert first.report_id == second.report_id != other.report_id
    assert first.report_id is not None


def test_two_repositories_become_two_folders(here: Here, tmp_path: Path, git_host: GitHost) -> None:
    api = git_host.publish(
        repository(tmp_path, "a", {"main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n"}), "camille/projet"
    )
    web = git_host.publish(repository(tmp_path, "b", {"README.md": "# Application\n"}), "groupe/projet")
    done = here.hand_in(api, web)
    assert done.state == State.READY, (done.code, done.detail)
    with here.read() as session:
        snapshot = session.get_one(Snapshot, done.snapshot_id)
        told = json.loads(session.exec(select(Receipt)).one().document)
    assert snapshot.parts == {
        "projet": {"url": api, "commit": told["repositories"][0]["commit"]},
        "projet-2": {"url": web, "commit": told["repositories"][1]["commit"]},
    }
    known = fetched(snapshot)
    assert link_of(known, "projet-2/README.md", 1) == link(web, told["repositories"][1]["commit"], "README.md", 1)
    viewer = Viewer(here.files, tmp_path / "viewer", here.worker.settings)
    assert viewer.lines(snapshot, "projet/main.py").lines[0].startswith("from fastapi")
    assert viewer.lines(snapshot, "projet-2/README.md").lines == ("# Application",)


def test_a_document_that_is_refused_costs_itself_alone(here: Here, tmp_path: Path, git_host: GitHost) -> None:
    url = git_host.publish(repository(tmp_path, "a", {"app.py": "x = 1\n"}))
    bomb = archive({"[Content_Types].xml": b"", "word/document.xml": b"\0" * 60_000_000})
    done = here.hand_in(url, documents=(("E1", "bombe.docx", bomb), ("E1", "rapport.docx", docx(REPORT))))
    assert done.state == State.READY
    with here.read() as session:
        assert {(d.name, d.state, d.code) for d in session.exec(select(Document))} == {
            ("bombe.docx", "refused", "document-bomb"),
            ("rapport.docx", "accepted", None),
        }
        told = json.loads(session.exec(select(Receipt)).one().document)
    assert {(d["name"], d["code"]) for d in told["documents"]} == {("bombe.docx", "document-bomb"), ("rapport.docx", None)}
    only = here.hand_in(documents=(("E1", "bombe.docx", bomb),))
    assert (only.state, only.code) == (State.REFUSED, "documents-refused")


def test_documents_alone_are_graded(here: Here) -> None:
    done = here.hand_in(documents=(("E1", "rapport.docx", docx(REPORT)),))
    assert done.state == State.READY, (done.code, done.detail)
    with here.read() as session:
        grid = grid_of(session, done)
    assert not any(p.outcome == Outcome.MET and not p.evidence for p in grid.proposals)


@pytest.mark.parametrize("kind", ["above", "link"])
def test_a_mirror_that_was_tampered_with_is_damage(tmp_path: Path, kind: str) -> None:
    import tarfile

    from grader.errors import OurFailure
    from grader.mirror import open_mirror

    with tarfile.open(tmp_path / "m.tar", "w") as archive:
        member = tarfile.TarInfo("../outside" if kind == "above" else "objects.git")
        if kind == "link":
            member.type, member.linkname = tarfile.SYMTYPE, "/etc"
        archive.addfile(member)
    with pytest.raises(OurFailure):
        open_mirror(tmp_path / "m.tar", tmp_path / "in", url="u", ref="r", date="d", commit="c", tree="t")
    assert not (tmp_path / "outside").exists() and not (tmp_path / "in" / "objects.git").is_symlink()
