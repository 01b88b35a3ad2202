"""Phone numbers and e-mail addresses: whether a text is one, and the one form by which they are looked up."""

from __future__ import annotations

import re

from crm_store.vault import vault
from support.phones import phone_hash

__all__ = ["email_hash", "is_email", "is_phone", "phone_hash"]

_PHONE = re.compile(r"\+?[\d\s().\-/]+", re.ASCII)
_PHONE_DIGITS = range(5, 21)
"""ITU-T E.164 allows 15 digits; international prefixes and extensions add to them."""
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")


def is_phone(text: str) -> bool:
    return _PHONE.fullmatch(text) is not None and sum(map(str.isdigit, text)) in _PHONE_DIGITS


def is_email(text: str) -> bool:
    return _EMAIL.fullmatch(text) is not None


def email_hash(text: str) -> str:
    """The same for one address in capital and small letters."""
    return vault().lookup_hash(text.casefold())
