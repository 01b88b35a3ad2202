"""What a process counts, and that nothing old is shown when the database is silent."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.repositories import inbox
from crm_store.store import Store, StoreUnavailableError
from support import watch
from support.meters import Meters
from support.watch import Watch


def figures(text: bytes) -> dict[str, float]:
    """Samples without labels, and those with one as name{value}."""
    return {
        "".join((sample.name, *(f"{{{value}}}" for value in sample.labels.values()))): sample.value
        for family in text_string_to_metric_families(text.decode())
        for sample in family.samples
    }


def test_two_processes_count_apart() -> None:
    one, other = Meters(), Meters()
    one.duplicates.inc(3)
    assert figures(one.text())["touchdesk_duplicates_dropped_total"] == 3
    assert figures(other.text())["touchdesk_duplicates_dropped_total"] == 0


def test_durations_are_told_by_stage_in_seconds() -> None:
    meters = Meters()
    meters.decided_after(timedelta(milliseconds=20))
    meters.sent_after(timedelta(seconds=3))
    meters.taken_after(timedelta(minutes=10))
    found = figures(meters.text())
    assert found["touchdesk_update_to_reply_seconds_sum{decide}"] == pytest.approx(0.02)
    assert found["touchdesk_update_to_reply_seconds_sum{send}"] == 3
    assert found["touchdesk_queue_wait_seconds_sum"] == 600
    assert found["touchdesk_updates_done_total"] == 1


@pytest.mark.parametrize(
    ("state", "retries", "uncertain"), [("waiting", 1, 0), ("uncertain", 0, 1), ("failed", 0, 0), ("sent", 0, 0)]
)
def test_what_becomes_of_a_call_that_did_not_simply_succeed(state: str, retries: int, uncertain: int) -> None:
    meters = Meters()
    meters.settled(state)
    found = figures(meters.text())
    assert (found["touchdesk_send_retries_total"], found["touchdesk_sends_uncertain_total"]) == (retries, uncertain)


async def accept(store: Store, update_id: int) -> None:
    async with store.write() as connection:
        await inbox.accept(connection, 42, [(update_id, 1, "{}")], store.clock() - timedelta(minutes=1))


async def test_the_database_is_asked_once_however_many_look(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    watching = Watch(store, Meters())
    await accept(store, 1)
    first = figures(await watching.text())
    assert (first["touchdesk_database_up"], first["touchdesk_inbox_waiting"]) == (1, 1)
    assert (first["touchdesk_outbox_waiting{campaign}"], first["touchdesk_processes{worker}"]) == (0, 0)
    assert 60 <= first["touchdesk_inbox_oldest_seconds"] < 70
    await accept(store, 2)
    looks = await asyncio.gather(*(watching.text() for _ in range(5)))
    assert {figures(text)["touchdesk_inbox_waiting"] for text in looks} == {1}
    monkeypatch.setattr(watch, "KEPT_SECONDS", 0)
    watching._fresh_until = 0
    assert figures(await watching.text())["touchdesk_inbox_waiting"] == 2


class SilentStore(Store):
    """Cannot be read, or does not answer at all."""

    hangs = False

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        if self.hangs:
            await asyncio.sleep(60)
        raise StoreUnavailableError(OSError("gone"))
        yield AsyncSession()


@pytest.mark.parametrize("hangs", [False, True])
async def test_of_a_silent_database_no_old_figure_is_shown(
    sqlite_store: Store, monkeypatch: pytest.MonkeyPatch, hangs: bool
) -> None:
    monkeypatch.setattr(watch, "KEPT_SECONDS", 0)
    monkeypatch.setattr(watch, "PATIENCE_SECONDS", 0.05)
    meters = Meters()
    meters.accepted.inc()
    assert figures(await Watch(sqlite_store, meters).text())["touchdesk_database_up"] == 1
    silent = SilentStore(sqlite_store.url.render_as_string())
    silent.hangs = hangs
    found = figures(await Watch(silent, meters).text())
    assert found["touchdesk_database_up"] == 0
    assert math.isnan(found["touchdesk_inbox_waiting"])
    assert math.isnan(found["touchdesk_queue_oldest_seconds"])
    assert not [name for name in found if name.startswith(("touchdesk_outbox_oldest", "touchdesk_processes{"))]
    assert found["touchdesk_updates_accepted_total"] == 1, "what the process itself knows is still told"
    assert figures(await Watch(sqlite_store, meters).text())["touchdesk_database_up"] == 1, "it comes back by itself"
    await silent.close()
