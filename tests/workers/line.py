"""A Bot API on a real socket whose every answer the test decides, and an outbox to send from."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from aiohttp import ClientSession, web
from sqlalchemy import select

from crm_store.ids import new_id
from crm_store.models import OutboxRow
from crm_store.store import Store
from crm_store.unit import Unit
from workers.api import BotApi, Upload
from workers.outcomes import Outcome
from workers.pacing import Rates
from workers.sender import Sender

TOKEN = "42:TEST"
UNPACED = Rates(0, 0, 5, 0)


@dataclass
class Post:
    """One call as it arrived."""

    method: str
    params: dict[str, Any]
    files: dict[str, bytes] = field(default_factory=dict)

    @property
    def text(self) -> str:
        return str(self.params.get("text"))


Answer = Callable[[Post], Awaitable[web.StreamResponse | None]]
"""What the server says to a call; None breaks the line."""


def ok(result: Any) -> web.Response:
    return web.json_response({"ok": True, "result": result})


def refused(code: int, description: str, **parameters: Any) -> web.Response:
    body = {"ok": False, "error_code": code, "description": description, "parameters": parameters}
    return web.json_response(body, status=code)


class Line:
    """Counts and remembers what came; answers messages with growing numbers unless `answer` says something else."""

    def __init__(self) -> None:
        self.posts: list[Post] = []
        self.under_way = self.most_under_way = 0
        self.answer: Answer = self.sent
        self.files: dict[str, tuple[int, bytes]] = {}

    async def sent(self, post: Post) -> web.StreamResponse:
        message = {"message_id": 1000 + len(self.posts), "chat": {"id": post.params.get("chat_id")}}
        if "message_thread_id" in post.params:
            message["message_thread_id"] = post.params["message_thread_id"]
        return ok(message)

    @property
    def texts(self) -> list[str]:
        return [post.text for post in self.posts]

    async def serve(self, request: web.BaseRequest) -> web.StreamResponse:
        if request.path.startswith("/file/"):
            status, data = self.files[request.path.rpartition("/")[2]]
            return web.Response(status=status, body=data)
        post = await _post(request)
        self.posts.append(post)
        self.under_way += 1
        self.most_under_way = max(self.under_way, self.most_under_way)
        try:
            response = await self.answer(post)
        finally:
            self.under_way -= 1
        if response is None and request.transport:
            request.transport.abort()
        return response or web.Response()


async def _post(request: web.BaseRequest) -> Post:
    method = request.path.rpartition("/")[2]
    if request.content_type == "application/json":
        return Post(method, json.loads(await request.read()))
    form = await request.post()
    files = {name: part.file.read() for name, part in form.items() if isinstance(part, web.FileField)}
    return Post(method, {name: part for name, part in form.items() if isinstance(part, str)}, files)


@dataclass
class Folder:
    """Files in memory, as the sender asks for them."""

    there: dict[int, Upload] = field(default_factory=dict)
    kept: list[bytes] = field(default_factory=list)
    error: Exception | None = None

    async def uploads(self, wanted: Mapping[str, int]) -> dict[str, Upload]:
        if self.error:
            raise self.error
        if not set(wanted.values()) <= self.there.keys():
            raise FileNotFoundError
        return {name: self.there[file_id] for name, file_id in wanted.items()}

    async def keep(self, data: bytes) -> dict[str, Any]:
        if self.error:
            raise self.error
        self.kept.append(data)
        return {"path": f"kept/{len(self.kept)}"}


@dataclass
class PostOffice:
    """A store with an outbox, the line, and senders over both."""

    store: Store
    api: BotApi
    line: Line
    folder: Folder = field(default_factory=Folder)
    followed: list[tuple[int, str, Any]] = field(default_factory=list)

    def sender(self, rates: Rates = UNPACED) -> Sender:
        return Sender(self.store, self.api, rates, self.folder, self._follow)

    async def _follow(self, unit: Unit, row: OutboxRow, outcome: Outcome) -> None:
        self.followed.append((row.id, outcome.fate.value, outcome.result))

    async def put(
        self, *texts: str, chat: int = 1, method: str = "sendMessage", payload: dict[str, Any] | None = None,
        age: float = 0.0, **more: Any,
    ) -> list[int]:  # fmt: skip
        """Queues a message of each text, or calls with this payload; returns their ids. `age` in seconds."""
        ids = [new_id() for _ in texts]
        async with self.store.unit() as unit:
            for row_id, text in zip(ids, texts, strict=True):
                unit.add(
                    OutboxRow(
                        id=row_id,
                        bot_id=42,
                        chat_id=chat,
                        method=method,
                        payload=payload or {"chat_id": chat, "text": text},
                        created_at=unit.now - timedelta(seconds=age),
                        **more,
                    )
                )
            unit.touch("outbox")
        return ids

    async def rows(self) -> list[OutboxRow]:
        async with self.store.read() as session:
            return list(await session.scalars(select(OutboxRow).order_by(OutboxRow.id)))

    async def states(self) -> list[str]:
        return [row.state for row in await self.rows()]

    async def settled(self, *expected: str) -> None:
        """Waits until the rows are in these states, in order; one state for all will do. Raises AssertionError."""
        for _ in range(1000):
            found = await self.states()
            if found == (list(expected) * len(found) if len(expected) == 1 else list(expected)):
                return
            await asyncio.sleep(0.005)
        raise AssertionError(f"expected {expected}, found {await self.states()}; posts: {self.line.texts}")

    @asynccontextmanager
    async def sending(self, sender: Sender | None = None) -> AsyncIterator[Sender]:
        """A sender at work, stopped in order at the end."""
        sender = sender or self.sender()
        stopping = asyncio.Event()
        async with asyncio.timeout(60), asyncio.TaskGroup() as tasks:
            tasks.create_task(sender.run(stopping))
            try:
                yield sender
            finally:
                stopping.set()


@asynccontextmanager
async def post_office(store: Store) -> AsyncIterator[PostOffice]:
    line = Line()
    runner = web.ServerRunner(web.Server(line.serve, access_log=None), shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    async with ClientSession() as session:
        port = runner.addresses[0][1]
        yield PostOffice(store, BotApi(session, TOKEN, f"http://127.0.0.1:{port}"), line)
    await runner.cleanup()
