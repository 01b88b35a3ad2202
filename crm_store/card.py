"""Everything there is to know of a customer at a glance: plain values, the same for every reader of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from decimal import Decimal
from typing import Any

from analytics.rfm import segment_of
from crm_store.service_facts import Lately, Matter


@dataclass(frozen=True, slots=True)
class Standing:
    """What is thought of a customer, as of a day: columns of crm_store.models.Score and OrderHistory by their names.
    Whoever has not ordered has a stage and nothing else.
    """

    as_of: date
    value: float
    percentile: float | None
    spend_percentile: float | None
    risk: float | None
    tier: str | None
    rank: int | None
    stage: str
    at_risk: bool
    rfm: int | None
    brought: int
    ideas: int
    currency: str | None = None
    order_count: int = 0
    order_days: int = 0
    first_order: date | None = None
    last_order: date | None = None
    usual_gap_days: float | None = None
    total: float = 0.0
    cost: float = 0.0
    uncosted: float = 0.0

    @property
    def segment(self) -> str | None:
        return None if self.rfm is None else str(segment_of(self.rfm))

    @property
    def days_silent(self) -> int | None:
        return None if self.last_order is None else (self.as_of - self.last_order).days


@dataclass(frozen=True, slots=True)
class ContactWay:
    """A contact point: where it is and whether it can be reached; its address stays with the channel."""

    id: int
    channel: str
    name: str | None
    username: str | None
    state: str
    since: datetime


@dataclass(frozen=True, slots=True)
class OpenTicket:
    """A request that is neither resolved nor closed; `details` are what a form asked (support.ticket_details)."""

    id: int
    number: int
    subject: str
    status: str
    opened_at: datetime
    due_at: datetime
    details: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ColleaguesTicket:
    """An open request of somebody else in the customer's organisation."""

    number: int
    subject: str
    customer: str
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class Rated:
    """A ticket's rating, 1 to 5 stars."""

    number: int
    stars: int
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Bought:
    """One order; `number` is the shop's own."""

    number: str
    date: date
    amount: Decimal
    currency: str | None
    product: str | None


@dataclass(frozen=True, slots=True)
class Turnover:
    """All orders in one currency."""

    currency: str | None
    count: int
    amount: Decimal
    first: date


@dataclass(frozen=True, slots=True)
class Learned:
    """A fact that somebody confirmed or a rule proposed (crm_store.models.Fact); `agent` noted it."""

    id: int
    kind: str
    text: str
    value: Mapping[str, Any] | None
    rule: str | None
    source_id: int | None
    agent: str | None
    state: str
    at: datetime
    due_at: datetime | None
    kept_at: datetime | None

    @property
    def is_owed(self) -> bool:
        """A promise that was made and not yet kept."""
        return self.kind == "promise" and self.state == "confirmed" and self.kept_at is None

    def is_overdue(self, now: datetime) -> bool:
        return self.is_owed and self.due_at is not None and self.due_at < now


@dataclass(frozen=True, slots=True)
class Agreed:
    """The newest consent of a purpose: given, or taken back."""

    purpose: str
    given: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Contacted:
    """One of the last touchpoints, on any of the customer's channels; of long words the beginning."""

    id: int
    contact_point_id: int
    at: datetime
    channel: str
    direction: str
    author: str
    kind: str
    text: str | None
    agent: str | None


@dataclass(frozen=True, slots=True)
class WrongReason:
    """A reason of an escalation that has not ended, and an agent says that it is wrong."""

    escalation_id: int
    code: str


@dataclass(frozen=True, slots=True)
class CustomerCard:
    """A customer as a whole. Lists are bounded; the newest of contacts, orders, ratings and touchpoints come first,
    tickets, facts and consents stand in the order of their making. `touchpoints` are the last of each contact point.
    `came` counts newcomers who opened this customer's referral link. `evaluation` says of the whole shop how far its
    scores can be trusted (support.judging.evaluating).
    """

    id: int
    external_id: str | None
    name: str
    phone: str | None
    email: str | None
    language: str | None
    organisation_id: int | None
    organisation: str | None
    source: str | None
    referrer: str | None
    created_at: datetime
    erased_at: datetime | None
    standing: Standing | None
    manager: str | None = None
    contacts: tuple[ContactWay, ...] = ()
    tickets: tuple[OpenTicket, ...] = ()
    colleagues: tuple[ColleaguesTicket, ...] = ()
    ratings: tuple[Rated, ...] = ()
    orders: tuple[Bought, ...] = ()
    turnover: tuple[Turnover, ...] = ()
    facts: tuple[Learned, ...] = ()
    consents: tuple[Agreed, ...] = ()
    touchpoints: tuple[Contacted, ...] = ()
    matters: tuple[Matter, ...] = ()
    lately: tuple[Lately, ...] = ()
    wrong_reasons: tuple[WrongReason, ...] = ()
    came: int = 0
    evaluation: Mapping[str, Any] | None = None

    @property
    def order_count(self) -> int:
        return sum(each.count for each in self.turnover)

    def since(self, zone: tzinfo) -> date:
        """The day, in the shop's zone, of the first thing we know of them: an order may be older than their record."""
        return min([self.created_at.astimezone(zone).date(), *(each.first for each in self.turnover)])

    @property
    def display_name(self) -> str:
        """The shop's name for them, else the first that a channel has."""
        return self.name or next((way.name for way in self.contacts if way.name), "")
