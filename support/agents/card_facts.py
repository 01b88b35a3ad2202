"""What was learned of a customer, as lines of their card."""

from __future__ import annotations

from dataclasses import dataclass

from crm_store.card import CustomerCard, Learned
from support.agents.voice import Voice


@dataclass(frozen=True, slots=True)
class FactLine:
    """A fact as it stands on a card: what it says, and beside it where it comes from or when it is due."""

    id: int
    text: str
    note: str
    is_overdue: bool = False


def promises(say: Voice, known: CustomerCard) -> tuple[FactLine, ...]:
    """Those to be kept, the most pressing first."""
    owed = sorted((f for f in known.facts if f.is_owed), key=lambda f: f.due_at or say.now)
    return tuple(FactLine(fact.id, fact.text, _due(say, fact), is_overdue=fact.is_overdue(say.now)) for fact in owed)


def facts(say: Voice, known: CustomerCard) -> tuple[FactLine, ...]:
    counting = (f for f in known.facts if f.state == "confirmed" and f.kind != "promise")
    return tuple(FactLine(fact.id, _fact(say, fact), _source(say, fact)) for fact in counting)


def proposals(say: Voice, known: CustomerCard) -> tuple[FactLine, ...]:
    waiting = (f for f in known.facts if f.state == "proposed")
    return tuple(
        FactLine(fact.id, _fact(say, fact), _due(say, fact) if fact.due_at else _source(say, fact)) for fact in waiting
    )


def _fact(say: Voice, fact: Learned) -> str:
    """Words that a rule found are quoted: they are the writer's own. What an agent wrote may be of no special kind."""
    if fact.rule is None and fact.kind == "preference":
        return fact.text
    key = "card.fact.heard" if fact.rule else "card.fact"
    return say(key, kind=say(f"fact.kind.{fact.kind}"), text=fact.text)


def _due(say: Voice, fact: Learned) -> str:
    if fact.due_at is None:
        return _source(say, fact)
    key = "card.promise.overdue" if fact.is_overdue(say.now) else "card.promise.due"
    return say(key, date=say.day(fact.due_at))


def _source(say: Voice, fact: Learned) -> str:
    date_ = say.day(fact.at)
    return say("card.fact.noted", date=date_, agent=fact.agent) if fact.agent else date_
