"""Who reaches a human, and why: what is known of a message and its writer → what to do. Pure.

The rules are those of docs/architecture.md, "Who reaches a human"; what an admin may set of them, weights and
thresholds, is support.judging.house_rules.Policy.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from faq.matcher import Decision
from support.judging.house_rules import DEFAULT, Policy
from support.words.signals import Signals


class Act(StrEnum):
    """What the bot does with a message."""

    SILENT = "silent"  # an agent holds the chat, or it is only recorded while in the queue
    GREET = "greet"
    THANK = "thank"
    ANSWER = "answer"
    SUGGEST = "suggest"
    REFUSE = "refuse"
    HUMAN = "human"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why somebody is in the queue. `facts` fill the sentence that an agent reads."""

    code: str
    facts: dict[str, Any] = field(default_factory=dict)

    def data(self, policy: Policy = DEFAULT.policy) -> dict[str, Any]:
        """As an escalation keeps it, with what it weighs under the policy of the day."""
        return {**asdict(self), "weight": policy.weights.of(self.code)}


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of the writer. `tier` and `stage` as analytics names them, `risk` of going silent and
    `service_risk` from 0 to 1; unknown is None.
    """

    tier: str | None = None
    stage: str | None = None
    at_risk: bool = False
    risk: float | None = None
    service_risk: float | None = None
    queued: bool = False
    claimed: bool = False
    failures: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to do, and the reasons to put the customer into the queue (none: they stay out of it)."""

    act: Act
    reasons: tuple[Reason, ...] = ()
    urgent: bool = False


def judge(  # noqa: PLR0911 - a ladder of rules
    who: Standing, signals: Signals, decision: Decision, policy: Policy = DEFAULT.policy
) -> Verdict:
    """The one place where it is decided what happens to a message."""
    if who.claimed:
        return Verdict(Act.SILENT)
    if signals.greeting:
        return Verdict(Act.GREET)
    if signals.thanks:
        return Verdict(Act.THANK)
    if reasons := _wants_human(who, signals, policy):
        return Verdict(Act.HUMAN, reasons, urgent=signals.urgent or signals.complaint)
    if who.queued:
        return Verdict(Act.ANSWER if decision is Decision.ANSWER else Act.SILENT)
    if worth := priority_reasons(who, policy):
        if decision is Decision.ANSWER:
            return Verdict(Act.ANSWER, (*worth, Reason("confident_answer")))
        if not policy.sees_the_bot_first(who.tier):  # whose failures are below the limit: see _wants_human
            return Verdict(Act.HUMAN, (*worth, Reason("no_answer")))
    return Verdict(Act(decision.value))


def _wants_human(who: Standing, signals: Signals, policy: Policy) -> tuple[Reason, ...]:
    reasons = []
    if signals.wants_human:
        reasons.append(Reason("asked_human"))
    if signals.complaint:
        reasons.append(Reason("complaint"))
    if signals.urgent:
        reasons.append(Reason("urgent"))
    if who.failures >= policy.failures_until_human(who.tier):
        reasons.append(Reason("failed_answers", {"count": who.failures}))
    return (*priority_reasons(who, policy), *reasons) if reasons else ()


def priority_reasons(who: Standing, policy: Policy = DEFAULT.policy) -> tuple[Reason, ...]:
    """Why this customer comes before others, whatever they ask."""
    reasons, rules = [], policy.escalation
    if who.tier and policy.comes_first(who.tier):
        reasons.append(Reason(who.tier))
    if who.stage == "churn":
        reasons += [Reason("churned")] * rules.churned
    elif who.at_risk and (who.risk or 0.0) >= rules.risk:
        reasons.append(Reason("at_risk"))
    if who.service_risk is not None and who.service_risk >= rules.service_risk:
        reasons.append(Reason("service_risk"))
    return tuple(reasons)
