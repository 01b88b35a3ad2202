"""Headers of every answer: nothing runs that is not our own file, nothing is kept by caches, nobody frames us."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # no-referrer would make a form's Origin "null"
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}
PAGES = "no-store"
STATIC = "no-cache"  # kept, but asked about each time: a new version is seen at once


class SecurityHeaders:
    """Pure ASGI, because streams must not be buffered."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                _add(MutableHeaders(scope=message), is_static=scope["path"].startswith("/static/"))
            await send(message)

        await self._app(scope, receive, send_with_headers)


def _add(headers: MutableHeaders, *, is_static: bool) -> None:
    headers.update(HEADERS)
    headers.setdefault("Cache-Control", STATIC if is_static else PAGES)
