"""The processes that share the database: who lives, who holds what, who sends, and whether they are of one release."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from bot.doctor import database
from bot.doctor.finding import Finding, error, ok, warning
from bot.settings import Settings
from bot.tables import count
from crm_store.queries import upkeep
from crm_store.queries.processes import Seen, leader, leases_without_owner
from crm_store.queries.processes import processes as all_processes
from crm_store.store import Store
from workers.api import bot_id_of

SENDER_LATE = timedelta(seconds=30)
"""A leader that died is missed within 20 seconds."""


async def processes(settings: Settings, store: Store, now: datetime) -> list[Finding]:
    async with store.read() as session:
        seen = await all_processes(session, now)
        alive, silent = [each for each in seen if each.is_alive], [each for each in seen if not each.is_alive]
        came, going = await upkeep.inbox(session), await upkeep.outbox(session, now)
        held = await leases_without_owner(session, silent)
    waiting = came.waiting + sum(queue.waiting for queue in going.values())
    found = [_alive(alive, waiting), *_silent(silent), *_releases(alive), *_held(held)]
    if not store.is_sqlite:
        found += await database.connections(store, len(alive))
        oldest = min((queue.oldest for queue in going.values() if queue.oldest), default=now)
        if settings.token:
            found += _sender(await _leader(store, settings.token), alive, now - oldest)
    return found


async def _leader(store: Store, token: str) -> int | None:
    async with store.read() as session:
        return await leader(session, f"sender:{bot_id_of(token)}")


def _alive(alive: Sequence[Seen], waiting: int) -> Finding:
    roles = Counter(process.role for process in alive)
    told = ", ".join(f"{number} × {role}" for role, number in sorted(roles.items()))
    if any(process.works for process in alive):
        return ok(f"{count(len(alive), 'process is', 'processes are')} running: {told}")
    if alive:
        return error(
            f"only pages are served ({told}), and nobody works behind them",
            "messages are kept, and nothing becomes of them",
            "start touchdesk worker",
        )
    if waiting:
        return error(
            f"no process is running, and {count(waiting, 'message or call', 'messages and calls')} wait",
            "nothing becomes of them until one starts",
            "start the service",
        )
    return ok("no process is running, and nothing waits")


def _silent(silent: Sequence[Seen]) -> Iterator[Finding]:
    for process in silent:
        yield warning(
            f"{_name(process)} has given no sign of life for {process.silence.total_seconds():.0f} s",
            "it hangs or was killed, and no living process has cleared up after it yet",
            "start the service, which does so; if the silent one still runs, end it",
        )


def _releases(alive: Sequence[Seen]) -> Iterator[Finding]:
    """Which of two is older is not for a string to say: the fewer are named."""
    versions = Counter(process.version for process in alive)
    if len(versions) < 2:
        return
    fewest = versions.most_common()[-1][0]
    named = ", ".join(_name(process) for process in alive if process.version == fewest)
    yield warning(
        f"different releases run side by side: {', '.join(sorted(versions))}",
        f"that is well for the time of an upgrade, not for long; of {fewest}: {named}",
        "finish the upgrade on all machines",
    )


def _held(updates: int) -> Iterator[Finding]:
    if updates:
        yield warning(
            f"{count(updates, 'message')} of customers are held by a process that is gone",
            "nobody else may work on them, nor on what these customers wrote after them",
            "a living process frees them within 20 seconds; if none runs, start the service",
        )


def _sender(token: int | None, alive: Sequence[Seen], age: timedelta) -> Iterator[Finding]:
    """Of several that work one sends; which one is told by the lock that only it can have."""
    if not any(process.works for process in alive):
        return
    leading = [process for process in alive if process.token == token]
    if leading:
        yield ok(f"{_name(leading[0])} sends for the bot")
    elif age > SENDER_LATE:
        yield error(
            f"calls to Telegram have waited for {age.total_seconds():.0f} s, and no process sends",
            "each takes another for the sender, or none can keep its own connection to PostgreSQL",
            "look into the workers' logs for leader.* and member.*; start one of them again",
        )


def _name(process: Seen) -> str:
    return f"{process.role} {process.pid} on {process.host}"
