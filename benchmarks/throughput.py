"""Claim: the whole durable path answers at least half as many messages a second as a bare aiogram echo bot.

Durable path: update written down (SQLite, synchronous=FULL) before it is confirmed, customer, conversation and
touchpoints kept, the FAQ matched, the answer with its buttons queued, sent, and its message id kept. Both bots run
against the same fake Bot API in a process of its own, unpaced, interleaved in one run; what counts is the ratio.

    python -m benchmarks.throughput [--messages 2000] [--chats 100] [--rounds 3]
"""

from __future__ import annotations

import argparse
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from faq.files import read_faq
from tests.telegram.control import TelegramControl
from tests.telegram.process import telegram_process

TOKEN = "42:BENCH"
FAQ = Path("bot/sample/faq.yaml")
WARM_UP = 100
LONGEST_SECONDS = 300.0


@dataclass(frozen=True)
class Figures:
    """One bot in one round."""

    a_second: float
    cpu_ms: float
    resident_mb: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=2000)
    parser.add_argument("--chats", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    rounds = [measure_round(options.messages, options.chats) for _ in range(options.rounds)]
    print_table(rounds)


def measure_round(messages: int, chats: int) -> tuple[Figures, Figures]:
    """(bare, ours), one after the other."""
    return measure("benchmarks.echo_bot", messages, chats), measure("bot", messages, chats)


def measure(module: str, messages: int, chats: int) -> Figures:
    questions = [wording for entry in read_faq(FAQ) for wording in entry.questions["en"]]
    with telegram_process(TOKEN, "--keep", "2") as telegram, running(module, telegram.url) as process:
        flood(telegram, questions, WARM_UP, chats)
        before, begun = cpu_seconds(process.pid), time.perf_counter()
        flood(telegram, questions, messages, chats)
        seconds, used = time.perf_counter() - begun, cpu_seconds(process.pid) - before
        return Figures(messages / seconds, used / messages * 1000, resident_mb(process.pid))


def flood(telegram: TelegramControl, questions: list[str], messages: int, chats: int) -> None:
    """All messages at once, and then the wait until each has its answer."""
    sent = int(telegram.counters()["sent"])
    telegram.flood(chats, messages // chats, questions)
    deadline = time.monotonic() + LONGEST_SECONDS
    while int(telegram.counters()["sent"]) < sent + messages // chats * chats:
        if time.monotonic() > deadline:
            raise TimeoutError(f"{telegram.counters()} after {LONGEST_SECONDS} s")
        time.sleep(0.02)


@contextmanager
def running(module: str, telegram_url: str) -> Iterator[subprocess.Popen[bytes]]:
    """The bot as a process of its own, stopped as an operator would stop it."""
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {
            "BOT_TOKEN": TOKEN,
            "TELEGRAM_API_BASE": telegram_url,
            "DATABASE_URL": f"sqlite:///{folder}/bench.db",
            "FILES_DIR": f"{folder}/files",
            "SECRET_KEY": "bench",
            "FAQ_FILE": str(FAQ),
            "HTTP_PORT": "0",
            "SEND_RATE": "0",
            "SEND_RATE_CHAT": "0",
            "SEND_RATE_GROUP": "0",
        }
        arguments = [sys.executable, "-m", module, *(["run"] if module == "bot" else [])]
        process = subprocess.Popen(arguments, env=environment, stderr=subprocess.DEVNULL)
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_mb(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def print_table(rounds: list[tuple[Figures, Figures]]) -> None:
    print(f"{'round':>6} {'bare /s':>9} {'ours /s':>9} {'ratio':>6} {'bare ms':>8} {'ours ms':>8} {'ours MB':>8}")
    for number, (bare, ours) in enumerate(rounds, 1):
        ratio = ours.a_second / bare.a_second
        print(
            f"{number:>6} {bare.a_second:>9.0f} {ours.a_second:>9.0f} {ratio:>6.2f} "
            f"{bare.cpu_ms:>8.2f} {ours.cpu_ms:>8.2f} {ours.resident_mb:>8.0f}"
        )
    ratios = [ours.a_second / bare.a_second for bare, ours in rounds]
    print(f"median ratio {statistics.median(ratios):.2f}")


if __name__ == "__main__":
    main()
