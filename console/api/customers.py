"""One customer for other programs: everything that an agent's card shows."""

from __future__ import annotations

from dataclasses import fields
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Self

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from analytics.evaluation import Trust
from analytics.four_values import four_values
from console.api.guard import needs
from console.api.judgement import Difference
from console.web import Here
from crm_store.card import CustomerCard
from crm_store.queries import card
from crm_store.queries.external import customer_of
from crm_store.repositories.merges import living
from support.agents import card_reasons
from support.agents.card_upgrade import upgrade_of
from support.agents.voice import Voice
from support.customers.errors import UnknownCustomerError
from support.desk import Desk
from support.imports.fields import LONGEST_ID
from support.judging.trusting import Grades, grades

router = APIRouter(tags=["customers"])

ExternalId = Annotated[str, Path(max_length=LONGEST_ID, description="the shop's own number of the customer")]


class Part(BaseModel):
    """Read from the card's own parts, by the same names."""

    model_config = ConfigDict(from_attributes=True)


class Standing(Part):
    """Expected value, risk of silence (0 to 1, null while unknown), tier, rank within it, segment and life-cycle stage.

    Of somebody who has not ordered only the stage is known. How far a figure can be trusted is by the last `evaluate`;
    null before the first.
    """

    as_of: date
    value: float
    currency: str | None
    percentile: float | None
    spend_percentile: float | None
    risk: float | None
    tier: str | None
    rank: int | None
    segment: str | None
    stage: str
    at_risk: bool
    order_count: int
    order_days: int
    first_order: date | None
    last_order: date | None
    days_silent: int | None
    usual_gap_days: float | None
    brought: int
    ideas: int
    value_trust: Trust | None = None
    risk_trust: Trust | None = Field(default=None, description="of the risk as a percentage")
    stage_trust: Trust | None = Field(default=None, description="null too for a stage that is not put to the test")

    def trusted(self, found: Grades) -> None:
        self.value_trust, self.risk_trust = found.value, found.risk
        self.stage_trust = found.of_stage(self.stage, at_risk=self.at_risk)


class Reason(Part):
    """Why tier and risk are what they are, with figures that the rows show. `weight` is the share (−1 to 1) of the pull
    towards the head of the queue that comes from it; all but their signs add up to 1. What only orders the queue, such
    as `urgent` and `tier`, has no figures and is not in the sentence."""

    code: str
    figures: dict[str, float]
    weight: float


class Why(Part):
    """Why the customer stands where they stand, in the desk's language and as data.

    `service_risk` (0 to 1) is the risk with open complaints and the like, null if nothing is amiss or the risk itself
    is unknown; `service_raises_risk` is true in the latter case too.
    """

    sentence: str
    reasons: list[Reason]
    service_risk: float | None
    service_raises_risk: bool

    @classmethod
    def of(cls, desk: Desk, known: CustomerCard, now: datetime) -> Self:
        say = Voice(desk, now)
        service = card_reasons.risk_of(known, say)
        found = card_reasons.weighed(known, service, desk.rules.policy)
        return cls(
            sentence=card_reasons.sentence(say, found) if found else "",
            reasons=[Reason(code=f.reason.code, figures=dict(f.reason.figures), weight=f.weight) for f in found],
            service_risk=service.risk if service and service.is_base_known else None,
            service_raises_risk=service is not None,
        )


class Contact(Part):
    """A channel that the customer writes on."""

    channel: str
    name: str | None
    username: str | None
    state: str
    since: datetime


class Ticket(Part):
    """An open request."""

    number: int
    subject: str
    status: str
    opened_at: datetime
    due_at: datetime


class ColleaguesTicket(Part):
    """An open request of somebody else in the organisation."""

    number: int
    subject: str
    customer: str
    opened_at: datetime


class Rating(Part):
    """A ticket's rating, 1 to 5 stars."""

    number: int
    stars: int
    at: datetime | None


class Order(Part):
    """One of the last orders."""

    number: str
    date: date
    amount: Decimal
    currency: str | None
    product: str | None


class Turnover(Part):
    """All orders in one currency."""

    currency: str | None
    count: int
    amount: Decimal
    first: date


class Fact(Part):
    """What was learned: `state` is proposed (a rule heard it, nobody has confirmed it) or confirmed."""

    kind: str
    text: str
    value: dict[str, Any] | None
    state: str
    rule: str | None
    agent: str | None
    at: datetime
    due_at: datetime | None
    kept_at: datetime | None


class Consent(Part):
    """The newest word of a purpose."""

    purpose: str
    given: bool
    at: datetime


class Contacted(Part):
    """One of the last contacts on any channel; `text` is the beginning of its words."""

    at: datetime
    channel: str
    direction: str
    author: str
    kind: str
    text: str | None
    agent: str | None


class Money(Part):
    """What is expected of the coming period, all orders less refunds, and the margin of the part whose costs are known
    (null unless that is most of it).
    """

    currency: str | None
    value: float
    total: float
    costed: float
    margin: float | None


class Loyalty(Part):
    """Days since the first order, days with an order, and such days after the first in a year."""

    days: int
    order_days: int
    rate: float


class Referral(Part):
    """Newcomers who opened the customer's link; those who bought, also where an import says who brought them."""

    came: int
    buyers: int


class Upgrade(Part):
    """How close the next tier is: `missing` money to its least value, of which the share `reached` is there; `gain` to
    its median value, and the expected part of that, null where it is not known. `lessons` are what customers who
    climbed there lately did differently, the strongest first.
    """

    target: str
    missing: float
    reached: float
    gain: float
    expected_gain: float | None
    lessons: list[Difference]

    @classmethod
    def of(cls, known: CustomerCard) -> Self | None:
        """Null for whoever is not close."""
        found = upgrade_of(known)
        if found is None:
            return None
        one = found.candidate
        return cls(
            target=one.step.target,
            missing=one.missing,
            reached=one.reached,
            gain=one.gain,
            expected_gain=one.expected_gain,
            lessons=[Difference.of(lesson) for lesson in found.lessons],
        )


class FourValues(Part):
    """Worth in four ways; null where there is nothing to say."""

    money: Money | None
    loyalty: Loyalty | None
    referral: Referral | None
    ideas: int


class Customer(Part):
    """A customer as a whole. `since` is the day, in the shop's time zone, of the first thing that is known of them."""

    external_id: str | None
    name: str
    phone: str | None
    email: str | None
    language: str | None
    organisation: str | None
    manager: str | None
    source: str | None
    referrer: str | None
    since: date
    standing: Standing | None
    why: Why
    upgrade: Upgrade | None
    contacts: list[Contact]
    tickets: list[Ticket]
    colleagues: list[ColleaguesTicket]
    ratings: list[Rating]
    orders: list[Order]
    turnover: list[Turnover]
    facts: list[Fact]
    consents: list[Consent]
    touchpoints: list[Contacted]
    four_values: FourValues

    @classmethod
    def of(cls, desk: Desk, known: CustomerCard, now: datetime) -> Self:
        values = {field.name: getattr(known, field.name) for field in fields(known)} | {
            "since": known.since(desk.timezone),
            "four_values": four_values(known.standing, known.came),
            "why": Why.of(desk, known, now),
            "upgrade": Upgrade.of(known),
        }
        shown = cls.model_validate(values)
        if shown.standing and (found := grades(known.evaluation)):
            shown.standing.trusted(found)
        return shown


@router.get("/customers/{external_id:path}", dependencies=[Depends(needs("customers:read"))])
async def show_customer(web: Here, external_id: ExternalId) -> Customer:
    """One who was merged into another customer is that other one; of one who was erased there is nothing (410)."""
    async with web.desk.store.read() as session:
        row_id = await customer_of(session, external_id)
        kept_id = await living(session, row_id) if row_id is not None else None
        known = await card.read(session, kept_id) if kept_id is not None else None
    if known is None:
        raise UnknownCustomerError(external_id)
    if known.erased_at:
        raise HTTPException(410, f"This customer was erased on {known.erased_at:%Y-%m-%d}")
    return Customer.of(web.desk, known, web.desk.store.clock())
