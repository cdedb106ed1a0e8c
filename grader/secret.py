"""What the service signs and encrypts with: keys derived from one secret file, made at first use and readable by its owner alone."""

from __future__ import annotations

import base64
import hashlib
import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from grader.errors import OurFailure


class Secret:
    """Signs receipts (Ed25519), encrypts deploy tokens (Fernet), hashes the tokens of sign-ins."""

    def __init__(self, value: bytes) -> None:
        """Derive every key from `value`, at least 32 random bytes."""
        if len(value) < 32:
            raise OurFailure("secret-too-short")
        self._signing = Ed25519PrivateKey.from_private_bytes(_derived(value, b"receipts"))
        self._fernet = Fernet(base64.urlsafe_b64encode(_derived(value, b"deploy tokens")))
        self.links = _derived(value, b"links")
        self.public_key = self._signing.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.key_id = hashlib.sha256(self.public_key).hexdigest()[:16]

    def sign(self, text: str) -> str:
        """Return the signature of a text, in hexadecimal."""
        return self._signing.sign(text.encode()).hex()

    def encrypt(self, text: str) -> bytes:
        """Return the text so that only this secret reads it."""
        return self._fernet.encrypt(text.encode())

    def decrypt(self, data: bytes) -> str:
        """Return an encrypted text. Raises OurFailure when another secret encrypted it."""
        try:
            return self._fernet.decrypt(data).decode()
        except InvalidToken:
            raise OurFailure("secret-changed") from None


def is_signed(text: str, signature: str, public_key: bytes) -> bool:
    """Tell whether `signature` (hexadecimal) is that of `text` by the owner of `public_key` (32 bytes)."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(bytes.fromhex(signature), text.encode())
    except (InvalidSignature, ValueError):
        return False
    return True


def read_secret(path: Path) -> Secret:
    """Read the secret file, made when absent; two processes that make it at once get the same."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            new = path.with_name(f"{path.name}.{secrets.token_hex(6)}")
            new.touch(mode=0o600)
            new.write_bytes(secrets.token_bytes(48))
            try:
                os.link(new, path)  # fails when another was faster: theirs counts
            except FileExistsError:
                pass
            finally:
                new.unlink()
        return Secret(path.read_bytes())
    except OSError as error:
        raise OurFailure("secret-unreadable", path=path, detail=error.strerror or type(error).__name__) from error


def token_hash(token: str) -> str:
    """Return what is kept of a random token. It has 256 bits of chance: one fast hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


def _derived(value: bytes, purpose: bytes) -> bytes:
    return HKDF(hashes.SHA256(), 32, salt=None, info=b"jurygrid " + purpose).derive(value)
