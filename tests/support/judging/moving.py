"""A shop whose customers stand somewhere on the first of September and somewhere else on the thirtieth."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from itertools import count
from typing import Any

from analytics.evaluation import Trust
from crm_store.ids import new_id
from crm_store.models import ContactPoint, Escalation, Order, OrderHistory, Score, ScoreChange, ShopModel
from crm_store.store import Store
from crm_store.unit import Unit
from tests.support.contacts import Ledger, at

_number = count(1)


def stands(ledger: Ledger, who: ContactPoint, when: datetime, tier: str | None, **values: Any) -> None:
    values = {"stage": "use", "segment": "loyal", "at_risk": False, "cause": {}} | values
    ledger.unit.add(ScoreChange(id=new_id(), customer_id=who.customer_id, at=when, tier=tier, **values))


def buys(ledger: Ledger, who: ContactPoint, day: int, amount: float = 10, currency: str | None = "EUR") -> None:
    about = {"external_id": f"m{next(_number)}", "date": date(2026, 9, day), "currency": currency}
    order = Order(id=new_id(), customer_id=who.customer_id, amount=Decimal(str(amount)), attributes={}, **about)
    ledger.unit.add(order)


def waits(ledger: Ledger, who: ContactPoint, when: datetime, until: datetime) -> None:
    owner = {"customer_id": who.customer_id, "contact_point_id": who.id, "ticket_id": ledger.ticket(who)}
    times = {"opened_at": when, "claimed_at": until, "ended_at": until}
    ledger.unit.add(Escalation(id=new_id(), **owner, **times, reasons=[], state="resolved"))


def scored(ledger: Ledger, who: ContactPoint, tier: str, value: float, **values: Any) -> None:
    """With the orders of a regular, last of the tenth."""
    values = {"stage": "use", "at_risk": False} | values
    ledger.unit.add(Score(customer_id=who.customer_id, as_of=date(2026, 9, 30), tier=tier, value=value, **values))
    known: dict[str, Any] = {
        "currency": "EUR",
        "order_count": 3,
        "order_days": 3,
        "usual_gap_days": 20.0,
        "total": 60.0,
    }
    known |= {"first_order": date(2026, 8, 1), "last_order": date(2026, 9, 10)}
    rest = dict.fromkeys((c.key for c in OrderHistory.__table__.columns if not c.nullable), 0)
    ledger.unit.add(OrderHistory(**rest | known | {"customer_id": who.customer_id}))


def climbing_shop(ledger: Ledger) -> None:
    """Twelve small customers rise to ordinary and order on two days; thirty stay and order on one; two fall from
    major; one is new, one erased."""
    for n in range(12):
        riser = ledger.customer()
        stands(ledger, riser, at(1), "small", stage="purchase")
        stands(ledger, riser, at(20), "ordinary", stage="use")
        for day in (5, 6 + n % 3, *([9] if n % 2 else [])):
            buys(ledger, riser, day, 40 + n)
        ledger.say(riser, at(4))
        waits(ledger, riser, at(4), at(4, minutes=10))
        scored(ledger, riser, "ordinary", 100 + n)
    for n in range(30):
        stayer = ledger.customer()
        stands(ledger, stayer, at(1), "small")
        buys(ledger, stayer, 3 + n % 20, 10 + n % 5)
        scored(ledger, stayer, "small", 20 + 2 * n, risk=0.2)
    for _ in range(2):
        falling = ledger.customer()
        stands(ledger, falling, at(1), "major")
        stands(ledger, falling, at(9), "ordinary", stage="churn", at_risk=True)
        scored(ledger, falling, "ordinary", 150, risk=0.8, at_risk=True, stage="churn")
    new, erased = ledger.customer(), ledger.customer(erased_at=at(8))
    stands(ledger, new, at(15), "small", stage="purchase")
    stands(ledger, erased, at(1), "vip")


def back_tested(value: Trust, risk: Trust, calibration: Trust, left: Trust, at_risk: Trust) -> dict[str, Any]:
    """The grades of a back-test, as an evaluation keeps them."""
    figures = {"value": value, "risk": risk, "calibration": calibration}
    stages = {"trust": left.value, "at_risk": at_risk.value}
    return {name: {"trust": trust.value} for name, trust in figures.items()} | {"stages": stages}


MIXED = back_tested(Trust.GOOD, Trust.SOME, Trust.NONE, left=Trust.SOME, at_risk=Trust.TOO_LITTLE)


async def evaluated(
    store: Store, lessons: list[dict[str, Any]], back_test: dict[str, Any] | None = MIXED, customers: int = 40
) -> None:
    """Keeps an evaluation: from small, below 100, to ordinary, usually 150, three climbed."""
    step = {"tier": "small", "target": "ordinary", "bar": 100.0, "usual": 150.0, "climbed": 3, "customers": customers}
    evaluation = {"back_test": back_test, "climbs": [{"step": step, "lessons": lessons}]}

    async def keep(unit: Unit) -> None:
        unit.add(ShopModel(id=new_id(), as_of=unit.now, model={}, evaluation=evaluation))
        unit.add(ShopModel(id=new_id(), as_of=unit.now, model={}, evaluation=None))

    await store.run(keep)
