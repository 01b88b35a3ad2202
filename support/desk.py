"""The service's parts, put together once by the composition root and handed to every use case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from zoneinfo import ZoneInfo

from crm_store.store import Store
from support.channels import AgentRoom, Channel, NoRoom, WebChannel
from support.knowledge.live_faq import LiveFaq
from support.words.texts import Texts
from support.working_hours import WorkingHours

FIRST_ANSWER = timedelta(hours=8)
"""Working time within which a ticket's first answer is promised; the admin's own targets come with the SLA rules."""


@dataclass(slots=True)
class Desk:
    """Everything a use case may need besides the unit of work it runs in."""

    store: Store
    texts: Texts
    faq: LiveFaq
    hours: WorkingHours
    shop: str = "Touchdesk"
    default_language: str = "en"
    first_answer: timedelta = FIRST_ANSWER
    room: AgentRoom = field(default_factory=NoRoom)
    channels: Mapping[str, Channel] = field(default_factory=lambda: {"web": WebChannel()})

    @property
    def timezone(self) -> ZoneInfo:
        return self.hours.zone
