"""Customers who bring customers: a link of one's own, and what becomes of a newcomer who opens it.

The link's code is the customer's number with a keyed hash of it, so that it needs no table, never expires, and cannot
be made up; it says nothing of who they are. It holds as long as the SECRET_KEY that made it is kept, first or after a
newer one; afterwards whoever opens it is greeted as anybody else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from crm_store.models import Customer
from crm_store.person import Person
from crm_store.repositories import ledger, merges
from crm_store.repositories import referrals as rows
from crm_store.unit import Unit
from crm_store.vault import vault
from support.desk import Desk
from support.ledger import record

PREFIX = "r_"
"""Tells a referral's code from the other words that a start link may carry (support.customers.linking)."""
HASH_LENGTH = 32
"""Hexadecimal digits: 128 bits. With prefix and number a code has at most 48 of the 64 characters that a start link
may carry; https://core.telegram.org/bots/features#deep-linking"""
REFERRED = "referred"

_CODE = re.compile(rf"r_(?P<number>[0-9a-z]{{1,13}})_(?P<hash>[0-9a-f]{{{HASH_LENGTH}}})", re.ASCII)
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Invitation:
    """Where a customer's friends begin: in Telegram and in the web chat, as far as the shop is there."""

    telegram: str | None
    web: str | None

    @property
    def links(self) -> tuple[str, ...]:
        return tuple(link for link in (self.telegram, self.web) if link)


def invitation(customer_id: int, *, bot_name: str | None, chat_url: str | None) -> Invitation:
    """A customer's own links, always the same."""
    code = code_of(customer_id)
    return Invitation(
        telegram=f"https://t.me/{bot_name}?start={code}" if bot_name else None,
        web=f"{chat_url}?ref={code}" if chat_url else None,
    )


def own_invitation(desk: Desk, person: Person) -> Invitation:
    """That of whoever is in the chat."""
    return invitation(person.customer.id, bot_name=desk.bot_name, chat_url=desk.chat_url)


def code_of(customer_id: int) -> str:
    """The word of a customer's links."""
    return f"{PREFIX}{_base36(customer_id)}_{vault().lookup_hash(_hashed(customer_id))[:HASH_LENGTH]}"


def is_code(word: str) -> bool:
    """Whether it has the form of a code; whose it is, if anybody's, `bring` finds out."""
    return _CODE.fullmatch(word) is not None


async def bring(unit: Unit, person: Person, code: str, heard_id: int) -> bool:
    """Notes who brought a newcomer; says whether it did.

    Only once, only for somebody who writes their first words here (`heard_id` is their touchpoint), and whom the shop
    did not know. A code that is made up, one's own or an erased customer's changes nothing and is told of to nobody.
    """
    bringer_id = _named_by(code)
    if bringer_id is None or not await _is_newcomer(unit, person, heard_id):
        return False
    bringer = await _living(unit, bringer_id)
    if bringer is None or bringer == person.customer.id:
        return False
    person.customer.referred_by_id = bringer
    record(unit, person, REFERRED)
    return True


def _named_by(code: str) -> int | None:
    """The customer whose code it is; None for any that we did not make."""
    found = _CODE.fullmatch(code)
    if found is None:
        return None
    customer_id = int(found["number"], len(_DIGITS))
    is_ours = vault().is_lookup_hash(found["hash"], _hashed(customer_id), length=HASH_LENGTH)
    return customer_id if is_ours and _base36(customer_id) == found["number"] else None


async def _is_newcomer(unit: Unit, person: Person, heard_id: int) -> bool:
    customer = person.customer
    if person.is_known or customer.referred_by_id is not None or customer.erased_at is not None:
        return False
    return not await ledger.has_said(unit, person.contact.id, before=heard_id) and not await rows.has_more(
        unit.session, customer.id, person.contact.id
    )


async def _living(unit: Unit, customer_id: int) -> int | None:
    """Who the code's customer is by now; None for one who was erased or never was."""
    living = await merges.living(unit.session, customer_id)
    customer = await unit.session.get(Customer, living) if living else None
    return customer.id if customer and customer.erased_at is None else None


def _hashed(customer_id: int) -> str:
    """No phone number and no e-mail, which the same key hashes, is written like this."""
    return f"referral:{customer_id}"


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, len(_DIGITS))
        digits = _DIGITS[digit] + digits
    return digits or "0"
