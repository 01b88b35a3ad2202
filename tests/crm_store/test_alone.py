"""Work that must not be done twice at once waits for its own end, in this process, in another and after a kill."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from crm_store.alone import alone
from crm_store.store import Store, StoreUnavailableError

HOLD = """
import asyncio, sys
from crm_store.alone import alone
from crm_store.store import Store

async def hold():
    async with alone(Store(sys.argv[1]), "scoring"):
        print("held", flush=True)
        await asyncio.sleep(60)

asyncio.run(hold())
"""


class Worker:
    """Says when it begins and ends, and that it had to wait."""

    def __init__(self, store: Store, work: str = "scoring") -> None:
        self._store, self._work = store, work
        self.lines: list[str] = []

    async def run(self, name: str, seconds: float = 0.05) -> None:
        async with alone(self._store, self._work, lambda: self.lines.append(f"{name} waits")):
            self.lines.append(f"{name} begins")
            await asyncio.sleep(seconds)
            self.lines.append(f"{name} ends")


async def test_one_after_the_other(store: Store) -> None:
    worker = Worker(store)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(worker.run("A", 0.3))
        await asyncio.sleep(0.1)
        tasks.create_task(worker.run("B"))
    assert worker.lines == ["A begins", "B waits", "A ends", "B begins", "B ends"]
    await worker.run("C")
    assert worker.lines[5:] == ["C begins", "C ends"], "nobody is left to wait for"


async def test_other_work_waits_for_nobody(store: Store) -> None:
    worker, other = Worker(store), Worker(store, "baking")
    await asyncio.gather(worker.run("A"), other.run("B"))
    assert worker.lines + other.lines == ["A begins", "A ends", "B begins", "B ends"]


async def test_work_that_fails_or_is_called_off_leaves_nothing_behind(store: Store) -> None:
    with pytest.raises(ValueError, match="broken"):
        async with alone(store, "scoring"):
            raise ValueError("broken")
    worker = Worker(store)
    async with asyncio.TaskGroup() as tasks:
        working = tasks.create_task(worker.run("A", 60))
        await asyncio.sleep(0.1)
        waiting = tasks.create_task(worker.run("B", 60))
        await asyncio.sleep(0.1)
        for task in (waiting, working):
            task.cancel()
    assert worker.lines == ["A begins", "B waits"]
    worker.lines.clear()
    await worker.run("C")
    assert worker.lines == ["C begins", "C ends"]


async def test_another_process_is_waited_for_until_it_is_killed(store: Store) -> None:
    url = store.url.render_as_string(hide_password=False)
    other = await asyncio.create_subprocess_exec(sys.executable, "-c", HOLD, url, stdout=subprocess.PIPE)
    assert other.stdout
    assert await other.stdout.readline() == b"held\n"
    worker = Worker(store)
    async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
        tasks.create_task(worker.run("A"))
        await asyncio.sleep(0.5)
        assert worker.lines == ["A waits"]
        other.kill()
        await other.wait()
    assert worker.lines == ["A waits", "A begins", "A ends"]


async def test_a_folder_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailableError, match="No such file"):
        async with alone(Store(f"sqlite:///{tmp_path}/not/there.db"), "scoring"):
            pass
