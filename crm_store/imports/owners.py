"""Whose the staged rows are: customers by their id in the shop, and the contact point that what they did belongs to.

A record that became part of another stands for that one.
"""

from __future__ import annotations

from crm_store.imports import bad_rows
from crm_store.imports.staging import ID, Staging

SHOP = "shop"
"""The channel of what the shop's own system tells; a customer's address on it is their id there."""
SOME = "s.number BETWEEN :low AND :high"


async def prepare(staged: Staging) -> None:
    """Every customer whom the staged rows name, once."""
    await staged.run(
        "CREATE TEMP TABLE owner (external_id TEXT PRIMARY KEY, new_id BIGINT NOT NULL, customer_id BIGINT,"
        " erased BOOLEAN, contact_point_id BIGINT)"
    )
    await staged.run(
        f"INSERT INTO owner (external_id, new_id) SELECT s.customer_id, MIN({ID})"
        " FROM staged AS s GROUP BY s.customer_id"
    )


async def check(staged: Staging, low: int, high: int) -> None:
    """Finds the customers of these rows, and marks rows of those whom nobody knows or who were erased."""
    some = {"low": low, "high": high}
    await staged.run(
        "UPDATE owner SET (customer_id, erased) = (SELECT c.id, c.erased_at IS NOT NULL FROM customer AS c"
        f" WHERE c.external_id = owner.external_id) WHERE {_of_these(staged, low, high)}",
        **some,
    )
    await follow_merges(staged, "owner")
    for reason, condition in (("unknown customer", "w.customer_id IS NULL"), (bad_rows.ERASED, "w.erased")):
        if (await staged.execute(f"SELECT 1 FROM owner AS w WHERE {condition} LIMIT 1")).first():
            await bad_rows.mark(
                staged,
                reason,
                "SELECT s.number, s.line, s.customer_id AS value, NULL AS other"
                f" FROM staged AS s JOIN owner AS w ON w.external_id = s.customer_id WHERE {SOME} AND {condition}",
                **some,
            )


def _of_these(staged: Staging, low: int, high: int) -> str:
    """All at once need no search among the rows."""
    if low <= 1 and high >= staged.rows:
        return "CAST(:low AS BIGINT) <= CAST(:high AS BIGINT)"
    return f"external_id IN (SELECT s.customer_id FROM staged AS s WHERE {SOME})"


async def sort(staged: Staging) -> None:
    """Each customer's rows together, and customers as the store has them."""
    await staged.sort("FROM staged AS s JOIN owner AS w ON w.external_id = s.customer_id", "w.customer_id, s.number")


async def open_contacts(staged: Staging, low: int, high: int, now: str) -> None:
    """Finds the contact points of the rows' customers; who did not come by an import gets one of the shop."""
    some = {"low": low, "high": high}
    await staged.run(
        "INSERT INTO contact_point (id, customer_id, channel, address, state, created_at, version)"
        f" SELECT w.new_id, w.customer_id, '{SHOP}', w.external_id, 'active', {staged.dialect.moment(':now')}, 1"
        f" FROM owner AS w WHERE {_of_these(staged, low, high)} AND w.customer_id IS NOT NULL AND NOT w.erased"
        f" AND NOT EXISTS (SELECT 1 FROM contact_point AS p WHERE p.channel = '{SHOP}' AND p.address = w.external_id)"
        " ON CONFLICT (channel, address) DO NOTHING",
        now=now,
        **some,
    )
    await staged.run(
        "UPDATE owner SET contact_point_id = (SELECT p.id FROM contact_point AS p"
        f" WHERE p.channel = '{SHOP}' AND p.address = owner.external_id) WHERE {_of_these(staged, low, high)}",
        **some,
    )


async def follow_merges(staged: Staging, table: str, also: str = "") -> None:
    """Puts the customer that was kept in the place of each that became part of it; it is always one step away."""
    await staged.run(
        f"UPDATE {table} SET customer_id = c.merged_into_id{also} FROM customer AS c"
        f" WHERE c.id = {table}.customer_id AND c.merged_into_id IS NOT NULL"
    )
