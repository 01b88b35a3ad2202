"""`customer invite`: a customer's own links for friends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from bot.settings import Settings
from crm_store.store import Store

if TYPE_CHECKING:
    from support.judging.referrals import Invitation

referral_app = typer.Typer()


class NowhereToInviteError(RuntimeError):
    """There is no place where a friend could begin."""

    def __init__(self) -> None:
        super().__init__("set BOT_TOKEN or PUBLIC_URL first: the link leads to the bot or to the web chat")


@referral_app.command("invite")
def invite(
    customer: Annotated[str, typer.Argument(metavar="ID", help="the shop's number of the customer, or ours")],
) -> None:
    """The customer's own links, always the same: whoever opens one and is new here was brought by them."""
    from bot.opening import with_store

    print("\n".join(with_store(lambda settings, store: _invitation(settings, store, customer)).links))


async def _invitation(settings: Settings, store: Store, customer: str) -> Invitation:
    """Raises UnknownCustomerError, ErasedCustomerError, NowhereToInviteError and NoBotError."""
    from bot.identity_commands import bot_name
    from bot.opening import chat_url
    from support.customers.errors import ErasedCustomerError
    from support.customers.finding import erased_at, named
    from support.judging.referrals import invitation

    async with store.read() as session:
        customer_id = await named(session, customer)
        if await erased_at(session, customer_id):
            raise ErasedCustomerError(customer_id)
    name = await bot_name(settings) if settings.token else None
    made = invitation(customer_id, bot_name=name, chat_url=chat_url(settings))
    if not made.links:
        raise NowhereToInviteError
    return made
