"""Claim: whatever ends the processes, no update is lost or takes effect twice, and every chat stays in order; answers
are doubled at most once for each call that was in flight, and agents are told of every word of theirs that may not have
arrived.

Customers ask, agents write, and processes are killed (`kill -9`) at moments drawn by chance; on PostgreSQL any of
several workers, and the server itself crashes and comes back. Exits 1 if a promise is broken.

    python -m benchmarks.kills [--database sqlite|postgres] [--updates 10000] [--kills 200] [--workers 4]
        [--restarts 20] [--seed 7]
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import Mapping

from tests.rig.checks import Findings, examine
from tests.rig.trouble import Rig, break_amid, broken_in, settle
from tests.telegram.faults import Kind


def main() -> None:
    options = _options()
    begun = time.monotonic()
    rig, findings = asyncio.run(run(options))
    restarts = options.restarts if rig.server else 0
    print(
        f"{options.database}: {findings.updates} updates, {options.kills} kills, {restarts} restarts,"
        f" {time.monotonic() - begun:.0f} s"
    )
    print_figures(figures(rig, findings))
    judge(findings.broken(rig.in_flight))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--updates", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--workers", type=int, default=4, help="on PostgreSQL; with SQLite there is one process")
    parser.add_argument("--restarts", type=int, default=20, help="crashes of PostgreSQL")
    parser.add_argument("--seed", type=int, default=7)
    return parser.parse_args()


async def run(options: argparse.Namespace) -> tuple[Rig, Findings]:
    async with broken_in(options.database, options.workers, options.updates, options.seed) as rig:
        breaks = ["kill"] * options.kills + ["restart"] * (options.restarts if rig.server else 0)
        rig.chance.shuffle(breaks)
        rig.telegram.fault(Kind.DELAY_AFTER, times=None, share=0.2, seed=options.seed, seconds=0.05)
        await break_amid(rig, options.updates, breaks)
        rig.telegram.heal()
        await settle(rig)
        rig.workers.end()
        return rig, await examine(rig.store, rig.telegram, rig.crowd.said)


def figures(rig: Rig, findings: Findings) -> Mapping[str, int]:
    return {
        "lost": len(findings.lost),
        "doubled": len(findings.doubled),
        "inversions": len(findings.inversions),
        "set aside": len(findings.set_aside),
        "calls of which the sender could not know the end": rig.in_flight,
        "duplicates of answers": findings.duplicates,
        "once-only words repeated": len(findings.blind),
        "once-only words of open fate, told to agents": findings.flagged,
        "once-only words of open fate, told to nobody": len(findings.silent),
        "calls of open fate": findings.unknown,
        "rows left open": findings.open_rows,
        "processes that ended by themselves": rig.gave_up,
        "processes that gave up at their start": rig.gave_up_at_start,
    }


def print_figures(of_run: Mapping[str, int]) -> None:
    for name, value in of_run.items():
        print(f"{name:>48} {value:>6}")


def judge(broken: list[str]) -> None:
    """Ends the program with 1 if promises are broken, and says which."""
    for promise in broken:
        print(f"broken: {promise}", file=sys.stderr)
    if broken:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
