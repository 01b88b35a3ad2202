"""The HTTP face: /bot<token>/<method>, /file/bot<token>/<path> and, for tests, /_control/act."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from aiohttp import web

from tests.telegram.acts.registry import perform
from tests.telegram.calls import Call, read_call
from tests.telegram.errors import ApiError, conflict, method_not_found, too_many, unauthorized
from tests.telegram.faults import Fault, Kind
from tests.telegram.methods.receiving import WEBHOOK_ACTIVE, take_allowed_updates
from tests.telegram.methods.registry import METHODS
from tests.telegram.world import World

POLL = "getupdates"
LONGEST_POLL_SECONDS = 50
BAD_GATEWAY = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>nginx</body>\r\n</html>\r\n"
"""What stands before Telegram answers when Telegram does not."""
GARBAGE = "\x00\x1f<!-- it works! -->"


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    body: str
    kind: str = "application/json"
    seconds: float = 0.0
    """How long its body takes to come."""

    def response(self) -> web.Response:
        return web.Response(status=self.status, text=self.body, content_type=self.kind)

    async def trickle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Piece by piece, until all of it is there or nobody listens any more."""
        body = self.body.encode()
        response = web.StreamResponse(status=self.status)
        response.content_type, response.content_length = self.kind, len(body)
        with suppress(ConnectionError):
            await response.prepare(request)
            for piece in (body[:1], body[1:-1], body[-1:]):
                await asyncio.sleep(self.seconds / 3)
                await response.write(piece)
            await response.write_eof()
        return response


@dataclass
class Front:
    world: World
    webhook_changed: Callable[[], None] = lambda: None
    """Called after setWebhook and deleteWebhook."""

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        path = request.path
        if path.startswith("/bot"):
            token, _, method = path[4:].partition("/")
            return await self._api(request, token, method)
        if path.startswith("/file/bot"):
            token, _, file_path = path[9:].partition("/")
            return self._download(token, file_path)
        if path == "/_control/act":
            return await self._control(request)
        return _refused(method_not_found()).response()

    async def _api(self, request: web.BaseRequest, token: str, method: str) -> web.StreamResponse:
        if token != self.world.token:
            return _refused(unauthorized()).response()
        try:
            call = await read_call(request, method)
        except ApiError as refusal:
            return _refused(refusal).response()
        if call.method == POLL:
            return await _deliver(request, await self._meet(call))
        with self.world.counting(call.method):
            return await _deliver(request, await self._meet(call))

    async def _meet(self, call: Call) -> Reply | None:
        """The answer to a call with the fault that strikes it; None: the line breaks."""
        self.world.calls[call.method] += 1
        fault = self.world.faults.strike(call.method, call.params)
        if fault is None:
            return await self._settle(call)
        spoiled = await _spoil_before(fault, call)
        if spoiled is not None or fault.kind is Kind.DROP_BEFORE:
            return spoiled
        return await _spoil_after(fault, await self._settle(call))

    async def _settle(self, call: Call) -> Reply:
        return await self._poll(call) if call.method == POLL else self.carry_out(call)

    async def _poll(self, call: Call) -> Reply:
        try:
            if self.world.webhook is not None:
                raise conflict(WEBHOOK_ACTIVE)
            take_allowed_updates(self.world, call)
            limit = min(max(call.integer("limit", 100), 1), 100)
            seconds = min(max(call.integer("timeout"), 0), LONGEST_POLL_SECONDS)
            updates = await self.world.queue.take(call.integer("offset"), limit, seconds)
        except ApiError as refusal:
            return _refused(refusal)
        if updates:
            self.world.last_call_at = time.monotonic()
        return Reply(200, f'{{"ok":true,"result":[{",".join(update.raw for update in updates)}]}}')

    def carry_out(self, call: Call) -> Reply:
        """Does what a call asks and words the outcome."""
        try:
            method = METHODS.get(call.method)
            if method is None:
                raise method_not_found()
            result = method(self.world, call)
        except ApiError as refusal:
            self._note(call, refusal)
            return _refused(refusal)
        if call.method.endswith("webhook"):
            self.webhook_changed()
        self._note(call, None)
        return Reply(200, json.dumps({"ok": True, "result": result}))

    def _note(self, call: Call, refusal: ApiError | None) -> None:
        if refusal is not None:
            self.world.refusals[f"{call.method} {refusal.code}"] += 1
        if self.world.keep is None:
            error = refusal and {"code": refusal.code, "description": refusal.description}
            self.world.history.append({"method": call.method, "params": call.params, "error": error})

    def _download(self, token: str, path: str) -> web.StreamResponse:
        file = self.world.files.at(path) if token == self.world.token else None
        if file is None:
            return _refused(ApiError(404, "Not Found")).response()
        return web.Response(body=file.upload.content, content_type="application/octet-stream")

    async def _control(self, request: web.BaseRequest) -> web.StreamResponse:
        order: dict[str, Any] = json.loads(await request.read())
        try:
            result = perform(self.world, order["op"], order["args"])
        except AssertionError as error:
            return web.json_response({"error": str(error)}, status=409)
        return web.json_response({"result": result})


async def _deliver(request: web.BaseRequest, reply: Reply | None) -> web.StreamResponse:
    """The answer on its way; without one the line breaks."""
    if reply is None and request.transport is not None:
        request.transport.abort()
    if reply and reply.seconds:
        return await reply.trickle(request)
    return reply.response() if reply else web.Response()


def _refused(refusal: ApiError) -> Reply:
    return Reply(refusal.code, json.dumps(refusal.wire()))


async def _spoil_before(fault: Fault, call: Call) -> Reply | None:
    match fault.kind:
        case Kind.BAD_GATEWAY:
            return Reply(502, BAD_GATEWAY, "text/html")
        case Kind.TOO_MANY:
            seconds = int(fault.seconds)
            return _refused(too_many(seconds) if seconds else ApiError(429, "Too Many Requests"))
        case Kind.REFUSE:
            return _refused(ApiError(fault.code, fault.description, **fault.parameters))
        case Kind.DELAY:
            await asyncio.sleep(fault.seconds)
        case Kind.WRONG_THREAD:
            call.params.pop("message_thread_id", None)
    return None


async def _spoil_after(fault: Fault, reply: Reply) -> Reply | None:
    if fault.kind is Kind.DROP_AFTER:
        return None
    if fault.kind is Kind.DELAY_AFTER:
        await asyncio.sleep(fault.seconds)
    spoil = SPOILS.get(fault.kind)
    return spoil(fault, reply) if spoil else reply


def _garbled(body: str) -> str:
    answer = json.loads(body)
    if isinstance(answer["result"], dict):
        answer["result"]["chat"] = {"id": answer["result"].get("chat", {}).get("id"), "type": ["hologram"]}
    else:
        answer["result"] = {"hologram": True}
    return json.dumps(answer)


SPOILS: Mapping[Kind, Callable[[Fault, Reply], Reply]] = {
    Kind.BAD_GATEWAY_AFTER: lambda fault, reply: Reply(502, BAD_GATEWAY, "text/html"),
    Kind.SERVER_ERROR_AFTER: lambda fault, reply: _refused(ApiError(500, "Internal Server Error")),
    Kind.GARBAGE: lambda fault, reply: replace(reply, body=GARBAGE),
    Kind.TRICKLE: lambda fault, reply: replace(reply, seconds=fault.seconds),
    Kind.TRUNCATED: lambda fault, reply: replace(reply, body=reply.body[: len(reply.body) // 2]),
    Kind.GARBLED: lambda fault, reply: replace(reply, body=_garbled(reply.body)),
}
"""What becomes of an answer whose call has taken effect."""
