"""Keeps processes of the product running whatever ends them, and ends them itself."""

from __future__ import annotations

import os
import signal
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from tests.bot_process import SNAPPED, start_bot
from tests.rig.traps import Trap
from workers.membership import BEAT_SECONDS

END_SECONDS = 30.0


@dataclass
class Supervisor:
    """`roles` by index, each started anew when it has died; each process that starts gets the next of the `traps`.

    What they write is in the folder. Only its own children are ever signalled.
    """

    roles: list[str]
    environment: Mapping[str, str]
    folder: Path
    traps: deque[Trap] = field(default_factory=deque)
    beat_seconds: float = BEAT_SECONDS
    ports: Sequence[int] = ()
    """By index, where somebody must know them."""
    _running: list[ForkServerProcess] = field(default_factory=list)

    def start(self) -> None:
        for index in range(len(self.roles)):
            self._running.append(self._begin(index))

    def add(self, role: str) -> None:
        """One more process beside those that run."""
        self.roles.append(role)
        self._running.append(self._begin(len(self.roles) - 1))

    def _begin(self, index: int) -> ForkServerProcess:
        traps = [self.traps.popleft()] if self.traps else []
        port = {"HTTP_PORT": str(self.ports[index])} if self.ports else {}
        return start_bot({**self.environment, **port}, self.folder, self.roles[index], traps, self.beat_seconds)

    def dead(self) -> dict[int, int]:
        """The exit codes of those that have died, minus the signal where one ended them."""
        return {i: process.exitcode for i, process in enumerate(self._running) if process.exitcode is not None}

    def had_started(self, index: int) -> bool:
        return f"[{self.pid(index)}]" in (self.folder / "stderr").read_text()

    def revive(self) -> list[int]:
        """Starts anew whatever has died; returns how they did."""
        dead = self.dead()
        for index in dead:
            self._running[index] = self._begin(index)
        return list(dead.values())

    def is_alive(self, index: int) -> bool:
        return self._running[index].exitcode is None

    def pid(self, index: int) -> int:
        pid = self._running[index].pid
        assert pid is not None
        return pid

    def kill(self, index: int) -> None:
        """`kill -9`; it is gone when this returns, unless it was gone before."""
        self._running[index].kill()
        self._running[index].join(END_SECONDS)

    def term(self, index: int) -> int | None:
        """Asks it to end and waits; returns its exit code, None if it does not end in time."""
        self._running[index].terminate()
        self._running[index].join(END_SECONDS)
        return self._running[index].exitcode

    def stop(self, index: int) -> None:
        if self.is_alive(index):
            os.kill(self.pid(index), signal.SIGSTOP)

    def cont(self, index: int) -> None:
        if self.is_alive(index):
            os.kill(self.pid(index), signal.SIGCONT)

    def end(self) -> list[int | None]:
        """Asks all to end at once; returns their exit codes, None of one that had to be killed."""
        for process in self._running:
            process.terminate()
        for process in self._running:
            process.join(END_SECONDS)
        return [process.exitcode for process in self._running]

    def clear(self) -> None:
        """Nobody is left, in whatever state they are."""
        for index in range(len(self._running)):
            self.kill(index)

    def snapped(self) -> list[str]:
        """The points at which processes have ended or stopped themselves."""
        file = self.folder / SNAPPED
        return file.read_text().split() if file.exists() else []

    def log(self) -> str:
        """The end of what they wrote, for whoever wonders why a test failed."""
        return (self.folder / "stderr").read_text()[-4000:] if (self.folder / "stderr").exists() else ""


@contextmanager
def supervised(supervisor: Supervisor) -> Iterator[Supervisor]:
    supervisor.start()
    try:
        yield supervisor
    finally:
        supervisor.clear()
