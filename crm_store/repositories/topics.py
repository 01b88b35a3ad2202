"""Which topic of the agents' forum belongs to whom."""

from __future__ import annotations

from sqlalchemy import select, update

from crm_store.models import ForumTopic, OutboxRow
from crm_store.unit import Unit


async def of_contact(unit: Unit, contact_point_id: int) -> ForumTopic | None:
    async def load() -> ForumTopic | None:
        query = select(ForumTopic).where(ForumTopic.contact_point_id == contact_point_id)
        return (await unit.session.scalars(query)).one_or_none()

    topic: ForumTopic | None = await unit.once(("topic", contact_point_id), load)
    return topic


def remember(unit: Unit, topic: ForumTopic) -> ForumTopic:
    unit.memory["topic", topic.contact_point_id] = topic
    return topic


async def by_thread(unit: Unit, chat_id: int, thread_id: int) -> ForumTopic | None:
    query = select(ForumTopic).where(ForumTopic.chat_id == chat_id, ForumTopic.thread_id == thread_id)
    return (await unit.session.scalars(query)).one_or_none()


async def by_card(unit: Unit, chat_id: int, card_message_id: int) -> ForumTopic | None:
    """The topic at whose head this card stands."""
    query = select(ForumTopic).where(ForumTopic.chat_id == chat_id, ForumTopic.card_message_id == card_message_id)
    return (await unit.session.scalars(query)).one_or_none()


async def waiting_by_thread(unit: Unit, chat_id: int) -> dict[int, list[OutboxRow]]:
    """What waits to be sent into topics of this chat, by the topic's number, each in order."""
    query = select(OutboxRow).where(OutboxRow.chat_id == chat_id, OutboxRow.state == "waiting").order_by(OutboxRow.id)
    found: dict[int, list[OutboxRow]] = {}
    for row in await unit.session.scalars(query):
        if thread_id := row.payload.get("message_thread_id"):
            found.setdefault(thread_id, []).append(row)
    return found


async def move_chat(unit: Unit, former: int, chat_id: int) -> None:
    """The group has a new id: topics and everything that waits to be sent there follow."""
    await unit.session.execute(update(ForumTopic).where(ForumTopic.chat_id == former).values(chat_id=chat_id))
    query = select(OutboxRow).where(OutboxRow.chat_id == former, OutboxRow.state == "waiting")
    for row in await unit.session.scalars(query):
        row.chat_id, row.payload = chat_id, row.payload | {"chat_id": chat_id}
