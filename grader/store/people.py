"""People: accounts, sign-ins, API tokens, invitations. Of every secret that is given out, only the hash is kept."""

from __future__ import annotations

import datetime
import re
import secrets
import uuid
from collections.abc import Sequence

from sqlalchemy import delete, func, update
from sqlmodel import Session, col, select

from grader.errors import Conflict, NotSignedIn, Refused
from grader.passwords import fits, hashed
from grader.secret import token_hash
from grader.store.audit import record
from grader.store.columns import now
from grader.store.pages import Piece, Wanted, beginning, piece
from grader.store.tables import ApiToken, Grant, Identity, Invitation, Person, Role, SignIn

INVITATION = datetime.timedelta(days=7)
TOKEN_PREFIX = "jg_"  # noqa: S105 - so that people and scanners recognise one
SCOPES = ("read", "submit", "decide", "manage")
_EMAIL = re.compile(r"[^@\s<>\"',;:\\]{1,64}@[^@\s<>\"',;:\\]{1,200}\.[A-Za-z0-9-]{2,60}")


def clean_email(text: str) -> str:
    """Return an e-mail address as it is kept. Raises Refused."""
    email = text.strip().lower()
    if not _EMAIL.fullmatch(email):
        raise Refused("email-malformed", email=text)
    return email


def find_person(session: Session, email: str) -> Person | None:
    """Return the person who has this address."""
    return session.exec(select(Person).where(col(Person.email) == email.strip().lower())).first()


def add_person(session: Session, *, email: str, name: str, language: str = "fr", by: uuid.UUID | None = None) -> Person:
    """Add an account without a password: an invitation sets it. Raises Conflict when the address has one."""
    clean = clean_email(email)
    if find_person(session, clean):
        raise Conflict("email-taken")
    person = Person(email=clean, name=" ".join(name.split())[:200] or clean, language=language)
    session.add(person)
    session.flush()
    record(session, "person.add", f"person:{person.id}", person=by)
    return person


def grant(
    session: Session, person: Person, role: Role, session_id: uuid.UUID | None = None, *, by: uuid.UUID | None = None
) -> Grant:
    """Give a role, in one session or everywhere; once."""
    mine = select(Grant).where(col(Grant.person_id) == person.id, col(Grant.role) == role, col(Grant.session_id) == session_id)
    if session_id is None:
        mine = select(Grant).where(col(Grant.person_id) == person.id, col(Grant.role) == role, col(Grant.session_id).is_(None))
    if found := session.exec(mine).first():
        return found
    given = Grant(person_id=person.id, role=role, session_id=session_id)
    session.add(given)
    session.flush()
    record(session, "grant.add", f"person:{person.id}", person=by, role=role, session_id=session_id)
    return given


def invite(session: Session, person: Person, *, by: uuid.UUID | None = None) -> str:
    """Return the secret of a link by which the person sets a password; earlier links end."""
    session.execute(delete(Invitation).where(col(Invitation.person_id) == person.id, col(Invitation.used_at).is_(None)))
    token = secrets.token_urlsafe(32)
    session.add(Invitation(token_hash=token_hash(token), person_id=person.id, expires_at=now() + INVITATION))
    record(session, "person.invite", f"person:{person.id}", person=by)
    return token


def invited(session: Session, token: str) -> Person:
    """Return whom an invitation is for, without using it. Raises Refused when it is over."""
    row = session.get(Invitation, token_hash(token))
    person = session.get(Person, row.person_id) if row and row.used_at is None and row.expires_at > now() else None
    if person is None or not person.active:
        raise Refused("link-over")
    return person


def accept_invitation(session: Session, token: str, password: str) -> Person:
    """Set a password by an invitation, which is then used; every sign-in of before ends."""
    person = invited(session, token)
    kept = hashed(password, person.email)
    used = session.execute(
        update(Invitation)
        .where(col(Invitation.token_hash) == token_hash(token), col(Invitation.used_at).is_(None))
        .values(used_at=now())
        .returning(col(Invitation.person_id))
    ).first()
    if used is None:
        raise Refused("link-over")
    person.password_hash = kept
    sign_out_everywhere(session, person)
    record(session, "person.set-password", f"person:{person.id}", person=person.id)
    return person


def check_password(session: Session, email: str, password: str) -> Person:
    """Return who signs in. Raises NotSignedIn, the same whether the address or the password is wrong."""
    person = find_person(session, email)
    if not fits(password, person.password_hash if person else None) or person is None or not person.active:
        raise NotSignedIn("sign-in-failed")
    return person


def sign_in(session: Session, person: Person, *, hours: float, replaces: str | None = None) -> tuple[str, SignIn]:
    """Start a sign-in with a new secret (the cookie's), whatever secret the browser came with (`replaces` ends)."""
    if replaces:
        sign_out(session, replaces)
    token = secrets.token_urlsafe(32)
    row = SignIn(
        token_hash=token_hash(token),
        person_id=person.id,
        csrf=secrets.token_urlsafe(32),
        expires_at=now() + datetime.timedelta(hours=hours),
    )
    session.add(row)
    session.flush()
    record(session, "person.sign-in", f"person:{person.id}", person=person.id)
    return token, row


def signed_in(session: Session, token: str) -> tuple[SignIn, Person] | None:
    """Return the sign-in of a cookie and its person, if it still holds."""
    mine = (
        select(SignIn, Person)
        .join(Person, col(Person.id) == col(SignIn.person_id))
        .where(col(SignIn.token_hash) == token_hash(token))
    )
    row, person = session.exec(mine).first() or (None, None)
    return (row, person) if row and person and row.expires_at > now() and person.active else None


def sign_out(session: Session, token: str) -> None:
    """End one sign-in."""
    session.execute(delete(SignIn).where(col(SignIn.token_hash) == token_hash(token)))


def sign_out_everywhere(session: Session, person: Person) -> None:
    """End every sign-in of a person."""
    session.execute(delete(SignIn).where(col(SignIn.person_id) == person.id))


def add_token(session: Session, person: Person, *, name: str, scopes: Sequence[str], days: float | None) -> tuple[str, ApiToken]:
    """Make a personal API token; its secret is given out once, here. Raises Refused for an unknown scope."""
    for scope in scopes:
        if scope not in SCOPES:
            raise Refused("scope-unknown", scope=scope, scopes=", ".join(SCOPES))
    token = TOKEN_PREFIX + secrets.token_urlsafe(32)
    expires = now() + datetime.timedelta(days=days) if days else None
    row = ApiToken(
        person_id=person.id, name=name.strip()[:100], token_hash=token_hash(token), scopes=sorted(set(scopes)), expires_at=expires
    )
    session.add(row)
    session.flush()
    record(session, "token.add", f"token:{row.id}", person=person.id, scopes=row.scopes)
    return token, row


def by_token(session: Session, token: str) -> tuple[ApiToken, Person] | None:
    """Return an API token and whose it is, if it still holds."""
    row = session.exec(select(ApiToken).where(col(ApiToken.token_hash) == token_hash(token))).first()
    if row is None or row.revoked_at is not None or (row.expires_at is not None and row.expires_at <= now()):
        return None
    person = session.get(Person, row.person_id)
    return (row, person) if person and person.active else None


def tokens_of(session: Session, person: uuid.UUID) -> list[ApiToken]:
    """Return somebody's API tokens that were not revoked, newest first."""
    mine = select(ApiToken).where(col(ApiToken.person_id) == person, col(ApiToken.revoked_at).is_(None))
    return list(session.exec(mine.order_by(col(ApiToken.id).desc())))


def revoke_token(session: Session, person: uuid.UUID, token: uuid.UUID) -> bool:
    """End one's own token. False: there is no such token of this person."""
    row = session.get(ApiToken, token)
    if row is None or row.person_id != person or row.revoked_at is not None:
        return False
    row.revoked_at = now()
    record(session, "token.revoke", f"token:{row.id}", person=person)
    return True


def forget_expired(session: Session) -> int:
    """Remove sign-ins and invitations that are over; return how many."""
    moment = now()
    gone = 0
    for table in (SignIn, Invitation):
        done = session.execute(delete(table).where(col(table.expires_at) < moment))
        gone += int(getattr(done, "rowcount", 0))
    return gone


def first_administrator(session: Session) -> str | None:
    """Return the secret of a link for the first administrator, as long as no administrator has a password."""
    administrators = (
        select(Person).join(Grant, col(Grant.person_id) == col(Person.id)).where(col(Grant.role) == Role.ADMINISTRATOR)
    )
    known = session.exec(administrators).all()
    if any(person.password_hash for person in known):
        return None
    person = known[0] if known else add_person(session, email="administrator@jurygrid.example", name="Administrator")
    grant(session, person, Role.ADMINISTRATOR)
    return invite(session, person)


def change_password(session: Session, person: Person, present: str, password: str) -> None:
    """Change a password: every sign-in and every API token of before ends. Raises Refused when the present one is wrong."""
    if person.password_hash is not None and not fits(present, person.password_hash):
        raise Refused("password-present")
    person.password_hash = hashed(password, person.email)
    sign_out_everywhere(session, person)
    for token in tokens_of(session, person.id):
        token.revoked_at = now()
    record(session, "person.change-password", f"person:{person.id}", person=person.id)


def people(session: Session, wanted: Wanted, *, text: str = "") -> Piece[Person]:
    """Return accounts, newest first; those whose address or name begins with `text`."""
    rows = select(Person).where(col(Person.erased_at).is_(None))
    if text:
        start = beginning(text)
        rows = rows.where(col(Person.email).like(start, escape="\\") | func.lower(col(Person.name)).like(start, escape="\\"))
    return piece(session, rows, Person.id, wanted)


def set_active(session: Session, person: Person, active: bool, *, by: uuid.UUID | None) -> None:
    """Close or reopen an account. Raises Conflict for the account of who asks: nobody shuts themselves out."""
    if person.id == by:
        raise Conflict("own-account")
    person.active = active
    if not active:
        sign_out_everywhere(session, person)
    record(session, "person.open" if active else "person.close", f"person:{person.id}", person=by)


def grants_of(session: Session, person: uuid.UUID) -> list[Grant]:
    """Return the roles that somebody holds."""
    return list(session.exec(select(Grant).where(col(Grant.person_id) == person).order_by(col(Grant.id))))


def ungrant(session: Session, person: uuid.UUID, grant_id: uuid.UUID, *, by: uuid.UUID | None) -> bool:
    """Take a role from somebody. Raises Conflict for one's own. False: they have no such role."""
    row = session.get(Grant, grant_id)
    if row is None or row.person_id != person:
        return False
    if person == by:
        raise Conflict("own-account")
    session.delete(row)
    record(session, "grant.remove", f"person:{person}", person=by, role=row.role, session_id=row.session_id)
    return True


def set_language(person: Person, language: str) -> None:
    """Choose the language of somebody's pages and messages."""
    person.language = language


def evaluators_of(session: Session, session_id: uuid.UUID) -> list[Person]:
    """Return who may evaluate in a session, by name."""
    holds = select(Grant.person_id).where(
        col(Grant.role).in_((Role.EVALUATOR, Role.PRESIDENT)),
        (col(Grant.session_id) == session_id) | col(Grant.session_id).is_(None),
    )
    return list(session.exec(select(Person).where(col(Person.id).in_(holds), col(Person.active)).order_by(col(Person.name))))


def by_identity(session: Session, provider: str, subject: str, email: str | None) -> Person:
    """Return whose identity this is at a provider: known from before, else the account of its verified address.

    Raises NotSignedIn when there is none: a provider makes no accounts.
    """
    known = session.exec(select(Identity).where(col(Identity.provider) == provider, col(Identity.subject) == subject)).first()
    person = session.get(Person, known.person_id) if known else (find_person(session, email) if email else None)
    if person is None or not person.active:
        raise NotSignedIn("provider-no-account")
    if known is None:
        session.add(Identity(person_id=person.id, provider=provider, subject=subject))
        record(session, "identity.link", f"person:{person.id}", person=person.id, provider=provider)
    return person
