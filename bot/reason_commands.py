"""`touchdesk reasons`: how often agents called the reasons beside a name wrong."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer

from bot.tables import table
from crm_store.store import Store
from support.judging.verdicts import WINDOW, WrongShare, wrong_shares

reason_app = typer.Typer()

HEAD = ("reason", "escalations", "wrong", "share", "95 % interval")
Days = Annotated[int, typer.Option(min=1, max=3650, help="how far to look back")]


@reason_app.command("reasons")
def reasons(days: Days = WINDOW.days) -> None:
    """What put customers before a human, and how often an agent said that it was wrong."""
    from bot.opening import with_store

    print(with_store(lambda _, store: _shares(store, timedelta(days=days))))


async def _shares(store: Store, window: timedelta) -> str:
    async with store.read() as session:
        found = await wrong_shares(session, store.clock(), window)
    if not found:
        return f"nobody was put before a human within {window.days} days"
    return "\n".join(table([HEAD, *map(_row, found)], right=(1, 2, 3)))


def _row(each: WrongShare) -> tuple[str, ...]:
    low, high = each.share.low, each.share.high
    return (
        each.code,
        f"{each.total:,}",
        f"{each.wrong:,}",
        f"{each.wrong / each.total:.0%}",
        f"{low:.0%} to {high:.0%}",
    )
