"""The running service: the parts of a process, started together and stopped in order."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any

import structlog
import uvicorn
from aiohttp import ClientError
from fastapi import FastAPI

from bot.opening import build_desk, in_time
from bot.parts import renew, start_work
from bot.readiness import problems
from bot.roles import Role, check_role
from bot.settings import Settings
from console.app import build_app, build_bare_app, close_streams
from console.webhook import Webhook
from crm_store.repositories import faq as faq_store
from crm_store.store import Store
from crm_store.unit import Unit
from faq.files import read_faq
from support import access, housekeeping, search
from support.customers import own_data
from support.desk import Desk
from support.files import FileStore
from support.knowledge.importing import import_entries
from support.scoring import jobs as scoring_jobs
from workers.loop_lag import watch_loop
from workers.membership import Member

if TYPE_CHECKING:
    from bot.telegram import Telegram

log = structlog.get_logger()

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
    """A start's work, harmless to repeat: staff of the settings, the FAQ file and what is learned of it, the recurring
    jobs, what an admin has decided.
    """

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
    await desk.faq.refresh(store)
    await desk.rules.refresh(store)


async def serve(
    settings: Settings,
    store: Store,
    started: Callable[[Desk], Awaitable[None]] | None = None,
    stopping: asyncio.Event | None = None,
    role: Role = Role.RUN,
) -> None:
    """Runs until asked to stop (by `stopping`, else by SIGTERM or SIGINT), then finishes what is in hand.

    `started` is called when everything is up. Raises RoleNeedsPostgresError, AlreadyRunningError, PortTakenError and
    WrongTokenError.
    """
    check_role(role, store)
    if stopping is None:
        stopping = asyncio.Event()
        _stop_on_signals(stopping)
    desk = build_desk(settings, store)
    async with _membership(desk, role, stopping) as member:
        await in_time(lambda: prepare(settings, desk), stopping)
        listener = _bound(settings)
        if role is Role.RUN:
            listener.listen()  # from now on a browser waits instead of being refused; of many, another one serves it
        async with AsyncExitStack() as stack, asyncio.TaskGroup() as tasks:
            stack.callback(listener.close)
            bot = await _telegram(settings, desk, member, stack, tasks)
            app = _app(settings, desk, bot, role, stopping)
            server = _Server(uvicorn.Config(app, **SERVER))
            tasks.create_task(server.serve(sockets=[listener]))
            tasks.create_task(renew(desk, stopping))
            tasks.create_task(watch_loop(store.signals, desk.meters, stopping))
            if role.works:
                start_work(settings, desk, bot, member, tasks, stopping)
            log.info("service.started", role=role.value, url=settings.base_url, telegram=bot is not None)
            if started:
                await started(desk)
            await stopping.wait()
            log.info("service.stopping")
            store.signals.deliver(["stop"])
            if role.has_pages:
                close_streams(app)
            server.should_exit = True
    log.info("service.stopped")


@asynccontextmanager
async def _membership(desk: Desk, role: Role, stopping: asyncio.Event) -> AsyncIterator[Member]:
    """Gives signs of life until the last part has stopped; only then others may have what is left."""
    member, ended = Member(desk.store, role.value, desk.meters), asyncio.Event()
    await in_time(member.join, stopping)
    failed = True
    try:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(member.run(ended))
            try:
                yield member
            finally:
                ended.set()
        failed = False
    finally:
        await member.leave(failed=failed)


async def _telegram(
    settings: Settings, desk: Desk, member: Member, stack: AsyncExitStack, tasks: asyncio.TaskGroup
) -> Telegram | None:
    """Without a token there is no Telegram, and aiogram is not even loaded."""
    if settings.token is None:
        return None
    from bot.telegram import check_token, telegram

    bot = await stack.enter_async_context(telegram(settings, desk, FileStore(settings.files_dir), member, tasks))
    try:
        desk.bot_name = await check_token(bot.api)
    except (ClientError, TimeoutError) as error:
        log.error("telegram.unreachable", error=type(error).__name__, will="keep trying")
    return bot


def _bound(settings: Settings) -> socket.socket:
    """The web's socket, taken before anything else starts. Raises PortTakenError."""
    family = socket.AF_INET6 if ":" in settings.http_host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.http_host, settings.http_port))
    except OSError as error:
        listener.close()
        raise PortTakenError(settings.http_host, settings.http_port, error.strerror or str(error)) from error
    return listener


class _Server(uvicorn.Server):
    """uvicorn without its own signal handlers: we stop all parts in order."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _app(settings: Settings, desk: Desk, bot: Telegram | None, role: Role, stopping: asyncio.Event) -> FastAPI:
    async def ready() -> list[str]:
        return await problems(desk.store, bot, stopping)

    metrics_token = settings.metrics_token.get_secret_value() if settings.metrics_token else None
    if not role.has_pages:
        return build_bare_app(desk, ready=ready, metrics_token=metrics_token)
    webhook = None
    if bot and settings.webhook_secret:
        webhook = Webhook(settings.webhook_secret.get_secret_value(), bot.intake.accept)
    secret = settings.secret_key.get_secret_value() if settings.secret_key else ""
    return build_app(
        desk,
        secret,
        files_dir=settings.files_dir,
        public_url=settings.public_url,
        telegram_webhook=webhook,
        metrics_token=metrics_token,
        ready=ready,
    )


def _stop_on_signals(stopping: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
