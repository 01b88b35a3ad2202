"""The promises, looked at once all is quiet: what the store and Telegram hold against what people have said."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import func, or_, select, text

from crm_store.models import ContactPoint, InboxRow, OutboxRow, Process, Touchpoint
from crm_store.store import Store
from tests.rig.shop import FORUM
from tests.telegram.client import Telegram
from tests.telegram.seen import Seen
from tests.telegram.stage import messages

DOUBTFUL = "uncertain"
ONCE_ONLY = "never"
BUSY_SESSIONS = """
SELECT application_name, state, wait_event, age(clock_timestamp(), state_change) AS since, left(query, 100) AS query
FROM pg_stat_activity WHERE datname = current_database() AND state <> 'idle' AND pid <> pg_backend_pid()
"""


@dataclass
class Said:
    """What was said by chat: customers' words, the answers they must get, agents' words for them; no text twice."""

    words: dict[int, list[str]] = field(default_factory=dict)
    answers: dict[int, list[str]] = field(default_factory=dict)
    by_agents: dict[int, list[str]] = field(default_factory=dict)

    @property
    def updates(self) -> int:
        return sum(map(len, self.words.values())) + sum(map(len, self.by_agents.values()))


@dataclass
class Findings:
    """All lists are empty and `open_rows` 0 where the promises are kept; `duplicates` are kept if few enough."""

    updates: int = 0
    lost: list[str] = field(default_factory=list)
    """Words of customers or agents that no ledger knows, and answers that nobody got."""
    doubled: list[str] = field(default_factory=list)
    """Words that took effect more than once."""
    inversions: list[str] = field(default_factory=list)
    """Chats in which something came before what was said or decided earlier."""
    blind: list[str] = field(default_factory=list)
    """Once-only words that a customer has seen twice."""
    silent: list[str] = field(default_factory=list)
    """Once-only words that may not have arrived, of which no agent was told."""
    set_aside: list[str] = field(default_factory=list)
    duplicates: int = 0
    """Copies of answers; once-only words are in `blind`."""
    flagged: int = 0
    """Once-only words that may not have arrived, of which an agent was told."""
    unknown: int = 0
    """Calls whose fate is left open, of all kinds."""
    open_rows: int = 0
    """What still waits, is under way, or is held by a process that is gone."""

    def broken(self, in_flight: int) -> list[str]:
        """The promises that do not hold, in words; `in_flight`: calls under way when something was broken."""
        found = [
            f"{name}: {len(values)}, such as {values[0]}"
            for name in ("lost", "doubled", "inversions", "blind", "silent", "set_aside")
            if (values := getattr(self, name))
        ]
        if self.open_rows:
            found.append(f"open rows: {self.open_rows}")
        if self.duplicates > in_flight:
            found.append(f"duplicates: {self.duplicates} with {in_flight} calls in flight")
        return found


async def examine(store: Store, telegram: Telegram, said: Said) -> Findings:
    findings = Findings(updates=said.updates)
    await _look_at_ledger(store, said, findings)
    rows = await _calls(store)
    heard = {chat: [m for m in messages(telegram, chat) if m.by_bot] for chat in said.words}
    _look_at_answers(heard, rows, said, findings)
    _look_at_agents_words(heard, rows, said, findings)
    _look_at_flags(rows, messages(telegram, FORUM) if said.by_agents else (), findings)
    findings.unknown = sum(row.state == DOUBTFUL for row in rows)
    findings.open_rows = await _open_rows(store)
    async with store.read() as session:
        errors = await session.scalars(select(InboxRow.error).where(InboxRow.state == "failed"))
        findings.set_aside = [error or "?" for error in errors]
    return findings


async def settled(store: Store) -> bool:
    """Whether all that was accepted has taken effect and all that was decided has come to its end."""
    async with store.read() as session:
        waiting = await session.scalar(select(func.count()).where(InboxRow.state == "waiting"))
        going = await session.scalar(select(func.count()).where(OutboxRow.state.in_(("waiting", "sending"))))
    return not waiting and not going


async def unsettled(store: Store) -> list[str]:
    """What still waits or is under way, for whoever wonders why."""
    inbox = select(InboxRow.id, InboxRow.chat_id, InboxRow.lease, InboxRow.attempts).where(InboxRow.state == "waiting")
    outbox = select(OutboxRow.id, OutboxRow.chat_id, OutboxRow.state, OutboxRow.epoch, OutboxRow.not_before)
    async with store.read() as session:
        rows = [*await session.execute(inbox)]
        rows += [*await session.execute(outbox.where(OutboxRow.state.in_(("waiting", "sending"))))]
        rows += [*await session.execute(select(Process.number, Process.token, Process.pid, Process.seen_at))]
        if not store.is_sqlite:
            rows += [*await session.execute(text(BUSY_SESSIONS))]
    return [str(row._asdict()) for row in rows]


async def in_flight(store: Store) -> int:
    """Calls that are marked as under way: whoever ends their process cannot know what became of them."""
    async with store.read() as session:
        return await session.scalar(select(func.count()).where(OutboxRow.state == "sending")) or 0


async def _look_at_ledger(store: Store, said: Said, findings: Findings) -> None:
    query = (
        select(ContactPoint.address, Touchpoint.direction, Touchpoint.author, Touchpoint.text)
        .join(ContactPoint, ContactPoint.id == Touchpoint.contact_point_id)
        .where(ContactPoint.channel == "telegram", or_(Touchpoint.direction == "in", Touchpoint.author == "agent"))
        .order_by(Touchpoint.id)
    )
    async with store.read() as session:
        kept = (await session.execute(query)).all()
    for words, direction in ((said.words, "in"), (said.by_agents, "out")):
        of_chat: dict[int, list[str]] = {chat: [] for chat in words}
        for row in kept:
            if row.direction == direction and int(row.address) in of_chat:
                of_chat[int(row.address)].append(row.text)
        for chat, expected in words.items():
            _compare(chat, expected, of_chat[chat], findings)


def _compare(chat: int, expected: Sequence[str], found: Sequence[str], findings: Findings) -> None:
    missing, extra = Counter(expected) - Counter(found), Counter(found) - Counter(expected)
    findings.lost += [f"{chat} said {text!r}" for text in missing.elements()]
    findings.doubled += [f"{chat} said {text!r}" for text in extra.elements()]
    if not _in_order(found, expected):
        findings.inversions.append(f"the ledger of {chat}")


def _in_order(found: Iterable[str], expected: Sequence[str]) -> bool:
    """Whether what was found of the expected came first in its order; copies are counted elsewhere."""
    place = {text: number for number, text in enumerate(expected)}
    places = [place[text] for text in dict.fromkeys(found) if text in place]
    return places == sorted(places)


async def _calls(store: Store) -> Sequence[OutboxRow]:
    async with store.read() as session:
        return (await session.scalars(select(OutboxRow).order_by(OutboxRow.id))).all()


def _look_at_answers(
    heard: Mapping[int, Sequence[Seen]], rows: Iterable[OutboxRow], said: Said, findings: Findings
) -> None:
    doubtful = Counter(row.chat_id for row in rows if row.state == DOUBTFUL)
    for chat, expected in said.answers.items():
        texts = [message.text for message in heard[chat]]
        missing = [answer for answer in expected if answer not in texts]
        if len(missing) > doubtful[chat]:
            findings.lost += [f"{chat} never got {text!r}" for text in missing]
        if not _in_order(texts, expected):
            findings.inversions.append(f"the answers to {chat}")
        counted = Counter(texts)
        findings.duplicates += sum(max(0, counted[text] - 1) for text in expected)
        asked = len(said.words[chat])
        if chat not in said.by_agents and sum(row.chat_id == chat for row in rows) > asked:
            findings.doubled.append(f"{chat} was answered more than {asked} times")


def _look_at_agents_words(
    heard: Mapping[int, Sequence[Seen]], rows: Iterable[OutboxRow], said: Said, findings: Findings
) -> None:
    open_words = {str(row.payload.get("text")) for row in rows if row.repeat == ONCE_ONLY and row.state == DOUBTFUL}
    for chat, expected in said.by_agents.items():
        texts = [message.text for message in heard[chat]]
        counted = Counter(texts)
        findings.blind += [f"{chat} got {text!r} twice" for text in expected if counted[text] > 1]
        findings.lost += [
            f"{chat} never got {text!r}" for text in expected if not counted[text] and text not in open_words
        ]
        if not _in_order(texts, expected):
            findings.inversions.append(f"agents' words to {chat}")


def _look_at_flags(rows: Iterable[OutboxRow], in_forum: Iterable[Seen], findings: Findings) -> None:
    """A flag is a message to the agents with a button that sends the words again; its own fate may be open too."""
    rows = list(rows)
    told = json.dumps([message.keyboard for message in in_forum])
    told += json.dumps([row.payload for row in rows if row.state == DOUBTFUL])
    for row in rows:
        if row.repeat != ONCE_ONLY or row.state != DOUBTFUL:
            continue
        if f'"a:resend:{row.id}"' in told:
            findings.flagged += 1
        else:
            findings.silent.append(f"call {row.id} to {row.chat_id}")


async def _open_rows(store: Store) -> int:
    """What waits, and leases whose process is not there."""
    alive = select(Process.token)
    of_the_dead = select(func.count()).where(
        InboxRow.state == "waiting", InboxRow.lease.is_not(None), InboxRow.lease.not_in(alive)
    )
    async with store.read() as session:
        waiting = await session.scalar(select(func.count()).where(InboxRow.state == "waiting"))
        going = await session.scalar(select(func.count()).where(OutboxRow.state.in_(("waiting", "sending"))))
        leases = await session.scalar(of_the_dead)
    return (waiting or 0) + (going or 0) + (leases or 0)
