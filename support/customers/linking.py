"""Somebody unknown in a chat turns out to be a customer: by a link of the company's own, or by their phone number.

What they had as a stranger becomes the customer's by a merge, which an agent can undo. Two customers of the shop are
never merged here: that is for an agent to decide.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from hashlib import sha256

from crm_store.models import Agent, ContactLink, Customer
from crm_store.person import Person
from crm_store.repositories import contact_links, merges
from crm_store.unit import Unit
from support.audit import audit
from support.customers.errors import ErasedCustomerError, UnknownCustomerError
from support.customers.merging import merge
from support.ledger import record
from support.phones import phone_hash

PREFIX = "id_"
"""Tells a link's token from other words that a start of the chat may carry."""
TOKEN_BYTES = 24
LONGEST_TOKEN = 64
"""Telegram's limit for the word of a start link; https://core.telegram.org/bots/features#deep-linking"""
LINK_LIFE = timedelta(days=2)
MOST_GUESSES = 5
GUESSING = timedelta(hours=1)
REFUSED = "link_refused"
LINKED = "linked"
SHARING = 3
"""Customers with one number that are looked at: with two it is an agent's to decide."""


async def make_link(unit: Unit, customer_id: int, agent: Agent | None = None, life: timedelta = LINK_LIFE) -> str:
    """A word for a start link that makes whoever opens it this customer; only its hash is kept.

    It is the record's that was named: when it is used, it leads to whoever that is by then. Raises UnknownCustomerError
    and ErasedCustomerError.
    """
    living = await merges.living(unit.session, customer_id)
    customer = await unit.session.get(Customer, living) if living else None
    if customer is None:
        raise UnknownCustomerError(customer_id)
    if customer.erased_at is not None:
        raise ErasedCustomerError(customer.id)
    token = PREFIX + secrets.token_urlsafe(TOKEN_BYTES)
    expires_at = unit.now + life
    unit.add(ContactLink(token_hash=_hash(token), customer_id=customer_id, created_at=unit.now, expires_at=expires_at))
    audit(unit, "customer.link_made", "customer", customer_id, agent_id=agent.id if agent else None)
    return token


def start_link(username: str, token: str) -> str:
    """What the company's site leads its customer to."""
    return f"https://t.me/{username}?start={token}"


async def use_link(unit: Unit, person: Person, token: str) -> bool:
    """Makes the person the link's customer; False, and nothing told of why, for a link that is not good for them."""
    if not (token.startswith(PREFIX) and token.isascii()) or await _is_guessing(unit, person):
        return False
    link = await contact_links.good(unit, _hash(token[:LONGEST_TOKEN]))
    customer = await _living(unit, link.customer_id) if link else None
    if link is None or customer is None or not _may_become(person, customer):
        record(unit, person, REFUSED)
        return False
    contact_links.use_up(unit, link, person.contact.id)
    if person.customer.id != customer.id:
        await _become(unit, person, customer, "link")
    return True


async def share_phone(unit: Unit, person: Person, phone: str) -> bool:
    """Takes a number that the channel vouches for; says whether the person is a known customer now.

    Exactly one customer with it becomes the person, unless somebody else's account on the same channel is theirs
    already: numbers get new owners. Where it is not that clear, agents find the two among the duplicates.
    """
    _keep_phone(person.customer, phone)
    if person.is_known or person.customer.erased_at is not None:
        return person.is_known
    sharing = await merges.living_by_phone(unit.session, phone_hash(phone), SHARING)
    others = [customer for customer in sharing if customer.id != person.customer.id]
    if len(others) != 1 or await contact_links.is_reached_by(unit.session, others[0].id, person.contact.channel):
        return False
    await _become(unit, person, others[0], "shared_phone")
    return person.is_known


def _keep_phone(customer: Customer, phone: str) -> None:
    if not customer.phone and customer.erased_at is None:
        customer.phone, customer.phone_hash = phone, phone_hash(phone)


async def _is_guessing(unit: Unit, person: Person) -> bool:
    since = unit.now - GUESSING
    return await contact_links.count_events(unit.session, person.contact.id, REFUSED, since) >= MOST_GUESSES


async def _living(unit: Unit, customer_id: int) -> Customer | None:
    living = await merges.living(unit.session, customer_id)
    customer = await unit.session.get(Customer, living) if living else None
    return customer if customer and customer.erased_at is None else None


def _may_become(person: Person, customer: Customer) -> bool:
    return person.customer.id == customer.id or not (person.is_known or person.customer.erased_at)


async def _become(unit: Unit, person: Person, customer: Customer, code: str) -> None:
    evidence = {"code": code, "contact_point": str(person.contact.id)}
    await merge(unit, customer.id, person.customer.id, None, [evidence])
    record(unit, person, LINKED, payload={"by": code})


def _hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()
