"""What a form asked, as a ticket keeps it and as agents read it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from crm_store.models import Customer


@dataclass(frozen=True, slots=True)
class Detail:
    """One question, in the desk's language, and its answer. `sure` is False for words that nothing could read.

    `on_record` is phone or email where the customer's own is meant: it stays in its encrypted column.
    """

    slot: str
    asked: str
    answer: str = ""
    sure: bool = True
    on_record: str | None = None

    def shown(self, customer: Customer) -> str:
        """The answer for an agent's eyes; a dash for what is no longer on record."""
        if self.on_record == "phone":
            return customer.phone or "–"
        return (customer.email or "–") if self.on_record == "email" else self.answer


def data_of(details: Iterable[Detail]) -> dict[str, Any]:
    """Ticket.details: slot → what was asked and answered. `position` is kept because PostgreSQL sorts the keys."""
    return {
        each.slot: {
            "asked": each.asked,
            "answer": each.answer,
            "position": position,
            **({} if each.sure else {"unchecked": True}),
            **({"on_record": each.on_record} if each.on_record else {}),
        }
        for position, each in enumerate(details)
    }


def details_of(data: Mapping[str, Any] | None) -> list[Detail]:
    """The details in the order in which they were asked."""
    rows = sorted((data or {}).items(), key=lambda row: row[1]["position"])
    return [
        Detail(slot, kept["asked"], kept["answer"], not kept.get("unchecked", False), kept.get("on_record"))
        for slot, kept in rows
    ]
