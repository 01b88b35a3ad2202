"""Contact points of imported customers: the shop's own, and Telegram, which may have been somebody unnamed before."""

from __future__ import annotations

from crm_store.imports.owners import SHOP, SOME
from crm_store.imports.staging import ID, Staging

_TARGETS = f"staged AS s JOIN target AS t ON t.number = s.number WHERE {SOME}"


async def write(staged: Staging, low: int, high: int, now: str) -> None:
    """Gives the rows' customers the contact points that they lack; puts rows that needed one into `changed`."""
    for name in ("moved", "shop", "telegram"):
        await staged.run(f"INSERT INTO changed SELECT s.number FROM {_MISSING[name]}", low=low, high=high)
    moment = staged.dialect.moment(":now")
    await _move(staged, low, high, now)
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


_COLUMNS = "id, customer_id, channel, address, chat_id, state, created_at, version"
_MOVED = (
    "contact_point AS p, staged AS s JOIN target AS t ON t.number = s.number"
    f" WHERE {SOME} AND p.channel = 'telegram' AND p.address = s.telegram_id AND p.customer_id <> t.customer_id"
)
_MISSING = {
    "moved": _MOVED,
    "shop": f"{_TARGETS} AND NOT EXISTS (SELECT 1 FROM contact_point AS p"
    f" WHERE p.channel = '{SHOP}' AND p.address = s.external_id)",
    "telegram": f"{_TARGETS} AND s.telegram_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM contact_point AS p"
    " WHERE p.channel = 'telegram' AND p.address = s.telegram_id)",
}
"""Rows whose customers lack a contact point, or whose Telegram is another's, by what they lack."""


async def _move(staged: Staging, low: int, high: int, now: str) -> None:
    """The audit first, as it names the customer from whom the contact point moves."""
    some = {"low": low, "high": high}
    data = staged.dialect.object(**{"from": "p.customer_id", "to": "t.customer_id"})
    moved = await staged.run(
        "INSERT INTO audit (id, at, action, object_kind, object_id, data)"
        f" SELECT {ID}, {staged.dialect.moment(':now')}, 'contact.moved', 'contact_point',"
        f" CAST(p.id AS TEXT), {data} FROM {_MOVED}",
        now=now,
        **some,
    )
    if not moved:
        return
    for table in ("ticket", "escalation"):
        await staged.run(
            f"UPDATE {table} AS k SET customer_id = t.customer_id, version = k.version + 1 FROM {_MOVED}"
            " AND k.contact_point_id = p.id",
            **some,
        )
    await staged.run(
        "UPDATE contact_point AS q SET customer_id = t.customer_id, version = q.version + 1"
        f" FROM {_MOVED} AND q.id = p.id",
        **some,
    )
