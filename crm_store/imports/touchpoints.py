"""Staged calls, visits, complaints and the like into the ledger, on their customers' contact points of the shop.

Their id in the other department is the touchpoint's `client_key`, so the same row again is no new contact. What has
happened stays: a row that says something else than before is a new touchpoint of kind `edit` about the first.
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
"""`payload` is a JSON object of all that has no column of its own, `digest` stands for the content as a whole."""
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
    """A touchpoint that lost its words by erasure does not get them back."""
    said = _values(dialect) | {"kind": "'edit'", "about_id": "p.id", "client_key": "s.external_id || '#' || s.digest"}
    said["payload"] = dialect.merged(dialect.object(kind="s.kind", before="p.text"), "s.payload")
    compared = ("at", "kind", "direction", "text", "payload")
    differ = (dialect.differs(f"p.{name}", _values(dialect)[name]) for name in compared)
    owned = _OWNED.replace(" WHERE ", f" JOIN touchpoint AS p ON {_FORMER} WHERE ")
    return (
        f"INSERT INTO touchpoint ({', '.join(said)}) SELECT {', '.join(said.values())} {owned}"
        f" AND p.redacted_at IS NULL AND ({' OR '.join(differ)})"
        " ORDER BY s.number ON CONFLICT (contact_point_id, client_key) DO NOTHING"
    )
