"""The queue that is a table: who gets what, once, in which order, and what a lost worker leaves."""

from __future__ import annotations

import datetime
import threading
import uuid

import pytest
from sqlmodel import Session, col, select, update

from grader.store import assessments
from grader.store.assessments import MOST_ATTEMPTS, Claim
from grader.store.columns import now
from grader.store.database import Database
from grader.store.tables import Assessment, Enrolment, Lane, Person, Snapshot, State, Submission
from tests.store.people import People, people


@pytest.fixture
def known(database: Database) -> People:
    with database.begin() as session:
        return people(session)


def queued(session: Session, enrolment: Enrolment, number: int = 1, **values: object) -> Assessment:
    submission = Submission(
        enrolment_id=enrolment.id, session_id=enrolment.session_id, person_id=enrolment.person_id, number=number
    )
    session.add(submission)
    session.flush()
    row = Assessment(submission_id=submission.id, session_id=enrolment.session_id, enrolment_id=enrolment.id, **values)
    return assessments.enqueue(session, row)


def another(session: Session, known: People, name: str) -> Enrolment:
    person = Person(email=f"{name}@example.org", name=name)
    session.add(person)
    session.flush()
    enrolment = Enrolment(session_id=known.session.id, person_id=person.id)
    session.add(enrolment)
    session.flush()
    return enrolment


def read(database: Database, identity: uuid.UUID) -> Assessment:
    with database.read() as session:
        return session.get_one(Assessment, identity)


def taken(database: Database, waiting: State = State.RECEIVED, *, worker: str = "w") -> Claim:
    with database.begin() as session:
        claim = assessments.claim(session, worker, waiting=waiting)
    assert claim
    return claim


def test_each_is_taken_once_by_many_workers(database: Database, known: People) -> None:
    with database.begin() as session:
        wanted = {queued(session, another(session, known, f"p{n}")).id for n in range(40)}
    got: list[uuid.UUID] = []

    def work(name: str) -> None:
        while True:
            with database.begin() as session:
                claim = assessments.claim(session, name, waiting=State.RECEIVED)
            if claim is None:
                return
            got.append(claim.assessment_id)

    threads = [threading.Thread(target=work, args=(f"w{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(got) == sorted(wanted)


def test_somebody_who_waits_comes_before_a_cohort(database: Database, known: People) -> None:
    with database.begin() as session:
        queued(session, another(session, known, "a"), lane=Lane.BULK)
        late = queued(session, another(session, known, "b"))
    assert taken(database).assessment_id == late.id


def test_resubmissions_of_one_do_not_starve_another(database: Database, known: People) -> None:
    with database.begin() as session:
        mine = [queued(session, known.enrolment, n).id for n in range(1, 6)]
        other = queued(session, another(session, known, "b")).id
    order = [taken(database).assessment_id for _ in range(6)]
    assert order == [mine[0], other, *mine[1:]]


def test_a_paused_session_holds_its_cohort_and_not_who_waits(database: Database, known: People) -> None:
    with database.begin() as session:
        queued(session, another(session, known, "a"), lane=Lane.BULK)
        quick = queued(session, another(session, known, "b"))
        session.get_one(type(known.session), known.session.id).paused = True
    assert taken(database).assessment_id == quick.id
    with database.begin() as session:
        assert assessments.claim(session, "w", waiting=State.RECEIVED) is None


def test_the_whole_way(database: Database, known: People) -> None:
    with database.begin() as session:
        row = queued(session, known.enrolment)
    claim = taken(database)
    with database.begin() as session:
        snapshot = Snapshot(
            submission_id=row.submission_id,
            url="u",
            ref="main",
            commit="c" * 40,
            tree="t" * 40,
            date="d",
            file="f",
            sha256="f",
            size=1,
        )
        session.add(snapshot)
        session.flush()
        assert assessments.fetched(session, claim, snapshot.id)
    claim = taken(database, State.QUEUED)
    assert (claim.attempt, read(database, row.id).state) == (1, State.RUNNING)
    with database.begin() as session:
        assert assessments.beat(session, claim, stage="run", detail="tests")
        assert assessments.refuse(session, claim, "repository-empty", {})
    ended = read(database, row.id)
    assert (ended.state, ended.code, ended.worker, ended.lease_until, ended.stage) == (
        State.REFUSED,
        "repository-empty",
        None,
        None,
        None,
    )
    assert ended.ended_at
    with database.begin() as session:
        assert not assessments.fail(session, claim, "late", {}, again=False)


def test_a_failure_is_tried_again_a_few_times_later_and_then_stated(database: Database, known: People) -> None:
    with database.begin() as session:
        row = queued(session, known.enrolment)
    for attempt in range(1, MOST_ATTEMPTS + 1):
        with database.begin() as session:
            assert attempt == 1 or assessments.claim(session, "w", waiting=State.RECEIVED) is None  # it is too early
            session.execute(update(Assessment).values(not_before=None))
        claim = taken(database)
        with database.begin() as session:
            assert assessments.fail(session, claim, "sandbox-died", {"detail": "x"}, again=True)
        after = read(database, row.id)
        assert (after.state, after.code) == (State.FAILED if attempt == MOST_ATTEMPTS else State.RECEIVED, "sandbox-died")
        assert attempt == MOST_ATTEMPTS or (after.not_before and after.not_before > now())


def lose(database: Database, identity: uuid.UUID) -> None:
    with database.begin() as session:
        past = now() - datetime.timedelta(seconds=1)
        session.execute(update(Assessment).where(col(Assessment.id) == identity).values(lease_until=past))


def test_a_lost_lease_goes_back_and_its_worker_can_change_nothing(database: Database, known: People) -> None:
    with database.begin() as session:
        row = queued(session, known.enrolment)
    claim = taken(database, worker="slow")
    lose(database, row.id)
    with database.begin() as session:
        assert assessments.recover(session) == (1, 0)
        assert assessments.recover(session) == (0, 0)
    assert read(database, row.id).state == State.RECEIVED
    with database.begin() as session:
        assert not assessments.beat(session, claim)
    again = taken(database, worker="slow")  # the same name, and yet another attempt
    with database.begin() as session:
        assert not assessments.refuse(session, claim, "late", {})
        assert assessments.refuse(session, again, "repository-empty", {})


def test_times_written_before_the_clock_was_set_back_are_brought_near(database: Database, known: People) -> None:
    hour, lease = datetime.timedelta(hours=1), datetime.timedelta(seconds=10)
    with database.begin() as session:
        held = queued(session, known.enrolment)
        waits = queued(session, known.enrolment, number=2)
    taken(database)
    with database.begin() as session:
        ahead = now() + hour
        session.get_one(Assessment, held.id).lease_until = ahead
        session.get_one(Assessment, waits.id).not_before = ahead
        session.get_one(Assessment, waits.id).sent_at = ahead
    with database.begin() as session:
        assert assessments.recover(session, lease=lease) == (0, 0)  # its worker may live, and then beats
        assert [a.id for a in assessments.unsent(session, older_than=lease)] == [waits.id]
    held, waits = read(database, held.id), read(database, waits.id)
    assert held.lease_until is not None and now() < held.lease_until <= now() + lease
    assert waits.not_before is not None and waits.not_before <= now()


def test_a_worker_that_is_lost_each_time_ends_as_our_failure(database: Database, known: People) -> None:
    with database.begin() as session:
        row = queued(session, known.enrolment)
    for _ in range(MOST_ATTEMPTS):
        taken(database)
        lose(database, row.id)
        with database.begin() as session:
            assessments.recover(session)
    ended = read(database, row.id)
    assert (ended.state, ended.code) == (State.FAILED, "worker-lost")


def test_a_cancelled_one_is_nobodys_any_more(database: Database, known: People) -> None:
    with database.begin() as session:
        row = queued(session, known.enrolment)
    claim = taken(database)
    with database.begin() as session:
        assert assessments.cancel(session, col(Assessment.id) == row.id, "cancelled") == 1
        assert not assessments.beat(session, claim)
        assert assessments.cancel(session, col(Assessment.id) == row.id, "cancelled") == 0


def test_the_rank_counts_those_before(database: Database, known: People) -> None:
    with database.begin() as session:
        rows = [queued(session, another(session, known, f"p{n}")) for n in range(3)]
        assert [assessments.rank(session, r) for r in rows] == [1, 2, 3]
        rows[0].state = State.READY
        session.flush()
        assert [assessments.rank(session, r) for r in rows] == [0, 1, 2]


def test_what_was_not_told_is_told_once(database: Database, known: People) -> None:
    with database.begin() as session:
        row = queued(session, known.enrolment)
    with database.begin() as session:
        assert [a.id for a in assessments.unsent(session, older_than=datetime.timedelta(minutes=1))] == [row.id]
    with database.begin() as session:
        assert assessments.unsent(session, older_than=datetime.timedelta(minutes=1)) == []
        assert len(assessments.unsent(session, older_than=datetime.timedelta(0))) == 1


def test_the_tally_is_of_all(database: Database, known: People) -> None:
    with database.begin() as session:
        queued(session, known.enrolment)
        queued(session, known.enrolment, 2)
    taken(database)
    with database.read() as session:
        counts = assessments.tally(session)
        assert sum(counts.values()) == len(session.exec(select(Assessment)).all()) == 2
    assert (counts["received"], counts["fetching"]) == (1, 1)
