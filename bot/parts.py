"""The parts of a process by its role: what serves people, what works behind the pages, what each keeps fresh."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import structlog

from crm_store.store import StoreUnavailableError
from crm_store.unit import Unit
from support import housekeeping, search
from support.customers import own_data
from support.desk import Desk
from support.files import FileStore
from support.scoring import jobs as scoring_jobs
from workers.membership import Member
from workers.timetable import Job, Timetable

if TYPE_CHECKING:
    from bot.settings import Settings
    from bot.telegram import Telegram

log = structlog.get_logger()

FAQ_LOOK_SECONDS = 5.0


def start_work(
    settings: Settings,
    desk: Desk,
    bot: Telegram | None,
    member: Member,
    tasks: asyncio.TaskGroup,
    stopping: asyncio.Event,
) -> None:
    """The timetable, and with Telegram the updates; who sends and who asks Telegram is elected among the workers."""
    asked = own_data.OwnData(desk, FileStore(settings.files_dir)).jobs
    for jobs in (_jobs(bot), {**_long_jobs(desk, bot), **asked}):
        tasks.create_task(Timetable(desk.store, jobs, desk.meters).run(stopping))
    if bot:
        tasks.create_task(bot.processor.run(stopping))
        tasks.create_task(member.lead(f"sender:{bot.api.bot_id}", bot.sender.run, stopping))
        tasks.create_task(member.lead(f"receiver:{bot.api.bot_id}", bot.receiver(settings), stopping))


def _jobs(bot: Telegram | None) -> dict[str, Job]:
    ours: dict[str, Job] = {
        "close_resolved": housekeeping.close_resolved,
        "throw_away": housekeeping.throw_away,
        "follow_merges": housekeeping.follow_merges,
        "forget_calls": housekeeping.forget_calls,
    }
    return ours | (dict(bot.jobs) if bot else {})


def _long_jobs(desk: Desk, bot: Telegram | None) -> dict[str, Job]:
    """What would keep the others waiting for seconds."""
    store = desk.store

    async def index_search(unit: Unit, payload: dict[str, Any]) -> None:
        await search.work_off(store, unit, payload)

    return {search.JOB: index_search, **scoring_jobs.Judging(desk).jobs, **(bot.errands if bot else {})}


async def renew(desk: Desk, stopping: asyncio.Event) -> None:
    """What an admin publishes or decides holds at once; what no signal told is seen within seconds."""
    with desk.store.signals.listen("faq", "house_rules", "stop") as changed:
        while not stopping.is_set():
            await changed.wait(FAQ_LOOK_SECONDS)
            try:
                if await desk.faq.refresh(desk.store):
                    log.info("faq.renewed", entries=len(desk.faq.entries))
                if await desk.rules.refresh(desk.store):
                    log.info("house_rules.renewed")
            except StoreUnavailableError as error:
                log.error("faq.unavailable", problem=str(error))
