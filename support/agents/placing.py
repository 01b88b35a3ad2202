"""What orders a customer in the queue: what was known when they came into it, but for what an agent called wrong."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Protocol

from analytics.tiers import Tier
from analytics.weighing import Place
from support.judging.house_rules import Policy
from support.judging.service import kept_risk

DANGER = frozenset({"at_risk", "churned"})
HASTE = frozenset({"urgent", "complaint"})
"""The reasons for which support.policy calls somebody urgent."""


class Escalated(Protocol):
    """The part of an escalation that orders it."""

    @property
    def reasons(self) -> Sequence[dict[str, Any]] | None: ...
    @property
    def value_percentile(self) -> float | None: ...
    @property
    def risk(self) -> float | None: ...
    @property
    def urgent(self) -> bool | None: ...


def place_of(escalation: Escalated, tier: str | None, policy: Policy, wrong: Collection[str] = ()) -> Place:
    """`wrong` are the codes of its reasons that agents called wrong. A tier called wrong is none, and worth nothing; a
    danger called wrong is no risk; without the haste or complaint that made somebody urgent they are not.
    """
    denied = set(wrong)
    is_tier_wrong = not denied.isdisjoint(Tier)
    return Place(
        percentile=None if is_tier_wrong else escalation.value_percentile,
        risk=None if denied & DANGER else escalation.risk,
        service=kept_risk(escalation.reasons, denied),
        urgent=bool(escalation.urgent) and not _is_haste_denied(escalation, denied),
        tier_weight=policy.serves(None if is_tier_wrong else tier).queue_weight,
    )


def _is_haste_denied(escalation: Escalated, denied: set[str]) -> bool:
    why = HASTE & {reason["code"] for reason in escalation.reasons or ()}
    return bool(why) and why <= denied
