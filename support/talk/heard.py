"""What a person has said, as the ledger keeps it."""

from __future__ import annotations

from dataclasses import asdict

from crm_store.models import Touchpoint
from crm_store.person import Person
from crm_store.unit import Unit
from support.ledger import record
from support.talk.inbound import Inbound


def record_heard(unit: Unit, person: Person, message: Inbound, about_id: int | None = None) -> Touchpoint:
    """A message, a press or an edit; `about_id` is the touchpoint that it is about."""
    payload = dict(message.details)
    if message.attachment:
        payload["attachment"] = {name: value for name, value in asdict(message.attachment).items() if value is not None}
    return record(
        unit,
        person,
        message.kind,
        message.text or None,
        direction="in",
        author="customer",
        about_id=about_id,
        ref=message.ref,
        client_key=message.client_key,
        payload=payload,
    )
