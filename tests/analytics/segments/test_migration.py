from collections import Counter
from collections.abc import Mapping
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.segments.migration import Move, UnknownGroupError, migration_of
from analytics.tiers import Tier

BEFORE = {"ann": Tier.SMALL, "bob": Tier.SMALL, "sue": Tier.VIP, "tom": Tier.MAJOR, "max": Tier.SMALL}
AFTER = {"ann": Tier.MAJOR, "bob": Tier.SMALL, "sue": Tier.SMALL, "tom": Tier.MAJOR, "eve": Tier.VIP}

Customer = TypeVar("Customer", str, int)
placed = st.dictionaries(st.integers(0, 30), st.sampled_from(list(Tier)))


def pairs(before: Mapping[Customer, Tier], after: Mapping[Customer, Tier]) -> Counter[tuple[Tier | None, Tier | None]]:
    return Counter((before.get(who), after.get(who)) for who in before.keys() | after.keys())


def test_moves_are_counted_and_shared_by_where_they_began() -> None:
    found = migration_of(pairs(BEFORE, AFTER), list(Tier))
    assert found.moves == (
        Move(Tier.VIP, Tier.SMALL, 1, 1.0),
        Move(Tier.MAJOR, Tier.MAJOR, 1, 1.0),
        Move(Tier.SMALL, Tier.MAJOR, 1, 1 / 3),
        Move(Tier.SMALL, Tier.SMALL, 1, 1 / 3),
        Move(Tier.SMALL, None, 1, 1 / 3),
        Move(None, Tier.VIP, 1, 1.0),
    )
    assert (found.up, found.down, found.stayed) == (1, 1, 2)


@given(placed, placed)
def test_every_customer_is_counted_once(before: dict[int, Tier], after: dict[int, Tier]) -> None:
    found = migration_of(pairs(before, after), list(Tier))
    assert sum(move.customers for move in found.moves) == len({**before, **after})
    assert found.up + found.down + found.stayed == len(before.keys() & after.keys())
    for source in (*Tier, None):
        shares = [move.share for move in found.moves if move.source == source]
        assert not shares or sum(shares) == pytest.approx(1)


def test_a_group_without_a_place_is_refused() -> None:
    with pytest.raises(UnknownGroupError, match="gold"):
        migration_of(Counter([("gold", "silver")]), ["silver"])
