"""The bot in a process of its own, for tests that kill it.

Forked from one that has imported everything, so that its start takes a moment and not the ten seconds of a loaded
machine. Without the extra `semantic`, as most shops and all other tests run.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Mapping, Sequence
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import pytest

from bot import cli
from crm_store import store
from tests.rig.points import set_traps
from tests.rig.traps import Trap, Traps
from workers import membership

SNAPPED = "snapped"
"""The file in the folder that names the traps that did their work."""

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(
    ["bot.cli", "bot.runtime", "bot.telegram", "console.app", "uvicorn", "tests.rig.points", "tests.rig.trouble"]
)


def start_bot(
    environment: Mapping[str, str],
    folder: Path,
    role: str = "run",
    traps: Sequence[Trap] = (),
    beat_seconds: float = membership.BEAT_SECONDS,
) -> ForkServerProcess:
    """`touchdesk ROLE` in this environment; what it writes is added to `stdout` and `stderr` in the folder.

    A process is missed after three beats.
    """
    arguments = (dict(environment), folder, role, traps, beat_seconds)
    process = _context.Process(target=_run, args=arguments, daemon=True)
    process.start()
    return process


def _run(environment: Mapping[str, str], folder: Path, role: str, traps: Sequence[Trap], beat_seconds: float) -> None:
    os.environ.update(environment)
    for name, number in (("stdout", 1), ("stderr", 2)):
        os.dup2(os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_APPEND), number)
    sys.argv = ["touchdesk", role]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("faq.semantic.is_installed", lambda: False)
        _beat(patch, beat_seconds)
        if traps:
            set_traps(patch, Traps(traps, folder / SNAPPED))
        cli.main()


def _beat(patch: pytest.MonkeyPatch, seconds: float) -> None:
    """All by which others miss a process, in proportion to its beat."""
    factor = seconds / membership.BEAT_SECONDS
    for name in ("BEAT_SECONDS", "DEAD_SECONDS", "SURE_SECONDS", "LONGEST_PAUSE_SECONDS"):
        patch.setattr(membership, name, getattr(membership, name) * factor)
    patch.setattr(store, "IDLE_MS", int(store.IDLE_MS * factor))
