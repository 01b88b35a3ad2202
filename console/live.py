"""A part of a console page that is kept up to date: rendered again when something changed, sent when it differs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from hashlib import sha256

from fastapi import Request

from console.staff import Staff, still_agent
from console.streams import HEARTBEAT, HEARTBEAT_SECONDS, RETRY, event
from console.web import Web

REREAD_SECONDS = 2.0
"""Also the longest that somebody who is no agent any more goes on reading."""


def mark(html: str) -> str:
    """A short name of what is shown; a page that shows it already is left alone, with the focus where it is."""
    return sha256(html.encode()).hexdigest()[:16]


def mark_of(request: Request) -> str:
    """What a browser shows: what it was sent last on a line that broke, else what its page came with."""
    return request.headers.get("last-event-id") or request.query_params.get("seen", "")


async def live(
    web: Web, staff: Staff, topics: tuple[str, ...], seen: str, render: Callable[[], Awaitable[str]]
) -> AsyncIterator[str]:
    """Events `live` with the whole part whenever it differs from what is `seen`; `gone` once the session has ended."""
    yield RETRY
    silent = 0.0
    with web.streams.listen(*topics) as changed:
        while not web.streams.closing:
            if not await still_agent(web, staff.token):
                yield event("gone", "signed out")  # browsers drop events without data
                return
            html = await render()
            if mark(html) != seen:
                seen, silent = mark(html), 0.0
                yield event("live", html, seen)
            elif silent >= HEARTBEAT_SECONDS:
                yield HEARTBEAT
                silent = 0.0
            silent += REREAD_SECONDS
            await changed.wait(REREAD_SECONDS)
