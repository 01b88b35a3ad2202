"""A desk over a store with a clock that the test moves, and a room that remembers what it was told."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import select

from crm_store.models import Agent, Escalation, OrderHistory, Score, Ticket, Touchpoint
from crm_store.models.base import Base
from crm_store.person import Person
from crm_store.repositories import people
from crm_store.store import Store
from crm_store.unit import Unit
from faq.entry import FaqEntry
from support.access import add_agent
from support.agents import escalations
from support.desk import Desk
from support.knowledge.importing import import_entries
from support.knowledge.live_faq import LiveFaq
from support.people import converse, meet
from support.policy import Reason
from support.talk import conversation
from support.talk.inbound import Inbound, Sender
from support.words.texts import Texts
from support.working_hours import WorkingHours

FRIDAY_NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
DESCALE = FaqEntry(
    id="descale",
    phrasings={"en": ["How often do I descale the machine?"], "zh-Hans": ["多久除一次垢？"]},
    answers={"en": "Every two to three months.", "zh-Hans": "一般两到三个月一次。"},
)
Row = TypeVar("Row", bound=Base)
T = TypeVar("T")


@dataclass
class Room:
    """Agents' room with a memory: (what happened, about whom or what)."""

    told_of: list[tuple[str, str]] = field(default_factory=list)

    async def opened(self, unit: Unit, person: Person, escalation: Escalation, ticket: Ticket) -> None:
        self.told_of.append(("opened", ticket.subject))

    async def changed(self, unit: Unit, person: Person, escalation: Escalation) -> None:
        self.told_of.append(("changed", escalation.state))

    async def heard(self, unit: Unit, person: Person, touchpoint: Touchpoint) -> None:
        self.told_of.append(("heard", touchpoint.text or touchpoint.kind))

    async def said(self, unit: Unit, person: Person, touchpoint: Touchpoint) -> None:
        self.told_of.append(("said", touchpoint.text or touchpoint.kind))

    async def told(self, unit: Unit, person: Person, key: str, **params: object) -> None:
        self.told_of.append(("told", key))

    async def learned(self, unit: Unit, person: Person) -> None:
        self.told_of.append(("learned", person.customer.name))

    async def forgotten(self, unit: Unit, person: Person, held: Ticket | None) -> None:
        self.told_of.append(("forgotten", f"#{held.number}" if held else "-"))


@dataclass
class Shop:
    """The desk, its store, its room and the present moment."""

    desk: Desk
    store: Store
    room: Room
    now: datetime = FRIDAY_NOON

    def pass_time(self, **by: float) -> None:
        self.now += timedelta(**by)

    async def run(self, work: Callable[[Unit], Awaitable[T]]) -> T:
        return await self.store.run(work)

    async def met(self, unit: Unit, address: str = "nia", **of_sender: Any) -> Person:
        """A web visitor with a conversation."""
        person = await meet(unit, Sender("web", address, **of_sender))
        converse(self.desk, unit, person, "")
        return person

    async def known(self, unit: Unit, address: str = "nia", channel: str = "web") -> Person:
        person = await people.by_address(unit, channel, address)
        assert person is not None
        return person

    async def hear(self, text: str, address: str = "nia", **more: Any) -> Touchpoint:
        message = Inbound(Sender("web", address), text, **more)
        return await self.run(lambda unit: conversation.hear(self.desk, unit, message))

    async def queue_up(self, address: str = "nia", *reasons: str, **more: Any) -> int:
        """Puts somebody into the queue; returns the escalation's id."""

        async def work(unit: Unit) -> int:
            person = await self.met(unit, address)
            found = [Reason(code) for code in reasons or ("asked_human",)]
            escalation = await escalations.escalate(self.desk, unit, person, found, subject="my order", **more)
            return escalation.id

        return await self.run(work)

    async def staff(self, name: str = "Bob", role: str = "agent", telegram_id: int | None = None) -> Agent:
        return await self.run(lambda unit: add_agent(unit, name, role, telegram_id))

    async def act(
        self, deed: Callable[..., Awaitable[T]], agent: Agent, *args: Any, who: str = "nia", **more: Any
    ) -> T:
        """What an agent does with somebody: deed(desk, unit, agent, person, …)."""

        async def work(unit: Unit) -> T:
            return await deed(self.desk, unit, agent, await self.known(unit, who), *args, **more)

        return await self.run(work)

    async def rows(self, table: type[Row]) -> list[Row]:
        """All rows of a table, by key."""
        async with self.store.read() as session:
            return list((await session.scalars(select(table).order_by(*table.__table__.primary_key))).all())

    async def said(self) -> list[str]:
        """What the customers were told, in order."""
        return [row.text or "" for row in await self.rows(Touchpoint) if row.direction == "out"]


def score(
    customer_id: int, tier: str = "small", percentile: float = 50.0, risk: float | None = 0.2, **more: Any
) -> Score:
    values: dict[str, Any] = {"stage": "use", "at_risk": False, "value": 100.0} | more
    return Score(
        customer_id=customer_id,
        as_of=FRIDAY_NOON,
        percentile=percentile,
        risk=risk,
        tier=tier,
        **values,
    )


def order_history(customer_id: int, **more: Any) -> OrderHistory:
    days = {"first_order": date(2026, 9, 1), "last_order": date(2026, 11, 1), "order_count": 3, "order_days": 3}
    sums = {"total": 0.0, "cost": 0.0, "uncosted": 0.0, "left_out": 0}
    return OrderHistory(customer_id=customer_id, **{**days, **sums, "usual_gap_days": None, "currency": None, **more})


async def open_shop(store: Store, hours: str | None = None, language: str = "en") -> Shop:
    room = Room()
    desk = Desk(
        store,
        Texts.load(),
        LiveFaq(),
        WorkingHours.parse(hours, "UTC"),
        shop="Kaffa Tools",
        default_language=language,
        room=room,
    )
    shop = Shop(desk, store, room)
    store.clock = lambda: shop.now
    await store.run(lambda unit: import_entries(unit, [DESCALE]))
    await desk.faq.refresh(store)
    return shop


def new_score_for(unit: Unit, person: Person, **values: Any) -> Score:
    """A judgement of somebody who has ordered; `values` are of Score or OrderHistory."""
    counted = {name: values.pop(name) for name in ("usual_gap_days", "currency") if name in values}
    unit.add(order_history(person.customer.id, **counted))
    person.score = unit.add(score(person.customer.id, **values))
    return person.score
