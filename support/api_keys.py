"""Other programs' keys to the API: made and shown once, listed, revoked, and recognised when they are shown to us."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from hashlib import sha256

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.ids import new_id
from crm_store.models import ApiKey
from crm_store.queries.external import customer_of
from crm_store.repositories import api_keys
from crm_store.store import Store, StoreUnavailableError
from crm_store.unit import Unit
from support.audit import audit

log = structlog.get_logger()

PREFIX = "td_"
"""What scanners for leaked secrets, and people, know our keys by."""
KEY_BYTES = 32
SEEN_EVERY = timedelta(minutes=1)
MOST_LISTED = 1_000


class Scope(StrEnum):
    """What a key may do."""

    CUSTOMERS_READ = "customers:read"
    CUSTOMERS_WRITE = "customers:write"
    ORDERS_WRITE = "orders:write"
    TOUCHPOINTS_WRITE = "touchpoints:write"
    TOUCHPOINTS_READ = "touchpoints:read"
    REPORTS_READ = "reports:read"

    @property
    def shows_customers(self) -> bool:
        """Whether it lets a program read what we know of single customers."""
        return self in (Scope.CUSTOMERS_READ, Scope.TOUCHPOINTS_READ)


class KeyNameTakenError(ValueError):
    """A key has, or had, this name; revoked ones keep theirs, so that the audit log stays clear."""

    def __init__(self, name: str) -> None:
        super().__init__(f"there is, or was, a key named {name!r}; choose another name")


class UnknownKeyError(LookupError):
    """No key that still opens anything has this name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"there is no key named {name!r}; see: touchdesk api-key list")


@dataclass(frozen=True, slots=True)
class Caller:
    """The program behind a request."""

    key_id: int
    name: str
    scopes: frozenset[str]


async def add_key(unit: Unit, name: str, scopes: Collection[Scope]) -> str:
    """A new key, to be shown once: only its hash is kept. Raises KeyNameTakenError."""
    if await api_keys.by_name(unit, name):
        raise KeyNameTakenError(name)
    secret = PREFIX + secrets.token_urlsafe(KEY_BYTES)
    kept = ApiKey(id=new_id(), name=name, key_hash=_hash(secret), scopes=sorted(set(scopes)), created_at=unit.now)
    unit.add(kept)
    audit(unit, "api_key.added", "api_key", kept.id, data={"name": name, "scopes": kept.scopes})
    return secret


async def list_keys(session: AsyncSession) -> Sequence[ApiKey]:
    """The newest first, revoked ones too."""
    return await api_keys.newest(session, MOST_LISTED)


async def revoke_key(unit: Unit, name: str) -> None:
    """From now on the key opens nothing. Raises UnknownKeyError, also for one revoked before."""
    key = await api_keys.by_name(unit, name)
    if key is None or key.revoked_at:
        raise UnknownKeyError(name)
    key.revoked_at = unit.now
    audit(unit, "api_key.revoked", "api_key", key.id, data={"name": name})


async def caller_of(store: Store, secret: str) -> Caller | None:
    """Who shows this key; None for a revoked one and for anything that is none of ours.

    It is looked up by its hash, so how long that takes says nothing of the keys there are. Raises StoreUnavailableError
    if the database cannot even be read.
    """
    if not secret.startswith(PREFIX):
        return None
    async with store.read() as session:
        key = await api_keys.by_hash(session, _hash(secret))
    if key is None or key.revoked_at:
        return None
    if key.last_used_at is None or store.clock() - key.last_used_at >= SEEN_EVERY:
        await _note_use(store, key)
    return Caller(key.id, key.name, frozenset(key.scopes))


async def _note_use(store: Store, key: ApiKey) -> None:
    """While a long import holds the database, the note waits for the next request, and the key is as good as ever."""

    async def work(unit: Unit) -> None:
        if kept := await unit.session.get(ApiKey, key.id):
            kept.last_used_at = unit.now

    try:
        await store.run(work)
    except StoreUnavailableError as error:
        log.warning("api_key.use_not_noted", key=key.name, error=str(error))


async def note_read(unit: Unit, caller: Caller, route: str, external_id: str | None = None) -> None:
    """Puts into the audit log that a program reads a customer's data, or many customers' (None) by a list.

    Of somebody who is not there nothing can be read, so that is not noted.
    """
    row_id = await customer_of(unit.session, external_id) if external_id is not None else None
    if external_id is None or row_id is not None:
        audit(unit, "api.read", "customer", row_id or "*", data={"key": caller.name, "route": route})


def _hash(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
