"""Asking somebody unknown who they are, where knowing it would help them, and taking what says it."""

from __future__ import annotations

from support.customers.linking import share_phone, use_link
from support.judging import referrals
from support.talk.inbound import Inbound
from support.talk.reply import Button, Reply
from support.talk.turn import Turn

CHANNELS = ("telegram",)
"""Channels that vouch for a number which a customer shares."""


def offer(turn: Turn) -> tuple[Button, ...]:
    """A button for somebody whose orders we may have without knowing it; none for all others."""
    is_unknown = not turn.person.is_known and turn.person.contact.channel in CHANNELS
    return (turn.button("identify", "identify"),) if is_unknown else ()


async def ask(turn: Turn) -> None:
    """With the channel's own button, which sends the number that the account is registered with."""
    label = turn.text("button.share_phone")
    await turn.say(Reply(turn.text("customer.identify.ask"), asks_contact=label))


async def recognise(turn: Turn, message: Inbound) -> None:
    """Takes what says who this is, and says nothing yet: it counts while a colleague holds the chat, too."""
    known = turn.person.is_known
    if referrals.is_code(message.start):
        await referrals.bring(turn.unit, turn.person, message.start, turn.heard.id)
    elif message.start:
        await use_link(turn.unit, turn.person, message.start)
    if message.phone:
        await share_phone(turn.unit, turn.person, message.phone)
    if turn.person.is_known and not known and turn.person.escalation:
        await turn.desk.room.learned(turn.unit, turn.person)
