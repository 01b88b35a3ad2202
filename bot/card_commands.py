"""`customer show`: a customer as a whole, for a person at the terminal or as JSON."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

import typer

from bot.settings import Settings
from crm_store.card import CustomerCard
from crm_store.store import Store

card_app = typer.Typer()


@card_app.command("show")
def show(
    customer: Annotated[str, typer.Argument(metavar="ID", help="the shop's number, ours, @telegram, phone or e-mail")],
    json_: Annotated[bool, typer.Option("--json", help="one JSON document, as the API gives it")] = False,
) -> None:
    """Everything about a customer: who, worth, open tickets, orders, facts, promises, the last contacts."""
    from bot.opening import with_store

    print(with_store(lambda settings, store: _shown(settings, store, customer, as_json=json_)))


async def _shown(settings: Settings, store: Store, words: str, *, as_json: bool) -> str:
    """Raises UnknownCustomerError, SeveralCustomersError, and ErasedCustomerError with --json."""
    from bot.opening import build_desk
    from console.api.customers import Customer
    from crm_store.queries import card
    from support.audit import audit
    from support.customers.errors import ErasedCustomerError, UnknownCustomerError
    from support.customers.lookup import pointed_at

    async with store.read() as session:
        known = await card.read(session, await pointed_at(session, words))
    if known is None:
        raise UnknownCustomerError(words)
    if known.erased_at and as_json:
        raise ErasedCustomerError(known.id)
    async with store.unit() as unit:
        audit(unit, "customer.shown", "customer", known.id)
    if as_json:
        return Customer.of(build_desk(settings, store), known, store.clock()).model_dump_json(indent=2)
    return _worded(settings, store, known)


def _worded(settings: Settings, store: Store, known: CustomerCard) -> str:
    from bot.opening import build_desk
    from support.agents.card import word_card
    from support.agents.voice import Voice

    desk, now = build_desk(settings, store), store.clock()
    say = Voice(desk, now)
    if known.erased_at:
        return say("card.erased", date=say.day(known.erased_at))
    shown = word_card(desk, known, now)
    blocks = [
        [f"{shown.title} ({known.external_id or known.id})", *shown.lines, *shown.reasons],
        _block(say("console.tickets"), (f"#{ticket.number} {ticket.subject}" for ticket in shown.tickets)),
        *(
            _block(say(f"card.{name}.heading"), (f"{fact.text} ({fact.note})" for fact in facts))
            for name, facts in (
                ("promises", shown.promises),
                ("facts", shown.facts),
                ("proposals", shown.proposals),
            )
        ),
        *(_block(section.heading, section.lines) for section in shown.sections),
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block)


def _block(heading: str, lines: Iterable[str]) -> list[str]:
    found = [f"  {line}" for line in lines]
    return [heading, *found] if found else []
