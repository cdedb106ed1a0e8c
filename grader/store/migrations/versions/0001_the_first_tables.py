"""The first tables

Revision: 0001, after .
"""

import sqlalchemy as sa
from alembic import op

import grader.store.columns

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# Decisions, minutes and the audit are only ever added to, whoever asks: the database itself refuses. The one exception is that a
# decision's comment can be erased, with its salt, when a person is forgotten; its hash stays.
_SAME = " AND ".join(
    f"NEW.{c} {{same}} OLD.{c}"
    for c in (
        "id",
        "enrolment_id",
        "assessment_id",
        "person_id",
        "criterion",
        "level",
        "comment_hash",
        "rubric_version",
        "proposal",
        "proposal_confidence",
        "decided_at",
    )
)
_ERASED = f"NEW.comment IS NULL AND NEW.comment_salt IS NULL AND {_SAME}"


def _sqlite(table: str, allowed: str) -> tuple[str, ...]:
    refuse = f"BEGIN SELECT RAISE(ABORT, '{table} are never changed'); END"
    return (
        f"CREATE TRIGGER {table}_stay BEFORE DELETE ON {table} {refuse}",
        f"CREATE TRIGGER {table}_are_kept BEFORE UPDATE ON {table} WHEN NOT ({allowed}) {refuse}",
    )


def _postgresql(table: str, allowed: str) -> tuple[str, ...]:
    return (
        f"""CREATE FUNCTION {table}_are_kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF TG_OP = 'UPDATE' AND ({allowed}) THEN RETURN NEW; END IF;
            RAISE EXCEPTION '{table} are never changed'; END $$""",
        f"CREATE TRIGGER {table}_are_kept BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_are_kept()",
    )


KEEP_FOR_EVER = {
    "sqlite": (*_sqlite("audit", "0"), *_sqlite("minutes", "0"), *_sqlite("decisions", _ERASED.format(same="IS"))),
    "postgresql": (
        *_postgresql("audit", "false"),
        *_postgresql("minutes", "false"),
        *_postgresql("decisions", _ERASED.format(same="IS NOT DISTINCT FROM")),
    ),
}


def upgrade() -> None:
    """The first tables."""
    op.create_table(
        "audit",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", grader.store.columns.Moment(timezone=True), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("act", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("before", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_index(op.f("ix_audit_act"), "audit", ["act"], unique=False)
    op.create_index(op.f("ix_audit_subject"), "audit", ["subject"], unique=False)
    op.create_table(
        "people",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("password_hash", sa.String(length=300), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", grader.store.columns.Moment(timezone=True), nullable=False),
        sa.Column("erased_at", grader.store.columns.Moment(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_people_email"), "people", ["email"], unique=True)
    op.create_table(
        "reports",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=True),
        sa.Column("sandbox", sa.String(length=20), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("timings", sa.JSON(), nullable=False),
        sa.Column("created_at", grader.store.columns.Moment(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
    )
    op.create_table(
        "rubrics",
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("rubric_id", sa.String(length=60), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("overlay", sa.Text(), nullable=True),
        sa.Column("created_at", grader.store.columns.Moment(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("version"),
    )
    op.create_index(op.f("ix_rubrics_rubric_id"), "rubrics", ["rubric_id"], unique=False)
    op.create_table(
        "api_tokens",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("created_at", grader.store.columns.Moment(timezone=True), nullable=False),
        sa.Column("expires_at", grader.store.columns.Moment(timezone=True), nullable=True),
        sa.Column("used_at", grader.store.columns.Moment(timezone=True), nullable=True),
        sa.Column("revoked_at", grader.store.columns.Moment(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["people.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("token_hash"),
    )
    op.create_index(op.f("ix_api_tokens_person_id"), "api_tokens", ["person_id"], unique=False)
    op.create_table(
        "identities",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("provider", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["people.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("provider", "subject"),
    )
    op.create_index(op.f("ix_identities_person_id"), "identities", ["person_id"], unique=False)
    op.create_table(
        "invitations",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", grader.store.columns.Moment(timezone=True), nullable=False),
        sa.Column("expires_at", grader.store.columns.Moment(timezone=True), nullable=False),
        sa.Column("used_at", grader.store.columns.Moment(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["people.id"],
        ),
        sa.PrimaryKeyConstraint("token_hash"),
    )
    op.create_index(op.f("ix_invitations_person_id"), "invitations", ["person_id"], unique=False)
    op.create_table(
        "notifications",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("created_at", grader.store.columns.Moment(timezone=True), nullable=False),
        sa.Column("read_at", grader.store.columns.Moment(timezone=True), nullable=True),
        sa.Column("mailed_at", grader.store.columns.Moment(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["people.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_notifications_person_id"), "notifications", ["person_id"], unique=False)
    op.create_table(
        "sessions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("rubric_version", sa.String(length=None), nullable=False),
        sa.Column("exams", sa.JSON(), nullable=False),
        sa.Column("opens_at", grader.store.columns.Moment(timezone=True), nullable=False),
        sa.Column("deadline", grader.store.columns.Moment(timezone=True), nullable=False),
        sa.Column("ends_at", grader.store.columns.Moment(timezone=True), nullable=False),
        sa.Column("keep_days", sa.Integer(), nullable=False),
        sa.Column("legal_hold", sa.Boolean(), nullable=False),
        sa.Column("released_at", grader.store.columns.Moment(timezone=True), nullable=True),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("created_at", grader.store.columns.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["rubric_version"],
            ["rubrics.version"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_sessions_deadline"), "sessions", ["deadline"], unique=False)
    op.create_table(
        "sign_ins",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("csrf", sa.String(length=64), nullable=False),
        sa.Column("created_at", grader.store.columns.Moment(timezone=True), nullable=False),
        sa.Column("expires_at", grader.store.columns.Moment(timezone=True), nullable=False),
        sa.Column("seen_at", grader.store.columns.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["people.id"],
        ),
        sa.PrimaryKeyConstraint("token_hash"),
    )
    op.create_index(op.f("ix_sign_ins_person_id"), "sign_ins", ["person_id"], unique=False)
    op.create_table(
        "cohorts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["sessions.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("session_id", "name"),
    )
    op.create_index(op.f("ix_cohorts_session_id"), "cohorts", ["session_id"], unique=False)
    op.create_table(
        "grants",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", grader.store.columns.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["people.id"],
        ),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["sessions.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("person_id", "role", "session_id"),
    )
    op.create_index(op.f("ix_grants_person_id"), "grants", ["person_id"], unique=False)
    op.create_index(op.f("ix_grants_session_id"), "grants", ["session_id"], unique=False)
    op.create_table(
        "enrolments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("cohort_id", sa.Uuid(), nullable=True),
        sa.Column("way_in", sa.String(length=30), nullable=False),
        sa.Column("blocks", sa.JSON(), nullable=False),
        sa.Column("created_at", grader.store.columns.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["cohort_id"],
            ["cohorts.id"],
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["people.id"],
        ),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["sessions.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("session_id", "person_id"),
    )
    op.create_index(op.f("ix_enrolments_cohort_id"), "enrolments", ["cohort_id"], unique=False)
    op.create_index(op.f("ix_enrolments_person_id"), "enrolments", ["person_id"], unique=False)
    op.create_index(op.f("ix_enrolments_session_id"), "enrolments", ["session_id"], unique=False)
    op.create_table(
        "assignments",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("enrolment_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", grader.store.columns.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["enrolment_id"],
            ["enrolments.id"],
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["people.id"],
        ),
        sa.PrimaryKeyConstraint("person_id", "enrolment_id"),
    )
    op.create_index(op.f("ix_assignments_enrolment_id"), "assignments", ["enrolment_id"], unique=False)
    op.create_table(
        "submissions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("enrolment_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("exams", sa.JSON(), nullable=False),
        sa.Column("idempotency_key", sa.String(length=200), nullable=True),
        sa.Column("request_hash", sa.String(length=64), nullable=True),
        sa.Column("accepted_at", grader.store.columns.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["enrolment_id"],
            ["enrolments.id"],
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["people.id"],
        ),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["sessions.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("enrolment_id", "number"),
        sa.UniqueConstraint("person_id", "idempotency_key"),
    )
    op.create_index(op.f("ix_submissions_accepted_at"), "submissions", ["accepted_at"], unique=False)
    op.create_index(op.f("ix_submissions_enrolment_id"), "submissions", ["enrolment_id"], unique=False)
    op.create_index(op.f("ix_submissions_person_id"), "submissions", ["person_id"], unique=False)
    op.create_index(op.f("ix_submissions_session_id"), "submissions", ["session_id"], unique=False)
    op.create_table(
        "documents",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("submission_id", sa.Uuid(), nullable=True),
        sa.Column("enrolment_id", sa.Uuid(), nullable=False),
        sa.Column("exam", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("media_type", sa.String(length=120), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=True),
        sa.Column("created_at", grader.store.columns.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["enrolment_id"],
            ["enrolments.id"],
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["submissions.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_documents_enrolment_id"), "documents", ["enrolment_id"], unique=False)
    op.create_index(op.f("ix_documents_submission_id"), "documents", ["submission_id"], unique=False)
    op.create_table(
        "receipts",
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("signature", sa.String(length=128), nullable=False),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.Column("issued_at", grader.store.columns.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["submissions.id"],
        ),
        sa.PrimaryKeyConstraint("submission_id"),
    )
    op.create_table(
        "repositories",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("url", sa.String(length=500), nullable=False),
        sa.Column("ref", sa.String(length=250), nullable=True),
        sa.Column("deploy_token", sa.LargeBinary(), nullable=True),
        sa.Column("commit", sa.String(length=40), nullable=True),
        sa.Column("tree", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["submissions.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_repositories_submission_id"), "repositories", ["submission_id"], unique=False)
    op.create_table(
        "snapshots",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("url", sa.String(length=500), nullable=False),
        sa.Column("ref", sa.String(length=250), nullable=False),
        sa.Column("commit", sa.String(length=40), nullable=False),
        sa.Column("tree", sa.String(length=40), nullable=False),
        sa.Column("date", sa.String(length=40), nullable=False),
        sa.Column("file", sa.String(length=200), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("parts", sa.JSON(), nullable=False),
        sa.Column("fetched_at", grader.store.columns.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["submissions.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("submission_id"),
    )
    op.create_index(op.f("ix_snapshots_commit"), "snapshots", ["commit"], unique=False)
    op.create_table(
        "assessments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("enrolment_id", sa.Uuid(), nullable=False),
        sa.Column("snapshot_id", sa.Uuid(), nullable=True),
        sa.Column("report_id", sa.Uuid(), nullable=True),
        sa.Column("rubric_version", sa.String(length=64), nullable=True),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("lane", sa.String(length=12), nullable=False),
        sa.Column("turn_at", grader.store.columns.Moment(timezone=True), nullable=False),
        sa.Column("not_before", grader.store.columns.Moment(timezone=True), nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("worker", sa.String(length=120), nullable=True),
        sa.Column("lease_until", grader.store.columns.Moment(timezone=True), nullable=True),
        sa.Column("sent_at", grader.store.columns.Moment(timezone=True), nullable=True),
        sa.Column("stage", sa.String(length=20), nullable=True),
        sa.Column("stage_detail", sa.String(length=300), nullable=True),
        sa.Column("code", sa.String(length=60), nullable=True),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", grader.store.columns.Moment(timezone=True), nullable=False),
        sa.Column("started_at", grader.store.columns.Moment(timezone=True), nullable=True),
        sa.Column("ended_at", grader.store.columns.Moment(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["asked_by"],
            ["people.id"],
        ),
        sa.ForeignKeyConstraint(
            ["enrolment_id"],
            ["enrolments.id"],
        ),
        sa.ForeignKeyConstraint(
            ["report_id"],
            ["reports.id"],
        ),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["sessions.id"],
        ),
        sa.ForeignKeyConstraint(
            ["snapshot_id"],
            ["snapshots.id"],
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["submissions.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_assessments_enrolment_id"), "assessments", ["enrolment_id"], unique=False)
    op.create_index("ix_assessments_leases", "assessments", ["state", "lease_until"], unique=False)
    op.create_index("ix_assessments_queue", "assessments", ["state", "lane", "turn_at"], unique=False)
    op.create_index(op.f("ix_assessments_report_id"), "assessments", ["report_id"], unique=False)
    op.create_index("ix_assessments_session", "assessments", ["session_id", "id"], unique=False)
    op.create_index(op.f("ix_assessments_submission_id"), "assessments", ["submission_id"], unique=False)
    op.create_table(
        "decisions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("enrolment_id", sa.Uuid(), nullable=False),
        sa.Column("assessment_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("criterion", sa.String(length=30), nullable=False),
        sa.Column("level", sa.String(length=12), nullable=False),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("comment_salt", sa.String(length=32), nullable=True),
        sa.Column("comment_hash", sa.String(length=64), nullable=False),
        sa.Column("rubric_version", sa.String(length=64), nullable=False),
        sa.Column("proposal", sa.String(length=12), nullable=True),
        sa.Column("proposal_confidence", sa.Float(), nullable=True),
        sa.Column("decided_at", grader.store.columns.Moment(timezone=True), nullable=False),
        sa.CheckConstraint("level IN ('met', 'partly', 'not_met', 'not_seen')", name="level_known"),
        sa.ForeignKeyConstraint(
            ["assessment_id"],
            ["assessments.id"],
        ),
        sa.ForeignKeyConstraint(
            ["enrolment_id"],
            ["enrolments.id"],
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["people.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_decisions_assessment_id"), "decisions", ["assessment_id"], unique=False)
    op.create_index(op.f("ix_decisions_enrolment_id"), "decisions", ["enrolment_id"], unique=False)
    op.create_index(op.f("ix_decisions_person_id"), "decisions", ["person_id"], unique=False)
    op.create_table(
        "minutes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("enrolment_id", sa.Uuid(), nullable=False),
        sa.Column("assessment_id", sa.Uuid(), nullable=False),
        sa.Column("president_id", sa.Uuid(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("seal", sa.String(length=64), nullable=False),
        sa.Column("sealed_at", grader.store.columns.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["assessment_id"],
            ["assessments.id"],
        ),
        sa.ForeignKeyConstraint(
            ["enrolment_id"],
            ["enrolments.id"],
        ),
        sa.ForeignKeyConstraint(
            ["president_id"],
            ["people.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("enrolment_id"),
    )
    op.create_table(
        "proposals",
        sa.Column("assessment_id", sa.Uuid(), nullable=False),
        sa.Column("rubric_version", sa.String(length=64), nullable=False),
        sa.Column("criterion", sa.String(length=30), nullable=False),
        sa.Column("level", sa.String(length=12), nullable=True),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["assessment_id"],
            ["assessments.id"],
        ),
        sa.PrimaryKeyConstraint("assessment_id", "rubric_version", "criterion"),
    )
    for statement in KEEP_FOR_EVER[op.get_bind().dialect.name]:
        op.execute(statement)


def downgrade() -> None:
    """Undo it."""
    if op.get_bind().dialect.name == "postgresql":
        for name in ("audit", "decisions", "minutes"):
            op.execute(f"DROP TRIGGER {name}_are_kept ON {name}")
            op.execute(f"DROP FUNCTION {name}_are_kept")
    op.drop_table("proposals")
    op.drop_table("minutes")
    op.drop_index(op.f("ix_decisions_person_id"), table_name="decisions")
    op.drop_index(op.f("ix_decisions_enrolment_id"), table_name="decisions")
    op.drop_index(op.f("ix_decisions_assessment_id"), table_name="decisions")
    op.drop_table("decisions")
    op.drop_index(op.f("ix_assessments_submission_id"), table_name="assessments")
    op.drop_index("ix_assessments_session", table_name="assessments")
    op.drop_index(op.f("ix_assessments_report_id"), table_name="assessments")
    op.drop_index("ix_assessments_queue", table_name="assessments")
    op.drop_index("ix_assessments_leases", table_name="assessments")
    op.drop_index(op.f("ix_assessments_enrolment_id"), table_name="assessments")
    op.drop_table("assessments")
    op.drop_index(op.f("ix_snapshots_commit"), table_name="snapshots")
    op.drop_table("snapshots")
    op.drop_index(op.f("ix_repositories_submission_id"), table_name="repositories")
    op.drop_table("repositories")
    op.drop_table("receipts")
    op.drop_index(op.f("ix_documents_submission_id"), table_name="documents")
    op.drop_index(op.f("ix_documents_enrolment_id"), table_name="documents")
    op.drop_table("documents")
    op.drop_index(op.f("ix_submissions_session_id"), table_name="submissions")
    op.drop_index(op.f("ix_submissions_person_id"), table_name="submissions")
    op.drop_index(op.f("ix_submissions_enrolment_id"), table_name="submissions")
    op.drop_index(op.f("ix_submissions_accepted_at"), table_name="submissions")
    op.drop_table("submissions")
    op.drop_index(op.f("ix_assignments_enrolment_id"), table_name="assignments")
    op.drop_table("assignments")
    op.drop_index(op.f("ix_enrolments_session_id"), table_name="enrolments")
    op.drop_index(op.f("ix_enrolments_person_id"), table_name="enrolments")
    op.drop_index(op.f("ix_enrolments_cohort_id"), table_name="enrolments")
    op.drop_table("enrolments")
    op.drop_index(op.f("ix_grants_session_id"), table_name="grants")
    op.drop_index(op.f("ix_grants_person_id"), table_name="grants")
    op.drop_table("grants")
    op.drop_index(op.f("ix_cohorts_session_id"), table_name="cohorts")
    op.drop_table("cohorts")
    op.drop_index(op.f("ix_sign_ins_person_id"), table_name="sign_ins")
    op.drop_table("sign_ins")
    op.drop_index(op.f("ix_sessions_deadline"), table_name="sessions")
    op.drop_table("sessions")
    op.drop_index(op.f("ix_notifications_person_id"), table_name="notifications")
    op.drop_table("notifications")
    op.drop_index(op.f("ix_invitations_person_id"), table_name="invitations")
    op.drop_table("invitations")
    op.drop_index(op.f("ix_identities_person_id"), table_name="identities")
    op.drop_table("identities")
    op.drop_index(op.f("ix_api_tokens_person_id"), table_name="api_tokens")
    op.drop_table("api_tokens")
    op.drop_index(op.f("ix_rubrics_rubric_id"), table_name="rubrics")
    op.drop_table("rubrics")
    op.drop_table("reports")
    op.drop_index(op.f("ix_people_email"), table_name="people")
    op.drop_table("people")
    op.drop_index(op.f("ix_audit_subject"), table_name="audit")
    op.drop_index(op.f("ix_audit_act"), table_name="audit")
    op.drop_table("audit")
