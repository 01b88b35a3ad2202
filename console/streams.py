"""Pages that stay connected: server-sent events that wake with the store and end when the program does."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

from starlette.responses import StreamingResponse

from crm_store.signals import Listener, Signals

HEARTBEAT = ": \n\n"
"""A comment: keeps proxies from hanging up, and shows a connection that has died."""

HEARTBEAT_SECONDS = 15
RETRY = "retry: 2000\n\n"


class Streams:
    """All open streams of this process, so that a stop does not have to wait for them."""

    def __init__(self, signals: Signals) -> None:
        self._signals = signals
        self._open: set[Listener] = set()
        self.closing = False

    @contextmanager
    def listen(self, *topics: str) -> Iterator[Listener]:
        with self._signals.listen(*topics) as listener:
            self._open.add(listener)
            try:
                yield listener
            finally:
                self._open.discard(listener)

    def close(self) -> None:
        """Ends every stream; to be called when the program is told to stop."""
        self.closing = True
        for listener in self._open:
            listener.wake()


def event_stream(events: AsyncIterator[str]) -> StreamingResponse:
    """text/event-stream that no proxy holds back."""
    return StreamingResponse(events, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


def event(name: str, data: str, event_id: int | str | None = None) -> str:
    """One event; line breaks in `data` are carried over."""
    lines = [f"id: {event_id}"] if event_id is not None else []
    lines += [f"event: {name}", *(f"data: {line}" for line in data.splitlines() or [""])]
    return "\n".join(lines) + "\n\n"
