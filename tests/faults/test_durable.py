"""Row 5 of the reliability table: what is confirmed is on the disk, not on its way there."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import sys
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from tests.databases import Databases, opened, sqlite_file
from tests.faults.doors import HEADERS, update
from tests.faults.strace import answers

UPDATES = 5


@pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed: what reaches the disk cannot be seen")
async def test_5_fdatasync_before_the_200(tmp_path: Path) -> None:
    url, trace = await sqlite_file(tmp_path / "store.db"), tmp_path / "trace"
    watched = "trace=fdatasync,fsync,pwrite64,sendto,write"
    process = await asyncio.create_subprocess_exec(
        "strace", "--follow-forks", "--decode-fds=path", "-e", watched, "-o", str(trace),
        sys.executable, "-m", "tests.faults.webhook_process", url,
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout
    async with asyncio.timeout(60):
        watched_one, port = map(int, (await process.stdout.readline()).split())
        try:
            await _post_updates(f"http://127.0.0.1:{port}/telegram/webhook")
        finally:
            os.kill(watched_one, signal.SIGTERM)  # strace itself waits for it
            await process.wait()
    with trace.open() as lines:
        assert list(answers(lines, "store.db-wal>")) == [True] * UPDATES


async def _post_updates(address: str) -> None:
    async with httpx.AsyncClient(headers=HEADERS) as telegram:
        for number in range(UPDATES):
            answer = await telegram.post(address, content=json.dumps(update(number)))
            assert answer.status_code == 200


def test_5_an_answer_before_the_sync_would_be_seen() -> None:
    write, sync, answer = (
        '7  pwrite64(5</x/store.db-wal>, "…", 4096, 32) = 4096',
        "7  fdatasync(5</x/store.db-wal>) = 0",
        '6  sendto(9<socket:[1]>, "HTTP/1.1 200 OK\\r\\n"..., 120, 0, NULL, 0) = 120',
    )
    begun = "7  fdatasync(5</x/store.db-wal> <unfinished ...>"
    done = "7  <... fdatasync resumed>)         = 0"
    lines = [write, sync, answer, answer, write, answer, write, sync, write, answer]
    lines += [write, begun, answer, done, write, begun, done, answer]
    assert list(answers(lines, "store.db-wal>")) == [True, False, False, False, False, True]


async def test_5_postgresql_waits_for_its_disk(databases: Databases) -> None:
    """The server's own promise, which no connection of ours gives up."""
    url = await databases.lend()
    async with opened(url) as store, store.write() as connection:
        assert await connection.scalar(text("SHOW synchronous_commit")) == "on"
    await databases.take_back(url)
