"""The running service: every part in one process, started together and stopped in order."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from typing import TYPE_CHECKING, Any

import structlog
import uvicorn
from aiohttp import ClientError
from fastapi import FastAPI

from bot.opening import build_desk
from bot.settings import Settings
from console.app import build_app, close_streams
from console.webhook import Webhook
from crm_store.migrate import ForeignSchemaError, SchemaState, schema_state
from crm_store.repositories import faq as faq_store
from crm_store.repositories import inbox
from crm_store.store import Store, StoreUnavailableError
from crm_store.unit import Unit
from faq.files import read_faq
from support import access, housekeeping, search
from support.customers import own_data
from support.desk import Desk
from support.files import FileStore
from support.knowledge.importing import import_entries
from support.scoring import jobs as scoring_jobs
from workers.loop_lag import watch_loop
from workers.timetable import Job, Timetable

if TYPE_CHECKING:
    from bot.telegram import Telegram

log = structlog.get_logger()

FAQ_LOOK_SECONDS = 5.0
READY_SECONDS = 3.0
SERVER: dict[str, Any] = {
    "log_config": None,
    "lifespan": "off",
    "access_log": False,  # chat and log-in links carry their tokens in the address
    "timeout_graceful_shutdown": 3,
}


class PortTakenError(RuntimeError):
    """Another program listens where the web pages should be."""

    def __init__(self, host: str, port: int, why: str) -> None:
        super().__init__(f"HTTP_HOST/HTTP_PORT: cannot listen on {host}:{port} ({why}); choose another HTTP_PORT")


async def prepare(settings: Settings, desk: Desk) -> None:
    """The first start's work, harmless to repeat: staff of the settings, the FAQ file, the recurring jobs."""

    async def people_and_jobs(unit: Unit) -> None:
        await access.appoint(unit, settings.agent_ids, "agent")
        await access.appoint(unit, settings.admin_ids, "admin")
        await housekeeping.plan(unit)
        await search.plan(unit)
        await own_data.plan(unit)
        await scoring_jobs.plan(desk, unit)

    store = desk.store
    await store.run(people_and_jobs)
    if settings.faq_file:
        entries = read_faq(settings.faq_file)
        async with store.read() as session:
            is_empty = not await faq_store.revision(session)
        if is_empty:
            await store.run(lambda unit: import_entries(unit, entries))


async def serve(
    settings: Settings,
    store: Store,
    started: Callable[[Desk], Awaitable[None]] | None = None,
    stopping: asyncio.Event | None = None,
) -> None:
    """Runs until asked to stop (by `stopping`, else by SIGTERM or SIGINT), then finishes what is in hand.

    `started` is called when everything is up. Raises PortTakenError and WrongTokenError.
    """
    if stopping is None:
        stopping = asyncio.Event()
        _stop_on_signals(stopping)
    desk = build_desk(settings, store)
    await prepare(settings, desk)
    await desk.faq.refresh(store)
    await desk.rules.refresh(store)
    listener = _listen(settings)
    async with AsyncExitStack() as stack, asyncio.TaskGroup() as tasks:
        stack.callback(listener.close)
        bot = await _telegram(settings, desk, stack, tasks)
        app = _app(settings, desk, bot)
        server = _Server(uvicorn.Config(app, **SERVER))
        tasks.create_task(server.serve(sockets=[listener]))
        tasks.create_task(_renew(desk, stopping))
        tasks.create_task(watch_loop(store.signals, desk.meters, stopping))
        asked = own_data.OwnData(desk, FileStore(settings.files_dir)).jobs
        for jobs in (_jobs(bot), {**_long_jobs(desk, bot), **asked}):
            tasks.create_task(Timetable(store, jobs, desk.meters).run(stopping))
        polling = _start(settings, bot, tasks, stopping)
        log.info("service.started", url=settings.base_url, telegram=bot is not None)
        if started:
            await started(desk)
        await stopping.wait()
        log.info("service.stopping")
        store.signals.send(["stop"])
        close_streams(app)
        server.should_exit = True
        if polling:
            polling.cancel()
    log.info("service.stopped")


async def _telegram(settings: Settings, desk: Desk, stack: AsyncExitStack, tasks: asyncio.TaskGroup) -> Telegram | None:
    """Without a token there is no Telegram, and aiogram is not even loaded."""
    if settings.token is None:
        return None
    from bot.telegram import check_token, telegram

    bot = await stack.enter_async_context(telegram(settings, desk, FileStore(settings.files_dir), tasks))
    try:
        desk.bot_name = await check_token(bot.api)
    except (ClientError, TimeoutError) as error:
        log.error("telegram.unreachable", error=type(error).__name__, will="keep trying")
    return bot


def _start(
    settings: Settings, bot: Telegram | None, tasks: asyncio.TaskGroup, stopping: asyncio.Event
) -> asyncio.Task[None] | None:
    """Starts Telegram's parts; returns the polling, which may be cancelled at any moment."""
    if bot is None:
        return None
    tasks.create_task(bot.processor.run(stopping))
    tasks.create_task(bot.sender.run(stopping))
    return tasks.create_task(bot.receive(settings))


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


async def _renew(desk: Desk, stopping: asyncio.Event) -> None:
    """What an admin publishes or decides holds at once; another process's edits are seen within seconds."""
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


def _listen(settings: Settings) -> socket.socket:
    """The web's socket, taken before anything else starts. Raises PortTakenError."""
    family = socket.AF_INET6 if ":" in settings.http_host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.http_host, settings.http_port))
    except OSError as error:
        listener.close()
        raise PortTakenError(settings.http_host, settings.http_port, error.strerror or str(error)) from error
    listener.listen()  # from now on a browser waits instead of being refused
    return listener


class _Server(uvicorn.Server):
    """uvicorn without its own signal handlers: we stop all parts in order."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _app(settings: Settings, desk: Desk, bot: Telegram | None) -> FastAPI:
    webhook = None
    if bot and settings.webhook_secret:
        webhook = Webhook(settings.webhook_secret.get_secret_value(), bot.intake.accept)
    secret = settings.secret_key.get_secret_value() if settings.secret_key else ""

    async def problems() -> list[str]:
        return await _problems(desk.store, bot)

    return build_app(
        desk,
        secret,
        files_dir=settings.files_dir,
        public_url=settings.public_url,
        telegram_webhook=webhook,
        metrics_token=settings.metrics_token.get_secret_value() if settings.metrics_token else None,
        ready=problems,
    )


async def _problems(store: Store, bot: Telegram | None) -> list[str]:
    """What keeps this process from serving: the database, its schema, Telegram."""
    try:
        async with asyncio.timeout(READY_SECONDS):
            await store.ping()
            if await schema_state(store) is SchemaState.BEHIND:  # ahead is well: a newer release starts beside us
                return ["the database schema is not current: touchdesk migrate"]
            async with store.read() as session:
                waiting, failed = await inbox.counts(session)
    except (StoreUnavailableError, ForeignSchemaError) as error:
        return [str(error)]
    except TimeoutError:
        return ["the database does not answer"]
    if failed:
        log.warning("inbox.set_aside", updates=failed, waiting=waiting)
    return bot.problems() if bot else []


def _stop_on_signals(stopping: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
