"""What is kept and forgotten: backup and restore, retention, a person's export and erasure."""

from __future__ import annotations

import datetime
import io
import json
import zipfile
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import SQLModel, col, select, update

from grader.assess import Assessor
from grader.backup import back_up, restore
from grader.commands.person import write_export
from grader.errors import Conflict, Refused
from grader.files import Files
from grader.handing import Asked, Hand, hand_in
from grader.prune import prune, remove
from grader.secret import read_secret
from grader.settings import read_settings
from grader.store.audit import broken_links
from grader.store.columns import now
from grader.store.database import Database
from grader.store.documents import add_document
from grader.store.dump import read_rows, table_names
from grader.store.erasure import erase_person, everything_about
from grader.store.jury import close_grid, decide_on, rubric_for
from grader.store.reckoning import reckon
from grader.store.retention import expired
from grader.store.tables import CertificationSession, Decision, Document, Enrolment, Minutes, Person, State, StoredReport
from grader.uploads import receive_upload
from tests.servers import PostgreSQL
from tests.store.people import People, people

SECRETS = ("Ada", "ada@example.org", "a remark about Ada", "devoir-d-ada")


class Quiet:
    def tell(self, *_: object) -> None:
        pass


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(str(tmp_path / "files"))


@pytest.fixture
def lived(database: Database, files: Files, tmp_path: Path) -> People:
    """Let a whole life happen: handed in with a document, graded, decided on with a comment, closed."""
    secret = read_secret(tmp_path / "secret")
    with database.begin() as session:
        known = people(session)
        enrolment = session.get_one(Enrolment, known.enrolment.id)
        upload = receive_upload(files, io.BytesIO(b"# Rapport d'Ada\n\nTexte.\n"), name="devoir-d-ada.md", most_bytes=1_000)
        document = add_document(session, enrolment, upload, exam="E1", by=known.ada.id)
        asked = Asked((("sample:weak", None, None),), (document.id,))
        hand_in(session, Hand(secret, frozenset(), samples=True), enrolment, asked, person=known.ada.id, key=None)
    worker = Assessor(database, files, secret, read_settings({}), Quiet(), sandbox="none", samples=True)
    assert worker.take(State.RECEIVED) and worker.take(State.QUEUED)
    with database.begin() as session:
        enrolment = session.get_one(Enrolment, known.enrolment.id)
        for criterion in rubric_for(session, enrolment).criteria:
            comment = "a remark about Ada" if criterion.id == "C1.1" else None
            decide_on(session, enrolment, known.blaise.id, criterion=criterion.id, level="met", comment=comment)
        close_grid(session, enrolment, by=known.colette.id, blocks=("BC01",))
    return known


def rows_of(database: Database) -> dict[str, list[str]]:
    with database.read() as session:
        return {n: sorted(json.dumps(r, default=str, sort_keys=True) for r in read_rows(session, n)) for n in table_names()}


def test_what_was_backed_up_is_restored_into_either_database(
    lived: People, database: Database, files: Files, tmp_path: Path, postgresql_server: PostgreSQL
) -> None:
    counts = back_up(database, files, tmp_path / "b.tar.gz")
    assert counts["decisions"] == 142 and counts["files"] == 2
    for number, url in enumerate((f"sqlite:///{tmp_path}/other.db", postgresql_server.new_database())):
        other, place = Database(url), Files(str(tmp_path / f"other-files-{number}"))
        assert restore(tmp_path / "b.tar.gz", other, place) == counts
        assert rows_of(other) == rows_of(database)
        with other.read() as session:
            assert reckon(session).holds
            assert all(place.has(d.sha256) for d in session.exec(select(Document)))
        with pytest.raises(Refused, match="already"):
            restore(tmp_path / "b.tar.gz", other, place)
        with pytest.raises(Exception, match="never changed"), other.begin() as session:
            session.execute(text("DELETE FROM decisions"))
        other.close()


def test_what_is_no_backup_is_refused_and_leaves_nothing(database: Database, files: Files, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"no archive")
    with pytest.raises(Refused):
        restore(tmp_path / "x", database, files)
    assert not any(rows_of(database).values())


def everywhere(database: Database, tmp_path: Path) -> str:
    """Return all that is stored, as text: every row, reports unpacked, and every file."""
    import zlib

    parts = [json.dumps(rows_of(database))]
    with database.read() as session:
        parts += [zlib.decompress(r.body).decode() for r in session.exec(select(StoredReport))]
    parts += [p.read_bytes().decode("latin-1") for p in (tmp_path / "files").rglob("*") if p.is_file()]
    return "\n".join(parts)


def test_an_erased_person_is_nowhere_and_what_was_sealed_still_holds(
    lived: People, database: Database, files: Files, tmp_path: Path
) -> None:
    before = everywhere(database, tmp_path)
    assert all(secret in before for secret in SECRETS)
    with database.begin() as session:
        sealed = session.exec(select(Minutes)).one().document
        names = erase_person(session, session.get_one(Person, lived.ada.id), by=None)
    remove(files, names)
    after = everywhere(database, tmp_path)
    assert [secret for secret in SECRETS if secret in after] == []
    assert list((tmp_path / "files").rglob("*.md")) == []
    with database.read() as session:
        assert session.exec(select(Minutes)).one().document == sealed
        assert len(session.exec(select(Decision)).all()) == 142
        assert list(broken_links(session)) == []
        assert reckon(session).holds, reckon(session).wrong


def test_a_legal_hold_keeps_a_person(lived: People, database: Database) -> None:
    with database.begin() as session:
        session.get_one(CertificationSession, lived.session.id).legal_hold = True
    with pytest.raises(Conflict), database.begin() as session:
        erase_person(session, session.get_one(Person, lived.ada.id), by=None)


def test_a_person_gets_everything_about_them_and_no_secret(
    lived: People, database: Database, files: Files, tmp_path: Path
) -> None:
    with database.read() as session:
        found = everything_about(session, session.get_one(Person, lived.ada.id))
    write_export(tmp_path / "ada.zip", found, files)
    with zipfile.ZipFile(tmp_path / "ada.zip") as archive:
        text_ = archive.read("rows.json").decode()
        assert len([n for n in archive.namelist() if n.startswith("files/")]) == 2
    assert all(s in text_ for s in SECRETS)
    assert "password_hash" not in text_ and "deploy_token" not in text_
    known = {t.name for t in SQLModel.metadata.sorted_tables if "person_id" in t.columns or "enrolment_id" in t.columns}
    assert known - set(found) <= {"invitations"}


@pytest.mark.parametrize("held", [False, True])
def test_what_was_kept_long_enough_is_forgotten_unless_held(
    lived: People, database: Database, files: Files, tmp_path: Path, held: bool
) -> None:
    with database.read() as session:
        assert expired(session) == []
    long_ago = now() - datetime.timedelta(days=800)
    with database.begin() as session:
        changed = {"ends_at": long_ago, "deadline": long_ago, "opens_at": long_ago, "legal_hold": held}
        session.execute(update(CertificationSession).where(col(CertificationSession.id) == lived.session.id).values(**changed))
    assert prune(database, files) == (0 if held else 1)
    kept = [p for p in (tmp_path / "files").rglob("*") if p.is_file()]
    assert bool(kept) == held
    with database.read() as session:
        assert session.get_one(Person, lived.ada.id).name == "Ada"  # the work goes, the account stays
        assert reckon(session).holds
    assert prune(database, files) == 0
