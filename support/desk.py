"""The service's parts, put together once by the composition root and handed to every use case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from crm_store.store import Store
from support.channels import AgentRoom, Channel, NoRoom, WebChannel
from support.judging.live_rules import LiveRules
from support.knowledge.live_faq import LiveFaq
from support.meters import Meters
from support.words.texts import Texts
from support.working_hours import WorkingHours


@dataclass(slots=True)
class Desk:
    """Everything a use case may need besides the unit of work it runs in.

    `bot_name` and `chat_url` are where the shop is met, in Telegram and on the web, as far as that is known.
    """

    store: Store
    texts: Texts
    faq: LiveFaq
    hours: WorkingHours
    shop: str = "Touchdesk"
    default_language: str = "en"
    bot_name: str | None = None
    chat_url: str | None = None
    rules: LiveRules = field(default_factory=LiveRules)
    meters: Meters = field(default_factory=Meters)
    room: AgentRoom = field(default_factory=NoRoom)
    channels: Mapping[str, Channel] = field(default_factory=lambda: {"web": WebChannel()})

    @property
    def timezone(self) -> ZoneInfo:
        return self.hours.zone
