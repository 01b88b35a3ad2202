"""What waits, and what was given up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from bot.doctor.finding import Finding, error, ok, warning
from bot.tables import count, short
from crm_store.queries import upkeep
from crm_store.queries.upkeep import Queue
from crm_store.store import Store

INBOX_LATE = timedelta(seconds=60)
OUTBOX_LATE = timedelta(minutes=5)
AGENT_LATE = timedelta(minutes=1)
"""Agents' words go first."""
JOBS_LATE = timedelta(minutes=10)
LOOK_BACK = timedelta(days=7)
SHOWN = 3


async def queues(store: Store, now: datetime) -> list[Finding]:
    async with store.read() as session:
        came, going = await upkeep.inbox(session), await upkeep.outbox(session, now)
        aside = await upkeep.set_aside(session, now - LOOK_BACK)
        put_off = await upkeep.put_off(session, now, now - OUTBOX_LATE)
        given_up = await upkeep.given_up(session, now - LOOK_BACK)
        late = await upkeep.late_jobs(session, now - JOBS_LATE)
        entries = await upkeep.published_entries(session)
    calls = [_outbox(going, now), *_put_off(put_off), *_given_up(given_up)]
    return [_inbox(came, now), _aside(aside), *calls, _late(late), _faq(entries)]


def _inbox(queue: Queue, now: datetime) -> Finding:
    if queue.oldest and now - queue.oldest > INBOX_LATE:
        return error(
            f"{count(queue.waiting, 'message')} of customers wait, the oldest for {_ago(now - queue.oldest)}",
            "nobody works on them: the service is down, or held up",
            "start the service (touchdesk run or worker), or look into its log for processing.* and the database",
        )
    return ok(f"{count(queue.waiting, 'message')} of customers wait")


def _aside(number: int) -> Finding:
    if number:
        return warning(
            f"{count(number, 'message')} of the last 7 days could not be worked on, and were set aside",
            "these customers have had no answer",
            "SELECT update_id, chat_id, error FROM inbox WHERE state = 'failed' says which and why",
        )
    return ok("no message was set aside")


def _outbox(lanes: Mapping[str, Queue], now: datetime) -> Finding:
    """Campaigns may wait: they come behind everything else."""
    total = count(sum(queue.waiting for queue in lanes.values()), "call")
    ages = {lane: now - queue.oldest for lane, queue in lanes.items() if queue.oldest and lane != "campaign"}
    if any(age > (AGENT_LATE if lane == "agent" else OUTBOX_LATE) for lane, age in ages.items()):
        by_lane = ", ".join(f"{lanes[lane].waiting} × {lane} ({_ago(age)})" for lane, age in ages.items())
        return error(
            f"{total} to Telegram wait, the oldest for {_ago(max(ages.values()))}",
            f"{by_lane}: nobody sends them. The service is down, its token is wrong, or Telegram cannot be reached. "
            "After a restored backup they may have been sent before, and will be sent again",
            "start the service and look at its /readyz; after restoring a backup read docs/operations.md first",
        )
    return ok(f"{total} to Telegram wait")


def _put_off(found: Sequence[tuple[str, int]]) -> list[Finding]:
    if not found:
        return []
    total = sum(number for _, number in found)
    what = f"{count(total, 'call')} to Telegram could not be made for more than 5 minutes, and will be tried again"
    return [warning(what, _reasons(found), "if a right is missing, give it to the bot; a flood limit passes by itself")]


def _given_up(found: Sequence[tuple[str, str, int]]) -> list[Finding]:
    findings = [
        _many(found, "uncertain", "may have arrived and may not", "in the console the message offers to send it again"),
        _many(
            found,
            "failed",
            "were refused by Telegram",
            "a customer who blocked the bot is no fault; for the rest see docs/operations.md",
        ),
    ]
    return [each for each in findings if each] or [ok("no call failed in the last 7 days")]


def _many(found: Sequence[tuple[str, str, int]], state: str, what: str, mend: str) -> Finding | None:
    these = [(words, number) for kind, words, number in found if kind == state]
    if not these:
        return None
    total = sum(number for _, number in these)
    return warning(f"{count(total, 'call')} of the last 7 days {what}", _reasons(these), mend)


def _reasons(found: Sequence[tuple[str, int]]) -> str:
    return "; ".join(f"{number} × {short(words) or 'no reason told'}" for words, number in found[:SHOWN])


def _late(jobs: Sequence[str]) -> Finding:
    if jobs:
        return error(
            f"the timetable is late with {', '.join(jobs)}",
            "nobody runs it: the service is down, or held up by a job before",
            "start the service (touchdesk run or worker), or look into its log for timetable.*",
        )
    return ok("the timetable is on time")


def _faq(entries: int) -> Finding:
    if not entries:
        return warning("the FAQ is empty", "the bot can answer nothing by itself", "touchdesk faq import FILE")
    return ok(f"{count(entries, 'FAQ entry', 'FAQ entries')}; touchdesk faq check looks for faults")


def _ago(span: timedelta) -> str:
    minutes = span.total_seconds() / 60
    return f"{minutes:.0f} min" if minutes < 120 else f"{minutes / 60:.0f} h"
