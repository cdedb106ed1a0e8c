"""Receipts: what was handed in, when, and as what it will be graded, signed so that the candidate can prove it."""

from __future__ import annotations

import json

from sqlmodel import Session, col, select

from grader.secret import Secret
from grader.store import assessments
from grader.store.audit import record
from grader.store.columns import now
from grader.store.snapshots import documents_of, repositories_of
from grader.store.tables import Assessment, Notification, Receipt, Snapshot, Submission

FORMAT = "jurygrid-receipt/1"


def issue_receipt(session: Session, secret: Secret, submission: Submission, snapshot: Snapshot) -> Receipt:
    """Sign the receipt of a submission whose snapshot is kept, and tell the candidate. There is one for each submission."""
    if found := session.get(Receipt, submission.id):
        return found
    document = json.dumps(_told(session, submission, snapshot), ensure_ascii=False, sort_keys=True, indent=1)
    receipt = Receipt(submission_id=submission.id, document=document, signature=secret.sign(document), key_id=secret.key_id)
    session.add(receipt)
    session.add(
        Notification(
            person_id=submission.person_id,
            kind="receipt",
            values={
                "submission": str(submission.id),
                "number": submission.number,
                "commit": snapshot.commit,
                "url": snapshot.url,
            },
        )
    )
    record(
        session, "receipt.issue", f"submission:{submission.id}", commit=snapshot.commit, tree=snapshot.tree, file=snapshot.sha256
    )
    return receipt


def _told(session: Session, submission: Submission, snapshot: Snapshot) -> dict[str, object]:
    repositories = repositories_of(session, submission)
    documents = documents_of(session, submission)
    assessment = session.exec(
        select(Assessment).where(col(Assessment.submission_id) == submission.id).order_by(col(Assessment.id))
    ).first()
    return {
        "format": FORMAT,
        "submission": str(submission.id),
        "number": submission.number,
        "accepted_at": submission.accepted_at.isoformat(),
        "issued_at": now().isoformat(),
        "repositories": [{"url": r.url, "ref": r.ref, "commit": r.commit, "tree": r.tree} for r in repositories],
        "documents": [
            {"exam": d.exam, "name": d.name, "sha256": d.sha256, "size": d.size, "state": d.state, "code": d.code}
            for d in documents
        ],
        "graded": {"commit": snapshot.commit, "tree": snapshot.tree, "sha256": snapshot.sha256},
        "rank": assessments.rank(session, assessment) if assessment else 0,
    }
