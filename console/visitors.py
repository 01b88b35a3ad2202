"""Who is at the other end of the web chat: a signed cookie, and nothing in the store until the first message."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from console.keys import new_visitor
from console.limits import ADDRESS, VISITOR
from console.web import Here, Web
from support.talk.inbound import Sender
from support.words.language import from_tag

COOKIE = "visitor"
COOKIE_SECONDS = 180 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Visitor:
    """A browser that chats. `language` is the page's; the conversation finds its own."""

    address: str
    language: str
    is_new: bool

    @property
    def sender(self) -> Sender:
        return Sender("web", self.address, client_language=self.language)


async def _visitor(request: Request, web: Here) -> Visitor:
    known = address_in(request, web)
    return Visitor(known or new_visitor(), page_language(request, web), is_new=known is None)


def address_in(request: Request, web: Web) -> str | None:
    """The web address that this browser's cookie names."""
    return web.keys.cookie.read(request.cookies.get(web.cookie_name(COOKIE)))


def page_language(request: Request, web: Web) -> str:
    """?lang, else the first language of the browser that we speak, else the shop's."""
    wanted = [request.query_params.get("lang", ""), *_accepted(request.headers.get("accept-language", ""))]
    known = (from_tag(tag.strip()) for tag in wanted)
    return next((language for language in known if language), web.desk.default_language)


def _accepted(header: str) -> list[str]:
    """The tags of Accept-Language, the most wanted first."""
    ranges = [part.partition(";q=") for part in header.replace(" ", "").split(",")[:20]]
    return [tag for tag, _, _ in sorted(ranges, key=lambda part: -_weight(part[2]))]


def _weight(text: str) -> float:
    return float(text) if text.replace(".", "", 1).isdecimal() else 1.0


def set_cookie(response: Response, web: Web, address: str) -> None:
    response.set_cookie(
        web.cookie_name(COOKIE),
        web.keys.cookie.sign(address),
        max_age=COOKIE_SECONDS,
        httponly=True,
        samesite="lax",
        secure=web.secure,
    )


async def not_too_fast(request: Request, web: Here, visitor: AVisitor) -> None:
    """Raises 429 for a visitor, or a network address, that posts faster than a person writes."""
    host = request.client.host if request.client else ""
    if not web.limiter.allows(f"ip:{host}", ADDRESS) or not web.limiter.allows(f"visitor:{visitor.address}", VISITOR):
        raise HTTPException(429)


AVisitor = Annotated[Visitor, Depends(_visitor)]
