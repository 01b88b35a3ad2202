"""Claim: two workers answer at least 1.6 times as many messages a second as one, and no chat out of order.

On PostgreSQL with fsync. What costs CPU is finding the answer: an FAQ of 10,000 phrasings, and no question twice. The
fake Bot API and the server share the machine's cores with the workers; where there are only two cores, two workers
cannot have one each, so the CPU that each message costs the workers stands beside the messages a second.

    python -m benchmarks.workers [--messages 2000] [--chats 200] [--phrasings 10000] [--rounds 3]
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from benchmarks.bots import OURS, TOKEN, UNPACED, faq_environment, flood, percentile, running
from benchmarks.databases import POSTGRES, Databases, databases
from benchmarks.processes import Used
from benchmarks.questions import FAQ, distinct, write_large_faq
from benchmarks.store import with_store
from crm_store.migrate import migrate
from crm_store.models import OutboxRow, Process, Touchpoint
from crm_store.store import Store
from tests.telegram.process import telegram_process

LARGE = 10_000
PROMISED = 1.6
WARM_UP_A_CHAT = 2
START_SECONDS = 120.0
LOOK_SECONDS = 0.2


@dataclass(frozen=True)
class Figures:
    """`cpu_ms` are the workers' together, a message; `inversions` answers that overtook another of their chat."""

    a_second: float
    cpu_ms: float
    server_ms: float
    p99: float
    inversions: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=2000)
    parser.add_argument("--chats", type=int, default=200)
    parser.add_argument("--phrasings", type=int, default=LARGE)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with TemporaryDirectory() as folder, databases(POSTGRES, Path(folder)) as stores:
        faq = write_large_faq(Path(folder) / "large.yaml", FAQ, options.phrasings)
        rounds = [[measure(workers, options, stores, faq) for workers in (1, 2)] for _ in range(options.rounds)]
    print_table(rounds)


def measure(workers: int, options: argparse.Namespace, stores: Databases, faq: Path) -> Figures:
    url, warm_up = stores.new(), options.chats * WARM_UP_A_CHAT
    with_store(url, migrate)
    asked = distinct(FAQ, 2 * warm_up + options.messages)
    with TemporaryDirectory() as own, telegram_process(TOKEN, "--keep", "2") as telegram, ExitStack() as stack:
        environment = faq_environment(Path(own), url, faq) | UNPACED
        bots = [stack.enter_context(running(OURS, telegram.url, environment, "worker"))]
        flood(telegram, asked[:warm_up], options.chats)  # the others find the FAQ trained
        more = [stack.enter_context(running(OURS, telegram.url, environment, "worker")) for _ in range(workers - 1)]
        wait_for(url, workers)
        flood(telegram, asked[warm_up : 2 * warm_up], options.chats)
        telegram.latencies()
        used = Used.since_now([*bots, *more], stores.server)
        seconds = flood(telegram, asked[2 * warm_up :], options.chats)
        cpu, server = used.so_far()
        waits, a_message = telegram.latencies(), 1000 / options.messages
    return Figures(
        options.messages / seconds, cpu * a_message, server * a_message, percentile(waits, 0.99), inversions(url)
    )


def wait_for(url: str, workers: int) -> None:
    """Until so many have joined. Raises TimeoutError."""

    async def joined(store: Store) -> int:
        async with store.read() as session:
            return int(await session.scalar(select(func.count()).select_from(Process)) or 0)

    deadline = time.monotonic() + START_SECONDS
    while with_store(url, joined) < workers:
        if time.monotonic() > deadline:
            raise TimeoutError(f"not all of {workers} workers have joined after {START_SECONDS:.0f} s")
        time.sleep(LOOK_SECONDS)


def inversions(url: str) -> int:
    async def count(store: Store) -> int:
        async with store.read() as session:
            return overtaken(await answers(session))

    return with_store(url, count)


def overtaken(answered: Sequence[tuple[int, int]]) -> int:
    """Answers to an earlier message of the chat than the answer before them."""
    return sum(one[0] == next_[0] and next_[1] < one[1] for one, next_ in pairwise(answered))


async def answers(session: AsyncSession) -> Sequence[tuple[int, int]]:
    """(contact point, Telegram's number of the message answered), as the answers arrived in each chat."""
    said, heard = aliased(Touchpoint), aliased(Touchpoint)
    query = (
        select(said.contact_point_id, func.coalesce(heard.channel_ref, 0))
        .join(OutboxRow, OutboxRow.touchpoint_id == said.id)
        .join(heard, heard.id == said.about_id)
        .where(OutboxRow.message_id.is_not(None), heard.channel_ref.is_not(None))
        .order_by(said.contact_point_id, OutboxRow.message_id)
    )
    return [(contact, ref) for contact, ref in await session.execute(query)]


def print_table(rounds: Sequence[Sequence[Figures]]) -> None:
    print("| round | workers | /s | CPU ms | server ms | p99 s | out of order |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for number, figures in enumerate(rounds, 1):
        for workers, it in enumerate(figures, 1):
            shown = f"{it.a_second:.0f} | {it.cpu_ms:.2f} | {it.server_ms:.2f} | {it.p99:.2f} | {it.inversions}"
            print(f"| {number} | {workers} | {shown} |")
    ratios = [two.a_second / one.a_second for one, two in rounds]
    is_in_order = not any(it.inversions for figures in rounds for it in figures)
    kept = "met" if median(ratios) >= PROMISED and is_in_order else "not met"
    print(f"two to one: × {median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f}), promised ≥ {PROMISED}: {kept}")


if __name__ == "__main__":
    main()
