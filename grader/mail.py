"""Mails what there is to tell, where a mail server is set; what could not leave is tried again by the next sweep."""

from __future__ import annotations

import logging
import smtplib
import ssl
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from grader.catalogue import sentence
from grader.settings import ServiceSettings
from grader.store.columns import now
from grader.store.database import Database
from grader.store.notifications import to_mail

log = logging.getLogger("jurygrid.mail")
MOST_TRIES = 6


def mail_what_waits(database: Database, settings: ServiceSettings) -> int:
    """Send each notification that was not mailed; return how many left. Nothing is done when no server is set."""
    if not settings.mail_url or not settings.mail_from:
        return 0
    with database.read() as session:
        waiting = to_mail(session, most_tries=MOST_TRIES)
    if not waiting:
        return 0
    sent = 0
    try:
        with _server(settings.mail_url) as server:
            for notification, person in waiting:
                sent += _sent(server, message(settings, person.email, person.language, notification.kind, notification.values))
                with database.begin() as session:
                    row = session.get_one(type(notification), notification.id)
                    row.mailed_at, row.attempts = now(), row.attempts + 1
    except (OSError, smtplib.SMTPException) as error:
        log.warning("mail does not leave", extra={"detail": type(error).__name__})
    return sent


def _sent(server: smtplib.SMTP, mail: EmailMessage) -> int:
    """Send one mail; an address that the server refuses is not tried again."""
    try:
        server.send_message(mail)
    except smtplib.SMTPRecipientsRefused:
        log.warning("an address was refused")
        return 0
    return 1


def message(settings: ServiceSettings, address: str, language: str, kind: str, values: dict[str, object]) -> EmailMessage:
    """Return the mail of a notification. A line break in a value cannot add a header: the values are in the body alone."""
    mail = EmailMessage()
    mail["From"], mail["To"] = settings.mail_from, address
    mail["Subject"] = sentence(f"subject-{kind}", language)
    mail["Auto-Submitted"] = "auto-generated"
    link = f"{settings.address}/submissions/{values['submission']}" if "submission" in values else settings.address
    mail.set_content(f"{sentence(f'notice-{kind}', language, **values)}\n\n{link}\n")
    return mail


def _server(url: str) -> smtplib.SMTP:
    parts = urlsplit(url)
    context = ssl.create_default_context()
    if parts.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(parts.hostname or "", parts.port or 465, timeout=20, context=context)
    else:
        server = smtplib.SMTP(parts.hostname or "", parts.port or 25, timeout=20)
        server.ehlo()
        if server.has_extn("starttls"):
            server.starttls(context=context)
    if parts.username:
        server.login(unquote(parts.username), unquote(parts.password or ""))
    return server
