"""Claim: an hour at half of what it can do leaves its memory within 10 % and its queues as short as they were.

First a flood tells how many messages a second the bot answers on this machine; then so many come every second as are
half of that, from chats in turn, no question twice. Every ten seconds the resident memory and the queues are read: what
the fake Bot API was not yet answered, and what waits in the inbox and the outbox. The first five minutes (of a short
run the first third) are for what is loaded and cached once. Exits 1 if the claim does not hold.

    python -m benchmarks.soak [--database sqlite|postgres] [--minutes 60] [--chats 500] [--messages 2000]
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from sqlalchemy import func, select

from benchmarks.bots import OURS, TOKEN, UNPACED, faq_environment, flood, percentile, running
from benchmarks.databases import POSTGRES, SQLITE, databases
from benchmarks.processes import Process
from benchmarks.questions import FAQ, distinct
from benchmarks.store import with_store
from crm_store.models import InboxRow, OutboxRow
from crm_store.store import Store
from tests.telegram.control import TelegramControl
from tests.telegram.process import telegram_process

SETTLING_SECONDS = 300.0
LOOK_SECONDS = 10.0
MOST_GROWTH = 1.10
SHARE = 0.5
FIRST_USER = 1_000_000


@dataclass(frozen=True)
class Look:
    """`behind`: messages without an answer; `inbox` and `outbox`: rows that wait."""

    seconds: float
    mb: float
    behind: int
    inbox: int
    outbox: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", choices=(SQLITE, POSTGRES), default=SQLITE)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--chats", type=int, default=500)
    parser.add_argument("--messages", type=int, default=2000, help="of the flood that tells what half of it is")
    options = parser.parse_args()
    with (
        TemporaryDirectory() as folder,
        databases(options.database, Path(folder)) as stores,
        telegram_process(TOKEN, "--keep", "2") as telegram,
    ):
        url = stores.new()
        with running(OURS, telegram.url, faq_environment(Path(folder), url, FAQ) | UNPACED, "run") as bot:
            flood(telegram, distinct(FAQ, options.chats), options.chats)
            capacity = options.messages / flood(telegram, distinct(FAQ, options.messages), options.chats)
            telegram.latencies()
            looks = list(soak(telegram, bot, url, max(1, int(capacity * SHARE)), options))
            waits = telegram.latencies()
    raise SystemExit(tell(looks, waits, capacity))


def soak(telegram: TelegramControl, bot: Process, url: str, rate: int, options: argparse.Namespace) -> Iterator[Look]:
    texts = cycle(distinct(FAQ, 50_000))
    begun, given = time.monotonic(), 0
    before, next_look = _sent(telegram), LOOK_SECONDS
    while (now := time.monotonic() - begun) < options.minutes * 60:
        if now * rate > given:
            people = min(rate, options.chats)
            first = FIRST_USER + given % max(1, options.chats - people + 1)
            given += telegram.flood(people, 1, list(islice(texts, people)), first_user=first)
        if now >= next_look:
            next_look += LOOK_SECONDS
            yield Look(now, bot.resident_mb(), given - (_sent(telegram) - before), *waiting(url))
        time.sleep(min(1.0, max(0.0, given / rate - (time.monotonic() - begun))))


def _sent(telegram: TelegramControl) -> int:
    return int(telegram.counters()["sent"])


def waiting(url: str) -> tuple[int, int]:
    async def count(store: Store) -> tuple[int, int]:
        async with store.read() as session:
            inbox = await session.scalar(select(func.count()).where(InboxRow.state == "waiting"))
            outbox = await session.scalar(select(func.count()).where(OutboxRow.state == "waiting"))
        return inbox or 0, outbox or 0

    return with_store(url, count)


def tell(looks: Sequence[Look], waits: Sequence[float], capacity: float) -> int:
    """Prints what was seen; 0 if the claim holds."""
    settling = min(SETTLING_SECONDS, looks[-1].seconds / 3)
    settled = [look for look in looks if look.seconds >= settling]
    part = max(1, len(settled) // 5)
    first, last = settled[:part], settled[-part:]
    growth = median(look.mb for look in last) / median(look.mb for look in first)
    behind = [median(look.behind for look in some) for some in (first, last)]
    is_steady = behind[1] <= max(behind[0] * MOST_GROWTH, capacity * SHARE * 2)  # two seconds' messages are no queue
    print(f"{capacity:.0f} a second can be answered; {len(waits)} came over {looks[-1].seconds / 60:.1f} min")
    print(f"update to reply: p50 {percentile(waits, 0.5) * 1000:.0f} ms, p99 {percentile(waits, 0.99) * 1000:.0f} ms")
    print(f"memory: {median(look.mb for look in first):.0f} MB, then {median(look.mb for look in last):.0f} MB")
    print(f"unanswered: {behind[0]:.0f}, then {behind[1]:.0f}; at most {max(look.behind for look in settled)}")
    print(f"at most {max(it.inbox for it in settled)} in the inbox, {max(it.outbox for it in settled)} in the outbox")
    holds = 1 / MOST_GROWTH <= growth <= MOST_GROWTH and is_steady
    print(f"memory × {growth:.2f}: {'met' if holds else 'not met'}")
    return 0 if holds else 1


if __name__ == "__main__":
    main()
