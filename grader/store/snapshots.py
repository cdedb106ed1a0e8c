"""What was handed in, and the snapshot that was kept of it."""

from __future__ import annotations

from sqlmodel import Session, col, select

from grader.receive import HandedRepository, Received
from grader.secret import Secret
from grader.store.tables import Snapshot, Submission, SubmittedRepository


def repositories_of(session: Session, submission: Submission) -> list[SubmittedRepository]:
    """Return the repositories of a submission, in their order."""
    mine = select(SubmittedRepository).where(col(SubmittedRepository.submission_id) == submission.id)
    return list(session.exec(mine.order_by(col(SubmittedRepository.position))))


def what_was_handed_in(session: Session, submission: Submission, secret: Secret) -> tuple[HandedRepository, ...]:
    """Return the repositories of a submission, deploy tokens in clear."""
    rows = repositories_of(session, submission)
    return tuple(HandedRepository(r.url, r.ref, secret.decrypt(r.deploy_token) if r.deploy_token else None) for r in rows)


def keep_snapshot(session: Session, submission: Submission, received: Received) -> Snapshot:
    """Record what was received. Deploy tokens are forgotten: they served."""
    graded = received.graded
    snapshot = Snapshot(
        submission_id=submission.id,
        url=graded.url,
        ref=graded.ref,
        commit=graded.commit,
        tree=graded.tree,
        date=graded.date,
        file=received.file,
        sha256=received.file,
        size=received.size,
        parts=received.parts,
    )
    session.add(snapshot)
    rows = repositories_of(session, submission)
    for row, (commit, tree) in zip(rows, received.repositories, strict=True):
        row.commit, row.tree, row.deploy_token = commit, tree, None
    session.flush()
    return snapshot
