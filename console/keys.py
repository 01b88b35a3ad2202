"""What the web signs with SECRET_KEY: who a visitor is, and links into one chat."""

from __future__ import annotations

import base64
import json
import secrets
from datetime import datetime

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from crm_store.vault import derive

VISITOR_BYTES = 16


def new_visitor() -> str:
    """A web address for somebody who has none yet; nobody can guess another's."""
    return secrets.token_urlsafe(VISITOR_BYTES)


class Signer:
    """Signs and encrypts small texts for one purpose, so that a text signed for another is not taken."""

    def __init__(self, secret_key: str, purpose: str) -> None:
        keys = [derive(part.strip(), purpose) for part in secret_key.split(",") if part.strip()]
        self._fernet = MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in keys])

    def sign(self, text: str) -> str:
        return self._fernet.encrypt(text.encode()).decode()

    def read(self, token: str | None) -> str | None:
        """The text that was signed; None for anything else."""
        if not token or not token.isascii():
            return None
        try:
            return self._fernet.decrypt(token.encode()).decode()
        except InvalidToken:
            return None


class VisitorKeys:
    """The cookie that names a visitor, and links that make a browser one certain customer."""

    def __init__(self, secret_key: str) -> None:
        self.cookie = Signer(secret_key, "visitor")
        self._link = Signer(secret_key, "chat-link")

    def link_token(self, address: str, until: datetime) -> str:
        return self._link.sign(json.dumps([address, until.timestamp()]))

    def address_of(self, token: str, now: datetime) -> str | None:
        """Whose chat a link opens; None once it has expired, or if it is none of ours."""
        text = self._link.read(token)
        if text is None:
            return None
        address, until = json.loads(text)
        return str(address) if now.timestamp() < until else None
