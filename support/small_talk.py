"""Greetings, thanks, help, and what the store simply knows."""

from __future__ import annotations

from datetime import UTC, datetime, time

from crm_store.repositories import orders
from support.times import day, money
from support.turn import Turn


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
    await turn.tell("customer.thanks")


async def last_order(turn: Turn) -> None:
    """[My order]: what the store knows of the newest one."""
    order = next(iter(await orders.latest(turn.unit, turn.person.customer.id)), None)
    if order is None:
        await turn.tell("customer.order.none", turn.button("person", "person"))
        return
    bought = datetime.combine(order.date, time(12), UTC)
    facts = {
        "order": order.external_id,
        "date": day(bought, turn.language, turn.desk.timezone, turn.unit.now),
        "amount": money(order.amount, order.currency or "", turn.language),
    }
    buttons = (turn.button("repair", "repair"), turn.button("person", "person"))
    if order.product:
        await turn.tell("customer.order.last", *buttons, product=order.product, **facts)
    else:
        await turn.tell("customer.order.last_plain", *buttons, **facts)
