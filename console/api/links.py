"""Links by which the shop's own site tells the chat who comes."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from console.api.customers import ExternalId
from console.api.guard import needs
from console.web import Here
from crm_store.queries.external import customer_of
from crm_store.unit import Unit
from support.customers.errors import UnknownCustomerError
from support.customers.linking import LINK_LIFE, make_link

router = APIRouter(tags=["customers"])


class ContactLink(BaseModel):
    """`token` is the word of a start link, told this once: https://t.me/YOUR_BOT?start=TOKEN."""

    token: str = Field(description="for https://t.me/YOUR_BOT?start=TOKEN; good once")
    expires_at: datetime


@router.post("/customers/{external_id:path}/link", status_code=201, dependencies=[Depends(needs("customers:write"))])
async def make_contact_link(web: Here, external_id: ExternalId) -> ContactLink:
    """A link that makes whoever opens it in Telegram this customer. Each request makes another."""
    return await web.desk.store.run(lambda unit: _make(unit, external_id))


async def _make(unit: Unit, external_id: str) -> ContactLink:
    customer_id = await customer_of(unit.session, external_id)
    if customer_id is None:
        raise UnknownCustomerError(external_id)
    return ContactLink(token=await make_link(unit, customer_id), expires_at=unit.now + LINK_LIFE)
