"""The whole ledger of one contact as an agent reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from console.bubbles import FileView, file_of
from crm_store.queries.chat import Said
from support.agents.redelivery import REPEATABLE
from support.desk import Desk
from support.words.times import day

EVENTS = (
    "joined",
    "escalated",
    "claimed",
    "released",
    "resolved",
    "not_needed",
    "blocked",
    "unblocked",
    "linked",
    "link_refused",
    "erased",
    "objection",
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One row: `look` is customer, bot, agent, note or event; `who` and `label` are worded already."""

    said: Said
    look: str
    who: str
    time: str
    label: str | None = None
    before: str | None = None
    buttons: tuple[str, ...] = ()
    file: FileView | None = None
    delivery: str | None = None
    can_resend: bool = False

    @property
    def is_markdown(self) -> bool:
        return bool((self.said.payload or {}).get("markdown"))


@dataclass(frozen=True, slots=True)
class Day:
    """The entries of one day under its date."""

    date: str
    entries: list[Entry]


def days(desk: Desk, rows: list[Said], deliveries: Mapping[int, str], now: datetime) -> list[Day]:
    """The ledger by days, in the desk's language and time zone."""
    found: list[Day] = []
    for row in rows:
        date = day(row.at, desk.default_language, desk.timezone, now)
        if not found or found[-1].date != date:
            found.append(Day(date, []))
        found[-1].entries.append(_entry(desk, row, deliveries.get(row.id)))
    return found


def _entry(desk: Desk, row: Said, delivery: str | None) -> Entry:
    payload = row.payload or {}
    return Entry(
        row,
        look=_look(row),
        who=_who(desk, row),
        time=f"{row.at.astimezone(desk.timezone):%H:%M}",
        label=_label(desk, row),
        before=payload.get("before") if row.kind == "edit" else None,
        buttons=tuple(str(button["label"]) for button in payload.get("buttons", [])),
        file=file_of(row),
        delivery=delivery,
        can_resend=delivery in REPEATABLE,
    )


def _look(row: Said) -> str:
    if row.kind == "note":
        return "note"
    return "event" if row.direction == "internal" else row.author


def _who(desk: Desk, row: Said) -> str:
    language = desk.default_language
    if row.agent:
        return desk.texts.say(language, "console.agent", agent=row.agent)
    return desk.texts.say(language, "console.customer" if row.author == "customer" else "console.bot")


def _label(desk: Desk, row: Said) -> str | None:
    """What happened, for rows that are no words."""
    language = desk.default_language
    if row.kind == "press":
        return desk.texts.say(language, "console.pressed", label=row.text or "–")
    if row.kind == "edit":
        return desk.texts.say(language, "console.edited")
    if row.kind == "note":
        return desk.texts.say(language, "console.note.label")
    if row.direction != "internal":
        return None
    key = f"console.event.{row.kind}" if row.kind in EVENTS else "console.event.other"
    return desk.texts.say(language, key, agent=row.agent or "–", kind=row.kind)
