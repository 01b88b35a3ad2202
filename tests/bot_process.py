"""The bot in a process of its own, for tests that kill it.

Forked from one that has imported everything, so that its start takes a moment and not the ten seconds of a loaded
machine. Without the extra `semantic`, as most shops and all other tests run.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Mapping
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import pytest

from bot import cli

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["bot.cli", "bot.runtime", "bot.telegram", "console.app", "uvicorn"])


def start_bot(environment: Mapping[str, str], folder: Path) -> ForkServerProcess:
    """`touchdesk run` in this environment; what it writes is added to `stdout` and `stderr` in the folder."""
    process = _context.Process(target=_run, args=(dict(environment), folder), daemon=True)
    process.start()
    return process


def _run(environment: Mapping[str, str], folder: Path) -> None:
    os.environ.update(environment)
    for name, number in (("stdout", 1), ("stderr", 2)):
        os.dup2(os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_APPEND), number)
    sys.argv = ["touchdesk", "run"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("faq.semantic.is_installed", lambda: False)
        cli.main()
