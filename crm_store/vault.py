"""Encryption of personal columns and the keyed hashes that make them findable.

Keys are derived from SECRET_KEY by HKDF, one per purpose, so that a leaked look-up hash says nothing of the encryption
key. Older secrets may follow the newest, separated by commas: they still decrypt, the first one encrypts.
"""

from __future__ import annotations

import base64
import hmac
from hashlib import sha256

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class VaultClosedError(RuntimeError):
    """A personal column was read or written before SECRET_KEY was given to the store."""

    def __init__(self) -> None:
        super().__init__("the vault has no key yet: open the store with a SECRET_KEY first")


class WrongSecretError(RuntimeError):
    """A value was encrypted under another SECRET_KEY."""

    def __init__(self) -> None:
        super().__init__(
            "a personal value cannot be decrypted: was SECRET_KEY changed? put the former key after it, with a comma"
        )


class Vault:
    """Encrypts, decrypts and hashes under one or several secrets."""

    def __init__(self, secret_key: str) -> None:
        secrets = [part.strip() for part in secret_key.split(",") if part.strip()]
        if not secrets:
            raise VaultClosedError
        self._fernet = MultiFernet([Fernet(base64.urlsafe_b64encode(derive(s, "columns"))) for s in secrets])
        self._lookups = [derive(s, "lookup") for s in secrets]

    def encrypt(self, text: str) -> str:
        return self._fernet.encrypt(text.encode()).decode()

    def decrypt(self, token: str) -> str:
        try:
            return self._fernet.decrypt(token.encode()).decode()
        except InvalidToken as error:
            raise WrongSecretError from error

    def lookup_hash(self, value: str) -> str:
        """A keyed hash for exact look-up; equal values (after the caller's normalisation) have equal hashes."""
        return _hash(self._lookups[0], value)

    def is_lookup_hash(self, known: str, value: str, *, length: int) -> bool:
        """Whether `known` is the beginning, of so many digits, of the value's hash by any of the secrets."""
        hashes = [_hash(key, value)[:length] for key in self._lookups]
        return any(hmac.compare_digest(known.encode(), each.encode()) for each in hashes)


def _hash(key: bytes, value: str) -> str:
    return hmac.new(key, value.encode(), sha256).hexdigest()


def derive(secret: str, purpose: str) -> bytes:
    """32 bytes for one purpose from SECRET_KEY (RFC 5869)."""
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=f"touchdesk/{purpose}".encode()).derive(
        secret.encode()
    )


_vault: list[Vault] = []


def open_vault(secret_key: str) -> Vault:
    """Sets the process's vault; columns of type `Encrypted` use it from now on."""
    _vault[:] = [Vault(secret_key)]
    return _vault[0]


def vault() -> Vault:
    if not _vault:
        raise VaultClosedError
    return _vault[0]
