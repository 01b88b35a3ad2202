"""What becomes of an outbox row after its call."""

from __future__ import annotations

from datetime import datetime, timedelta

from crm_store.models import OutboxRow
from crm_store.repositories import outbox
from crm_store.repositories.outbox import Settled
from crm_store.unit import Unit
from workers.calls import Call
from workers.outcomes import Fate, Outcome


def is_plain(call: Call) -> bool:
    """Sent, and nobody waits for the result: written in bulk."""
    return call.outcome.fate is Fate.SENT and not call.row.continuation


def settled(call: Call) -> list[Settled]:
    """The rows of a plain call; what they said is where it was to be, and no longer here."""
    said, error = call.outcome.message_id, call.outcome.error
    return [Settled(row.id, "sent", outbox.address(row.payload), said, error) for row in call.rows]


def apply(row: OutboxRow, outcome: Outcome, unit: Unit) -> None:
    """The row's next state."""
    row.error, row.message_id = outcome.error, outcome.message_id
    if not outcome.counts:
        row.attempts -= 1
    _take_state(row, outcome, unit.now)
    if row.touchpoint_id:
        unit.touch(f"delivery:{row.touchpoint_id}")
    unit.touch("outbox")


def _take_state(row: OutboxRow, outcome: Outcome, now: datetime) -> None:
    match outcome.fate:
        case Fate.SENT:
            row.state, row.payload = "sent", outbox.address(row.payload)
        case Fate.RETRY | Fate.FLOOD | Fate.PARKED | Fate.REVOKED:
            row.state, row.not_before = "waiting", now + timedelta(seconds=outcome.delay)
        case Fate.MAYBE if row.repeat == "once" and not row.repeated:
            row.state, row.repeated = "waiting", True
            row.not_before = now + timedelta(seconds=outcome.delay)
        case Fate.MAYBE:
            row.state = "uncertain"
        case Fate.LATE if row.repeated:  # it was to be repeated because it may have arrived
            row.state = "uncertain"
        case Fate.PLAIN if "entities" in row.payload or "caption_entities" in row.payload:
            row.state = "waiting"
            row.payload = {k: v for k, v in row.payload.items() if k not in ("entities", "caption_entities")}
        case Fate.DROPPED | Fate.TOPIC_GONE:
            row.state = "dropped"
        case Fate.MIGRATED | Fate.TOPIC_CLOSED:
            row.state = "waiting"
        case _:
            row.state = "failed"


def give_up(row: OutboxRow, outcome: Outcome, why: str, unit: Unit) -> None:
    """The row's last state when what was to follow its call failed; without that it must not have another turn."""
    apply(row, outcome, unit)
    row.error = why
    if row.state == "waiting":
        row.state = "failed"
