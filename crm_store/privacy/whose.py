"""One customer as a copy or an erasure looks for them: by ids, chats, topics and values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Row, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import ContactPoint, Customer, ForumTopic, Merge, MergedRow, OutboxRow, Setting
from crm_store.queries.faq_learning import only_of
from crm_store.repositories.merges import living_id, merged_ids

TELEGRAM = "telegram"
FORMER_TOPIC = "former_topic:"
"""Settings that tell whose a topic was which is gone (handlers.forum.topics)."""


class Joint(NamedTuple):
    """From when until when a customer was one with another who stands apart again."""

    customer_id: int
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Whose:
    """`customer_ids` are the customer's and those of the records that became part of it.

    `chats` are their private chats in Telegram, `threads` the (chat, thread) of their topics in the agents' forum, also
    negative ones that stand for a call. `proposals` are FAQ proposals in their words and nobody else's. `values` are
    what they are called and reached by. `joint` are times in which they and others were one, for each of these.
    """

    customer_ids: tuple[int, ...]
    contact_ids: tuple[int, ...] = ()
    chats: tuple[int, ...] = ()
    threads: tuple[tuple[int, int], ...] = ()
    proposals: tuple[int, ...] = ()
    values: tuple[str, ...] = ()
    joint: tuple[Joint, ...] = ()


async def whose(session: AsyncSession, customer_id: int) -> Whose:
    """All of a customer; `customer_id` is that of a record which is not merged into another."""
    ids = await merged_ids(session, customer_id)
    customers = await session.execute(
        select(Customer.name, Customer.phone, Customer.email, Customer.external_id).where(Customer.id.in_(ids))
    )
    columns = ("id", "channel", "address", "chat_id", "display_name", "username")
    contacts = (
        await session.execute(
            select(*(getattr(ContactPoint, name) for name in columns)).where(ContactPoint.customer_id.in_(ids))
        )
    ).all()
    contact_ids = tuple(row.id for row in contacts)
    return Whose(
        tuple(ids),
        contact_ids,
        tuple(_chats(contacts)),
        tuple(await _threads(session, contact_ids)),
        tuple(await only_of(session, contact_ids)),
        tuple(_values([*customers, *map(_names, contacts)])),
        tuple(await _joint(session, ids)),
    )


def _chats(contacts: Sequence[Row[*tuple[object, ...]]]) -> set[int]:
    return {
        row.chat_id or int(row.address)
        for row in contacts
        if row.channel == TELEGRAM and (row.chat_id or row.address.isdecimal())
    }


def _names(contact: Row[*tuple[object, ...]]) -> tuple[str | None, ...]:
    """Other addresses than Telegram's tell nobody anything: hashes, and numbers of ours."""
    return contact.display_name, contact.username, contact.address if contact.channel == TELEGRAM else None


def _values(rows: Sequence[Sequence[str | None]]) -> set[str]:
    return {value for row in rows for value in row if value}


async def _joint(session: AsyncSession, ids: Sequence[int]) -> list[Joint]:
    """By merges that were undone: theirs, and those that took them along with the record they were part of."""
    took_along = exists().where(
        MergedRow.merge_id == Merge.id, MergedRow.table_name == Customer.__tablename__, MergedRow.row_id.in_(ids)
    )
    query = (
        select(living_id(), Merge.at, Merge.undone_at)
        .join(Customer, Customer.id.in_((Merge.kept_id, Merge.gone_id)))
        .where(Merge.undone_at.is_not(None), or_(Merge.kept_id.in_(ids), Merge.gone_id.in_(ids), took_along))
    )
    return [Joint(owner, since, until) for owner, since, until in await session.execute(query) if until]


async def _threads(session: AsyncSession, contact_ids: Sequence[int]) -> set[tuple[int, int]]:
    """Topics they have and had. A call may still name one by minus the id of the call that made it."""
    topics = select(ForumTopic.chat_id, ForumTopic.thread_id).where(ForumTopic.contact_point_id.in_(contact_ids))
    former = select(Setting.key).where(Setting.key.startswith(FORMER_TOPIC), Setting.value.in_(contact_ids))
    known = {(chat, thread) for chat, thread in await session.execute(topics)}
    for key in await session.scalars(former):
        _, chat, thread = key.rsplit(":", 2)
        known.add((int(chat), int(thread)))
    return known | await _by_another_number(session, known)


async def _by_another_number(session: AsyncSession, known: set[tuple[int, int]]) -> set[tuple[int, int]]:
    if not known:
        return set()
    made = select(OutboxRow.id, OutboxRow.chat_id, OutboxRow.message_id).where(
        OutboxRow.method == "createForumTopic",
        OutboxRow.chat_id.in_({chat for chat, _ in known}),
        or_(OutboxRow.message_id.in_({n for _, n in known}), OutboxRow.id.in_({-n for _, n in known})),
    )
    rows = (await session.execute(made)).all()
    return {(chat, -row_id) for row_id, chat, _ in rows} | {(chat, thread) for _, chat, thread in rows if thread}
