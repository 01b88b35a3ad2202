"""Claim: the whole durable path, on SQLite or PostgreSQL, beside a bare aiogram echo bot that keeps nothing.

Durable path: the update is on the disk (SQLite synchronous=FULL, PostgreSQL with fsync) before it is confirmed;
customer, conversation and touchpoints of both directions are kept, the FAQ is matched, the answer with its buttons is
queued, sent, and its message id kept. All bots run against the same fake Bot API in a process of its own, unpaced,
interleaved in one run; what counts are the ratios to the bare echo, of messages a second and of CPU. A third bot, for
comparison, echoes and writes both directions to the end of a file with fsync.

    python -m benchmarks.throughput [--database sqlite|postgres] [--distinct] [--filled]
                                    [--messages 2000] [--chats 100] [--rounds 5] [--touchpoints 1000000]
    python -m benchmarks.throughput --paced [--messages 2000] …

--distinct asks no question twice and none in the FAQ's own words. --filled has ours run a second time in each round,
over a million touchpoints and an FAQ of 10,000 phrasings. --paced runs ours alone, with its default limits, against a
fake that counts what breaks Telegram's, and exits 1 if anything does.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks.bots import (
    BARE,
    OURS,
    TOKEN,
    UNPACED,
    faq_environment,
    flood,
    percentile,
    running,
)
from benchmarks.databases import POSTGRES, SQLITE, Databases, databases
from benchmarks.processes import Used, resident_mb
from benchmarks.questions import FAQ, distinct, repeated, write_large_faq
from benchmarks.store_data import MILLION
from tests.telegram.process import telegram_process

WARM_UP = 300
LARGE = 10_000
TICK_MS = 0.01
"""A small run may take less CPU than the system counts."""
COLUMNS = ("round", "bot", "/s", "CPU ms", "server ms", "p50 s", "p99 s", "MB")


@dataclass(frozen=True)
class Kind:
    """A bot to be measured: its module, arguments and environment, made anew each time."""

    name: str
    module: str
    arguments: Sequence[str]
    environment: Callable[[Path], dict[str, str]]


@dataclass(frozen=True)
class Figures:
    """One bot in one round: CPU milliseconds a message, of its process and of the database's server; seconds from an
    update's handing out to its answer, waiting behind the rest of the flood included.
    """

    a_second: float
    cpu_ms: float
    server_ms: float
    p50: float
    p99: float
    resident_mb: float


Round = dict[str, Figures]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", choices=(SQLITE, POSTGRES), default=SQLITE)
    parser.add_argument("--messages", type=int, default=2000)
    parser.add_argument("--chats", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--touchpoints", type=int, default=MILLION)
    parser.add_argument("--distinct", action="store_true")
    parser.add_argument("--filled", action="store_true")
    parser.add_argument("--paced", action="store_true")
    options = parser.parse_args()
    with TemporaryDirectory() as folder, databases(options.database, Path(folder)) as stores:
        if options.paced:
            raise SystemExit(run_paced(options, stores))
        kinds = list(kinds_of(options, stores, Path(folder)))
        rounds = [{kind.name: measure(kind, options, stores) for kind in kinds} for _ in range(options.rounds)]
    print_table(rounds)


def kinds_of(options: argparse.Namespace, stores: Databases, folder: Path) -> Iterator[Kind]:
    yield Kind("bare", BARE, (), lambda _: {})
    yield Kind("echo+fsync", BARE, (), lambda own: {"ECHO_FILE": str(own / "echo.jsonl")})
    yield Kind("ours", OURS, ("run",), lambda own: faq_environment(own, stores.new(), FAQ) | UNPACED)
    if options.filled:
        stores.fill(options.touchpoints)
        large = write_large_faq(folder / "large.yaml", FAQ, LARGE)
        yield Kind(
            "ours filled", OURS, ("run",), lambda own: faq_environment(own, stores.new(filled=True), large) | UNPACED
        )


def measure(kind: Kind, options: argparse.Namespace, stores: Databases) -> Figures:
    asked = texts(options, WARM_UP + options.messages)
    with (
        TemporaryDirectory() as own,
        telegram_process(TOKEN, "--keep", "2") as telegram,
        running(kind.module, telegram.url, kind.environment(Path(own)), *kind.arguments) as bot,
    ):
        flood(telegram, asked[:WARM_UP], options.chats)
        telegram.latencies()
        used = Used.since_now([bot], stores.server)
        seconds = flood(telegram, asked[WARM_UP:], options.chats)
        cpu, server = used.so_far()
        waits = telegram.latencies()
        a_message = 1000 / options.messages
        return Figures(
            options.messages / seconds,
            cpu * a_message,
            server * a_message,
            percentile(waits, 0.5),
            percentile(waits, 0.99),
            resident_mb([bot]),
        )


def texts(options: argparse.Namespace, number: int) -> list[str]:
    return (distinct if options.distinct else repeated)(FAQ, number)


def run_paced(options: argparse.Namespace, stores: Databases) -> int:
    """0 if no limit was broken. The first messages of each chat come at once, as fast as they can be handed out."""
    with (
        TemporaryDirectory() as own,
        telegram_process(TOKEN, "--keep", "2", "--paced") as telegram,
        running(OURS, telegram.url, faq_environment(Path(own), stores.new(), FAQ), "run"),
    ):
        seconds = flood(telegram, texts(options, options.messages), options.chats)
        broken = telegram.counters()["violations"]
    print(f"{options.messages} answers in {seconds:.0f} s, {options.messages / seconds:.1f} a second")
    print(f"limits broken: {sum(broken.values())} {broken or ''}".rstrip())
    return 1 if broken else 0


def print_table(rounds: Sequence[Round]) -> None:
    print(f"| {' | '.join(COLUMNS)} |")
    print(f"|{' --- |' * len(COLUMNS)}")
    for number, figures in enumerate(rounds, 1):
        for name, it in figures.items():
            shown = f"{it.a_second:.0f} | {it.cpu_ms:.2f} | {it.server_ms:.2f} | {it.p50:.2f} | {it.p99:.2f}"
            print(f"| {number} | {name} | {shown} | {it.resident_mb:.0f} |")
    for name in list(rounds[0])[1:]:
        print(ratio(f"{name} to bare", [each[name] for each in rounds], [each["bare"] for each in rounds]))
    if "ours filled" in rounds[0]:
        print(ratio("filled to ours", [each["ours filled"] for each in rounds], [each["ours"] for each in rounds]))


def ratio(name: str, ones: Sequence[Figures], others: Sequence[Figures]) -> str:
    """Of each round, because both shared what else the machine did in it."""
    pairs = list(zip(ones, others, strict=True))
    speed = [one.a_second / other.a_second for one, other in pairs]
    cpu = [one.cpu_ms / max(other.cpu_ms, TICK_MS) for one, other in pairs]
    return f"{name}: messages a second × {_spread(speed)}, CPU × {_spread(cpu)}"


def _spread(values: Sequence[float]) -> str:
    return f"{median(values):.2f} ({min(values):.2f} to {max(values):.2f})"


if __name__ == "__main__":
    main()
