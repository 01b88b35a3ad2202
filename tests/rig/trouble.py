"""A running shop that is broken again and again, and what it was in the middle of each time."""

from __future__ import annotations

import asyncio
import random
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from crm_store.store import Store
from crm_store.vault import open_vault
from tests.databases import SECRET
from tests.rig.checks import in_flight, settled
from tests.rig.crowd import Crowd
from tests.rig.postgres import CrashingPostgres, sender_pid
from tests.rig.shop import environment, questions, write_entries
from tests.rig.supervisor import Supervisor, supervised
from tests.telegram.client import TOKEN, Telegram
from tests.telegram.process import telegram_process
from workers.api import bot_id_of

QUESTIONS = 40
"""So many entries of the sample shop; more customers, not more questions, make more updates."""
GUESTS = 10
SETTLE_SECONDS = 300.0
PROGRESS_SECONDS = 3.0


@dataclass
class Rig:
    """Everything that runs; `server` is there on PostgreSQL alone. `in_flight` counts calls that were under way when
    something was broken.
    """

    telegram: Telegram
    store: Store
    workers: Supervisor
    server: CrashingPostgres | None
    crowd: Crowd
    chance: random.Random
    in_flight: int = 0
    gave_up: int = 0
    """Processes that ended by themselves while they ran, and those that did so while they started."""
    gave_up_at_start: int = 0

    def revive(self) -> None:
        """Starts anew whatever has died; nothing but a kill should have been the reason."""
        for index, code in self.workers.dead().items():
            if code != -signal.SIGKILL and self.workers.had_started(index):
                self.gave_up += 1
                sys.stderr.write(f"a process ended by itself ({code}):\n{self.workers.log()}\n")
            elif code != -signal.SIGKILL:
                self.gave_up_at_start += 1
        self.workers.revive()


@asynccontextmanager
async def broken_in(database: str, workers: int, updates: int, seed: int) -> AsyncIterator[Rig]:
    """A shop on SQLite in one process, or on a PostgreSQL of its own in several; guests have met their agent."""
    with tempfile.TemporaryDirectory(prefix="touchdesk-rig-") as name, telegram_process() as telegram:
        folder = Path(name)
        asked = questions(write_entries(folder, QUESTIONS, seed))
        crowd = Crowd(telegram, asked, -(-updates // QUESTIONS), GUESTS)
        server = CrashingPostgres() if database == "postgres" else None
        try:
            url = server.url if server else f"sqlite:///{folder}/rig.db"
            roles = ["worker"] * workers if server else ["run"]
            async with _store(url) as store:
                with supervised(Supervisor(roles, environment(telegram.url, url, folder), folder)) as running:
                    chance = random.Random(seed)  # noqa: S311 - the same breaks in every run
                    rig = Rig(telegram, store, running, server, crowd, chance)
                    try:
                        await crowd.meet()
                        await settle(rig)
                    except (AssertionError, TimeoutError) as error:
                        raise AssertionError(f"{error}\n{running.log()}") from error
                    yield rig
        finally:
            if server:
                server.remove()


@asynccontextmanager
async def _store(url: str) -> AsyncIterator[Store]:
    open_vault(SECRET)
    store = Store(url)
    try:
        yield store
    finally:
        await store.close()


async def break_amid(rig: Rig, updates: int, breaks: Sequence[str]) -> None:
    """The updates in as many portions as there are breaks ("kill" or "restart"), each broken in its midst."""
    left = updates
    for done, kind in enumerate(breaks):
        portion = left // (len(breaks) - done)
        left -= rig.crowd.speak(max(0, portion - 1))
        await _progress(rig, portion)
        await (_kill(rig) if kind == "kill" else _restart(rig))
        rig.revive()


async def _progress(rig: Rig, portion: int) -> None:
    """Until some of the portion has been answered, but not for ever: what was broken may be just coming back."""
    wanted = rig.telegram.counters()["sent"] + rig.chance.randint(0, portion)
    deadline = time.monotonic() + PROGRESS_SECONDS
    while rig.telegram.counters()["sent"] < wanted and time.monotonic() < deadline:
        await asyncio.sleep(0.005)
    await asyncio.sleep(rig.chance.random() * 0.05)


async def _kill(rig: Rig) -> None:
    """Stopped first, so that what it has in flight can be counted: only its own calls, so only the sender's."""
    victim = rig.chance.randrange(len(rig.workers.roles))
    rig.workers.stop(victim)
    await asyncio.sleep(0.02)  # a commit that the database has already heard comes to its end
    if rig.server is None or await sender_pid(rig.store, bot_id_of(TOKEN)) == rig.workers.pid(victim):
        rig.in_flight += await in_flight(rig.store)
    rig.workers.kill(victim)


async def _restart(rig: Rig) -> None:
    assert rig.server is not None
    rig.in_flight += await in_flight(rig.store)
    await asyncio.to_thread(rig.server.crash)


async def settle(rig: Rig) -> None:
    """Until all is done; whoever dies by itself meanwhile is started anew, and counted."""
    async with asyncio.timeout(SETTLE_SECONDS):
        while rig.telegram.counters()["pending"] or not await settled(rig.store):
            rig.revive()
            await asyncio.sleep(0.1)
