"""Searching the ledger of all customers: a form, what was found, and the way to the conversation around it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import Response

from console.seen_page import minute
from console.staff import STAFF_ONLY, AStaff, Staff
from console.web import Here
from crm_store.queries.ledger_search import agent_names
from crm_store.search_hits import Excerpt
from crm_store.search_places import LAST_PLACE
from crm_store.search_terms import LONGEST_QUERY
from support.desk import Desk
from support.errors import DeskError
from support.ledger_search import Hit, Hits, Question, note_search, search_ledger

router = APIRouter(prefix="/console/search", dependencies=STAFF_ONLY)

SHOWN = 25
KINDS = (
    *("text", "answer", "note", "photo", "document", "voice", "video", "press", "edit"),
    *("call", "visit", "complaint", "email"),
)
"""What happens in a chat, and what other departments bring in most."""
CHANNELS = ("telegram", "web", "phone", "email")
DIRECTIONS = ("in", "out", "internal")
_PLACE = re.compile("[1-9][0-9]{0,18}")
FILTERS = ("customer", "channel", "kind", "direction", "agent", "from", "to")


class TooLongError(DeskError):
    """A field holds more than anything that could be found is long."""

    key = "console.search.too_long"

    def __init__(self) -> None:
        super().__init__("too long to search for", longest=LONGEST_QUERY)


class NotADayError(DeskError):
    """A day was typed that there is not."""

    key = "console.search.bad_day"

    def __init__(self, text: str) -> None:
        super().__init__("not a day", text=text[:30])


@dataclass(frozen=True, slots=True)
class Row:
    """A hit as an agent reads it."""

    contact_id: int
    touchpoint_id: int
    name: str
    who: str
    when: str
    channel: str
    kind: str
    excerpt: Excerpt


@router.get("")
async def show_search(request: Request, web: Here, staff: AStaff) -> Response:
    asked = {name: value for name, value in request.query_params.items() if value.strip() and "\0" not in value}
    hits, problem = Hits(()), None
    if asked:
        try:
            hits = await _hits(web.desk, staff, asked)
        except DeskError as error:
            problem = error
    return web.pages.page(
        "search.html",
        web.desk.default_language,
        staff=staff,
        asked={name: value[:LONGEST_QUERY] for name, value in asked.items()},
        longest=LONGEST_QUERY,
        is_filtered=any(name in asked for name in FILTERS),
        choices=await _choices(web.desk),
        rows=[_row(web.desk, hit) for hit in hits.items],
        older=urlencode({**asked, "before": hits.before}) if hits.before else None,
        problem=problem,
    )


async def _hits(desk: Desk, staff: Staff, asked: Mapping[str, str]) -> Hits:
    """Raises DeskError for what cannot be asked."""
    question = _question(asked)
    await desk.store.run(lambda unit: note_search(unit, staff.agent.id))
    return await search_ledger(desk, question, SHOWN)


async def _choices(desk: Desk) -> dict[str, list[tuple[str, str]]]:
    """What may be chosen in each field: the value and its words."""
    async with desk.store.read() as session:
        agents = await agent_names(session)
    return {
        "channel": [(name, _channel(desk, name)) for name in CHANNELS],
        "kind": [(name, _kind(desk, name)) for name in KINDS],
        "direction": [
            (name, desk.texts.say(desk.default_language, f"console.direction.{name}")) for name in DIRECTIONS
        ],
        "agent": [(name, name) for name in agents],
    }


def _channel(desk: Desk, name: str) -> str:
    """Other programs may bring in channels and kinds of their own."""
    return desk.texts.say(desk.default_language, f"channel.{name}") if name in CHANNELS else name


def _kind(desk: Desk, name: str) -> str:
    return desk.texts.say(desk.default_language, f"console.kind.{name}") if name in KINDS else name


def _question(asked: Mapping[str, str]) -> Question:
    """Raises TooLongError and NotADayError."""
    if any(len(value) > LONGEST_QUERY for value in asked.values()):
        raise TooLongError
    before = asked.get("before", "")
    question = Question(
        words=asked.get("q", ""),
        customer=asked.get("customer", "").strip() or None,
        channel=asked.get("channel"),
        kind=asked.get("kind"),
        direction=asked.get("direction"),
        agent=asked.get("agent"),
        before=min(int(before), LAST_PLACE) if _PLACE.fullmatch(before) else None,
    )
    return replace(question, since=_day(asked.get("from")), until=_day(asked.get("to")))


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise NotADayError(text or "") from error


def _row(desk: Desk, hit: Hit) -> Row:
    found, language = hit.found, desk.default_language
    return Row(
        contact_id=found.contact_point_id,
        touchpoint_id=found.id,
        name=found.customer or f"#{found.contact_point_id % 100_000}",
        who=found.agent
        or desk.texts.say(language, "console.customer" if found.author == "customer" else "console.bot"),
        when=minute(desk, found.at),
        channel=_channel(desk, found.channel),
        kind=_kind(desk, found.kind),
        excerpt=hit.excerpt,
    )
