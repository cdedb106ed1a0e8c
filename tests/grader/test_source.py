"""What a person may type, and what is refused."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from grader.errors import SourceRefused
from grader.source import LocalSource, RemoteSource, parse_source, public_addresses
from tests.conftest import Make, git

HOSTS = frozenset({"github.com", "gitlab.com", "forge.ecole.test:8443"})


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ("https://github.com/camille/projet", "https://github.com/camille/projet"),
        ("https://github.com/camille/projet.git", "https://github.com/camille/projet"),
        ("https://github.com/camille/projet/", "https://github.com/camille/projet"),
        ("  gh:camille/projet-ia.2 ", "https://github.com/camille/projet-ia.2"),
        ("HTTPS://GitHub.com/camille/projet", "https://github.com/camille/projet"),
        ("https://gitlab.com/ecole/promo/projet", "https://gitlab.com/ecole/promo/projet"),
        ("https://forge.ecole.test:8443/a/b", "https://forge.ecole.test:8443/a/b"),
    ],
)
def test_an_address_is_rebuilt_from_its_parts(typed: str, url: str) -> None:
    source = parse_source(typed, HOSTS)
    assert isinstance(source, RemoteSource)
    assert source.url == url


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "source-empty"),
        ("https://github.com/a/b\n", "kept"),
        ("https://github.com/a/\nb", "source-empty"),
        ("file:///etc", "source-scheme"),
        ("ext::sh -c id", "source-scheme"),
        ("ssh://git@github.com/a/b", "source-scheme"),
        ("git@github.com:a/b.git", "source-scheme"),
        ("http://github.com/a/b", "source-scheme"),
        ("git://github.com/a/b", "source-scheme"),
        ("https://user:secret@github.com/a/b", "source-credentials"),
        ("https://token@github.com/a/b", "source-credentials"),
        ("https://@github.com/a/b", "source-credentials"),
        ("https://github.com:8080/a/b", "source-port"),
        ("https://github.com:99999/a/b", "source-malformed"),
        ("https://github.com/a/b?x=1", "source-malformed"),
        ("https://github.com/a/b#frag", "source-malformed"),
        ("https://github.com/a", "source-malformed"),
        ("https://github.com/a/b/c", "source-malformed"),
        ("https://github.com/../b", "source-malformed"),
        ("https://github.com/-a/b", "source-malformed"),
        ("https://github.com/a/b;id", "source-malformed"),
        ("https://github.com/a/b/tree/main", "source-page"),
        ("https://evil.example/a/b", "source-host"),
        ("https://127.0.0.1/a/b", "source-host"),
        ("https://169.254.169.254/latest/meta-data", "source-host"),
        ("https://github.com.evil.example/a/b", "source-host"),
        ("https://[::1]/a/b", "source-host"),
        ("https://[::ffff:127.0.0.1]/a/b", "source-host"),
        ("https://2130706433/a/b", "source-host"),
        ("https://0x7f.1/a/b", "source-host"),
        ("https://0177.0.0.1/a/b", "source-host"),
        ("https://gith\u0443b.com/a/b", "source-host"),
        ("/nowhere/at/all", "source-not-found"),
    ],
)
def test_everything_else_is_refused_with_its_reason(typed: str, code: str) -> None:
    if code == "kept":
        assert isinstance(parse_source(typed, HOSTS), RemoteSource)
        return
    with pytest.raises(SourceRefused) as refusal:
        parse_source(typed, HOSTS)
    assert refusal.value.code == code
    assert "secret" not in refusal.value.sentence("fr") + refusal.value.sentence("en")


def test_a_checkout_a_bare_repository_and_a_worktree_are_local_sources(make_repository: Make, tmp_path: Path) -> None:
    work = make_repository({"a": "1"})
    git(work, "worktree", "add", "--quiet", str(tmp_path / "linked"))
    git(tmp_path, "clone", "--quiet", "--bare", str(work), str(tmp_path / "bare.git"))
    assert parse_source(str(work), HOSTS) == LocalSource(work, (work / ".git").resolve())
    assert isinstance(parse_source(str(tmp_path / "bare.git"), HOSTS), LocalSource)
    assert isinstance(parse_source(str(tmp_path / "linked"), HOSTS), LocalSource)


def test_a_plain_folder_is_told_how_to_become_a_repository(tmp_path: Path) -> None:
    with pytest.raises(SourceRefused, match="git init"):
        parse_source(str(tmp_path), HOSTS)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "192.168.1.1",
        "169.254.169.254",
        "::1",
        "fd00::1",
        "0.0.0.0",
        "::ffff:10.0.0.1",
        "224.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "::7f00:1",
        "100.64.0.1",
        "fe80::1",
    ],
)
def test_a_name_that_leads_inside_is_refused(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda *_, **__: [(family, 1, 6, "", (address, 443)), (socket.AF_INET, 1, 6, "", ("140.82.121.4", 443))],
    )
    with pytest.raises(SourceRefused) as refusal:
        public_addresses("github.com")
    assert refusal.value.code == "host-private"


def test_an_institution_may_open_its_own_network() -> None:
    assert public_addresses("localhost", frozenset({"127.0.0.0/8", "::1/128"}))
    with pytest.raises(SourceRefused):
        public_addresses("localhost")
