"""What the workers count while they work."""

from __future__ import annotations

import json
from typing import Any

import pytest
from aiohttp import ClientSession, web
from sqlalchemy.orm.exc import StaleDataError

from crm_store.repositories import schedule
from crm_store.store import Store
from crm_store.unit import Unit
from support.meters import Meters
from tests.support.test_meters import figures
from tests.workers.holders import Holder
from tests.workers.line import TOKEN, UNPACED, Post, post_office, refused
from tests.workers.test_processing import Handlers, accept, work_off
from workers import outcomes, processing
from workers.api import BotApi
from workers.intake import Intake
from workers.processing import TRIES, Processor
from workers.sender import Sender
from workers.timetable import Timetable


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processing, "RETRY_SECONDS", 0.005)
    monkeypatch.setattr(outcomes, "REPEAT_SECONDS", 0.01)


async def test_updates_that_come_again_are_counted_and_dropped(store: Store) -> None:
    meters = Meters()
    async with ClientSession() as session:
        intake = Intake(store, BotApi(session, TOKEN), meters)
        for number in (5, 6, 5, 5):
            await intake.accept(json.dumps({"update_id": number}).encode())
    found = figures(meters.text())
    assert found["touchdesk_updates_accepted_total"] == 2
    assert found["touchdesk_duplicates_dropped_total"] == 2


async def test_poison_is_counted_apart_from_what_takes_effect(store: Store) -> None:
    meters, handlers = Meters(), Handlers()
    await accept(store, ["good", "poison", "good too"])
    handlers.faults["poison"] = 1 + TRIES  # once among the others, then alone
    await work_off(Processor(store, handlers.dispatch, handlers.prepare, Holder(), meters=meters))
    found = figures(meters.text())
    assert found["touchdesk_updates_done_total"] == found["touchdesk_update_to_reply_seconds_count{decide}"] == 2
    assert found["touchdesk_update_retries_total"] == TRIES - 1
    assert found["touchdesk_updates_set_aside_total"] == 1
    assert found["touchdesk_conflicts_total"] == 0


async def test_conflicts_are_counted(sqlite_store: Store) -> None:
    meters, handlers = Meters(), Handlers(error=lambda: StaleDataError("somebody was faster"))
    await accept(sqlite_store, ["contested"])
    handlers.faults["contested"] = 2
    await work_off(Processor(sqlite_store, handlers.dispatch, handlers.prepare, Holder(), meters=meters))
    found = figures(meters.text())
    assert (found["touchdesk_conflicts_total"], found["touchdesk_updates_done_total"]) == (2, 1)
    assert found["touchdesk_update_retries_total"] == 0


async def test_calls_are_counted_by_their_fate(sqlite_store: Store) -> None:
    async with post_office(sqlite_store) as post:
        meters = Meters()
        sender = Sender(post.store, post.api, UNPACED, post.folder, post._follow, meters)

        async def answer(came: Post) -> web.StreamResponse | None:
            if came.text == "blocked":
                return refused(403, "Forbidden: bot was blocked by the user")
            return None if came.text == "cut" else await post.line.sent(came)

        post.line.answer = answer
        await post.put("sent", chat=1, touchpoint_id=7)
        await post.put("blocked", chat=2)
        await post.put("cut", chat=3)
        async with post.sending(sender):
            await post.settled("sent", "failed", "uncertain")
    found = figures(meters.text())
    assert [found[f"touchdesk_sends_total{{{fate}}}"] for fate in ("sent", "blocked", "maybe", "flood")] == [1, 1, 2, 0]
    assert (found["touchdesk_send_retries_total"], found["touchdesk_sends_uncertain_total"]) == (1, 1)
    assert found["touchdesk_update_to_reply_seconds_count{send}"] == 1


async def test_jobs_are_counted_by_what_became_of_them(store: Store) -> None:
    meters = Meters()

    async def well(unit: Unit, _: dict[str, Any]) -> None:
        unit.touch("x")

    async def badly(unit: Unit, _: dict[str, Any]) -> None:
        raise ValueError("broken")

    async with store.unit() as unit:
        for name in ("well", "badly"):
            await schedule.ask_for(unit, name, name, unit.now)
    assert await Timetable(store, {"well": well, "badly": badly}, meters).step() == 2
    text = meters.text().decode()
    assert 'touchdesk_jobs_total{name="well",result="done"} 1.0' in text
    assert 'touchdesk_jobs_total{name="badly",result="failed"} 1.0' in text
