"""The fake Telegram: inside a test (`async with FakeTelegram() as tg`) or as a process of its own.

    python -m tests.telegram.server --port 8081 --token 42:TEST [--script FILE] [--keep N] [--paced]

prints its address on the first line and serves until SIGTERM. A script has a JSON line per act,
{"op": "flood", "args": {…}}, performed before the address is printed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
import time
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from aiohttp import ClientSession, StreamReader, web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.http import RawRequestMessage

from tests.telegram.acts.registry import perform
from tests.telegram.client import TOKEN, Telegram
from tests.telegram.errors import conflict
from tests.telegram.files import UPLOAD_LIMIT
from tests.telegram.front import Front
from tests.telegram.limits import Limits
from tests.telegram.webhook import Courier
from tests.telegram.world import World


class FakeTelegram(Telegram):
    """One bot's Telegram with memory. It may be unplugged and plugged in again; memory and address stay.

    `keep`: how many of the newest messages each chat remembers (None: all), for benchmarks.
    `limits`: sending limits to count or enforce; None: none. `port` 0: any free one.
    """

    def __init__(
        self,
        token: str = TOKEN,
        *,
        port: int = 0,
        keep: int | None = None,
        limits: Limits | None = None,
        first_update_id: int = 700_000_001,
        webhook_pause_seconds: float = 0.05,
    ) -> None:
        self.token = token
        self.world = World(token, time.time, keep=keep, limits=limits, first_update_id=first_update_id)
        self._port = port
        self._webhook_pause_seconds = webhook_pause_seconds
        self._runner: web.ServerRunner | None = None

    def act(self, name: str, /, **args: Any) -> Any:
        return perform(self.world, name, args)

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            tasks = await stack.enter_async_context(asyncio.TaskGroup())
            session = await stack.enter_async_context(ClientSession())
            self._front = Front(self.world)
            courier = Courier(self.world, tasks, session, self._front.carry_out, self._webhook_pause_seconds)
            self._front.webhook_changed = courier.follow
            stack.callback(courier.stop)
            await self.plug()
            stack.push_async_callback(self.unplug)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        return await self._stack.__aexit__(kind, error, trace)

    async def plug(self) -> None:
        """Answers at `url`."""
        server = web.Server(self._front.answer, request_factory=_roomy_request, access_log=None)
        self._runner = web.ServerRunner(server, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port, reuse_address=True)
        await site.start()
        self._port = self._runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{self._port}"

    async def unplug(self) -> None:
        """Refuses connections and breaks those that are open."""
        if self._runner is not None:
            self.world.queue.end_poll(conflict("terminated by shutdown"))
            await self._runner.cleanup()
            self._runner = None


def _roomy_request(
    message: RawRequestMessage,
    payload: StreamReader,
    protocol: web.RequestHandler,
    writer: AbstractStreamWriter,
    task: asyncio.Task[None],
) -> web.BaseRequest:
    """Takes bodies a little over the upload limit, so that the limit's own refusal is heard."""
    return web.BaseRequest(
        message, payload, protocol, writer, task, asyncio.get_running_loop(), client_max_size=UPLOAD_LIMIT + 2**20
    )


async def serve(options: argparse.Namespace) -> None:
    limits = Limits() if options.paced else None
    stop = asyncio.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(sign, stop.set)
    async with FakeTelegram(options.token, port=options.port, keep=options.keep, limits=limits) as telegram:
        for line in options.script.read_text().splitlines() if options.script else ():
            order = json.loads(line)
            telegram.act(order["op"], **order["args"])
        sys.stdout.write(f"{telegram.url}\n")
        sys.stdout.flush()
        await stop.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description="A fake Telegram Bot API for tests.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--token", default=TOKEN)
    parser.add_argument("--keep", type=int, help="newest messages to remember per chat (default: all)")
    parser.add_argument("--paced", action="store_true", help="enforce Telegram's sending limits")
    parser.add_argument("--script", type=Path, help="acts to perform first, a JSON object per line")
    asyncio.run(serve(parser.parse_args()))


if __name__ == "__main__":
    main()
