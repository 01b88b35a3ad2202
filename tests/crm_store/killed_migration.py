"""Migrates in a child that kills itself before its n-th step, as `kill -9` or a power cut would.

    python -m tests.crm_store.killed_migration

reads lines of "N ADDRESS" and answers each with how the child ended and how many steps it came to: "-9 41", or "0 174"
for one that was not killed (N 0). Children are forked from a process that has imported everything and has no threads.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from contextlib import suppress
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine

from crm_store.migrate import migrate
from crm_store.store import Store


def main() -> None:
    for line in sys.stdin:
        number, address = line.split()
        read, write = os.pipe()
        if child := os.fork():
            os.close(write)
            with os.fdopen(read, "rb") as steps:
                passed = len(steps.read())
            code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            sys.stdout.write(f"{code} {passed}\n")
            sys.stdout.flush()
        else:
            with suppress(BaseException):  # a child must never come back into the parent's loop
                _migrate(address, int(number), write)
                os._exit(0)
            os._exit(1)


def _migrate(address: str, fatal: int, steps: int) -> None:
    """A byte is written at each step: to one's own pipe, which keeps it when the writer is gone."""
    passed = 0

    def step(*_: Any) -> None:
        nonlocal passed
        passed += 1
        if passed == fatal:
            os.kill(os.getpid(), signal.SIGKILL)
        os.write(steps, b".")

    event.listen(Engine, "before_cursor_execute", step)
    event.listen(Engine, "commit", step)

    async def go() -> None:
        store = Store(address)
        await migrate(store)
        step()  # the last moment: committed, and nobody has been told
        await store.close()

    asyncio.run(go())


if __name__ == "__main__":
    main()
