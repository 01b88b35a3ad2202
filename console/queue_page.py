"""The queue: who waits, in which order and why; who is with whom; who wrote lately."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from fastapi import APIRouter, Request
from starlette.responses import Response

from console.live import live, mark, mark_of
from console.staff import STAFF_ONLY, AStaff, Staff
from console.streams import event_stream
from console.web import Here, Web
from crm_store.queries.desk import InQueue, in_queue, recent
from crm_store.queries.reason_verdicts import WrongCodes, wrong_of_open
from support.agents.card import display_name
from support.agents.placing import place_of
from support.agents.queue import ranked
from support.desk import Desk

router = APIRouter(prefix="/console", dependencies=STAFF_ONLY)

RECENT = 10


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the queue as an agent reads it."""

    contact_id: int
    name: str
    tier: str
    number: int
    minutes: int
    reasons: tuple[str, ...]
    last_words: str
    channel: str
    urgent: bool
    holder: str | None
    manager: str | None = None


@dataclass(slots=True)
class Queue:
    """The waiting in the order in which they should be taken, and those who are being helped."""

    waiting: list[Item] = field(default_factory=list)
    mine: list[Item] = field(default_factory=list)
    others: list[Item] = field(default_factory=list)


@router.get("")
async def show_queue(web: Here, staff: AStaff) -> Response:
    async with web.desk.store.read() as session:
        lately = [(each.person.contact.id, display_name(each.person)) for each in await recent(session, RECENT)]
    part = await _render(web, staff)
    return web.pages.page(
        "queue.html", web.desk.default_language, staff=staff, part=part, seen=mark(part), recent=lately
    )


@router.get("/events")
async def follow_queue(request: Request, web: Here, staff: AStaff) -> Response:
    return event_stream(live(web, staff, ("queue",), mark_of(request), lambda: _render(web, staff)))


async def _render(web: Web, staff: Staff) -> str:
    queue = await _read(web.desk, staff)
    return web.pages.text("queue_list.html", web.desk.default_language, queue=queue)


async def _read(desk: Desk, staff: Staff) -> Queue:
    async with desk.store.read() as session:
        rows, wrong = await in_queue(session), await wrong_of_open(session)
    return sort(desk, rows, wrong, staff.agent.id, desk.store.clock())


def sort(desk: Desk, rows: list[InQueue], wrong: WrongCodes, agent_id: int, now: datetime) -> Queue:
    """Who comes next is the queue's decision (support.agents.queue); who is helped stands in the order of coming."""
    waiting = [row.escalation for row in rows if row.escalation.state == "waiting"]
    tiers = {row.escalation.customer_id: row.person.score.tier for row in rows if row.person.score}
    place = {escalation.id: n for n, escalation in enumerate(ranked(waiting, now, desk.rules.policy, tiers, wrong))}
    queue = Queue()
    for row in sorted(rows, key=lambda row: place.get(row.escalation.id, 0)):
        escalation = row.escalation
        if escalation.state == "waiting":
            part = queue.waiting
        else:
            part = queue.mine if escalation.agent_id == agent_id else queue.others
        part.append(_item(desk, row, wrong.get(escalation.id, set()), now))
    return queue


def _item(desk: Desk, row: InQueue, wrong: Collection[str], now: datetime) -> Item:
    """Without the reasons that an agent called wrong: they are on the customer's page."""
    escalation, score = row.escalation, row.person.score
    reasons = sorted((r for r in escalation.reasons if r["code"] not in wrong), key=lambda reason: -reason["weight"])
    return Item(
        contact_id=row.person.contact.id,
        name=display_name(row.person),
        tier=(score and score.tier) or "none",
        number=row.number,
        minutes=max(0, int((now - escalation.opened_at).total_seconds() // 60)),
        reasons=tuple(
            desk.texts.say(desk.default_language, f"reason.{reason['code']}", **reason["facts"]) for reason in reasons
        ),
        last_words=row.last_words or "",
        channel=row.person.contact.channel,
        urgent=place_of(escalation, None, desk.rules.policy, wrong).urgent,
        holder=row.holder,
        manager=row.manager,
    )
