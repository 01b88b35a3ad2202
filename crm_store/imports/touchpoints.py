"""Staged calls, visits, complaints and the like into the ledger, on their customers' contact points of the shop.

Their id in the other department is the touchpoint's `client_key`, so the same row again is no new contact. What has
happened stays: a row that says something else than before is a new touchpoint of kind `edit` about the first. What was
said before is the newest edit, or the first touchpoint where there is none.
"""

from __future__ import annotations

from crm_store.imports.dialect import Dialect
from crm_store.imports.owners import SHOP, SOME
from crm_store.imports.staging import ID, Staging

COLUMNS = (
    "external_id",
    "customer_id",
    "at",
    "dmy",
    "mdy",
    "kind",
    "direction",
    "author",
    "text",
    "agent",
    "payload",
    "digest",
)
"""`payload` is a JSON object of all that has no column of its own, `digest` stands for all that is said but when."""
COMPARED = ("customer_id", "at", "digest")

_OWNED = f"FROM staged AS s JOIN owner AS w ON w.external_id = s.customer_id WHERE {SOME}"
_FORMER = "p.contact_point_id = w.contact_point_id AND p.client_key = s.external_id"


async def write(staged: Staging, low: int, high: int, _now: str) -> tuple[int, int]:
    """Writes the rows with these numbers; says how many were new and how many changed."""
    some = {"low": low, "high": high}
    added = await staged.run(_insert(staged.dialect), **some)
    return added, 0 if added == high - low + 1 else await staged.run(_insert_edits(staged.dialect), **some)


def _values(dialect: Dialect) -> dict[str, str]:
    """What a staged contact says, by the store's columns."""
    return {
        "id": ID,
        "contact_point_id": "w.contact_point_id",
        "agent_id": "(SELECT MIN(a.id) FROM agent AS a WHERE a.name = s.agent)",
        "at": dialect.moment("s.at"),
        "channel": f"'{SHOP}'",
        "direction": "s.direction",
        "author": "s.author",
        "kind": "s.kind",
        "text": "s.text",
        "payload": dialect.json("s.payload"),
    }


def _insert(dialect: Dialect) -> str:
    said = _values(dialect) | {"client_key": "s.external_id"}
    return (
        f"INSERT INTO touchpoint ({', '.join(said)}) SELECT {', '.join(said.values())} {_OWNED}"
        " ORDER BY s.number ON CONFLICT (contact_point_id, client_key) DO NOTHING"
    )


def _insert_edits(dialect: Dialect) -> str:
    """A touchpoint that lost its words by erasure does not get them back.

    An edit's key names what it follows, so the same edit of two programs at once is one, and a word taken back is two.
    """
    said = _values(dialect) | {
        "kind": "'edit'",
        "about_id": "p.id",
        "client_key": "s.external_id || '#' || COALESCE(e.id, p.id) || '#' || s.digest",
    }
    before = "CASE WHEN e.id IS NULL THEN p.text ELSE e.text END"
    said["payload"] = dialect.merged(dialect.object(kind="s.kind", before=before), "s.payload")
    joined = f" JOIN touchpoint AS p ON {_FORMER} LEFT JOIN ({_NEWEST}) AS n ON n.about_id = p.id"
    owned = _OWNED.replace(" WHERE ", f"{joined} LEFT JOIN touchpoint AS e ON e.id = n.id WHERE ")
    return (
        f"INSERT INTO touchpoint ({', '.join(said)}) SELECT {', '.join(said.values())} {owned}"
        f" AND p.redacted_at IS NULL AND ({_differ(dialect)})"
        " ORDER BY s.number ON CONFLICT (contact_point_id, client_key) DO NOTHING"
    )


_NEWEST = (
    "SELECT about_id, MAX(id) AS id FROM touchpoint WHERE kind = 'edit'"
    f" AND contact_point_id IN (SELECT w.contact_point_id {_OWNED}) GROUP BY about_id"
)
"""The edits that count, by what they are about."""


def _differ(dialect: Dialect) -> str:
    """From the first by what it says, from an edit by its time and by the digest at the end of its key."""
    said = _values(dialect)
    first = (dialect.differs(f"p.{name}", said[name]) for name in ("at", "kind", "direction", "text", "payload"))
    edit = f"{dialect.differs('e.at', said['at'])} OR e.client_key NOT LIKE '%#' || s.digest"
    return f"CASE WHEN e.id IS NULL THEN {' OR '.join(first)} ELSE {edit} END"
