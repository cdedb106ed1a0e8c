"""The tables: up and down, the same on SQLite and PostgreSQL, and what the database itself refuses."""

from __future__ import annotations

import datetime
import uuid

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import SQLModel, select

from grader.errors import OurFailure, Refused
from grader.store.audit import broken_links, record
from grader.store.columns import new_id, now
from grader.store.database import Database
from grader.store.tables import AuditEntry, Decision, Minutes, Person
from tests.store.people import people


def test_up_down_and_up_again(database: Database) -> None:
    database.must_be_current()
    database.downgrade("base")
    assert set(inspect(database.engine).get_table_names()) == {"alembic_version"}
    with pytest.raises(OurFailure, match="database"):
        database.must_be_current()
    database.upgrade()
    database.must_be_current()


def test_the_migrations_make_the_tables_that_the_code_knows(database: Database) -> None:
    with database.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), SQLModel.metadata) == []


def test_what_is_not_a_database_is_refused() -> None:
    for url in ("mysql://a/b", "nonsense", ""):
        with pytest.raises(Refused, match="database"):
            Database(url)


def test_moments_come_back_in_utc(database: Database) -> None:
    paris = datetime.datetime(2026, 7, 1, 12, tzinfo=datetime.timezone(datetime.timedelta(hours=2)))
    with database.begin() as session:
        session.add(Person(email="a@example.org", name="A", created_at=paris))
    with database.read() as session:
        found = session.exec(select(Person)).one()
    assert found.created_at == paris
    assert found.created_at.utcoffset() == datetime.timedelta(0)


def test_a_moment_without_its_time_zone_is_refused(database: Database) -> None:
    with pytest.raises(Exception, match="time zone"), database.begin() as session:
        session.add(Person(email="a@example.org", name="A", created_at=datetime.datetime(2026, 7, 1)))


def test_keys_sort_by_time_and_are_of_version_7() -> None:
    keys = [new_id() for _ in range(2_000)]
    assert len(set(keys)) == len(keys)
    assert all(k.version == 7 and k.variant == uuid.RFC_4122 for k in keys)
    assert [k.int >> 80 for k in keys] == sorted(k.int >> 80 for k in keys)


def test_what_is_undone_leaves_nothing(database: Database) -> None:
    with pytest.raises(RuntimeError), database.begin() as session:
        session.add(Person(email="a@example.org", name="A"))
        session.flush()
        raise RuntimeError
    with database.read() as session:
        assert session.exec(select(Person)).all() == []


def _fill(database: Database) -> None:
    with database.begin() as session:
        known = people(session)
        from grader.store.tables import Assessment, Submission

        submission = Submission(enrolment_id=known.enrolment.id, session_id=known.session.id, person_id=known.ada.id, number=1)
        session.add(submission)
        session.flush()
        assessment = Assessment(submission_id=submission.id, session_id=known.session.id, enrolment_id=known.enrolment.id)
        session.add(assessment)
        session.flush()
        shared = {"enrolment_id": known.enrolment.id, "assessment_id": assessment.id}
        session.add(
            Decision(
                **shared,
                person_id=known.blaise.id,
                criterion="C1.1",
                level="met",
                comment="good",
                comment_salt="s",
                comment_hash="h",
                rubric_version="v",
            )
        )
        session.add(Minutes(**shared, president_id=known.colette.id, document="{}", seal="x"))
        record(session, "test.act", "x:1")


@pytest.mark.parametrize("table", ["audit", "decisions", "minutes"])
@pytest.mark.parametrize("act", ["DELETE FROM {}", "UPDATE {} SET {} = 'changed'"])
def test_the_database_itself_keeps_what_must_be_kept(database: Database, table: str, act: str) -> None:
    _fill(database)
    column = {"audit": "act", "decisions": "level", "minutes": "document"}[table]
    with pytest.raises(DBAPIError, match="never changed"), database.begin() as session:
        session.execute(text(act.format(table, column)))


def test_a_comment_can_be_forgotten_and_nothing_else_with_it(database: Database) -> None:
    _fill(database)
    with database.begin() as session:
        session.execute(text("UPDATE decisions SET comment = NULL, comment_salt = NULL"))
    with database.read() as session:
        kept = session.exec(select(Decision)).one()
    assert (kept.comment, kept.level, kept.comment_hash) == (None, "met", "h")
    with pytest.raises(DBAPIError, match="never changed"), database.begin() as session:
        session.execute(text("UPDATE decisions SET comment = NULL, comment_salt = NULL, level = 'not_met'"))
    with pytest.raises(DBAPIError, match="never changed"), database.begin() as session:
        session.execute(text("UPDATE decisions SET comment = 'rewritten'"))


def test_the_audit_is_a_chain(database: Database) -> None:
    with database.begin() as session:
        for number in range(5):
            record(session, "test.act", f"x:{number}", note="é")
    with database.read() as session:
        assert list(broken_links(session)) == []


def test_a_changed_or_missing_entry_breaks_the_chain(database: Database) -> None:
    with database.begin() as session:
        for number in range(4):
            record(session, "test.act", f"x:{number}")
    with database.engine.begin() as connection:  # as somebody who owns the database could
        if database.is_sqlite:
            connection.execute(text("DROP TRIGGER audit_are_kept"))
            connection.execute(text("DROP TRIGGER audit_stay"))
        else:
            connection.execute(text("DROP TRIGGER audit_are_kept ON audit"))
        connection.execute(text("UPDATE audit SET act = 'test.other' WHERE number = 2"))
        connection.execute(text("DELETE FROM audit WHERE number = 3"))
    with database.read() as session:
        assert list(broken_links(session)) == [2, 4]


def test_entries_of_many_at_once_stay_one_chain(database: Database) -> None:
    import threading

    def act(name: int) -> None:
        for number in range(10):
            with database.begin() as session:
                record(session, "test.act", f"{name}:{number}")

    threads = [threading.Thread(target=act, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read() as session:
        assert len(session.exec(select(AuditEntry)).all()) == 40
        assert list(broken_links(session)) == []


def test_now_has_its_time_zone() -> None:
    assert now().tzinfo is datetime.UTC
