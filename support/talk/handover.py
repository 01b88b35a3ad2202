"""Telling a customer that a human will answer: once, with the place and the time that the clock supports."""

from __future__ import annotations

from collections.abc import Iterable

from crm_store.models import Escalation
from crm_store.repositories import tickets
from support.agents import escalations, queue
from support.forms import handing as form_handing
from support.judging.strategies import is_courtesy
from support.policy import Reason
from support.talk.drafts import hand_in
from support.talk.turn import Turn
from support.words.times import moment


async def hand_over(turn: Turn, reasons: Iterable[Reason], *, urgent: bool = False) -> Escalation:
    """Puts the writer into the queue without a word to them."""
    if turn.person.escalation is None:
        turn.dialog.told_in_line = False
    escalation = await escalations.escalate(
        turn.desk,
        turn.unit,
        turn.person,
        reasons,
        subject=turn.dialog.question or turn.heard.text or "—",
        urgent=urgent,
    )
    turn.dialog.left_alone |= not is_courtesy(reason["code"] for reason in escalation.reasons)
    if turn.dialog.draft and (ticket := await tickets.unfinished(turn.unit, turn.person.customer.id)):
        await hand_in(turn, ticket)
    return escalation


async def hand_over_and_tell(
    turn: Turn, reasons: Iterable[Reason], *, urgent: bool = False, complaint: bool = False
) -> None:
    """Puts the writer into the queue and says so; who is there already hears it only if their place got better."""
    before = turn.person.escalation
    is_new = before is None or (complaint and not has_reason(before, "complaint"))
    await form_handing.hand_in(turn)
    escalation = await hand_over(turn, reasons, urgent=urgent)
    turn.dialog.failures = 0
    if turn.person.is_held:
        await turn.tell("customer.human.present")
    elif is_new:
        await tell_place(turn, escalation, "complaint" if complaint else "human")
    else:
        await tell_again(turn, escalation)


def has_reason(escalation: Escalation, code: str) -> bool:
    return any(reason["code"] == code for reason in escalation.reasons)


async def tell_place(turn: Turn, escalation: Escalation, manner: str) -> None:
    """The place in line, or when colleagues are back; then the next words become the request's subject."""
    place_text = await place(turn, escalation, manner)
    asks_why = not turn.desk.hours.is_open(turn.unit.now) and not turn.dialog.question
    if asks_why:
        turn.dialog.awaiting, turn.dialog.ticket_id = "ticket_subject", escalation.ticket_id
    reasons = {reason["code"] for reason in escalation.reasons}
    unanswered = manner == "human" and "no_answer" in reasons
    text = place_text
    if unanswered:
        text = turn.text("customer.join", first=turn.text("customer.queued.shortly"), second=place_text)
    await turn.say_text(text, turn.button("no_need", "no_need"))


async def tell_again(turn: Turn, escalation: Escalation) -> None:
    """Asked again while in line: the place only if it got better."""
    line = await queue.line(turn.desk, turn.unit, escalation)
    if escalation.place_told is not None and line.place < escalation.place_told:
        escalation.place_told = line.place
        key = "customer.human.better_next" if line.place == 1 else "customer.human.better"
        await turn.tell(key, place=line.place)
    else:
        await turn.tell("customer.human.already")


async def place(turn: Turn, escalation: Escalation, manner: str) -> str:
    """The sentence about place and time; the place counts as told. `manner` is human or complaint."""
    desk, now = turn.desk, turn.unit.now
    if not desk.hours.is_open(now):
        return turn.text(f"customer.{manner}.closed", when=when_open(turn))
    line = await queue.line(desk, turn.unit, escalation)
    told = escalation.place_told
    if manner == "complaint" and (line.minutes is None or (told is not None and line.place >= told)):
        return turn.text("customer.complaint.soon")
    escalation.place_told = line.place
    if line.minutes is None:
        return _without_time(turn, line.place)
    if line.place == 1:
        return turn.text(f"customer.{manner}.next", minutes=line.minutes)
    return turn.text(f"customer.{manner}.place", place=line.place, minutes=line.minutes)


def when_open(turn: Turn) -> str:
    desk, now = turn.desk, turn.unit.now
    return moment(desk.hours.next_opening(now), now, turn.language, desk.timezone)


def _without_time(turn: Turn, place: int) -> str:
    if place == 1:
        return turn.text("customer.human.next_soon")
    return turn.text("customer.human.place_soon", place=place)
