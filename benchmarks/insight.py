"""Claim: who will be worth most and who goes silent is foreseen about as well as orders alone allow, and a large shop
is judged within a second.

Prints three tables. The first holds ours against the past total and recency, RFM quintiles and BG/NBD with Gamma-Gamma,
on two shops' orders split by date; README.md says where they come from. The second is of a made-up shop, the third of
the same one in a SQLite file.

    python -m benchmarks.insight --data DIR [--only accuracy|speed|choosing] [--quick]

With `--only choosing` it prints instead how variants of ours do on earlier days of the same shops.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from benchmarks import insight_store
from benchmarks.insight_choosing import chosen_from
from benchmarks.insight_data import splits
from benchmarks.insight_figures import Figures, measured
from benchmarks.insight_methods import METHODS, OURS
from benchmarks.insight_speed import measure
from benchmarks.insight_table import ACCURACY, FROM_STORE, SPEED, rendered


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with online-retail.csv")
    parser.add_argument("--only", choices=["accuracy", "speed", "choosing"])
    parser.add_argument("--quick", action="store_true", help="10,000 customers instead of a million")
    options = parser.parse_args()
    if options.only == "choosing":
        print(chosen_from(splits(options.data)))
    if options.only in (None, "accuracy"):
        print(rendered(ACCURACY, accuracies(options.data)), end="\n\n")
    if options.only in (None, "speed"):
        customers = 10_000 if options.quick else 1_000_000
        _say(f"{customers:,} customers")
        print(rendered(SPEED, {OURS: measure(customers, 2 * customers)}), end="\n\n")
        print(rendered(FROM_STORE, {OURS: insight_store.measure(customers, 2 * customers)}))


def accuracies(folder: Path) -> dict[str, Figures]:
    """Each method's figures on all splits."""
    found: dict[str, dict[str, float | None]] = {name: {} for name in METHODS}
    for split in splits(folder):
        for name, method in METHODS.items():
            _say(f"{split.name}: {name}")
            found[name] |= measured(method, split)
    return dict(found)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
