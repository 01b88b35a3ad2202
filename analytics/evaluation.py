"""How far to trust value, risk and stages in this shop: customers are judged as of an earlier day, by what was known
then, and that is held against the orders that followed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.difference import difference
from analytics.hindsight import Flags, auc, auc_error, calibration_error, hits
from analytics.judgement import Judgements, judged
from analytics.orders import Orders
from analytics.outcome import Outcome, followed
from analytics.proportion import wilson
from analytics.shop_model import learnt
from analytics.stages import STAGES, Stage
from analytics.tiers import TierLimits

TOP_SHARES = (0.05, 0.2)
"""The first of which there are enough customers is taken."""
ENOUGH_AT_TOP = 20
"""Customers that the upper part must hold: fewer, and one more or less among them moves the figure by over 5 points."""
ENOUGH_OF_EACH = 30
"""Customers who went silent and who did not that an AUC is taken of, and customers of a stage."""
ENOUGH_TO_CALIBRATE = 100
"""Ten customers a bin."""
LEAST_APART = 0.05
"""By so much, as a share of 0..1, more must have gone silent: a smaller lead helps nobody, however sure it is."""
CERTAIN = 1.96
"""Standard errors on each side of an interval that holds 95 %."""


class Trust(StrEnum):
    """How far a figure carries; each figure's docstring says by what bounds."""

    GOOD = "good"
    SOME = "some"
    NONE = "none"
    TOO_LITTLE = "too_little"


@dataclass(frozen=True, slots=True)
class TopFigure:
    """Of the `count` customers said to be worth most (`share` of all `customers`), `found` were among as many who spent
    most; `by_total` were found by what they had spent so far.

    Trust looks at the lower bound of the share found (Wilson, 95 %), rescaled so that chance is 0 and all is 1: from .3
    on good, from .1 on some.
    """

    share: float
    customers: int
    count: int
    found: int
    by_total: int
    trust: Trust


@dataclass(frozen=True, slots=True)
class RiskFigure:
    """Of customers with a risk, `silent` went silent and `active` did not. `auc`: how often, 0..1, one of the former
    had the higher risk (.5 is chance); `by_silence` that of the days since the last order. Both None without a pair.

    Trust looks at the lower bound of the AUC (95 %): from .7 on good (acceptable discrimination after Hosmer and
    Lemeshow 2000, Applied Logistic Regression, p. 162), from .6 on some.
    """

    silent: int
    active: int
    auc: float | None
    by_silence: float | None
    trust: Trust


@dataclass(frozen=True, slots=True)
class CalibrationFigure:
    """By how much, 0..1, the risks of `customers` missed the share that went silent; None of nobody.

    Trust: up to .05 good, up to .1 some.
    """

    customers: int
    error: float | None
    trust: Trust


@dataclass(frozen=True, slots=True)
class StageFigure:
    """Of `customers` in a stage on that day `silent` went silent. `stage` is None for those of any stage but churn who
    were at risk, and who are counted there alone.
    """

    stage: Stage | None
    customers: int
    silent: int


@dataclass(frozen=True, slots=True)
class StagesFigure:
    """The stages in the order of life, at-risk before churn. `at_risk` is the trust in the overlay.

    Customers said to have left are held against those who repeat on time (use and loyalty), customers said to be at
    risk against stage use alone: that fewer of the loyal go silent is no merit of the overlay. None unless 5 points
    more of the former went silent, good if they are more beyond doubt (Newcombe, 95 %), else some.
    """

    stages: tuple[StageFigure, ...]
    trust: Trust
    at_risk: Trust


@dataclass(frozen=True, slots=True)
class BackTest:
    """Judged as of `day`, by orders until then, over the `horizon_days` after it."""

    day: date
    horizon_days: int
    value: TopFigure
    risk: RiskFigure
    calibration: CalibrationFigure
    stages: StagesFigure

    def as_data(self) -> dict[str, Any]:
        """For JSON: fields by their names, the day in ISO."""
        return asdict(self) | {"day": self.day.isoformat()}


def back_test(orders: Orders, as_of: date, horizon_days: int, limits: TierLimits) -> BackTest | None:
    """On the last `horizon_days` before `as_of`, or the last third of the shop's time if that is less; None if the shop
    has not had orders for three days.
    """
    today = as_of.toordinal()
    orders = orders.until(today)
    horizon = min(horizon_days, (today - int(orders.day.min(initial=today))) // 3)
    if horizon < 1:
        return None
    day = date.fromordinal(today - horizon)
    shop, people = learnt(orders.until(day.toordinal()), day, horizon, limits)
    then, outcome = judged(people, shop, day), followed(orders, day.toordinal())
    return BackTest(
        day=day,
        horizon_days=horizon,
        value=_value(then, outcome),
        risk=_risk(then, outcome),
        calibration=_calibration(then, outcome),
        stages=stages_figure(STAGES[then.stage], then.at_risk, outcome.silent),
    )


def _value(then: Judgements, outcome: Outcome) -> TopFigure:
    customers = len(then)
    share = next((share for share in TOP_SHARES if share * customers >= ENOUGH_AT_TOP), TOP_SHARES[-1])
    found = hits(then.estimates.value, outcome.spent, share)
    by_total = hits(then.people.total, outcome.spent, share)
    count = int(share * customers)
    surely = (wilson(found, count).low - share) / (1 - share)
    trust = _graded(surely, good=0.3, some=0.1) if count >= ENOUGH_AT_TOP else Trust.TOO_LITTLE
    return TopFigure(share, customers, count, found, by_total, trust)


def _graded(surely: float, *, good: float, some: float) -> Trust:
    if surely >= good:
        return Trust.GOOD
    return Trust.SOME if surely >= some else Trust.NONE


def _risk(then: Judgements, outcome: Outcome) -> RiskFigure:
    told = then.people.days > 1
    silent, risk = outcome.silent[told], then.estimates.risk[told]
    gone, active = int(silent.sum()), int((~silent).sum())
    found, by_silence = auc(silent, risk), auc(silent, then.days_silent[told].astype(np.float64))
    if found is None or min(gone, active) < ENOUGH_OF_EACH:
        return RiskFigure(gone, active, found, by_silence, Trust.TOO_LITTLE)
    surely = found - CERTAIN * auc_error(found, gone, active)
    return RiskFigure(gone, active, found, by_silence, _graded(surely, good=0.7, some=0.6))


def _calibration(then: Judgements, outcome: Outcome) -> CalibrationFigure:
    told = then.people.days > 1
    customers = int(told.sum())
    if customers == 0:
        return CalibrationFigure(0, None, Trust.TOO_LITTLE)
    error = calibration_error(outcome.silent[told], then.estimates.risk[told])
    trust = _graded(-error, good=-0.05, some=-0.1) if customers >= ENOUGH_TO_CALIBRATE else Trust.TOO_LITTLE
    return CalibrationFigure(customers, error, trust)


def stages_figure(stage: NDArray[np.object_], at_risk: Flags, silent: Flags) -> StagesFigure:
    """Of customers in a stage, at risk or not, who went silent or did not."""
    overlaid = at_risk & (stage != Stage.CHURN)

    def counted(name: Stage | None, members: Flags) -> StageFigure:
        return StageFigure(name, int(members.sum()), int((members & silent).sum()))

    figures = {name: counted(name, (stage == name) & ~overlaid) for name in (Stage.PURCHASE, Stage.USE, Stage.LOYALTY)}
    churn = counted(Stage.CHURN, stage == Stage.CHURN)
    on_time = figures[Stage.USE], figures[Stage.LOYALTY]
    in_danger = counted(None, overlaid)
    return StagesFigure((*figures.values(), in_danger, churn), _apart(churn, on_time), _apart(in_danger, on_time[:1]))


def _apart(leaving: StageFigure, on_time: Sequence[StageFigure]) -> Trust:
    customers, silent = sum(one.customers for one in on_time), sum(one.silent for one in on_time)
    if min(leaving.customers, customers) < ENOUGH_OF_EACH:
        return Trust.TOO_LITTLE
    apart = difference(leaving.silent, leaving.customers, silent, customers)
    if apart.value < LEAST_APART:
        return Trust.NONE
    return Trust.GOOD if apart.is_clear else Trust.SOME
