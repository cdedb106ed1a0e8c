"""Passwords: argon2id, and what makes one too weak to accept."""

from __future__ import annotations

from functools import cache

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from grader.errors import Refused

LEAST, MOST = 12, 200
_COMMON = ("motdepasse", "password", "azerty", "qwerty", "123456", "jurygrid")


@cache
def _hasher() -> PasswordHash:
    return PasswordHash((Argon2Hasher(),))


@cache
def _nobody() -> str:
    """Return a hash that no password fits: an unknown address takes as long to refuse as a wrong password."""
    return _hasher().hash("nobody has this password")


def hashed(password: str, email: str) -> str:
    """Return what is kept of a password. Raises Refused when it is too weak."""
    plain = password.casefold()
    weak = len(set(plain)) < 5 or any(plain.replace(c, "") == "" or (c in plain and len(plain) < LEAST + 4) for c in _COMMON)
    if not LEAST <= len(password) <= MOST or weak or email.split("@", maxsplit=1)[0] in plain:
        raise Refused("password-weak", least=LEAST)
    return _hasher().hash(password)


def fits(password: str, kept: str | None) -> bool:
    """Tell whether a password is the one kept; as slowly when none is kept."""
    known = _hasher().verify(password[:MOST], kept or _nobody())
    return known and kept is not None
