"""Contact points of imported customers: the shop's own, and Telegram, which may have been somebody unnamed before.

A record that became part of another gets none: after an un-merge, the next import brings what is missing.
"""

from __future__ import annotations

from typing import NamedTuple

from crm_store.imports.owners import SHOP, SOME
from crm_store.imports.staging import ID, Staging

IN_SHOP = (
    f"COALESCE(c.external_id, (SELECT MIN(CASE WHEN o.channel = '{SHOP}' THEN o.address END)"
    " FROM contact_point AS o WHERE o.customer_id = c.id))"
)
"""A customer's id in the shop, be it of a record that became part of theirs; NULL for a stranger.

The channel is no condition, or SQLite would go through all contact points of the shop.
"""
HOLDERS = "CROSS JOIN contact_point AS p CROSS JOIN customer AS c"
HOLDS = "p.channel = 'telegram' AND p.address = s.telegram_id AND c.id = p.customer_id"
"""Who has the Telegram account that a row names. By CROSS JOIN SQLite keeps this order: rows first."""
STRANGER = f"{IN_SHOP} IS NULL AND c.merged_into_id IS NULL AND c.erased_at IS NULL"

_TARGETS = "staged AS s JOIN target AS t ON t.number = s.number"
_OWN = f"{SOME} AND NOT t.merged"
_STRANGERS = f"{_TARGETS} {HOLDERS} WHERE {_OWN} AND {HOLDS} AND c.id <> t.customer_id AND {STRANGER}"
_MISSING = {
    "stranger": _STRANGERS,
    "shop": f"{_TARGETS} WHERE {_OWN} AND NOT EXISTS (SELECT 1 FROM contact_point AS p"
    f" WHERE p.channel = '{SHOP}' AND p.address = s.external_id)",
    "telegram": f"{_TARGETS} WHERE {_OWN} AND s.telegram_id IS NOT NULL AND NOT EXISTS (SELECT 1"
    " FROM contact_point AS p WHERE p.channel = 'telegram' AND p.address = s.telegram_id)",
}
"""Rows whose customers lack a contact point, or whose Telegram is a stranger's, by what they lack."""
_COLUMNS = "id, customer_id, channel, address, chat_id, state, created_at, version"


class Named(NamedTuple):
    """A stranger whom a row names as its customer, and the contact point by which it does."""

    customer_id: int
    stranger_id: int
    contact_point_id: int


async def write(staged: Staging, low: int, high: int, now: str) -> None:
    """Gives the rows' customers the contact points that they lack; puts rows that needed one into `changed`.

    A stranger's stays theirs for now: see `named_strangers`.
    """
    for lacking in _MISSING.values():
        await staged.run(f"INSERT INTO changed SELECT s.number FROM {lacking}", low=low, high=high)
    moment = staged.dialect.moment(":now")
    await staged.run(
        f"INSERT INTO contact_point ({_COLUMNS}) SELECT {ID}, t.customer_id, '{SHOP}', s.external_id, NULL,"
        f" 'active', {moment}, 1 FROM {_MISSING['shop']} ON CONFLICT (channel, address) DO NOTHING",
        low=low,
        high=high,
        now=now,
    )
    await staged.run(
        f"INSERT INTO contact_point ({_COLUMNS}) SELECT CAST(s.contact_id AS BIGINT), t.customer_id, 'telegram',"
        f" s.telegram_id, CAST(s.telegram_id AS BIGINT), 'active', {moment}, 1 FROM {_MISSING['telegram']}"
        " ON CONFLICT (channel, address) DO NOTHING",
        low=low,
        high=high,
        now=now,
    )


async def named_strangers(staged: Staging, low: int, high: int) -> list[Named]:
    """Who wrote before the shop named them; each once, and no customer twice."""
    found = await staged.execute(f"SELECT t.customer_id, c.id, p.id FROM {_STRANGERS}", low=low, high=high)
    return list(map(Named._make, found))
