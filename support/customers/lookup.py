"""Which customer somebody means who types what they know: a number, an id, a name on Telegram, a phone, an e-mail."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import CompoundSelect, Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import ContactPoint, Customer
from crm_store.repositories.merges import living_id
from support.customers.errors import SeveralCustomersError, UnknownCustomerError
from support.customers.finding import named
from support.imports.contact_data import email_hash, is_email, is_phone, phone_hash

MOST_TOLD = 10


async def pointed_at(session: AsyncSession, words: str) -> int:
    """The customer's id by the shop's number or ours, by @ and a Telegram name or id, by phone or e-mail.

    A merged record leads to the one that it is part of. Raises UnknownCustomerError and SeveralCustomersError. A
    Telegram name reads all contact points: it is for people at a terminal.
    """
    if words.startswith("@"):
        return _only(words, await session.scalars(_on_telegram(words[1:])))
    if is_email(words):
        return _only(words, await session.scalars(_by_hash("email", email_hash(words))))
    try:
        return await named(session, words)
    except UnknownCustomerError:
        if not is_phone(words):
            raise
    return _only(words, await session.scalars(_by_hash("phone", phone_hash(words))))


def _only(words: str, found: Iterable[int]) -> int:
    ids = sorted(set(found))
    if not ids:
        raise UnknownCustomerError(words)
    if len(ids) > 1:
        raise SeveralCustomersError(words, ids)
    return ids[0]


def _on_telegram(name: str) -> Select[int]:
    who = ContactPoint.address == name if name.isdecimal() else func.lower(ContactPoint.username) == name.lower()
    query = select(living_id()).join(ContactPoint, ContactPoint.customer_id == Customer.id)
    return query.where(ContactPoint.channel == "telegram", who).limit(MOST_TOLD)


def _by_hash(channel: str, hashed: str) -> CompoundSelect[int]:
    """By the customer's own column, or as a contact point."""
    own = Customer.phone_hash if channel == "phone" else Customer.email_hash
    point = select(ContactPoint.customer_id).where(ContactPoint.channel == channel, ContactPoint.address == hashed)
    own_query = select(living_id()).where(own == hashed)
    return own_query.union(select(living_id()).where(Customer.id.in_(point))).limit(MOST_TOLD)
