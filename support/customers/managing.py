"""The account manager: the agent who looks after a customer, named on the card and in the queue."""

from __future__ import annotations

from crm_store.models import Agent, Customer
from crm_store.unit import Unit
from support.audit import audit
from support.customers.errors import ErasedCustomerError, UnknownCustomerError


async def look_after(unit: Unit, customer_id: int, manager: Agent | None, by: Agent | None = None) -> Customer:
    """Makes an active agent the customer's account manager, or (None) leaves them without one.

    Raises UnknownCustomerError, and ErasedCustomerError for a tombstone.
    """
    customer: Customer | None = await unit.session.get(Customer, customer_id)
    if customer is None:
        raise UnknownCustomerError(customer_id)
    if customer.erased_at:
        raise ErasedCustomerError(customer_id)
    former, customer.manager_id = customer.manager_id, manager.id if manager else None
    if customer.manager_id != former:
        kept = {"from": former, "to": customer.manager_id}
        audit(unit, "customer.managed", "customer", customer_id, agent_id=by.id if by else None, data=kept)
        unit.touch("queue")
    return customer
