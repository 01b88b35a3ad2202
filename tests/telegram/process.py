"""The fake Telegram in a process of its own, for benchmarks and for tests that kill the bot."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.telegram.client import TOKEN
from tests.telegram.control import TelegramControl

ROOT = Path(__file__).parents[2]


@contextmanager
def telegram_process(token: str = TOKEN, *options: str) -> Iterator[TelegramControl]:
    """`options` are those of `python -m tests.telegram.server`. Ends the process at the end."""
    command = [sys.executable, "-m", "tests.telegram.server", "--token", token, *options]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:  # noqa: S603
        try:
            assert server.stdout is not None
            url = server.stdout.readline().strip()
            if not url:
                raise RuntimeError(f"the fake Telegram did not start: exit code {server.wait()}")
            control = TelegramControl(url, token)
            try:
                yield control
            finally:
                control.close()
        finally:
            server.terminate()
