"""The register of personal data: every table that holds something of a customer, and what becomes of it.

The copy that a customer may ask for and the erasure both walk it. A test walks the schema beside it, so that a new
table or a new personal column is a decision and never an oversight.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import String, func, literal
from sqlalchemy import cast as sql_cast
from sqlalchemy.sql.elements import ColumnElement

from crm_store.models import (
    Base,
    CardSnapshot,
    Consent,
    ContactLink,
    ContactPoint,
    Conversation,
    Customer,
    DuplicateRefusal,
    Escalation,
    Fact,
    FaqProposal,
    FaqQuestion,
    ForumTopic,
    IdempotencyKey,
    InboxRow,
    Merge,
    MergedRow,
    Order,
    OrderHistory,
    Organisation,
    OutboxRow,
    Score,
    ScoreChange,
    SearchEntry,
    StoredFile,
    Ticket,
    TicketEvent,
    Touchpoint,
)
from crm_store.privacy import finding
from crm_store.privacy.finding import Find, by_contact, by_customer, by_touchpoint, table

TOMBSTONE = "erased:"
"""An erased contact point's address begins so. Nobody writes from there, so the same person is met as a newcomer."""

NO_SUBJECT = "–"


class Internal(NamedTuple):
    """`of` a customer's rows, those that are for agents to read, and what they are."""

    of: Find
    what: str


@dataclass(frozen=True, slots=True)
class Holding:
    """One table's part. `of` finds a customer's rows, `also` those that an erasure must find besides.

    An erasure deletes the rows; with `left`, it makes their columns say that instead; with `stays`, the reason, it
    leaves them alone. A copy holds the rows of `of` without the `hidden` columns, unless `not_copied` says why not.
    The copy that is sent in the chat is without what is `internal`, because no customer reads that there.
    """

    model: type[Base]
    of: Find
    also: Find | None = None
    left: Callable[[datetime], Mapping[str, Any]] | None = None
    stays: str = ""
    not_copied: str = ""
    hidden: Mapping[str, str] = field(default_factory=dict)
    internal: Internal | None = None

    @property
    def name(self) -> str:
        return table(self.model).name


def _otherwise(model: type[Base], column: str, value: Any) -> ColumnElement[Any]:
    """What the column says, or this where it says nothing."""
    kept = table(model).c[column]
    return func.coalesce(kept, literal(value, kept.type))


def _ended(model: type[Base], now: datetime) -> dict[str, Any]:
    return {"ended_at": _otherwise(model, "ended_at", now), "version": table(model).c.version + 1}


COUNTED = {"version": "counts the row's changes"}
JUDGED = "what they are worth and how likely they are to leave, as we believe"
HASHES = dict.fromkeys(("phone_hash", "email_hash"), "the number or address itself stands beside it")

HOLDINGS: tuple[Holding, ...] = (
    Holding(IdempotencyKey, finding.answers_naming_them, left=lambda _: {"response": {}},
            not_copied="for a day, another program's own answers"),
    Holding(SearchEntry, by_touchpoint(SearchEntry), stays="goes by the index's own way",
            not_copied="the words of touchpoint again, in pieces"),
    Holding(CardSnapshot, finding.own_snapshots, also=finding.other_snapshots,
            internal=Internal(finding.all_rows, "the card as it stood at each of an agent's answers")),
    Holding(Fact, by_customer(Fact), also=by_touchpoint(Fact, "source_id"), hidden=COUNTED),
    Holding(FaqProposal, finding.proposals),
    Holding(FaqQuestion, by_contact(FaqQuestion), left=lambda _: {"text": None, "normal": None}),
    Holding(OutboxRow, finding.calls_to_them, also=finding.calls_about_them,
            hidden=dict.fromkeys(("epoch", "attempts", "repeated", "joinable", "continuation"), "how it was sent")),
    Holding(InboxRow, finding.their_updates, also=finding.agents_updates,
            left=lambda _: {"body": "{}", "chat_id": 0, "error": None, "state": "done"},
            hidden={"attempts": "how it was worked on"}),
    Holding(StoredFile, by_contact(StoredFile), hidden={"path": "the file itself is in the archive"},
            internal=Internal(finding.internal_files, "files beside notes to colleagues")),
    Holding(ForumTopic, by_contact(ForumTopic), not_copied="where agents talk among themselves"),
    Holding(Touchpoint, by_contact(Touchpoint), hidden={"client_key": "a page's own"},
            internal=Internal(finding.internal_touchpoints, "notes to colleagues, hand-overs and their reasons"),
            left=lambda now: {"text": None, "payload": None, "redacted_at": now}),
    Holding(TicketEvent, finding.ticket_events, left=lambda _: {"data": None},
            internal=Internal(finding.internal_events, "reasons for a hand-over")),
    Holding(Escalation, by_customer(Escalation), hidden=COUNTED,
            internal=Internal(finding.all_rows, "hand-overs and their reasons"),
            left=lambda now: {
                "state": "resolved", "outcome": _otherwise(Escalation, "outcome", "erased"),
                "value_percentile": 0.0, "risk": 0.0, **_ended(Escalation, now),
            }),
    Holding(Ticket, by_customer(Ticket), hidden=COUNTED,
            left=lambda now: {
                "subject": NO_SUBJECT, "details": {}, "status": "closed",
                "closed_at": _otherwise(Ticket, "closed_at", now), "version": table(Ticket).c.version + 1,
            }),
    Holding(Conversation, by_contact(Conversation), hidden=COUNTED,
            left=lambda now: {"dialog": {}, **_ended(Conversation, now)}),
    Holding(ScoreChange, by_customer(ScoreChange), internal=Internal(finding.all_rows, JUDGED)),
    Holding(Score, by_customer(Score), internal=Internal(finding.all_rows, JUDGED)),
    Holding(OrderHistory, by_customer(OrderHistory), internal=Internal(finding.all_rows, JUDGED)),
    Holding(Order, by_customer(Order), left=lambda _: {"attributes": {}}),
    Holding(Consent, by_customer(Consent), stays="proves what was agreed to, and holds no words; append-only"),
    Holding(ContactLink, finding.links, not_copied="keys to the chat, of which only a hash is kept"),
    Holding(MergedRow, finding.merged_rows, not_copied="the numbers of rows that are in the copy themselves"),
    Holding(Merge, finding.present_merges, also=finding.all_merges, hidden=COUNTED,
            left=lambda _: {"former": {}, "evidence": [], "version": table(Merge).c.version + 1}),
    Holding(DuplicateRefusal, finding.refusals, not_copied="names somebody else, of whom they are not one"),
    Holding(Organisation, finding.organisation, stays="a company, and other people's too"),
    Holding(ContactPoint, by_contact(ContactPoint, "id"), hidden=COUNTED,
            left=lambda now: {
                "address": literal(TOMBSTONE) + sql_cast(table(ContactPoint).c.id, String),
                "chat_id": None, "display_name": None, "username": None, "client_language": None,
                "state": "deactivated", "state_changed_at": now, "version": table(ContactPoint).c.version + 1,
            }),
    Holding(Customer, by_customer(Customer, "id"),
            hidden={**HASHES, **COUNTED, "referred_by_id": "names somebody else"},
            left=lambda now: {
                "name": "", "phone": None, "phone_hash": None, "email": None, "email_hash": None, "language": None,
                "organisation_id": None, "source": None, "referrer": None, "referred_by_id": None, "attributes": {},
                "erased_at": _otherwise(Customer, "erased_at", now), "version": table(Customer).c.version + 1,
            }),
)  # fmt: skip
"""In the order in which an erasure goes: whoever is found through other rows comes before them."""

TAKEN_OVER = "the shop's own words; a customer's wording only where an admin took it for the shop's"

WITHOUT: Mapping[str, str] = {
    "agent": "staff",
    "agent_session": "staff",
    "login_link": "staff",
    "audit": "append-only; says who did what to which number, never a customer's words or how to reach them",
    "api_key": "other programs",
    "column_mapping": "names of columns",
    "faq_entry": "the shop's own words",
    "faq_phrasing": TAKEN_OVER,
    "faq_answer": "the shop's own words",
    "faq_revision": TAKEN_OVER,
    "faq_draft": TAKEN_OVER,
    "faq_index": TAKEN_OVER,
    "schedule": "numbers of rows",
    "setting": "numbers",
    "process": "this service's own processes",
    "house_rule": "what an admin decided for everybody",
    "shop_model": "figures of the shop as a whole",
    "reason_verdict": "an agent's word on a reason, by the escalation's number",
}
"""Tables that hold nothing of a customer, and why one may be sure of it."""
