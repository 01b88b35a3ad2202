"""A customer of whom every personal column of the schema holds a word that stands nowhere else."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Boolean, Column, Date, DateTime, Float, Numeric, Table, insert
from sqlalchemy.types import TypeEngine

from crm_store.columns import Coded, Encrypted, UtcDateTime
from crm_store.ids import new_id
from crm_store.models import Base
from crm_store.privacy.register import HOLDINGS
from crm_store.store import Store
from support import search
from support.files import FileStore

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
FORUM = -100_1001
UNTAGGED = {"customer_order.attributes", "customer.source", "customer.referrer", "merge.evidence"}
"""What holds personal words although nothing says so in the schema."""
_numbers = itertools.count(1)


@dataclass
class Seeded:
    """The customer's id and everything that must not be found again; encrypted columns' words are not in `plain`."""

    customer_id: int
    contact_id: int
    file: str
    plain: dict[str, str] = field(default_factory=dict)
    encrypted: dict[str, str] = field(default_factory=dict)

    @property
    def all(self) -> dict[str, str]:
        return self.plain | self.encrypted


class Seeder:
    """Fills one row of every table of the register, by walking the schema."""

    def __init__(self, name: str, files: FileStore) -> None:
        self._name, self._files = name, files
        self._ids = {table: new_id() for table in ("customer", "contact_point", "touchpoint", "ticket", "conversation")}
        self._ids |= {table: new_id() for table in ("customer_order", "merge", "stored_file", "organisation", "agent")}
        self._ids["api_key"] = new_id()
        self._chat = int(f"70{next(_numbers):03}86421")
        self._thread = next(_numbers)
        self.seeded = Seeded(self._ids["customer"], self._ids["contact_point"], f"{name}filebytes")
        self.seeded.plain["contact_point.address"] = str(self._chat)

    async def sow(self, store: Store) -> Seeded:
        kept = await self._files.keep(f"%PDF {self.seeded.file}".encode())
        async with store.write() as connection:
            for name in ("agent", "api_key"):
                await connection.execute(insert(Base.metadata.tables[name]), self._row(Base.metadata.tables[name]))
            for holding in reversed(HOLDINGS):
                table = Base.metadata.tables[holding.name]
                if holding.name not in ("search_entry", "duplicate_refusal"):
                    more = {"path": kept.path} if holding.name == "stored_file" else {}
                    for row in self._rows(table):
                        await connection.execute(insert(table), row | more)
        await search.catch_up(store)
        return self.seeded

    def _rows(self, table: Table) -> Iterator[dict[str, Any]]:
        first = self._row(table) | self._linked(table.name)
        yield first
        if table.name == "inbox":
            at = {"message_thread_id": self._thread, "text": self._word("inbox.forum")}
            yield self._again(first, chat_id=FORUM, body=str(at).replace("'", '"'), state="failed")
            yield self._again(first, chat_id=FORUM, body=self._word("inbox.done"), state="done")
        if table.name == "idempotency_key":
            yield first | {"key": f"x{next(_numbers)}", "response": {"telegram_id": self._chat}}
        if table.name == "outbox":
            made = self._again(
                first, chat_id=FORUM, payload={"name": self._word("outbox.topic")}, message_id=self._thread
            )
            made |= {"method": "createForumTopic", "touchpoint_id": None}
            told = {"text": self._word("outbox.told"), "message_thread_id": -made["id"]}
            card = self._again(made, payload=told, method="sendMessage", message_id=78)
            edited = {"text": self._word("outbox.edited"), "message_id": -card["id"]}
            yield from (made, card, self._again(card, payload=edited, method="editMessageText", message_id=None))
            fetch = {"file_id": self._word("outbox.fetch")}
            yield self._again(
                made, chat_id=0, payload=fetch, files={"keep": self._ids["stored_file"]}, method="getFile"
            )
            yield self._again(first, chat_id=self._chat, touchpoint_id=None, state="waiting")

    def _again(self, row: dict[str, Any], **changes: Any) -> dict[str, Any]:
        return row | {"id": new_id()} | ({"update_id": next(_numbers)} if "update_id" in row else {}) | changes

    def _linked(self, name: str) -> dict[str, Any]:
        """What a row needs besides to be found, or to be like a real one."""
        known = self.seeded.plain
        known["faq_proposal.normal"] = known.get("faq_question.normal", "")
        more: dict[str, dict[str, Any]] = {
            "customer": {"external_id": f"C-{self._name}", "merged_into_id": None, "erased_at": None},
            "contact_point": {"channel": "telegram", "address": str(self._chat), "chat_id": self._chat},
            "conversation": {"ended_at": None},
            "touchpoint": {"redacted_at": None},
            "forum_topic": {"chat_id": FORUM, "thread_id": self._thread},
            "faq_proposal": {"normal": known["faq_proposal.normal"], "state": "open"},
            "inbox": {"chat_id": self._chat, "state": "done"},
            "outbox": {"state": "sent"},
            "merge": {"kept_id": self._ids["customer"], "gone_id": self._ids["customer"], "undone_at": None},
            "merged_row": {"table_name": "contact_point"},
            "idempotency_key": {"response": {"problems": [{"message": known.get("customer.name")}]}},
        }
        return more.get(name, {})

    def _row(self, table: Table) -> dict[str, Any]:
        return {column.name: self._value(table, column) for column in table.columns}

    def _value(self, table: Table, column: Column[Any]) -> Any:
        target = next((key.column.table.name for key in column.foreign_keys), None)
        if target:
            return None if column.nullable and target in ("agent", table.name) else self._ids[target]
        if column.primary_key and column.name == "id":
            return self._ids.setdefault(table.name, new_id())
        place = f"{table.name}.{column.name}"
        if "pii" in column.info or place in UNTAGGED:
            return self._personal(place, column)
        if column.nullable:
            return self._ids["touchpoint"] if column.name == "touchpoint_id" else None
        return _something(column)

    def _personal(self, place: str, column: Column[Any]) -> Any:
        word = self._word(place, encrypted=isinstance(column.type, Encrypted))
        if place == "merge.evidence":
            return [{"code": "phone", "value": word}]
        return {"said": word} if _is_json(column) else word

    def _word(self, place: str, *, encrypted: bool = False) -> str:
        found = self.seeded.encrypted if encrypted else self.seeded.plain
        return found.setdefault(place, f"{self._name}{place}".replace(".", "").replace("_", ""))


SAY_NOTHING: list[tuple[tuple[type[TypeEngine[Any]], ...], Any]] = [
    ((UtcDateTime, DateTime), NOW),
    ((Date,), date(2026, 11, 1)),
    ((Boolean,), False),
    ((Float, Numeric), 1),
]


def _something(column: Column[Any]) -> Any:
    """A value of the column's type that says nothing."""
    if isinstance(column.type, Coded):
        return column.type.names[0]
    if _is_json(column):
        return {}
    another = next(_numbers) if column.type.python_type is int else f"x{next(_numbers)}"
    return next((value for kinds, value in SAY_NOTHING if isinstance(column.type, kinds)), another)


def _is_json(column: Column[Any]) -> bool:
    return "JSON" in type(column.type).__name__.upper()


async def sow(store: Store, files: FileStore, name: str) -> Seeded:
    """A customer whose words begin with `name`."""
    return await Seeder(name, files).sow(store)
