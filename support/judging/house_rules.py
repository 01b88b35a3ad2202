"""The rules by which a shop judges and serves its customers: what an admin may set, within which bounds.

A document with two parts, `tiers` and `policy`; what it does not name keeps its value. The defaults are the product's
own, first set by judgement: they serve every tier alike, until an admin who has simulated otherwise switches it on.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from analytics.tiers import Tier, TierLimitError, TierLimits
from support.judging.fields import fields_of

Weight = Annotated[float, Field(gt=0, le=1)]
Share = Annotated[float, Field(ge=0, le=1)]
Factor = Annotated[float, Field(ge=0, le=100)]
MONTH_MINUTES = 31 * 24 * 60
_TODAY = TierLimits()


class BrokenRulesError(ValueError):
    """Rules that cannot hold: `problems` are (field, what is wrong with it), a field such as `policy.queue.value`."""

    def __init__(self, problems: list[tuple[str, str]]) -> None:
        self.problems = problems
        super().__init__("\n".join(f"{field}: {problem}" for field, problem in problems))


class _Rules(BaseModel):
    """Never changed, only replaced; a name that nobody reads is a mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class TierRules(_Rules):
    """Where each tier ends, in percent of the customers with an order, counted from the best (analytics.tiers)."""

    vip: float = float(_TODAY.vip)
    major: float = float(_TODAY.major)
    ordinary: float = float(_TODAY.ordinary)
    small: float = float(_TODAY.small)

    @model_validator(mode="after")
    def _makes_a_pyramid(self) -> Self:
        _ = self.limits
        return self

    @property
    def limits(self) -> TierLimits:
        return TierLimits(self.vip, self.major, self.ordinary, self.small)


class Weights(_Rules):
    """How much each reason weighs, which orders the reasons beside a name: a person's own wish or complaint first,
    then who they are, then our failures.
    """

    asked_human: Weight = 1.0
    complaint: Weight = 1.0
    urgent: Weight = 1.0
    failed_answers: Weight = 0.8
    at_risk: Weight = 0.9
    service_risk: Weight = 0.9
    churned: Weight = 0.6
    no_answer: Weight = 0.3
    confident_answer: Weight = 0.1
    ticket_opened: Weight = 0.4
    reopened: Weight = 0.9
    agent: Weight = 0.1
    objection: Weight = 0.4
    vip: Weight = 1.0
    major: Weight = 0.7
    ordinary: Weight = 0.3
    small: Weight = 0.2

    def of(self, code: str) -> float:
        """The weight of a reason by its code. Raises KeyError."""
        if code not in type(self).model_fields:
            raise KeyError(code)
        weight: float = getattr(self, code)
        return weight


class EscalationRules(_Rules):
    """When a human must come without being asked for.

    `failures` on one matter bring a human; with `bot_first` small customers see one more attempt of the bot before,
    even if they are at risk, gone or badly served. An at-risk customer comes first from a `risk` of going silent on,
    any customer from a `service_risk` on (0 to 1).
    """

    failures: Annotated[int, Field(ge=1, le=10)] = 2
    bot_first: bool = False
    risk: Share = 0.0
    service_risk: Annotated[float, Field(gt=0, le=1)] = 0.5
    churned: bool = True


class QueueRules(_Rules):
    """The coefficients of support.agents.priority. `head_start` is in minutes: it lets worth count from the first
    second on; whoever has waited longer than `fairness_minutes` comes before all others.
    """

    value: Factor = 3.0
    risk: Factor = 2.0
    urgent: Factor = 1.0
    head_start: Annotated[float, Field(ge=0, le=1440)] = 5.0
    fairness_minutes: Annotated[int, Field(ge=1, le=MONTH_MINUTES)] = 60

    @property
    def bound(self) -> timedelta:
        return timedelta(minutes=self.fairness_minutes)


class Served(_Rules):
    """A first answer is promised within so many working minutes, and `queue_weight` multiplies the priority."""

    first_answer_minutes: Annotated[int, Field(ge=1, le=MONTH_MINUTES)] = 480
    queue_weight: Annotated[float, Field(ge=0.01, le=100)] = 1.0

    @property
    def first_answer(self) -> timedelta:
        return timedelta(minutes=self.first_answer_minutes)


class TierService(Served):
    """How one tier is served: `comes_first` puts every question of theirs before a human."""

    comes_first: bool = False


class Service(_Rules):
    """Service by tier; `no_tier` is for whoever has not ordered yet."""

    vip: TierService = TierService(comes_first=True)
    major: TierService = TierService(comes_first=True)
    ordinary: TierService = TierService()
    small: TierService = TierService()
    no_tier: Served = Served()


class Policy(_Rules):
    """Who reaches a human, in which order, and how soon."""

    weights: Weights = Weights()
    escalation: EscalationRules = EscalationRules()
    queue: QueueRules = QueueRules()
    service: Service = Service()

    def serves(self, tier: str | None) -> Served:
        """How customers of a tier are served; None and a tier unknown to us are those without one."""
        service: Served = getattr(self.service, tier) if tier in set(Tier) else self.service.no_tier
        return service

    def comes_first(self, tier: str) -> bool:
        """Whether every question of a tier's customers goes before a human."""
        service = self.serves(tier)
        return isinstance(service, TierService) and service.comes_first

    def failures_until_human(self, tier: str | None) -> int:
        """After so many failed answers on one matter a human comes."""
        return self.escalation.failures + self.sees_the_bot_first(tier)

    def sees_the_bot_first(self, tier: str | None) -> bool:
        """Whether the bot tries once more before a customer who asked for nobody reaches a human, whoever they are."""
        return self.escalation.bot_first and tier == Tier.SMALL

    @property
    def weighs_tiers(self) -> bool:
        """Whether the tier moves anybody in the queue."""
        return len({self.serves(tier).queue_weight for tier in (*Tier, None)}) > 1


class HouseRules(_Rules):
    """Everything an admin may set, as one document."""

    tiers: TierRules = TierRules()
    policy: Policy = Policy()


DEFAULT = HouseRules()
KEYS = tuple(HouseRules.model_fields)
"""The parts, each stored under its own name (crm_store.models.HouseRule)."""


def changed(rules: HouseRules, document: object) -> HouseRules:
    """The rules with what a document sets instead. Raises BrokenRulesError, which names every field that is wrong."""
    if not isinstance(document, Mapping):
        raise BrokenRulesError([("rules", f"expected parts named {' and '.join(KEYS)}")])
    try:
        return HouseRules.model_validate(_over(rules.model_dump(), document))
    except ValidationError as error:
        raise BrokenRulesError([_problem(each) for each in error.errors()]) from error


def _over(below: Mapping[Any, Any], above: Mapping[Any, Any]) -> dict[Any, Any]:
    """A tree with the branches of another laid over it."""
    merged = dict(below)
    for name, value in above.items():
        under = below.get(name)
        is_branch = isinstance(value, Mapping) and isinstance(under, Mapping)
        merged[name] = _over(under or {}, value) if is_branch else value
    return merged


def _problem(error: Any) -> tuple[str, str]:
    place = [str(part) for part in error["loc"]]
    cause = error.get("ctx", {}).get("error")
    if isinstance(cause, TierLimitError):
        return ".".join([*place, cause.field]), str(cause).removeprefix(f"{cause.field}: ")
    if error["type"] == "extra_forbidden":
        return ".".join(place), "there is no such rule"
    return ".".join(place), error["msg"]


def differences(before: HouseRules, after: HouseRules) -> list[tuple[str, object, object]]:
    """(field, before, after) of every rule that is not the same."""
    old, new = dict(fields_of(before.model_dump())), dict(fields_of(after.model_dump()))
    return [(field, old[field], value) for field, value in new.items() if old[field] != value]
