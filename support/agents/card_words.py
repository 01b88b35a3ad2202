"""The head of a card in words: who, what they are worth, what is open and why a person is needed."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from crm_store.card import CustomerCard, OpenTicket, Standing
from crm_store.models import Customer, Escalation
from crm_store.person import Person
from support.agents.card_trust import trusted
from support.agents.voice import Voice
from support.judging.trusting import Grades, grades
from support.ticket_details import Detail, details_of
from support.words.shortening import shortened

LAST_WORDS_LENGTH = 200
NO_TIER = "none"


def shown_words(text: str | None) -> str:
    return shortened(text or "", LAST_WORDS_LENGTH)


def standing(say: Voice, known: CustomerCard) -> Sequence[str]:
    """Each figure with how far it can be trusted, in a shop that has put them to the test."""
    standing, found = known.standing, grades(known.evaluation)
    if standing is None:
        return ()
    stage = found.of_stage(standing.stage, at_risk=standing.at_risk) if found else None
    return (
        _tier(say, standing),
        *([trusted(say, _value(say, standing), found.value if found else None)] if standing.order_count else []),
        _risk(say, standing, found),
        trusted(say, _stage(say, standing), stage),
        *([say("card.segment", segment=say(f"segment.{standing.segment}"))] if standing.segment else []),
    )


def _tier(say: Voice, standing: Standing) -> str:
    tier = say("card.tier", tier=say(f"tier.{standing.tier or NO_TIER}"))
    if standing.tier and standing.rank:
        tier = f"{tier} · {say(f'card.rank.{standing.tier}', rank=standing.rank)}"
    return tier


def _value(say: Voice, standing: Standing) -> str:
    return say("card.value", value=say.money(Decimal(str(round(standing.value, 2))), standing.currency))


def _risk(say: Voice, standing: Standing, found: Grades | None) -> str:
    if standing.risk is None:
        return say("card.risk.unknown")
    return trusted(say, say("card.risk", risk=f"{standing.risk:.0%}"), found.risk if found else None)


def _stage(say: Voice, standing: Standing) -> str:
    stage = say(f"stage.{standing.stage}")
    return say("card.stage", stage=f"{stage} · {say('stage.at_risk')}" if standing.at_risk else stage)


def channel(say: Voice, person: Person) -> Sequence[str]:
    """Where this conversation is, and whether words get there."""
    lines = [say("card.channel", channel=say.channel(person.contact.channel))]
    return lines if person.contact.state == "active" else [*lines, say("card.blocked")]


def who(say: Voice, known: CustomerCard, language: str | None) -> Sequence[str]:
    lines = [say("card.since", date=say.date(known.since(say.zone)))]
    if language:
        lines.append(say("card.language", language=say.tongue(language)))
    if known.organisation:
        lines.append(say("card.organisation", organisation=known.organisation))
    if known.manager:
        lines.append(say("card.manager", agent=known.manager))
    return lines


def orders(say: Voice, known: CustomerCard) -> Sequence[str]:
    """How many, the last, and their sum; of orders that are counted only in the score, without a sum."""
    if known.orders:
        total = " + ".join(say.money(each.amount, each.currency) for each in known.turnover)
        last = say.date(known.orders[0].date)
        return (
            say("card.orders", count=known.order_count, date=last),
            say("card.turnover", amount=total),
        )
    standing = known.standing
    if standing is None or standing.last_order is None:
        return ()
    return (say("card.orders", count=standing.order_count, date=say.date(standing.last_order)),)


def ticket_count(say: Voice, known: CustomerCard) -> Sequence[str]:
    return (say("card.tickets", count=len(known.tickets)),) if known.tickets else ()


def last_words(say: Voice, words: str) -> Sequence[str]:
    return (say("card.last_words", text=words),) if words else ()


def details(say: Voice, ticket: OpenTicket, customer: Customer | None) -> tuple[str, ...]:
    """What a form asked and what was answered; without `customer`, that phone or e-mail are on record and no more."""
    return tuple(
        say(
            "card.detail" if detail.sure else "card.detail_unchecked",
            asked=detail.asked,
            answer=shown_words(_answer(say, detail, customer)),
        )
        for detail in details_of(ticket.details)
    )


def _answer(say: Voice, detail: Detail, customer: Customer | None) -> str:
    if customer is None and detail.on_record:
        return say(f"card.on_record.{detail.on_record}")
    return detail.shown(customer) if customer else detail.answer


def state(say: Voice, escalation: Escalation | None, holder: str | None) -> str:
    if escalation is None or escalation.state == "resolved":
        return say("card.state.resolved")
    if holder:
        return say("card.state.claimed", agent=holder)
    return say("card.state.waiting", minutes=int((say.now - escalation.opened_at).total_seconds() // 60))
