"""The customer's card: what whoever answers must know, in one read and a few lines.

Agents read all of it; nothing of it is ever shown to a customer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select

from analytics.reasons import reasons as score_reasons
from crm_store.models import Agent, Customer, Organisation, Score, Ticket, Touchpoint
from crm_store.person import Person
from crm_store.repositories.tickets import UNFINISHED
from crm_store.unit import Unit
from support.desk import Desk
from support.ticket_details import details_of
from support.words.times import day, money

LAST_WORDS_LENGTH = 200
NAME_LENGTH = 60


@dataclass(frozen=True, slots=True)
class Card:
    """Who, since when, what they are worth, what is open and why a person is needed; lines in the desk's language.

    `details` are by a ticket's number what a form asked and what the customer answered.
    """

    title: str
    lines: tuple[str, ...]
    reasons: tuple[str, ...]
    state: str
    tier: str = ""
    tickets: tuple[Ticket, ...] = field(default=())
    details: Mapping[int, tuple[str, ...]] = field(default_factory=dict)


async def read_card(desk: Desk, unit: Unit, person: Person, now: datetime) -> Card:
    """Reads what the person's own rows do not hold (three statements) and words all of it."""
    tickets = await _open_tickets(unit, person.customer)
    organisation = await _organisation(unit, person.customer)
    words = await _last_words(unit, person)
    holder = await _holder(unit, person)
    say = _Wording(desk)
    lines = [
        *say.standing(person.score),
        *say.who(person, organisation),
        *say.orders(person.score, now),
        *([say("card.tickets", count=len(tickets))] if tickets else []),
        *([say("card.last_words", text=words)] if words else []),
    ]
    return Card(
        title=say("card.title", name=display_name(person)),
        lines=tuple(lines) if person.is_known or tickets else (say("card.unknown"), *lines),
        reasons=say.reasons(person),
        state=say.state(person, holder, now),
        tier=say(f"tier.{person.score.tier}") if person.score else "",
        tickets=tuple(tickets),
        details={ticket.number: told for ticket in tickets if (told := say.details(ticket, person.customer))},
    )


def display_name(person: Person) -> str:
    """A name for agents' eyes: one line, never empty, never longer than a heading."""
    name = " ".join((person.customer.name or person.contact.display_name or "").split())
    return name[:NAME_LENGTH] or f"#{person.contact.id % 100_000}"


async def _open_tickets(unit: Unit, customer: Customer) -> list[Ticket]:
    query = select(Ticket).where(Ticket.customer_id == customer.id, Ticket.status.in_(UNFINISHED)).order_by(Ticket.id)
    stored = [t for t in await unit.session.scalars(query) if t.status in UNFINISHED]
    return stored + [t for t in unit.session.new if isinstance(t, Ticket) and t.customer_id == customer.id]


async def _organisation(unit: Unit, customer: Customer) -> str | None:
    if customer.organisation_id is None:
        return None
    return await unit.session.scalar(select(Organisation.name).where(Organisation.id == customer.organisation_id))


async def _last_words(unit: Unit, person: Person) -> str:
    """What the customer said last, in words of their own: a pressed button has none."""
    fresh = [row for row in heard_in(unit, person) if row.text]
    if fresh:
        return _shorten(fresh[-1].text)
    query = (
        select(Touchpoint.text)
        .where(
            Touchpoint.contact_point_id == person.contact.id,
            Touchpoint.direction == "in",
            Touchpoint.kind != "press",
            Touchpoint.text.is_not(None),
        )
        .order_by(Touchpoint.id.desc())
        .limit(1)
    )
    return _shorten(await unit.session.scalar(query))


def heard_in(unit: Unit, person: Person) -> list[Touchpoint]:
    """What the customer said in this very unit, in order; presses say nothing."""
    rows = [
        row
        for row in unit.session.new
        if isinstance(row, Touchpoint)
        and row.contact_point_id == person.contact.id
        and row.direction == "in"
        and row.kind != "press"
    ]
    return sorted(rows, key=lambda row: row.id)


def _shorten(text: str | None) -> str:
    line = " ".join((text or "").split())
    return line if len(line) <= LAST_WORDS_LENGTH else line[: LAST_WORDS_LENGTH - 1] + "…"


async def _holder(unit: Unit, person: Person) -> str | None:
    if person.escalation is None or person.escalation.agent_id is None:
        return None
    agent = await unit.session.get(Agent, person.escalation.agent_id)
    return agent.name if agent else None


class _Wording:
    """Words the card in the desk's language."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.language = desk, desk.default_language

    def __call__(self, key: str, /, **params: object) -> str:
        return self.desk.texts.say(self.language, key, **params)

    def standing(self, score: Score | None) -> Sequence[str]:
        if score is None:
            return ()
        stage = self(f"stage.{score.stage}")
        if score.at_risk:
            stage = f"{stage} · {self('stage.at_risk')}"
        risk = self("card.risk.unknown") if score.risk is None else self("card.risk", risk=f"{score.risk:.0%}")
        return (
            self("card.tier", tier=self(f"tier.{score.tier}")),
            self("card.value", value=money(Decimal(str(round(score.value, 2))), score.currency or "", self.language)),
            risk,
            self("card.stage", stage=stage),
        )

    def who(self, person: Person, organisation: str | None) -> Sequence[str]:
        language = person.conversation.language if person.conversation else person.customer.language
        lines = [self("card.channel", channel=self(f"channel.{person.contact.channel}"))]
        if language:
            lines.append(self("card.language", language=self(f"language.{language}")))
        if organisation:
            lines.append(self("card.organisation", organisation=organisation))
        if person.contact.state != "active":
            lines.append(self("card.blocked"))
        return lines

    def orders(self, score: Score | None, now: datetime) -> Sequence[str]:
        if score is None:
            return ()
        last = datetime(
            score.last_order.year, score.last_order.month, score.last_order.day, 12, tzinfo=self.desk.timezone
        )
        date = day(last, self.language, self.desk.timezone, now)
        return (self("card.orders", count=score.order_count, date=date),)

    def details(self, ticket: Ticket, customer: Customer) -> tuple[str, ...]:
        return tuple(
            self(
                "card.detail" if detail.sure else "card.detail_unchecked",
                asked=detail.asked,
                answer=_shorten(detail.shown(customer)),
            )
            for detail in details_of(ticket.details)
        )

    def reasons(self, person: Person) -> tuple[str, ...]:
        """First what brought them here, then what their orders say; every figure can be found in the rows."""
        escalation = person.escalation
        named = sorted(escalation.reasons, key=lambda r: -r["weight"]) if escalation else []
        lines = [self(f"reason.{reason['code']}", **reason["facts"]) for reason in named]
        if person.score:
            lines += [self(f"reason.{r.code}", **_shown(r.figures)) for r in score_reasons(person.score)]
        return tuple(lines)

    def state(self, person: Person, holder: str | None, now: datetime) -> str:
        escalation = person.escalation
        if escalation is None or escalation.state == "resolved":
            return self("card.state.resolved")
        if holder:
            return self("card.state.claimed", agent=holder)
        return self("card.state.waiting", minutes=int((now - escalation.opened_at).total_seconds() // 60))


def _shown(figures: Mapping[str, float]) -> dict[str, object]:
    shown: dict[str, object] = {name: f"{v:g}" if isinstance(v, float) else v for name, v in figures.items()}
    if "share" in shown:
        shown["share"] = f"{shown['share']} %"
    return shown
