"""Claim: while 5 % of the calls are told to wait (429), 5 % fail after they took effect (500) and 5 % lose their line
after they took effect, nothing is lost, every chat stays in order, and no once-only word is repeated by itself.

Customers ask, agents write, nothing is killed. Exits 1 if a promise is broken.

    python -m benchmarks.faults [--database sqlite|postgres] [--updates 10000] [--share 0.05] [--seed 7]
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Mapping

from benchmarks.kills import figures, judge, print_figures
from tests.rig.checks import Findings, examine
from tests.rig.trouble import Rig, broken_in, settle
from tests.telegram.faults import Kind

PORTION = 20
MIX = ((Kind.TOO_MANY, 1.0), (Kind.SERVER_ERROR_AFTER, 0.0), (Kind.DROP_AFTER, 0.0))
"""With the seconds that a caller is told to wait."""


def main() -> None:
    options = _options()
    begun = time.monotonic()
    rig, struck, findings = asyncio.run(run(options))
    told = ", ".join(f"{count} {kind}" for kind, count in struck.items())
    print(f"{options.database}: {findings.updates} updates, {told}, {time.monotonic() - begun:.0f} s")
    print_figures(figures(rig, findings))
    judge(findings.broken(rig.in_flight))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--updates", type=int, default=10_000)
    parser.add_argument("--share", type=float, default=0.05, help="of the calls, for each kind of fault")
    parser.add_argument("--seed", type=int, default=7)
    return parser.parse_args()


async def run(options: argparse.Namespace) -> tuple[Rig, Mapping[str, int], Findings]:
    """(what ran, how many calls were struck by kind, what was found)."""
    async with broken_in(options.database, 1, options.updates, options.seed) as rig:
        for number, (kind, seconds) in enumerate(MIX):
            rig.telegram.fault(kind, times=None, share=options.share, seed=options.seed + number, seconds=seconds)
        left = options.updates
        while left > 0:
            left -= max(1, rig.crowd.speak(min(left, PORTION) - 1))
            await asyncio.sleep(0.05)
        await settle(rig)
        struck = rig.telegram.counters()["faults_by_kind"]
        rig.in_flight = sum(count for kind, count in struck.items() if kind != Kind.TOO_MANY)
        rig.telegram.heal()
        await settle(rig)
        rig.workers.end()
        return rig, struck, await examine(rig.store, rig.telegram, rig.crowd.said)


if __name__ == "__main__":
    main()
