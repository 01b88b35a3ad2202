"""`customer duplicates`, `merge`, `unmerge` and `link`: one record for one customer."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.settings import Settings
from bot.tables import short, table
from crm_store.store import Store
from crm_store.unit import Unit

if TYPE_CHECKING:
    from crm_store.models import Agent
    from support.customers.duplicates import Suggestion
    from support.pages import Page

identity_app = typer.Typer()

CustomerId = Annotated[str, typer.Argument(metavar="ID", help="the shop's number of the customer, or ours")]
By = Annotated[str | None, typer.Option("--by", help="the agent who decided it")]
GETME_SECONDS = 10


class NoBotError(RuntimeError):
    """A link into Telegram needs a bot."""

    def __init__(self, why: str) -> None:
        super().__init__(f"the link leads to the bot, and {why}")


@identity_app.command("duplicates")
def duplicates(
    page: Annotated[int, typer.Option(min=1, help="the likeliest are on the first")] = 1,
    json_: Annotated[bool, typer.Option("--json", help="one JSON document")] = False,
) -> None:
    """Records that may be one customer, and what speaks for it."""
    from bot.opening import with_store
    from support.customers.duplicates import suggestions

    async def read(_: Settings, store: Store) -> Page[Suggestion]:
        async with store.read() as session:
            return await suggestions(session, page - 1)

    found = with_store(read)
    if json_:
        print(json.dumps([_as_json(each) for each in found.items], ensure_ascii=False))
    elif found.items:
        print("\n".join(table([("keep", "name", "with", "name", "because of"), *map(_row, found.items)])))
        print("to merge two: touchdesk customer merge KEEP WITH" + (f"; more: --page {page + 1}" if found.more else ""))
    else:
        print("nothing looks like a duplicate")


def _row(each: Suggestion) -> tuple[str, ...]:
    kept, gone = (each.kept.external_id or str(each.kept.id)), (each.gone.external_id or str(each.gone.id))
    return (
        kept,
        short(each.kept.name),
        gone,
        short(each.gone.name),
        ", ".join(evidence.code for evidence in each.evidence),
    )


def _as_json(each: Suggestion) -> dict[str, Any]:
    records = {"keep": each.kept, "with": each.gone}
    told = {name: {"id": str(r.id), "customer_id": r.external_id, "name": r.name} for name, r in records.items()}
    return told | {"evidence": [evidence.as_json() for evidence in each.evidence]}


@identity_app.command("merge")
def merge(keep: CustomerId, gone: CustomerId, by: By = None) -> None:
    """Makes the second record part of the first; everything it has belongs to the first from then on."""
    from bot.opening import with_store
    from support.customers import merging
    from support.customers.finding import record_named

    async def work(unit: Unit) -> str:
        agent = await _agent(unit, by)
        kept_id, gone_id = await record_named(unit.session, keep), await record_named(unit.session, gone)
        await merging.merge(unit, kept_id, gone_id, agent)
        return str(gone_id)

    gone_id = with_store(lambda _, store: store.run(work))
    print(f"{gone} is part of {keep} now; to take it back: touchdesk customer unmerge {gone_id}")


@identity_app.command("unmerge")
def unmerge(gone: CustomerId, by: By = None) -> None:
    """Takes a merged record out again, as it was."""
    from bot.opening import with_store
    from crm_store.repositories import merges
    from support.customers import merging
    from support.customers.errors import NotMergedError
    from support.customers.finding import record_named

    async def work(unit: Unit) -> int:
        agent = await _agent(unit, by)
        held = await merges.present_of(unit.session, await record_named(unit.session, gone))
        if held is None:
            raise NotMergedError(gone)
        return (await merging.unmerge(unit, held.id, agent)).kept_id

    kept_id = with_store(lambda _, store: store.run(work))
    print(f"{gone} stands by itself again, apart from {kept_id}")


async def _agent(unit: Unit, name: str | None) -> Agent | None:
    """Raises UnknownAgentError."""
    from support.access import active_agent

    return await active_agent(unit, name) if name else None


@identity_app.command("link")
def link(
    customer: CustomerId,
    days: Annotated[int, typer.Option(min=1, max=30, help="how long it is good")] = 2,
) -> None:
    """A link into the Telegram chat that works once and tells the bot that whoever opens it is this customer."""
    from bot.opening import with_store

    print(with_store(lambda settings, store: link_for(settings, store, customer, timedelta(days=days))))


async def link_for(settings: Settings, store: Store, customer: str, life: timedelta) -> str:
    """The address. Raises NoBotError and UnknownCustomerError."""
    from support.customers.finding import record_named
    from support.customers.linking import make_link, start_link

    username = await bot_name(settings)

    async def work(unit: Unit) -> str:
        return await make_link(unit, await record_named(unit.session, customer), life=life)

    return start_link(username, await store.run(work))


async def bot_name(settings: Settings) -> str:
    """The bot's own name, which only Telegram knows. Raises NoBotError."""
    from aiohttp import ClientError, ClientSession

    from workers.api import BotApi

    if settings.token is None:
        raise NoBotError("BOT_TOKEN is not set")
    try:
        async with ClientSession() as session:
            api = BotApi(session, settings.token, settings.telegram_api_base)
            answer = await api.call("getMe", {}, seconds=GETME_SECONDS)
    except (ClientError, TimeoutError) as error:
        raise NoBotError("Telegram cannot be reached") from error
    username = ((answer.body or {}).get("result") or {}).get("username")
    if not username:
        raise NoBotError("Telegram does not know BOT_TOKEN")
    return str(username)
