"""A PostgreSQL of one's own that crashes and comes back, and which process sends by it."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from sqlalchemy import text

from crm_store.store import Store
from tests.faults.private_postgres import PrivatePostgres

GONE_SECONDS = 20.0

SENDERS_PID = """
SELECT process.pid FROM pg_locks
JOIN pg_stat_activity USING (pid) JOIN process ON application_name = 'touchdesk-' || token
WHERE locktype = 'advisory' AND granted AND (classid::bigint << 32 | objid::bigint) = hashtextextended(:name, 0)
"""


class CrashingPostgres(PrivatePostgres):
    def crash(self) -> None:
        """As `pg_ctl restart -m immediate`: nothing is written out any more, and the log is read at the start."""
        postmaster = int((self._folder / "postmaster.pid").read_text().split()[0])
        os.kill(postmaster, signal.SIGQUIT)
        deadline = time.monotonic() + GONE_SECONDS
        while Path(f"/proc/{postmaster}").exists():
            if time.monotonic() > deadline:
                raise TimeoutError(f"the server {postmaster} does not end")
            time.sleep(0.01)
        self.start()


async def sender_pid(store: Store, bot_id: int) -> int | None:
    """The process that sends for a bot; None while nobody is elected."""
    async with store.read() as session:
        name = {"name": f"touchdesk:sender:{bot_id}"}
        pid: int | None = await session.scalar(text(SENDERS_PID), name)
        return pid
