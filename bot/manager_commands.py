"""`customer manage`: who looks after a customer."""

from __future__ import annotations

from typing import Annotated

import typer

from crm_store.models import Agent
from crm_store.unit import Unit

manager_app = typer.Typer()

CustomerId = Annotated[str, typer.Argument(metavar="ID", help="the shop's number of the customer, or ours")]
Manager = Annotated[str | None, typer.Option("--agent", help="the account manager from now on")]
Nobody = Annotated[bool, typer.Option("--nobody", help="instead of --agent: no account manager any more")]
By = Annotated[str | None, typer.Option("--by", help="the agent who decided it")]


@manager_app.command("manage")
def manage(customer: CustomerId, agent: Manager = None, nobody: Nobody = False, by: By = None) -> None:
    """Names the account manager of a customer."""
    from bot.opening import with_store
    from support.customers.finding import named
    from support.customers.managing import look_after

    if (agent is None) != nobody:
        raise typer.BadParameter("say either --agent NAME or --nobody")

    async def work(unit: Unit) -> None:
        manager = await _active(unit, agent)
        await look_after(unit, await named(unit.session, customer), manager, await _active(unit, by))

    with_store(lambda _, store: store.run(work))
    print(f"{agent} looks after {customer} now" if agent else f"nobody looks after {customer} now")


async def _active(unit: Unit, name: str | None) -> Agent | None:
    """Raises UnknownAgentError."""
    from support.access import active_agent

    return await active_agent(unit, name) if name else None
