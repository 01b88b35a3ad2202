"""No request is read further than its route can need."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from console.api.problems import problem
from support.files import LARGEST_FILE

API = "/api/"
UPLOADS = "/chat/messages"
LARGEST_BODY = 1024 * 1024
LARGEST_BATCH = 2 * 1024 * 1024
LARGEST_UPLOAD = LARGEST_FILE + 64 * 1024  # the file, and the form around it


class BodyLimit:
    """Refuses by Content-Length where there is one, and stops reading where it lied or there is none."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = _limit(scope["path"])
        if _announced(scope) > limit:
            await _too_large(scope["path"])(scope, receive, send)
            return
        await self._app(scope, _counted(receive, limit), send)


def _limit(path: str) -> int:
    if path.startswith(API):
        return LARGEST_BATCH
    return LARGEST_UPLOAD if path == UPLOADS else LARGEST_BODY


def _too_large(path: str) -> Response:
    return problem(413) if path.startswith(API) else PlainTextResponse("Content Too Large", status_code=413)


def _announced(scope: Scope) -> int:
    value = dict(scope["headers"]).get(b"content-length", b"0")
    return int(value) if value.isdigit() else 0


def _counted(receive: Receive, limit: int) -> Receive:
    read = 0

    async def receive_counted() -> Message:
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        if read > limit:
            raise HTTPException(413)
        return message

    return receive_counted
