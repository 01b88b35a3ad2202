"""`touchdesk run`, `web` and `worker`: the service in one process or in several."""

from __future__ import annotations

import asyncio
import gc
from typing import TYPE_CHECKING

import typer

from bot.roles import Role
from bot.settings import read_settings

if TYPE_CHECKING:
    from support.desk import Desk

role_app = typer.Typer()


@role_app.command("run")
def run() -> None:
    """The real thing: Telegram (with BOT_TOKEN), web chat, console, in one process."""
    _serve(Role.RUN)


@role_app.command("web")
def web() -> None:
    """The pages and Telegram's webhook alone, beside workers; as many as wanted, on PostgreSQL."""
    _serve(Role.WEB)


@role_app.command("worker")
def worker() -> None:
    """All that is done behind the pages: updates, sending, the timetable; as many as wanted, on PostgreSQL."""
    _serve(Role.WORKER)


def _serve(role: Role) -> None:
    from bot.logs import set_up_logs
    from bot.opening import open_store
    from bot.runtime import serve

    set_up_logs()

    async def go() -> None:
        settings = read_settings()
        async with open_store(settings, is_patient=role is not Role.RUN) as store:
            await serve(settings, store, _settle_in, role=role)

    asyncio.run(go())


async def _settle_in(_: Desk) -> None:
    """What stands now stands until the end: looking through it for garbage took a quarter of a message's time
    (docs/profile.md)."""
    gc.collect()
    gc.freeze()
