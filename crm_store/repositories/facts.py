"""What was learned of customers."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from crm_store.models import Fact
from crm_store.unit import Unit

MOST_COMPARED = 200


async def get(unit: Unit, fact_id: int) -> Fact | None:
    """By its id; one that this very unit noted too."""
    fresh = next((row for row in changed(unit) if row.id == fact_id), None)
    return fresh or await unit.session.get(Fact, fact_id)


async def newest(unit: Unit, customer_id: int) -> Sequence[Fact]:
    """The newest in any state, this unit's own among them."""
    query = select(Fact).where(Fact.customer_id == customer_id).order_by(Fact.id.desc()).limit(MOST_COMPARED)
    fresh = [row for row in unit.session.new if isinstance(row, Fact) and row.customer_id == customer_id]
    return [*fresh, *await unit.session.scalars(query)]


def changed(unit: Unit) -> list[Fact]:
    """What this unit noted or decided and has not written yet."""
    return [row for row in (*unit.session.new, *unit.session.dirty) if isinstance(row, Fact)]
