"""Telegram's parts, put together: only this module (and what it imports) brings in aiogram."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import ClientSession

from bot.settings import Settings
from crm_store.repositories import files as file_rows
from crm_store.unit import Ephemeral
from handlers.channel import TelegramChannel
from handlers.consequences import Consequences
from handlers.dispatch import Dispatch
from handlers.faq.errands import JOB as FAQ_ERRAND
from handlers.faq.laboratory import Laboratory
from handlers.forum.room import ForumRoom
from handlers.recording import make_bot
from support.desk import Desk
from support.files import FileStore
from workers.api import BotApi, Upload
from workers.intake import Intake, Webhook
from workers.membership import Member
from workers.processing import Processor
from workers.sender import Sender
from workers.timetable import Job


class WrongTokenError(RuntimeError):
    """Telegram does not know BOT_TOKEN."""

    def __init__(self) -> None:
        super().__init__("BOT_TOKEN: Telegram does not know this token; copy it again from @BotFather")


@dataclass(frozen=True, slots=True)
class Telegram:
    """The running parts of one bot; `errands` are jobs that take long."""

    api: BotApi
    intake: Intake
    processor: Processor
    sender: Sender
    jobs: Mapping[str, Job]
    errands: Mapping[str, Job]

    def problems(self) -> list[str]:
        return [problem for problem in (self.intake.problem, self.sender.problem) if problem]

    def receiver(self, settings: Settings) -> Callable[[asyncio.Event], Awaitable[None]]:
        """What the one process does that updates come to, until its time is over: polling may end at any moment."""

        async def receive(ending: asyncio.Event) -> None:
            async with asyncio.TaskGroup() as tasks:
                receiving = tasks.create_task(self.intake.receive(_webhook(settings)))
                await ending.wait()
                receiving.cancel()

        return receive


@asynccontextmanager
async def telegram(
    settings: Settings, desk: Desk, files: FileStore, member: Member, tasks: asyncio.TaskGroup
) -> AsyncIterator[Telegram]:
    """Builds the parts and lets the desk speak through them."""
    token = settings.token or ""
    async with ClientSession() as session:
        api = BotApi(session, token, settings.telegram_api_base)
        bot = make_bot(token)
        desk.channels = {**desk.channels, "telegram": TelegramChannel(bot.id)}
        jobs: dict[str, Job] = {}
        errands: dict[str, Job] = {FAQ_ERRAND: Laboratory(desk, bot).job}
        if settings.agent_chat_id is not None:
            room = ForumRoom(bot, settings.agent_chat_id)
            room.serve(desk)
            jobs["card"] = room.card_job
        dispatch = Dispatch(desk, bot, settings.agent_chat_id)
        sender = Sender(
            desk.store,
            api,
            settings.rates,
            _Files(desk, files),
            Consequences(desk, bot, settings.agent_chat_id),
            desk.meters,
        )

        def after(calls: Sequence[Ephemeral]) -> None:
            if calls:
                tasks.create_task(sender.fleeting(calls))

        processor = Processor(desk.store, dispatch, dispatch.prepare, member, after, desk.meters)
        yield Telegram(api, Intake(desk.store, api, desk.meters), processor, sender, jobs, errands)


class _Files:
    """The sender's way to stored files: reading what is sent along, keeping what was fetched."""

    def __init__(self, desk: Desk, files: FileStore) -> None:
        self._desk, self._files = desk, files

    async def uploads(self, wanted: Mapping[str, int]) -> dict[str, Upload]:
        async with self._desk.store.read() as session:
            rows = await file_rows.by_ids(session, wanted.values())
        uploads = {}
        for name, file_id in wanted.items():
            row = rows.get(file_id)
            found = await self._files.find(row.path) if row and row.path else None
            if row is None or found is None:
                raise FileNotFoundError(file_id)
            path, kind = found
            uploads[name] = Upload(path, row.name or row.kind, kind.mime)
        return uploads

    async def keep(self, data: bytes) -> dict[str, Any]:
        kept = await self._files.keep(data)
        return {"path": kept.path, "size": kept.size, "sha256": kept.sha256, "mime": kept.type.mime}


async def check_token(api: BotApi) -> str | None:
    """The bot's own name. Raises WrongTokenError if Telegram says so; an unreachable Telegram is no reason not to
    start.
    """
    answer = await api.call("getMe", {}, seconds=10)
    if answer.status in (401, 404):
        raise WrongTokenError
    return ((answer.body or {}).get("result") or {}).get("username")


def _webhook(settings: Settings) -> Webhook | None:
    """None if we ask for updates ourselves."""
    if settings.webhook_url and settings.webhook_secret:
        return Webhook(settings.webhook_url, settings.webhook_secret.get_secret_value())
    return None
