"""Who moved from one group to another between two dates: tiers, stages, RFM segments or any other grouping."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Group = TypeVar("Group", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Move(Generic[Group]):
    """`customers` went from `source` to `target`: `share` (0..1) of those who were in `source`. None: they were not, or
    are no longer, in any group.
    """

    source: Group | None
    target: Group | None
    customers: int
    share: float


@dataclass(frozen=True, slots=True)
class Migration(Generic[Group]):
    """All moves that happened, also from a group to itself, in the order of the groups, None last.

    `up`, `down` and `stayed` count customers who were in a group on both dates.
    """

    moves: tuple[Move[Group], ...]
    up: int
    down: int
    stayed: int


class UnknownGroupError(ValueError):
    """A customer is in a group that the order of groups does not name."""

    def __init__(self, group: object) -> None:
        super().__init__(f"{group!r} is not among the groups in order")


def migration_of(
    pairs: Mapping[tuple[Group | None, Group | None], int], best_first: Sequence[Group]
) -> Migration[Group]:
    """Of customers counted by their group on the earlier and on the later date; raises UnknownGroupError."""
    place: dict[Group | None, int] = {group: at for at, group in enumerate(best_first)}
    place[None] = len(place)
    for group in {group for pair in pairs for group in pair} - place.keys():
        raise UnknownGroupError(group)
    moves = _moves(pairs, place)
    steps = [
        (_sign(place[move.source] - place[move.target]), move.customers)
        for move in moves
        if move.source is not None and move.target is not None
    ]
    up, down, stayed = (sum(count for step, count in steps if step == way) for way in (1, -1, 0))
    return Migration(moves, up, down, stayed)


def _moves(
    pairs: Mapping[tuple[Group | None, Group | None], int], place: Mapping[Group | None, int]
) -> tuple[Move[Group], ...]:
    sources: Counter[Group | None] = Counter()
    for (source, _), count in pairs.items():
        sources[source] += count
    ordered = sorted(pairs.items(), key=lambda item: (place[item[0][0]], place[item[0][1]]))
    return tuple(Move(source, target, count, count / sources[source]) for (source, target), count in ordered)


def _sign(step: int) -> int:
    return (step > 0) - (step < 0)
