"""New words of a web chat as they are written, until the browser goes or the program stops."""

from __future__ import annotations

from collections.abc import AsyncIterator

from console.bubbles import bubble, file_of
from console.streams import HEARTBEAT, HEARTBEAT_SECONDS, RETRY, event
from console.visitors import Visitor
from console.web import Web
from crm_store.queries.chat import Said, contact_of, earlier, said

REREAD_SECONDS = 1.0
WINDOW_SECONDS = 10.0
"""Ids grow with time, but a slower unit may be written after a faster one that began later."""


def arrival_topic(address: str) -> str:
    """What is signalled when a visitor writes, whose contact point may be only just made."""
    return f"web:{address}"


class NewWords:
    """Reads on in one visitor's ledger and never returns a row twice."""

    def __init__(self, web: Web, address: str, after: int) -> None:
        self._web, self._address, self._newest = web, address, after
        self._returned: set[int] = set()
        self._contact_id: int | None = None

    @property
    def topics(self) -> tuple[str, ...]:
        known = (f"contact:{self._contact_id}",) if self._contact_id else ()
        return (arrival_topic(self._address), *known)

    async def read(self) -> list[Said]:
        async with self._web.desk.store.read() as session:
            self._contact_id = await contact_of(session, "web", self._address)  # whoever was erased has another one
            if self._contact_id is None:
                return []
            rows = await said(session, self._contact_id, after=earlier(self._newest, WINDOW_SECONDS))
        fresh = [row for row in rows if row.id not in self._returned]
        self._returned = {row.id for row in rows}
        self._newest = max([self._newest, *self._returned])
        return fresh


async def chat_events(web: Web, visitor: Visitor, after: int) -> AsyncIterator[str]:
    """Server-sent events `said`: a bubble of HTML each, its id the row's."""
    yield RETRY
    words, silent = NewWords(web, visitor.address, after), 0.0
    while not web.streams.closing:
        with web.streams.listen(*words.topics) as changed:
            for row in await words.read():
                if row.text or file_of(row):
                    html = web.pages.text("bubble.html", visitor.language, bubble=bubble(row))
                    yield event("said", html, row.id)
            silent = 0.0 if await changed.wait(REREAD_SECONDS) else silent + REREAD_SECONDS
        if silent >= HEARTBEAT_SECONDS:
            yield HEARTBEAT
            silent = 0.0
