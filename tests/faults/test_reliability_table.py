"""The promises one by one, each with a test of its number: 1 nothing lost, 2 once, 4 sending, 7 orphans rescued."""

from __future__ import annotations

import asyncio
import json
import random
import signal
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from crm_store.store import Store
from tests.databases import Databases, opened
from tests.dialogues.conftest import free_port
from tests.rig.checks import Said, examine, in_flight, settled, unsettled
from tests.rig.crowd import FIRST_GUEST, Crowd
from tests.rig.points import AMID_COMMIT, POINTS
from tests.rig.postgres import sender_pid
from tests.rig.shop import environment, questions, write_entries
from tests.rig.supervisor import Supervisor, supervised
from tests.rig.traps import Trap
from tests.telegram.client import TOKEN
from tests.telegram.control import TelegramControl
from tests.telegram.faults import Kind
from tests.telegram.process import telegram_process
from tests.telegram.waiting import until
from tests.telegram.webhook import SECRET_HEADER
from workers import membership
from workers.api import bot_id_of

SEED = 7
CUSTOMERS = 5
BEAT_SECONDS = 1.0
"""A fifth of the product's, so that a process is missed after three seconds."""
RESCUED_SECONDS = 12.0
WEBHOOK_SECRET = "a-webhook-secret"


@pytest.fixture
def telegram() -> Iterator[TelegramControl]:
    with telegram_process() as telegram:
        yield telegram


@pytest.fixture
async def shared_store(databases: Databases) -> AsyncIterator[Store]:
    """On PostgreSQL, where processes may share it."""
    url = await databases.lend()
    async with opened(url) as store:
        yield store
    await databases.take_back(url)


def settings_of(telegram: TelegramControl, store: Store, folder: Path) -> dict[str, str]:
    return environment(telegram.url, store.url.render_as_string(hide_password=False), folder)


async def everything_settled(rig: Supervisor, telegram: TelegramControl, store: Store, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while telegram.counters()["pending"] or not await settled(store):
        if time.monotonic() > deadline:
            raise AssertionError("\n".join([str(telegram.act("activity")), *await unsettled(store), rig.log()]))
        await asyncio.sleep(0.05)


async def test_1_nothing_acked_is_lost(sqlite_store: Store, telegram: TelegramControl, tmp_path: Path) -> None:
    await end_at_each_point(sqlite_store, telegram, tmp_path)


@pytest.mark.chaos
async def test_1_nothing_acked_is_lost_on_postgres(
    shared_store: Store, telegram: TelegramControl, tmp_path: Path
) -> None:
    await end_at_each_point(shared_store, telegram, tmp_path)


async def end_at_each_point(store: Store, telegram: TelegramControl, tmp_path: Path) -> None:
    """A process ends at each of the points, and the next one goes on."""
    crowd = Crowd(telegram, questions(write_entries(tmp_path, len(POINTS), SEED)), CUSTOMERS)
    telegram.fault(Kind.DELAY_AFTER, "sendMessage", times=None, every=2, seconds=0.2)
    rig = Supervisor(["run"], settings_of(telegram, store, tmp_path), tmp_path, deque(map(Trap, POINTS)))
    with supervised(rig):
        for _ in POINTS:
            crowd.speak(CUSTOMERS)
            crowd.ask_for_a_human()
            await until(lambda: not rig.is_alive(0) or None, 30, lambda: f"{rig.snapped()} {rig.log()}")
            assert rig.revive() == [-signal.SIGKILL], rig.log()
        assert sorted(rig.snapped()) == sorted(POINTS)
        await everything_settled(rig, telegram, store)
        assert rig.end() == [0]
    findings = await examine(store, telegram, crowd.said)
    assert not findings.broken(in_flight=(CUSTOMERS + 1) * len(POINTS)), findings


async def test_2_no_double_effect(store: Store, telegram: TelegramControl, tmp_path: Path) -> None:
    """Each update comes five times at once, in any order and at any door; halfway their ids begin anew."""
    asked = questions(write_entries(tmp_path, 10, SEED))
    people = [telegram.user(1000 + i, f"Customer {i}", language_code="en") for i in range(CUSTOMERS)]
    roles = ["run"] if store.is_sqlite else ["web", "web", "worker", "worker"]
    ports = [free_port() for _ in roles]
    doors = [f"http://127.0.0.1:{port}/telegram/webhook" for port in ports[:2]]
    settings = settings_of(telegram, store, tmp_path) | {"WEBHOOK_URL": doors[0], "WEBHOOK_SECRET": WEBHOOK_SECRET}
    said = Said(words={person.id: ["/start"] for person in people})
    updates = []
    for number, (question, _) in enumerate(asked):
        for place, person in enumerate(people):
            first_id = 900_000 if number < len(asked) // 2 else 10
            updates.append(update(first_id + number * CUSTOMERS + place, person.id, question))
            said.words[person.id].append(question)
    copies = updates * 5
    random.Random(SEED).shuffle(copies)  # noqa: S311 - the same order in every run
    with supervised(Supervisor(roles, settings, tmp_path, ports=ports)) as rig:
        for person in people:
            person.start()
        await telegram.sent(CUSTOMERS)
        async with httpx.AsyncClient(headers={SECRET_HEADER: WEBHOOK_SECRET}, timeout=60) as line:
            posts = [line.post(doors[i % len(doors)], content=body) for i, body in enumerate(copies)]
            answers = await asyncio.gather(*posts)
        assert {answer.status_code for answer in answers} == {200}
        await everything_settled(rig, telegram, store)
        assert rig.end() == [0] * len(roles)
    findings = await examine(store, telegram, said)
    findings.inversions.clear()  # they came in no order
    assert not findings.broken(in_flight=0), findings
    assert telegram.counters()["sent"] == len(updates) + CUSTOMERS


def update(update_id: int, user_id: int, text: str) -> bytes:
    user = {"id": user_id, "is_bot": False, "first_name": f"Customer {user_id}", "language_code": "en"}
    chat = {"id": user_id, "type": "private", "first_name": user["first_name"]}
    message = {"message_id": update_id, "date": 1795299513, "chat": chat, "from": user, "text": text}
    return json.dumps({"update_id": update_id, "message": message}).encode()


async def test_4_what_may_have_been_sent_is_flagged(store: Store, telegram: TelegramControl, tmp_path: Path) -> None:
    """The line breaks after the effect: answers may come twice, an agent's words never, and the agent is told."""
    crowd = Crowd(telegram, questions(write_entries(tmp_path, 10, SEED)), CUSTOMERS, guests=2)
    with supervised(Supervisor(["run"], settings_of(telegram, store, tmp_path), tmp_path)) as rig:
        await crowd.meet()
        await everything_settled(rig, telegram, store)
        telegram.fault(Kind.DROP_AFTER, "sendMessage", where={"chat_id": FIRST_GUEST})
        telegram.fault(Kind.DROP_AFTER, "sendMessage", times=None, share=0.2, seed=SEED)
        for _ in range(10):
            crowd.speak(CUSTOMERS)
            await asyncio.sleep(0.1)
        await everything_settled(rig, telegram, store)
        struck = telegram.counters()["faults"]
        assert rig.end() == [0]
    findings = await examine(store, telegram, crowd.said)
    assert not findings.broken(in_flight=struck), findings
    assert findings.flagged


@pytest.mark.parametrize("beat", [BEAT_SECONDS, pytest.param(membership.BEAT_SECONDS, marks=pytest.mark.chaos)])
async def test_7_what_a_killed_process_held_is_rescued(
    shared_store: Store, telegram: TelegramControl, tmp_path: Path, beat: float
) -> None:
    crowd = Crowd(telegram, questions(write_entries(tmp_path, 30, SEED)), CUSTOMERS)
    async with two_workers(Trap("in_handler"), telegram, shared_store, tmp_path, beat) as rig:
        await talk_until(crowd, lambda: not rig.is_alive(0), rig)
        begun = time.monotonic()
        in_its_hands = await in_flight(shared_store)
        await everything_settled(rig, telegram, shared_store)
        assert time.monotonic() - begun < RESCUED_SECONDS
        assert rig.term(1) == 0
    findings = await examine(shared_store, telegram, crowd.said)
    assert not findings.broken(in_its_hands), findings


@pytest.mark.parametrize(
    "point",
    [
        "in_handler",
        pytest.param("before_commit", marks=pytest.mark.chaos),
        pytest.param("after_mark", marks=pytest.mark.chaos),
        pytest.param(AMID_COMMIT, marks=pytest.mark.chaos),
    ],
)
async def test_7_a_process_that_slept_past_its_lease_changes_nothing_more(
    shared_store: Store, telegram: TelegramControl, tmp_path: Path, point: str
) -> None:
    """Others take its updates and its term over; when it wakes its work is refused, and it goes on as a new one."""
    crowd = Crowd(telegram, questions(write_entries(tmp_path, 30, SEED)), CUSTOMERS)
    async with two_workers(Trap(point, sign=signal.SIGSTOP), telegram, shared_store, tmp_path) as rig:
        await talk_until(crowd, lambda: bool(rig.snapped()), rig)
        begun = time.monotonic()
        in_its_hands = await in_flight(shared_store)
        await everything_settled(rig, telegram, shared_store)
        assert time.monotonic() - begun < RESCUED_SECONDS
        rig.cont(0)
        await asyncio.sleep(2 * BEAT_SECONDS)
        crowd.speak(CUSTOMERS)
        await everything_settled(rig, telegram, shared_store)
        assert rig.end() == [0, 0], rig.log()
    if point == "in_handler":
        assert "processing.lease_lost" in (tmp_path / "stderr").read_text()
    findings = await examine(shared_store, telegram, crowd.said)
    assert not findings.broken(in_its_hands), findings


@asynccontextmanager
async def two_workers(
    trap: Trap, telegram: TelegramControl, store: Store, folder: Path, beat: float = BEAT_SECONDS
) -> AsyncIterator[Supervisor]:
    """The first of them has the trap, and sends."""
    settings = settings_of(telegram, store, folder)
    rig = Supervisor(["worker"], settings, folder, deque([trap]), beat)
    with supervised(rig):
        async with asyncio.timeout(60):
            while await sender_pid(store, bot_id_of(TOKEN)) != rig.pid(0):
                await asyncio.sleep(0.05)
        rig.add("worker")
        yield rig


async def talk_until(crowd: Crowd, is_over: Callable[[], bool], rig: Supervisor) -> None:
    async with asyncio.timeout(60):
        while not is_over():
            assert crowd.speak(CUSTOMERS), rig.log()
            await asyncio.sleep(0.3)
