import pytest

from analytics.proportion import wilson
from analytics.tiers import Tier
from analytics.upgrades import Climbed, Standing, upgrade_candidates

SHOP = [
    Standing("vip", Tier.VIP, 1000),
    Standing("rich", Tier.MAJOR, 900),
    Standing("good", Tier.MAJOR, 300),
    Standing("near", Tier.SMALL, 290),
    Standing("half", Tier.SMALL, 150),
    Standing("far", Tier.SMALL, 10),
]


def test_how_far_it_is_and_what_it_brings() -> None:
    found = {one.customer_id: one for one in upgrade_candidates(SHOP, {Tier.MAJOR: Climbed(3, 40)}, 10)}
    rich = found["rich"]
    assert (rich.target, rich.missing, rich.reached, rich.gain) == (Tier.VIP, 100, 0.9, 100)
    assert rich.expected_gain == pytest.approx(100 * wilson(3, 40).low)


def test_nobody_climbs_out_of_the_best_tier_or_from_far_below_or_into_an_empty_one() -> None:
    """Nobody is in the ordinary tier here, so that the small have none to climb into."""
    assert [one.customer_id for one in upgrade_candidates(SHOP, {}, 10)] == ["rich"]
    filled = [*SHOP, Standing("mid", Tier.ORDINARY, 295)]
    found = upgrade_candidates(filled, {}, 10)
    assert {one.customer_id for one in found} == {"rich", "near", "half", "mid"}
    assert all(one.expected_gain is None for one in found)


def test_the_list_is_bounded_and_begins_with_much_gain_for_little() -> None:
    filled = [*SHOP, Standing("mid", Tier.ORDINARY, 295)]
    found = upgrade_candidates(filled, {}, 2)
    assert [one.customer_id for one in found] == ["mid", "rich"]


def test_a_shop_without_customers_has_no_candidates() -> None:
    assert upgrade_candidates([], {}, 10) == []
