"""Records that may be one customer: what speaks for it, and an agent's decision, which can be taken back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, time
from typing import Annotated

from fastapi import APIRouter, Form, Query
from starlette.responses import HTMLResponse, Response

from console.ids import row_id
from console.seen_page import minute
from console.staff import STAFF_ONLY, AStaff, Staff
from console.web import Here, Web
from crm_store.models import Merge
from crm_store.queries.duplicates import Record
from crm_store.repositories.merges import recent
from crm_store.unit import Unit
from support.customers.duplicates import Evidence, Suggestion, merge_suggested, refuse, suggestions
from support.customers.merging import unmerge
from support.desk import Desk
from support.words.times import day, money

router = APIRouter(prefix="/console/duplicates", dependencies=STAFF_ONLY)

LATELY = 10
Page = Annotated[int, Query(ge=0, le=1_000)]
Id = Annotated[str, Form()]


@dataclass(frozen=True, slots=True)
class Row:
    """A pair as an agent reads it."""

    kept: Record
    gone: Record
    evidence: tuple[str, ...]


@router.get("")
async def show_duplicates(web: Here, staff: AStaff, page: Page = 0) -> Response:
    part = await _render(web, page)
    return web.pages.page("duplicates.html", web.desk.default_language, staff=staff, part=part)


@router.post("/merge")
async def merge_pair(web: Here, staff: AStaff, kept: Id, gone: Id, page: Page = 0) -> Response:
    kept_id, gone_id = row_id(kept), row_id(gone)
    return await _do(web, staff, page, lambda unit: merge_suggested(unit, kept_id, gone_id, staff.agent))


@router.post("/refuse")
async def refuse_pair(web: Here, staff: AStaff, one: Id, other: Id, page: Page = 0) -> Response:
    one_id, other_id = row_id(one), row_id(other)
    return await _do(web, staff, page, lambda unit: refuse(unit, one_id, other_id, staff.agent))


@router.post("/undo")
async def undo(web: Here, staff: AStaff, merge_id: Id, page: Page = 0) -> Response:
    merge = row_id(merge_id)
    return await _do(web, staff, page, lambda unit: unmerge(unit, merge, staff.agent))


async def _do(web: Web, staff: Staff, page: int, work: Callable[[Unit], Awaitable[object]]) -> Response:
    """Runs a use case in one unit; answers with the list as it is now."""
    await web.desk.store.run(work)
    return HTMLResponse(await _render(web, page))


async def _render(web: Web, page: int) -> str:
    async with web.desk.store.read() as session:
        found = await suggestions(session, page)
        lately = await recent(session, LATELY)
    return web.pages.text(
        "duplicates_list.html",
        web.desk.default_language,
        rows=[_row(web.desk, each) for each in found.items],
        page=found.number,
        more=found.more,
        lately=[_merged(web.desk, *each) for each in lately],
    )


def _row(desk: Desk, suggestion: Suggestion) -> Row:
    told = (_evidence(desk, each, suggestion.kept) for each in suggestion.evidence)
    return Row(suggestion.kept, suggestion.gone, tuple(told))


def _evidence(desk: Desk, evidence: Evidence, kept: Record) -> str:
    language, facts = desk.default_language, {}
    if order := evidence.order:
        noon = datetime.combine(order.day, time(12), desk.timezone)
        amount = money(order.amount, order.currency, language) if order.currency else f"{order.amount:f}"
        facts = {"when": day(noon, language, desk.timezone, desk.store.clock()), "amount": amount}
    return desk.texts.say(language, f"console.evidence.{evidence.code}", organisation=kept.organisation or "–", **facts)


def _merged(desk: Desk, merge: Merge, kept: str, gone: str) -> tuple[int, str]:
    """(the merge's id, a line about it)."""
    nameless = desk.texts.say(desk.default_language, "console.duplicates.nameless")
    names = {"kept": kept or nameless, "gone": gone or nameless}
    line = desk.texts.say(desk.default_language, "console.duplicates.merged", when=minute(desk, merge.at), **names)
    return merge.id, line
