"""Bots as processes of their own against the fake Bot API: started, flooded, and what they use while they answer."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from math import ceil
from pathlib import Path

from benchmarks.processes import Process
from tests.telegram.control import TelegramControl

TOKEN = "42:BENCH"
BARE, OURS = "benchmarks.echo_bot", "benchmarks.our_bot"
UNPACED = {"SEND_RATE": "0", "SEND_RATE_CHAT": "0", "SEND_RATE_GROUP": "0"}
LONGEST_SECONDS = 120.0
"""Without a single answer; the start of a bot with a large FAQ takes a while."""
STOP_SECONDS = 60.0
LOOK_SECONDS = 0.02


@contextmanager
def running(module: str, telegram_url: str, environment: Mapping[str, str], *arguments: str) -> Iterator[Process]:
    """The bot, stopped in the end as an operator would stop it."""
    own = {"BOT_TOKEN": TOKEN, "TELEGRAM_API_BASE": telegram_url, "SECRET_KEY": "bench", "HTTP_PORT": "0"}
    command = [sys.executable, "-m", module, *arguments]
    process = subprocess.Popen(command, env=os.environ | own | dict(environment), stderr=subprocess.DEVNULL)
    try:
        yield Process(process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(STOP_SECONDS)


def flood(telegram: TelegramControl, texts: Sequence[str], chats: int) -> float:
    """One message for each text, in turn from so many chats, all at once; seconds until each has its answer.

    `texts` are as many as a multiple of `chats`. Raises TimeoutError.
    """
    sent, begun = _sent(telegram), time.perf_counter()
    telegram.flood(chats, len(texts) // chats, texts)
    seen, seen_at, wanted = sent, begun, sent + len(texts)
    while seen < wanted:
        time.sleep(LOOK_SECONDS)
        if (now := _sent(telegram)) > seen:
            seen, seen_at = now, time.perf_counter()
        elif time.perf_counter() - seen_at > LONGEST_SECONDS:
            raise TimeoutError(f"{wanted - seen} of {len(texts)} messages have no answer after {LONGEST_SECONDS:.0f} s")
    return time.perf_counter() - begun


def _sent(telegram: TelegramControl) -> int:
    return int(telegram.counters()["sent"])


def percentile(values: Sequence[float], share: float) -> float:
    return sorted(values)[ceil(share * len(values)) - 1]


def faq_environment(folder: Path, database_url: str, faq: Path) -> dict[str, str]:
    """Where ours keeps things and what it answers."""
    return {"DATABASE_URL": database_url, "FILES_DIR": str(folder / "files"), "FAQ_FILE": str(faq)}
