"""The ledger for other programs: searched by words and filters, the newest first, page by page."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from console.api.guard import needs
from console.web import Here
from crm_store.search_places import LAST_PLACE
from crm_store.search_terms import LONGEST_QUERY
from support.customers.errors import UnknownCustomerError
from support.ledger_search import Hit, Question, UnknownColleagueError, search_ledger

router = APIRouter(tags=["touchpoints"])

Name = Annotated[str | None, Query(min_length=1, max_length=200)]
Day = Annotated[date | None, Query(description="in the shop's time zone, itself included")]


class Touchpoint(BaseModel):
    """A contact and its outcome. Ids are strings, because they are longer than a number in JavaScript can be.

    `excerpt` is a line of its words, `hits` where in it the words are that were searched for: pairs of places counted
    in Unicode characters, the second one behind the last character.
    """

    id: str
    at: datetime
    customer_id: str | None = Field(description="the shop's own number of the customer")
    customer: str
    channel: str
    direction: str
    author: str
    kind: str
    agent: str | None
    text: str | None
    excerpt: str
    hits: list[tuple[int, int]]


class Touchpoints(BaseModel):
    """`next` is for `before`, to get the next page; null on the last."""

    items: list[Touchpoint]
    next: str | None


class Sought(BaseModel):
    """What the address says; all conditions must hold."""

    q: Annotated[str, Query(max_length=LONGEST_QUERY, description="words; phrases in quotation marks")] = ""
    customer: Annotated[Name, Query(description="the shop's own number of the customer, or ours")] = None
    channel: Name = None
    kind: Name = None
    direction: Literal["in", "out", "internal"] | None = None
    agent: Annotated[Name, Query(description="a name")] = None
    since: Annotated[Day, Query(alias="from")] = None
    until: Annotated[Day, Query(alias="to")] = None
    before: Annotated[int | None, Query(ge=1, le=LAST_PLACE, description="`next` of the page before")] = None
    limit: Annotated[int, Query(ge=1, le=100)] = 20


@router.get("/touchpoints", dependencies=[Depends(needs("touchpoints:read"))])
async def search_touchpoints(web: Here, sought: Annotated[Sought, Query()]) -> Touchpoints:
    """The touchpoints that fit, the newest first. Without conditions: all of them."""
    question = Question(
        words=sought.q,
        customer=sought.customer,
        channel=sought.channel,
        kind=sought.kind,
        direction=sought.direction,
        agent=sought.agent,
        since=sought.since,
        until=sought.until,
        before=sought.before,
    )
    try:
        hits = await search_ledger(web.desk, question, sought.limit)
    except (UnknownCustomerError, UnknownColleagueError) as error:
        raise HTTPException(404, str(error)) from error
    return Touchpoints(items=[_shown(hit) for hit in hits.items], next=str(hits.before) if hits.before else None)


def _shown(hit: Hit) -> Touchpoint:
    found = hit.found
    return Touchpoint(
        id=str(found.id),
        at=found.at,
        customer_id=found.external_id,
        customer=found.customer,
        channel=found.channel,
        direction=found.direction,
        author=found.author,
        kind=found.kind,
        agent=found.agent,
        text=found.text,
        excerpt=hit.excerpt.text,
        hits=[(span.start, span.end) for span in hit.excerpt.hits],
    )
