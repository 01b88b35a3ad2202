"""An independent model that others have published figures of says much the same as ours."""

from __future__ import annotations

import csv
from datetime import date
from importlib.metadata import distribution
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import spearmanr

from analytics.judgement import estimated
from analytics.orders import read_orders
from analytics.shop_model import learnt
from analytics.tiers import TierLimits
from benchmarks.bgnbd import BgNbd, Customers, GammaGamma
from benchmarks.insight_data import read_cdnow
from benchmarks.insight_methods import weekly

SUMMARY = "lifetimes/datasets/cdnow_customers_summary.csv"


@pytest.fixture(scope="module")
def published() -> Customers:
    """Every tenth customer of CDNOW, after 39 weeks."""
    text = Path(str(distribution("lifetimes").locate_file(SUMMARY))).read_text(encoding="ascii")
    rows = list(csv.DictReader(text.splitlines()))
    repeats, recency, age = (np.array([float(row[name]) for row in rows]) for name in ("frequency", "recency", "T"))
    return Customers(repeats, recency, age, np.zeros(len(rows)))


def test_bg_nbd_has_the_published_rates(published: Customers) -> None:
    """Fader, Hardie and Lee (2005), table 2."""
    found = BgNbd.fitted(published)
    assert (found.r, found.alpha, found.a, found.b) == pytest.approx((0.243, 4.414, 0.793, 2.426), abs=0.005)


def test_gamma_gamma_draws_a_mean_towards_the_shops() -> None:
    """With rates like those that Fader and Hardie (2013) found on CDNOW."""
    shop = GammaGamma(p=6.25, q=3.74, v=15.44)
    people = Customers(np.array([0.0, 1, 1, 50]), np.zeros(4), np.zeros(4), np.array([0.0, 10, 100, 100]))
    newcomer, low, high, sure = shop.expected(people).tolist()
    assert newcomer == pytest.approx(6.25 * 15.44 / 2.74)
    assert 10 < low < newcomer < high < sure < 100


def test_ours_and_bg_nbd_expect_the_same_of_a_shop_and_rank_its_repeaters_alike() -> None:
    """Every twentieth customer of CDNOW, over the 39 weeks that follow."""
    day, horizon = date(1997, 9, 30), 273
    sales = [sale for sale in read_cdnow() if sale[0] % 20 == 0 and sale[1] <= day]
    who, when, amounts = zip(*sales, strict=True)
    orders = read_orders({"customer_id": who, "date": when, "amount": amounts}, day)
    shop, people = learnt(orders, day, horizon, TierLimits())
    ours, theirs = estimated(people, shop, day.toordinal()), weekly(orders, day)
    model = BgNbd.fitted(theirs)
    assert ours.expected_orders.sum() == pytest.approx(model.expected(theirs, horizon / 7).sum(), rel=0.35)
    repeated = people.days > 1
    agreed = spearmanr(ours.risk[repeated], model.silence(theirs, horizon / 7)[repeated]).statistic
    assert agreed > 0.9
