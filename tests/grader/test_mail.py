"""Mail to a real SMTP server on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from grader.mail import mail_what_waits, message
from grader.settings import ServiceSettings
from grader.store.database import Database
from grader.store.notifications import tell
from tests.servers import free_port
from tests.store.people import people


class Box:
    """Keeps what comes."""

    def __init__(self) -> None:
        self.mails: list[Any] = []

    async def handle_DATA(self, _server: object, _session: object, envelope: Any) -> str:
        self.mails.append(envelope)
        return "250 kept"


@pytest.fixture
def box() -> Iterator[tuple[Box, ServiceSettings]]:
    kept = Box()
    controller = Controller(kept, hostname="127.0.0.1", port=free_port())
    controller.start()
    url = f"smtp://127.0.0.1:{controller.port}"
    yield kept, ServiceSettings(mail_url=url, mail_from="jurygrid@example.org", address="https://jury.example")
    controller.stop()


VALUES = {"submission": "s1", "number": 2, "commit": "c" * 40, "url": "https://host/é\r\nBcc: everybody@example.org"}


def test_a_receipt_is_mailed_once_in_its_persons_language(box: tuple[Box, ServiceSettings], database: Database) -> None:
    kept, settings = box
    with database.begin() as session:
        known = people(session)
        tell(session, known.ada.id, "receipt", **VALUES)
    assert mail_what_waits(database, settings) == 1
    assert mail_what_waits(database, settings) == 0
    (mail,) = kept.mails
    assert mail.rcpt_tos == ["ada@example.org"]
    assert b"Bcc:" not in mail.content.split(b"\r\n\r\n")[0]
    assert "remise" in message(settings, "a@example.org", "fr", "receipt", VALUES).get_content()
    assert "https://jury.example/submissions/s1" in message(settings, "a@example.org", "en", "receipt", VALUES).get_content()


def test_a_server_that_is_away_costs_nothing(database: Database, tmp_path: Path, box: tuple[Box, ServiceSettings]) -> None:
    kept, settings = box
    with database.begin() as session:
        tell(session, people(session).ada.id, "receipt", **VALUES)
    away = ServiceSettings(mail_url=f"smtp://127.0.0.1:{free_port()}", mail_from="j@example.org")
    assert mail_what_waits(database, away) == 0
    assert mail_what_waits(database, ServiceSettings()) == 0
    assert mail_what_waits(database, settings) == 1
    assert len(kept.mails) == 1
