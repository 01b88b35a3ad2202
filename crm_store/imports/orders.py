"""Staged orders into the store; a new one is also a touchpoint of its customer, of kind `refund` if it is negative.

What a row does not say leaves what is known as it is.
"""

from __future__ import annotations

from crm_store.imports.dialect import Dialect
from crm_store.imports.owners import SHOP, SOME
from crm_store.imports.staging import ID, Staging

COLUMNS = (
    "external_id",
    "customer_id",
    "date",
    "dmy",
    "mdy",
    "amount",
    "currency",
    "cost",
    "product",
    "category",
    "source",
    "attributes",
)
COMPARED = tuple(name for name in COLUMNS if name not in {"external_id", "dmy", "mdy"})
NOON = "12:00:00.000000"
"""The hour, in UTC, given to an order of which only the day is known: it is the same day nearly everywhere."""

_OWNED = f"FROM staged AS s JOIN owner AS w ON w.external_id = s.customer_id WHERE {SOME}"


async def write(staged: Staging, low: int, high: int, _now: str) -> tuple[int, int]:
    """Writes the rows with these numbers; says how many were new and how many changed."""
    some = {"low": low, "high": high}
    added = await staged.run(_insert(staged.dialect), **some)
    are_all_new = added == high - low + 1
    if added:
        await staged.run(_insert_touchpoints(staged.dialect, are_all_new=are_all_new), **some)
    changed = 0 if are_all_new else await staged.run(_update(staged.dialect), **some)
    return added, changed


def _values(dialect: Dialect) -> dict[str, str]:
    """What a staged order says, by the store's columns."""
    return {
        "customer_id": "w.customer_id",
        "date": dialect.day("s.date"),
        "amount": "CAST(s.amount AS NUMERIC(18, 2))",
        "currency": "s.currency",
        "cost": "CAST(s.cost AS NUMERIC(18, 2))",
        "product": "s.product",
        "category": "s.category",
        "source": "s.source",
    }


async def owners_of(staged: Staging, low: int, high: int) -> set[int]:
    """The customers of these rows, and whoever had one of the orders until now."""
    some = {"low": low, "high": high}
    former = (
        f"SELECT o.customer_id FROM staged AS s JOIN customer_order AS o ON o.external_id = s.external_id WHERE {SOME}"
    )
    found = await staged.execute(f"SELECT w.customer_id {_OWNED} UNION {former}", **some)
    return set(found.scalars())


def _insert(dialect: Dialect) -> str:
    said = {
        "id": ID,
        "external_id": "s.external_id",
        **_values(dialect),
        "attributes": dialect.json("s.attributes"),
    }
    return (
        f"INSERT INTO customer_order ({', '.join(said)}) SELECT {', '.join(said.values())} {_OWNED}"
        " ORDER BY s.number ON CONFLICT (external_id) DO NOTHING"
    )


def _insert_touchpoints(dialect: Dialect, *, are_all_new: bool) -> str:
    """Of the orders that are new: those that have the id of their staged row."""
    payload = dialect.object(order="s.external_id", amount="s.amount", product="s.product")
    said = {
        "id": ID,
        "contact_point_id": "w.contact_point_id",
        "at": dialect.moment(f"s.date || ' {NOON}'"),
        "channel": f"'{SHOP}'",
        "direction": "'in'",
        "author": "'customer'",
        "kind": "CASE WHEN s.amount LIKE '-%' THEN 'refund' ELSE 'order' END",
        "payload": payload,
    }
    are_new = "" if are_all_new else f" AND EXISTS (SELECT 1 FROM customer_order AS o WHERE o.id = {ID})"
    return (
        f"INSERT INTO touchpoint ({', '.join(said)}) SELECT {', '.join(said.values())} {_OWNED}{are_new}"
        " ORDER BY s.number"
    )


def _update(dialect: Dialect) -> str:
    said = _values(dialect)
    sets = [f"{name} = COALESCE({value}, o.{name})" for name, value in said.items()]
    sets.append(f"attributes = {dialect.merged('o.attributes', 's.attributes')}")
    differ = [dialect.differs(f"COALESCE({value}, o.{name})", f"o.{name}") for name, value in said.items()]
    differ.append(dialect.adds("o.attributes", "s.attributes"))
    return (
        f"UPDATE customer_order AS o SET {', '.join(sets)} {_OWNED}"
        f" AND o.external_id = s.external_id AND ({' OR '.join(differ)})"
    )
