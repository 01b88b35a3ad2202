"""What a channel must be able to do: carry words to a contact point, in the unit of work that decided on them."""

from __future__ import annotations

from typing import Protocol

from crm_store.models import ContactPoint, Escalation, Ticket, Touchpoint
from crm_store.person import Person
from crm_store.unit import Unit
from support.talk.reply import Reply


class Channel(Protocol):
    """One way to reach customers (Telegram, web)."""

    async def send(self, unit: Unit, to: ContactPoint, touchpoint: Touchpoint, reply: Reply) -> None:
        """Queues the reply with the unit; `touchpoint` is its row in the ledger. Makes no network call."""


class WebChannel:
    """The web chat reads the ledger itself, so a reply needs no more than its touchpoint."""

    async def send(self, unit: Unit, to: ContactPoint, touchpoint: Touchpoint, reply: Reply) -> None:
        unit.touch(f"contact:{to.id}")


class AgentRoom(Protocol):
    """Where agents follow customers inside a messenger; every method queues with the unit."""

    async def opened(self, unit: Unit, person: Person, escalation: Escalation, ticket: Ticket) -> None:
        """A customer came into the queue."""

    async def changed(self, unit: Unit, person: Person, escalation: Escalation) -> None:
        """It was claimed, released, resolved, or its reasons grew: the card must say so."""

    async def heard(self, unit: Unit, person: Person, touchpoint: Touchpoint) -> None:
        """The customer's words (or photo, edit, press) while in the queue."""

    async def said(self, unit: Unit, person: Person, touchpoint: Touchpoint) -> None:
        """Words to the customer that did not come from this room: the bot's, or an agent's at the console."""

    async def told(self, unit: Unit, person: Person, key: str, **params: object) -> None:
        """A notice to the agents, as a text of locales/."""

    async def learned(self, unit: Unit, person: Person) -> None:
        """A fact about the customer was noted, proposed or decided on: the card must say so."""

    async def forgotten(self, unit: Unit, person: Person, held: Ticket | None) -> None:
        """The customer's data is being erased: what the room knows of them goes too. `held` is the request of an agent
        who is talking with them, and must hear of it."""


class NoRoom:
    """No agents' group is set up: agents work in the console."""

    async def opened(self, unit: Unit, person: Person, escalation: Escalation, ticket: Ticket) -> None:
        return None

    async def changed(self, unit: Unit, person: Person, escalation: Escalation) -> None:
        return None

    async def heard(self, unit: Unit, person: Person, touchpoint: Touchpoint) -> None:
        return None

    async def said(self, unit: Unit, person: Person, touchpoint: Touchpoint) -> None:
        return None

    async def told(self, unit: Unit, person: Person, key: str, **params: object) -> None:
        return None

    async def learned(self, unit: Unit, person: Person) -> None:
        return None

    async def forgotten(self, unit: Unit, person: Person, held: Ticket | None) -> None:
        return None
