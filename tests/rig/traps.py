"""A process that ends or stops itself at the n-th passage of a named point.

The product has no hooks for tests: the points are patches of what it is built of, in the child alone.
"""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Trap:
    """`passage` counts from 1; `sign` is SIGKILL or SIGSTOP."""

    point: str
    passage: int = 1
    sign: signal.Signals = signal.SIGKILL


class Traps:
    """Counts the passages in this process. A trap that snaps leaves the name of its point in `snapped`."""

    def __init__(self, traps: Sequence[Trap], snapped: Path) -> None:
        self._traps = {(trap.point, trap.passage): trap for trap in traps}
        self._snapped = snapped
        self._passed: Counter[str] = Counter()

    def passed(self, point: str) -> None:
        self._passed[point] += 1
        trap = self._traps.get((point, self._passed[point]))
        if trap is not None:
            with self._snapped.open("a") as file:
                file.write(f"{point}\n")
            os.kill(os.getpid(), trap.sign)
