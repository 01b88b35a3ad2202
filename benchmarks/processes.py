"""What running processes use, as Linux tells it in /proc."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

UTIME, STIME, CUTIME, CSTIME = 11, 12, 13, 14
"""Places in /proc/PID/stat behind the name: CPU of the process itself, and of its children that have ended."""


@dataclass(frozen=True)
class Process:
    """A process by its number; whoever asks must know that it still runs."""

    pid: int

    def cpu_seconds(self, *, with_ended_children: bool = False) -> float:
        fields = Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        counted = (UTIME, STIME, CUTIME, CSTIME) if with_ended_children else (UTIME, STIME)
        return sum(int(fields[place]) for place in counted) / os.sysconf("SC_CLK_TCK")

    def resident_mb(self) -> float:
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6

    def children(self) -> Iterator[Process]:
        for pid in Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split():
            yield Process(int(pid))


@dataclass(frozen=True)
class Used:
    """CPU seconds of the bots and of the database's server since `since_now`."""

    bots: Sequence[Process]
    server: Process | None
    before: tuple[float, float]

    @classmethod
    def since_now(cls, bots: Sequence[Process], server: Process | None = None) -> Used:
        return cls(bots, server, _cpu(bots, server))

    def so_far(self) -> tuple[float, float]:
        bots, server = _cpu(self.bots, self.server)
        return bots - self.before[0], server - self.before[1]


def _cpu(bots: Sequence[Process], server: Process | None) -> tuple[float, float]:
    """A server's children are its connections; those that have ended are in its own account."""
    family = (
        [server.cpu_seconds(with_ended_children=True), *map(Process.cpu_seconds, server.children())] if server else []
    )
    return sum(map(Process.cpu_seconds, bots)), sum(family)


def resident_mb(processes: Sequence[Process]) -> float:
    return sum(map(Process.resident_mb, processes))
