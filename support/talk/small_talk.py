"""Greetings, thanks, what is no question for the FAQ, and what the store simply knows."""

from __future__ import annotations

from collections.abc import Mapping

from crm_store.models import Order
from crm_store.repositories import orders
from support.talk import recognising, stage_talk
from support.talk.personal import LONGEST_VALUE
from support.talk.reply import Button, Reply
from support.talk.turn import Turn
from support.words.order_words import order_day, order_status
from support.words.shortening import shortened
from support.words.signals import Signals
from support.words.times import money

SIGNS = ("farewell", "asks_who", "insult", "upset", "polite")
"""The signals that have a reply of their own, in the order in which they are looked for."""

REPLIES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "farewell": ("customer.farewell", ()),
    "asks_who": ("customer.bot", ("person",)),
    "insult": ("customer.calm", ("person",)),
    "upset": ("customer.calm", ("person",)),
    "polite": ("customer.no_need", ()),
    "number": ("customer.order.unknown", ("my_order", "identify", "person")),
    "unclear": ("customer.unclear", ()),
    "other:sticker": ("customer.media.sticker", ()),
    "other:animation": ("customer.media.sticker", ()),
    "other:dice": ("customer.media.sticker", ()),
    "other:video_note": ("customer.media.video_note", ("person",)),
    "other:audio": ("customer.media.audio", ("person",)),
    "other:location": ("customer.media.location", ("person",)),
    "other:venue": ("customer.media.location", ("person",)),
    "other:contact": ("customer.media.contact", ("person",)),
    "other:poll": ("customer.media.poll", ()),
}
"""What is said, and with which buttons, to a signal, or to a message of a kind that we cannot use."""
ANGER = {"insult", "upset"}
"""After it nothing is offered or asked that the customer did not come for."""
UNREAD: tuple[str, tuple[str, ...]] = ("customer.media.unread", ())


def named(signals: Signals) -> str | None:
    """The signal that has a reply of its own, if there is one."""
    return next((sign for sign in SIGNS if getattr(signals, sign)), None)


async def reply(turn: Turn, name: str, **params: object) -> None:
    key, buttons = REPLIES.get(name, UNREAD)
    turn.dialog.left_alone |= name in ANGER
    shown = [button for name in buttons for button in _fitting(turn, name)]
    await turn.tell(key, *shown, shop=turn.desk.shop, **params)


def _fitting(turn: Turn, button: str) -> tuple[Button, ...]:
    """A button only for those whom it is of use to."""
    if button == "identify":
        return recognising.offer(turn)
    return (turn.button(button, button),) if button != "my_order" or turn.person.is_known else ()


async def greet(turn: Turn) -> None:
    """By name where it is known; says once that it is a bot."""
    buttons = [turn.button("repair", "repair"), turn.button("person", "person")]
    if turn.person.is_known:
        buttons.insert(0, turn.button("my_order", "my_order"))
    key = _greeting(turn)
    turn.dialog.greeted = True
    await turn.tell(key, *buttons, name=turn.person.name, shop=turn.desk.shop)


def _greeting(turn: Turn) -> str:
    nameless = "" if turn.person.name else "_anonymous"
    if turn.dialog.greeted:
        return f"customer.greet.again{nameless}"
    return f"customer.greet.known{nameless}" if turn.person.is_known else "customer.greet.new"


async def thank(turn: Turn) -> None:
    turn.dialog.failures = 0
    await stage_talk.tell_and_ask(turn, "customer.thanks")


async def last_order(turn: Turn) -> None:
    """[My order]: what the store knows of the newest one."""
    order = await orders.last(turn.unit, turn.person.customer.id)
    if order is None:
        await turn.tell("customer.order.none", *recognising.offer(turn), turn.button("person", "person"))
        return
    await _tell_order(turn, "last", order)


async def recognised(turn: Turn) -> None:
    """After a shared number: whether we know them by it, with the last order."""
    if not turn.person.is_known:
        await turn.say(Reply(turn.text("customer.identify.unfound"), ends_asking=True))
        return
    name = turn.person.name
    text = turn.text("customer.identify.found" if name else "customer.identify.found_anonymous", name=name)
    if order := await orders.last(turn.unit, turn.person.customer.id):
        text = turn.text("customer.join", first=text, second=_order_text(turn, "last", order))
    await turn.say(Reply(text, ends_asking=True))


async def tell_order(turn: Turn, number: str) -> bool:
    """What the store knows of an order of theirs; False if they have none with this number."""
    order = await orders.by_number(turn.unit, turn.person.customer.id, number)
    if order:
        await _tell_order(turn, "found", order)
    return order is not None


async def _tell_order(turn: Turn, manner: str, order: Order) -> None:
    text = _order_text(turn, manner, order)
    await turn.say_text(text, turn.button("repair", "repair"), turn.button("person", "person"))


def _order_text(turn: Turn, manner: str, order: Order) -> str:
    facts = {
        "order": order.external_id,
        "date": order_day(order, turn.language, turn.desk.timezone, turn.unit.now),
        "amount": money(order.amount, order.currency or "", turn.language),
    }
    if order.product:
        text = turn.text(f"customer.order.{manner}", product=shortened(order.product, LONGEST_VALUE), **facts)
    else:
        text = turn.text(f"customer.order.{manner}_plain", **facts)
    if status := order_status(turn.desk.texts, order, turn.language):
        text = turn.text("customer.join", first=text, second=_how_far(turn, status))
    return text


def _how_far(turn: Turn, status: str) -> str:
    """A status that we have no word for is another system's, of any length."""
    return turn.text("customer.order.how_far", status=shortened(status, LONGEST_VALUE))
