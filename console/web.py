"""What every page may need, put together once by build_app and found at the request's app."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from console.keys import VisitorKeys
from console.limits import Limiter
from console.pages import Pages
from console.streams import Streams
from support.desk import Desk
from support.files import FileStore


@dataclass(frozen=True, slots=True)
class Web:
    """`public_origin` is PUBLIC_URL's scheme and host, where it is set; over https all cookies are Secure."""

    desk: Desk
    keys: VisitorKeys
    pages: Pages
    files: FileStore
    limiter: Limiter
    streams: Streams
    public_origin: str | None = None

    @property
    def secure(self) -> bool:
        return self.public_origin is not None and self.public_origin.startswith("https://")

    def cookie_name(self, name: str) -> str:
        """The __Host- prefix keeps a neighbouring site from setting it; browsers take it over https only."""
        return f"__Host-{name}" if self.secure else name


async def _web(request: Request) -> Web:
    web: Web = request.app.state.web
    return web


Here = Annotated[Web, Depends(_web)]
