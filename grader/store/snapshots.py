"""What was handed in, and the snapshot that was kept of it."""

from __future__ import annotations

from sqlmodel import Session, col, select

from grader.receive import Handed, HandedDocument, HandedRepository, Received
from grader.secret import Secret
from grader.store.tables import Document, Snapshot, Submission, SubmittedRepository


def repositories_of(session: Session, submission: Submission) -> list[SubmittedRepository]:
    """Return the repositories of a submission, in their order."""
    mine = select(SubmittedRepository).where(col(SubmittedRepository.submission_id) == submission.id)
    return list(session.exec(mine.order_by(col(SubmittedRepository.position))))


def documents_of(session: Session, submission: Submission) -> list[Document]:
    """Return the documents of a submission."""
    return list(session.exec(select(Document).where(col(Document.submission_id) == submission.id).order_by(col(Document.id))))


def what_was_handed_in(session: Session, submission: Submission, secret: Secret) -> Handed:
    """Return what a submission holds, deploy tokens in clear."""
    rows, documents = repositories_of(session, submission), documents_of(session, submission)
    return Handed(
        tuple(HandedRepository(r.url, r.ref, secret.decrypt(r.deploy_token) if r.deploy_token else None) for r in rows),
        tuple(HandedDocument(d.id, d.exam, d.name, d.media_type, d.sha256) for d in documents),
    )


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
    for document in documents_of(session, submission):
        document.code = received.documents.get(document.id)
        document.state = "refused" if document.code else "accepted"
    session.flush()
    return snapshot
