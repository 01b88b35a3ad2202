"""Staged customers into the store, each with a contact point of the shop, and their Telegram where it is known.

What a row does not say leaves what is known as it is. A record that became part of another customer's may only say
what that one does not: otherwise the two rows of one person would take turns. Somebody who wrote on Telegram before the
shop named them becomes the imported customer: their contact point moves, and its tickets with it.
"""

from __future__ import annotations

from crm_store.imports import bad_rows, contacts, owners
from crm_store.imports.dialect import Dialect
from crm_store.imports.owners import SHOP, SOME
from crm_store.imports.staging import ID, Staging

COLUMNS = (
    "external_id",
    "name",
    "phone",
    "phone_hash",
    "email",
    "email_hash",
    "language",
    "organisation",
    "source",
    "referrer",
    "telegram_id",
    "contact_id",
    "attributes",
)
"""`phone` and `email` are encrypted already; `contact_id` is the id of a new contact point on Telegram."""
COMPARED = tuple(name for name in COLUMNS if name not in {"external_id", "phone", "email", "contact_id"})

_SAID = {
    "name": "s.name",
    "phone": "s.phone",
    "phone_hash": "s.phone_hash",
    "email": "s.email",
    "email_hash": "s.email_hash",
    "language": "s.language",
    "organisation_id": "(SELECT g.id FROM organisation AS g WHERE g.name = s.organisation)",
    "source": "s.source",
    "referrer": "s.referrer",
}
"""What a staged customer says, by the store's columns."""
_TOLD_BY_HASH = ("phone", "email")
"""One text is encrypted otherwise each time, so these differ where their hashes do."""
_TARGETS = "staged AS s JOIN target AS t ON t.number = s.number"

_IN_SHOP = (
    "COALESCE(c.external_id, (SELECT MIN(o.address) FROM contact_point AS o"
    f" WHERE o.customer_id = c.id AND o.channel = '{SHOP}'))"
)
"""A customer's id in the shop, be it of a record that became part of theirs."""


async def prepare(staged: Staging) -> None:
    await staged.run(
        "CREATE TEMP TABLE target (number BIGINT PRIMARY KEY, customer_id BIGINT NOT NULL, merged BOOLEAN NOT NULL)"
    )
    await staged.run("CREATE TEMP TABLE changed (number BIGINT NOT NULL)")


async def check(staged: Staging, low: int, high: int) -> None:
    """Marks rows of erased customers, and those whose Telegram is another customer's of the shop."""
    some = {"low": low, "high": high}
    await bad_rows.mark(
        staged,
        bad_rows.ERASED,
        "SELECT s.number, s.line, s.external_id AS value, NULL AS other FROM staged AS s"
        f" JOIN customer AS c ON c.external_id = s.external_id WHERE {SOME} AND c.erased_at IS NOT NULL",
        **some,
    )
    await _find_targets(staged, low, high)
    await bad_rows.mark(
        staged,
        "telegram of another",
        f"SELECT s.number, s.line, s.telegram_id AS value, {_IN_SHOP} AS other FROM staged AS s"
        " JOIN contact_point AS p ON p.channel = 'telegram' AND p.address = s.telegram_id"
        " JOIN customer AS c ON c.id = p.customer_id LEFT JOIN target AS t ON t.number = s.number"
        f" WHERE {SOME} AND {_IN_SHOP} IS NOT NULL AND {staged.dialect.differs('c.id', 't.customer_id')}",
        **some,
    )


async def sort(_staged: Staging) -> None:
    """They may stay as they come: the store sorts them by little else."""


async def begin(staged: Staging, low: int, high: int, now: str) -> None:
    await staged.run(_insert_organisations(staged.dialect), now=now, low=low, high=high)


async def write(staged: Staging, low: int, high: int, now: str) -> tuple[int, int]:
    """Writes the rows with these numbers; says how many were new and how many changed."""
    some = {"low": low, "high": high}
    await staged.run("DELETE FROM changed")
    added = await staged.run(_insert(staged.dialect), now=now, **some)
    await _find_targets(staged, low, high)
    await staged.run(f"INSERT INTO changed SELECT s.number {_differing(staged.dialect)}", **some)
    await staged.run(_update(staged.dialect), **some)
    await _fill(staged, low, high)
    await contacts.write(staged, low, high, now)
    changed: int = (await staged.execute(_count_changed(), **some)).scalar_one()
    return added, changed


async def _find_targets(staged: Staging, low: int, high: int) -> None:
    """Whom the rows speak of: customers that are in the store by now."""
    await staged.run("DELETE FROM target")
    await staged.run(
        "INSERT INTO target SELECT s.number, c.id, FALSE FROM staged AS s"
        f" JOIN customer AS c ON c.external_id = s.external_id WHERE {SOME}",
        low=low,
        high=high,
    )
    await owners.follow_merges(staged, "target", also=", merged = TRUE")


def _insert_organisations(dialect: Dialect) -> str:
    return (
        f"INSERT INTO organisation (id, name, created_at) SELECT MIN({ID}), s.organisation, {dialect.moment(':now')}"
        f" FROM staged AS s WHERE {SOME} AND s.organisation IS NOT NULL"
        " AND NOT EXISTS (SELECT 1 FROM organisation AS g WHERE g.name = s.organisation)"
        " GROUP BY s.organisation ON CONFLICT (name) DO NOTHING"
    )


def _insert(dialect: Dialect) -> str:
    values = {"id": ID, "external_id": "s.external_id", **_SAID, "attributes": dialect.json("s.attributes")}
    values |= {"name": "COALESCE(s.name, '')", "created_at": dialect.moment(":now"), "version": "1"}
    return (
        f"INSERT INTO customer ({', '.join(values)}) SELECT {', '.join(values.values())} FROM staged AS s WHERE {SOME}"
        " AND NOT EXISTS (SELECT 1 FROM customer AS c WHERE c.external_id = s.external_id)"
        " ORDER BY s.number ON CONFLICT (external_id) DO NOTHING"
    )


def _differing(dialect: Dialect) -> str:
    """Rows of customers' own records that say something else than the store."""
    own = "c.id = t.customer_id AND NOT t.merged"
    return f"FROM customer AS c, {_TARGETS} WHERE {own} AND {SOME} AND ({_differ(dialect)})"


def _differ(dialect: Dialect) -> str:
    compared = ((name, value) for name, value in _SAID.items() if name not in _TOLD_BY_HASH)
    differ = [f"({value} IS NOT NULL AND {dialect.differs(value, f'c.{name}')})" for name, value in compared]
    return " OR ".join([*differ, dialect.adds("c.attributes", "s.attributes")])


def _update(dialect: Dialect) -> str:
    sets = [f"{name} = COALESCE({value}, c.{name})" for name, value in _SAID.items()]
    sets += [f"attributes = {dialect.merged('c.attributes', 's.attributes')}", "version = c.version + 1"]
    return (
        f"UPDATE customer AS c SET {', '.join(sets)} FROM {_TARGETS} WHERE c.id = t.customer_id"
        f" AND NOT t.merged AND {SOME} AND s.number IN (SELECT number FROM changed)"
    )


async def _fill(staged: Staging, low: int, high: int) -> None:
    """Rows of records that became part of another, one for each customer at a time, until none has news."""
    known = {name: "NULLIF(c.name, '')" if name == "name" else f"c.{name}" for name in _SAID}
    sets = [f"{name} = COALESCE({known[name]}, {value}, c.{name})" for name, value in _SAID.items()]
    sets += [f"attributes = {staged.dialect.merged('s.attributes', 'c.attributes')}", "version = c.version + 1"]
    lacking = [f"({known[name]} IS NULL AND {value} IS NOT NULL)" for name, value in _SAID.items()]
    lacking.append(staged.dialect.lacks("c.attributes", "s.attributes"))
    first = (
        f"SELECT MIN(s.number) FROM customer AS c, {_TARGETS} WHERE c.id = t.customer_id AND t.merged AND {SOME}"
        f" AND ({' OR '.join(lacking)}) GROUP BY c.id"
    )
    while await staged.run(f"INSERT INTO changed {first}", low=low, high=high):
        await staged.run(
            f"UPDATE customer AS c SET {', '.join(sets)} FROM {_TARGETS} WHERE c.id = t.customer_id AND t.merged"
            f" AND s.number IN ({first})",
            low=low,
            high=high,
        )


def _count_changed() -> str:
    """Of the customers that were known before: a new one has the id of its row."""
    return (
        f"SELECT COUNT(*) FROM {_TARGETS} WHERE {SOME} AND t.customer_id <> {ID}"
        " AND s.number IN (SELECT number FROM changed)"
    )
