"""Staged customers into the store, each with a contact point of the shop, and their Telegram where it is known.

What a row does not say leaves what is known as it is. A row of a record that became part of another changes neither:
otherwise the two rows of one person would take turns, and an un-merge would leave with the one what is the other's.
"""

from __future__ import annotations

from crm_store.imports import bad_rows, contacts, joining, owners
from crm_store.imports.contacts import HOLDERS, HOLDS, IN_SHOP, STRANGER
from crm_store.imports.dialect import Dialect
from crm_store.imports.owners import SOME
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


async def prepare(staged: Staging) -> None:
    await staged.run(
        "CREATE TEMP TABLE target (number BIGINT PRIMARY KEY, customer_id BIGINT NOT NULL, merged BOOLEAN NOT NULL)"
    )
    await staged.run("CREATE TEMP TABLE changed (number BIGINT NOT NULL)")
    await joining.prepare(staged)


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
    await _refuse_anothers_telegram(staged, low, high)


async def _refuse_anothers_telegram(staged: Staging, low: int, high: int) -> None:
    """It may be another customer's of the shop, or a stranger's whom an earlier row names already."""
    some = {"low": low, "high": high}
    named = f"FROM staged AS s {HOLDERS} LEFT JOIN target AS t ON t.number = s.number WHERE {SOME} AND {HOLDS}"
    await bad_rows.mark(
        staged,
        "telegram of another",
        f"SELECT s.number, s.line, s.telegram_id AS value, {IN_SHOP} AS other {named}"
        f" AND {IN_SHOP} IS NOT NULL AND {staged.dialect.differs('c.id', 't.customer_id')}",
        **some,
    )
    await bad_rows.mark(
        staged,
        "telegram of another",
        "SELECT later.number, later.line, later.telegram_id AS value, f.external_id AS other"
        f" FROM (SELECT s.*, MIN(s.number) OVER (PARTITION BY c.id) AS first {named}"
        f" AND (t.merged IS NULL OR NOT t.merged) AND {STRANGER}) AS later"
        " JOIN staged AS f ON f.number = later.first WHERE later.number > later.first",
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
        " GROUP BY s.organisation ORDER BY s.organisation ON CONFLICT (name) DO NOTHING"
    )


def _insert(dialect: Dialect) -> str:
    """In the same order whoever sends them: programs that send the same rows at once wait for each other, not both."""
    values = {"id": ID, "external_id": "s.external_id", **_SAID, "attributes": dialect.json("s.attributes")}
    values |= {"name": "COALESCE(s.name, '')", "created_at": dialect.moment(":now"), "version": "1"}
    return (
        f"INSERT INTO customer ({', '.join(values)}) SELECT {', '.join(values.values())} FROM staged AS s WHERE {SOME}"
        " AND NOT EXISTS (SELECT 1 FROM customer AS c WHERE c.external_id = s.external_id)"
        " ORDER BY s.external_id ON CONFLICT (external_id) DO NOTHING"
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


def _count_changed() -> str:
    """Of the customers that were known before: a new one has the id of its row."""
    return (
        f"SELECT COUNT(*) FROM {_TARGETS} WHERE {SOME} AND t.customer_id <> {ID}"
        " AND s.number IN (SELECT number FROM changed)"
    )
