"""A ledger written by hand: whoever did what on which day of September."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from crm_store.ids import new_id
from crm_store.models import ContactPoint, Conversation, Customer, Escalation, Order, Ticket, TicketEvent, Touchpoint
from crm_store.store import Store
from crm_store.unit import Unit

SEPTEMBER = datetime(2026, 9, 1, tzinfo=UTC)
_number = count(1)


def at(day: float = 1, **later: float) -> datetime:
    """That day of September at midnight, and so much later."""
    return SEPTEMBER + timedelta(days=day - 1, **later)


class Ledger:
    """Rows of one unit."""

    def __init__(self, unit: Unit) -> None:
        self.unit = unit

    def customer(self, **values: Any) -> ContactPoint:
        """Somebody new, by the contact point on the web."""
        row = self.unit.add(Customer(id=new_id(), name="Anna", created_at=at(), attributes={}, **values))
        where = {"channel": "web", "address": str(row.id), "created_at": at()}
        return self.unit.add(ContactPoint(id=new_id(), customer_id=row.id, **where))

    def say(self, who: ContactPoint, when: datetime, kind: str = "text", **values: Any) -> Touchpoint:
        """The customer, unless another author is named, who then writes to them."""
        author = values.pop("author", "customer")
        direction = values.pop("direction", "in" if author == "customer" else "out")
        told = {"channel": "web", "direction": direction, "author": author, "kind": kind} | values
        return self.unit.add(Touchpoint(id=new_id(), contact_point_id=who.id, at=when, **told))

    def order(self, who: ContactPoint, day: int) -> None:
        of = {"external_id": f"o{next(_number)}", "date": date(2026, 9, 1) + timedelta(days=day - 1)}
        self.unit.add(Order(id=new_id(), customer_id=who.customer_id, amount=Decimal(10), attributes={}, **of))

    def talk(self, who: ContactPoint) -> int:
        """A conversation that is over; its id."""
        times = {"started_at": at(), "last_at": at(), "ended_at": at()}
        row = Conversation(id=new_id(), contact_point_id=who.id, language="en", dialog={}, **times)
        return self.unit.add(row).id

    def ticket(self, who: ContactPoint, stars: int | None = None, when: datetime | None = None) -> int:
        """A ticket, rated if there are stars; its id."""
        owner = {"customer_id": who.customer_id, "contact_point_id": who.id}
        about = {"number": next(_number), "subject": "it", "details": {}, "language": "en", "status": "closed"}
        row = self.unit.add(Ticket(id=new_id(), **owner, **about, opened_at=at(), due_at=at(), rating=stars))
        if stars and when:
            event = {"ticket_id": row.id, "at": when, "kind": "rated", "author": "customer"}
            self.unit.add(TicketEvent(id=new_id(), **event, data={"stars": stars}))
        return row.id

    def escalated(self, who: ContactPoint, when: datetime, *codes: str) -> None:
        """And ended at once."""
        reasons = [{"code": code, "weight": 1.0, "facts": {}} for code in codes]
        owner = {"customer_id": who.customer_id, "contact_point_id": who.id, "ticket_id": self.ticket(who)}
        state = {"state": "resolved", "opened_at": when, "ended_at": when}
        self.unit.add(Escalation(id=new_id(), reasons=reasons, **owner, **state))


async def written(store: Store, tell: Callable[[Ledger], None]) -> None:
    async def work(unit: Unit) -> None:
        tell(Ledger(unit))

    await store.run(work)
