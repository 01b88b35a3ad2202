"""How the rows of a customer are found in each table: conditions over whole tables."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, cast

from sqlalchemy import ColumnElement, Select, String, Table, false, or_, select, true
from sqlalchemy import cast as sql_cast

from crm_store.columns import BigInt
from crm_store.models import (
    Base,
    CardSnapshot,
    ContactLink,
    Customer,
    DuplicateRefusal,
    FaqProposal,
    IdempotencyKey,
    InboxRow,
    Merge,
    MergedRow,
    Organisation,
    OutboxRow,
    StoredFile,
    Ticket,
    TicketEvent,
    Touchpoint,
)
from crm_store.privacy.whose import Whose

Find = Callable[[Whose], ColumnElement[bool]]

COPY = "export"
"""The kind of a stored file that is itself a copy of a customer's data."""

SHORTEST, SHORTEST_NOT_LATIN = 4, 2
"""Characters of a name or number that is looked for amid other words; most Chinese names have two or three."""

NO_CHAT = 0
"""Where the outbox keeps calls that fetch files (handlers.telegram_files)."""


def table(model: type[Base]) -> Table:
    return cast(Table, model.__table__)


def by_customer(model: type[Base], column: str = "customer_id") -> Find:
    return lambda whose: table(model).c[column].in_(whose.customer_ids)


def by_contact(model: type[Base], column: str = "contact_point_id") -> Find:
    return lambda whose: table(model).c[column].in_(whose.contact_ids)


def by_touchpoint(model: type[Base], column: str = "touchpoint_id") -> Find:
    return lambda whose: table(model).c[column].in_(touchpoint_ids(whose))


def touchpoint_ids(whose: Whose) -> Select[int]:
    return select(Touchpoint.id).where(Touchpoint.contact_point_id.in_(whose.contact_ids))


def own_snapshots(whose: Whose) -> ColumnElement[bool]:
    """Cards that showed nobody else."""
    return by_customer(CardSnapshot)(whose) & ~_joint_snapshots(whose)


def other_snapshots(whose: Whose) -> ColumnElement[bool]:
    """Cards that showed them and others, and cards behind words of their chats, whoever they are ascribed to."""
    return by_touchpoint(CardSnapshot)(whose) | _joint_snapshots(whose)


def _joint_snapshots(whose: Whose) -> ColumnElement[bool]:
    seen = table(CardSnapshot).c
    return or_(
        false(),
        *((seen.customer_id == each.customer_id) & seen.at.between(each.since, each.until) for each in whose.joint),
    )


def ticket_events(whose: Whose) -> ColumnElement[bool]:
    theirs = select(Ticket.id).where(Ticket.customer_id.in_(whose.customer_ids))
    return table(TicketEvent).c.ticket_id.in_(theirs)


def own_files(whose: Whose) -> ColumnElement[bool]:
    """Without earlier copies of their data."""
    return table(StoredFile).c.contact_point_id.in_(whose.contact_ids) & (table(StoredFile).c.kind != COPY)


def internal_touchpoints(whose: Whose) -> ColumnElement[bool]:
    """Notes to colleagues, hand-overs with their reasons, what agents did: nothing that passed between them and us."""
    said = table(Touchpoint).c
    return said.contact_point_id.in_(whose.contact_ids) & (said.direction == "internal") & (said.author != "customer")


def internal_events(_: Whose) -> ColumnElement[bool]:
    """Of their tickets: why they came into the queue."""
    return table(TicketEvent).c.kind == "escalated"


def internal_files(whose: Whose) -> ColumnElement[bool]:
    """What agents put beside their notes."""
    file_id = _number_in(table(Touchpoint).c.payload["attachment"], "file_id")
    return table(StoredFile).c.id.in_(select(file_id).where(internal_touchpoints(whose), file_id.is_not(None)))


def all_rows(_: Whose) -> ColumnElement[bool]:
    return true()


def proposals(whose: Whose) -> ColumnElement[bool]:
    return table(FaqProposal).c.id.in_(whose.proposals)


def their_updates(whose: Whose) -> ColumnElement[bool]:
    """Those that took effect or were given up; one that still waits is the beginning of a new acquaintance."""
    inbox = table(InboxRow)
    return inbox.c.state.in_(("done", "failed")) & inbox.c.chat_id.in_(whose.chats)


def agents_updates(whose: Whose) -> ColumnElement[bool]:
    """What agents wrote in the customer's topic.

    Of updates that are done only the number is needed any more, so all the forum's lose their words; of those given up
    only the topic's own do.
    """
    inbox, forums = table(InboxRow), {chat for chat, _ in whose.threads}
    marks = [f'"message_thread_id": {thread}{end}' for _, thread in whose.threads for end in (",", "}")]
    in_topic = or_(false(), *(inbox.c.body.contains(mark) for mark in marks))
    return inbox.c.chat_id.in_(forums) & or_(inbox.c.state == "done", (inbox.c.state == "failed") & in_topic)


def calls_to_them(whose: Whose) -> ColumnElement[bool]:
    outbox = table(OutboxRow)
    return or_(outbox.c.chat_id.in_(whose.chats), outbox.c.touchpoint_id.in_(touchpoint_ids(whose)))


def calls_about_them(whose: Whose) -> ColumnElement[bool]:
    """What was said in their topics, with the card and its edits; files of theirs that were fetched."""
    outbox = table(OutboxRow)
    files = select(StoredFile.id).where(StoredFile.contact_point_id.in_(whose.contact_ids))
    fetched = (outbox.c.chat_id == NO_CHAT) & _number_in(outbox.c.files, "keep").in_(files)
    if not whose.threads:
        return fetched
    said = _said_in_topics(outbox, whose)
    earlier = outbox.alias("earlier")
    first = select(-earlier.c.id).where(_said_in_topics(earlier, whose))
    edited = outbox.c.chat_id.in_({chat for chat, _ in whose.threads}) & _number_in(outbox.c.payload, "message_id").in_(
        first
    )
    return or_(fetched, said, edited)


def _said_in_topics(outbox: Any, whose: Whose) -> ColumnElement[bool]:
    """Also the calls that made the topics, whose ids stand for them with a minus."""
    forums, threads = {chat for chat, _ in whose.threads}, {thread for _, thread in whose.threads}
    in_them: ColumnElement[bool] = _number_in(outbox.c.payload, "message_thread_id").in_(threads)
    made_them: ColumnElement[bool] = outbox.c.id.in_({-thread for thread in threads if thread < 0})
    found: ColumnElement[bool] = outbox.c.chat_id.in_(forums) & or_(in_them, made_them)
    return found


def _number_in(column: Any, key: str) -> ColumnElement[int]:
    """A number of 64 bits in a JSON object."""
    return sql_cast(column[key].as_string(), BigInt)


def answers_naming_them(whose: Whose) -> ColumnElement[bool]:
    """Answers to other programs that hold one of the customer's values, as each database writes it."""
    text = sql_cast(table(IdempotencyKey).c.response, String)
    written = {_written(value, escaped) for value in whose.values for escaped in (True, False)}
    return or_(false(), *(text.contains(each, autoescape=True) for each in sorted(written)))


def _written(value: str, escaped: bool) -> str:
    """As JSON has it; with its quotes where it is so short that it would be found in other words."""
    quoted = json.dumps(value, ensure_ascii=escaped)
    return quoted[1:-1] if len(value) >= (SHORTEST if value.isascii() else SHORTEST_NOT_LATIN) else quoted


def present_merges(whose: Whose) -> ColumnElement[bool]:
    """Of their records into one. One that was undone tells of somebody else as well."""
    return table(Merge).c.kept_id.in_(whose.customer_ids) & table(Merge).c.undone_at.is_(None)


def all_merges(whose: Whose) -> ColumnElement[bool]:
    merge = table(Merge)
    return or_(merge.c.kept_id.in_(whose.customer_ids), merge.c.gone_id.in_(whose.customer_ids))


def merged_rows(whose: Whose) -> ColumnElement[bool]:
    return table(MergedRow).c.merge_id.in_(select(table(Merge).c.id).where(all_merges(whose)))


def refusals(whose: Whose) -> ColumnElement[bool]:
    refusal = table(DuplicateRefusal)
    return or_(refusal.c.one_id.in_(whose.customer_ids), refusal.c.other_id.in_(whose.customer_ids))


def links(whose: Whose) -> ColumnElement[bool]:
    link = table(ContactLink)
    return or_(link.c.customer_id.in_(whose.customer_ids), link.c.used_by_id.in_(whose.contact_ids))


def organisation(whose: Whose) -> ColumnElement[bool]:
    theirs = select(Customer.organisation_id).where(Customer.id.in_(whose.customer_ids))
    return table(Organisation).c.id.in_(theirs)
