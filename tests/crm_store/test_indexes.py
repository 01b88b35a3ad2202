"""Every query on a message's way and of the console finds its rows by an index, whatever has piled up."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, event, text
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.queries import chat, desk, faq_asked, faq_learning, health, point_in_time, processes, scoring
from crm_store.queries import files as file_queries
from crm_store.queries.strategy_past import past_of
from crm_store.repositories import (
    agents,
    escalations,
    facts,
    faq_questions,
    files,
    inbox,
    lanes,
    ledger,
    orders,
    outbox,
    outbox_forgetting,
    people,
    schedule,
    tickets,
    topics,
)
from crm_store.store import Store
from crm_store.unit import Unit
from support import housekeeping
from support.agents import redelivery

BIG = (
    "touchpoint outbox inbox contact_point customer conversation ticket ticket_event customer_order stored_file "
    "faq_question faq_proposal fact consent score order_history".split()
)
Ask = Callable[[Unit, AsyncSession], Awaitable[object]]

READS: dict[str, Ask] = {
    "people of a batch": lambda unit, _: people.prefetch(unit, "telegram", map(str, range(50))),
    "the person behind a contact point": lambda unit, _: people.by_contact(unit, 1),
    "staff of a batch": lambda unit, _: agents.prefetch(unit, range(50)),
    "what a process holds": lambda _, session: inbox.taken(session, 7),
    "how much waits": lambda _, session: inbox.counts(session),
    "what waits and since when": lambda unit, session: health.health(session, unit.now),
    "updates of the dead": lambda _, session: processes.leases_without_owner(session, []),
    "outbox heads": lambda _, session: lanes.heads(session, 42, [1, 2, 3], 64, 16),
    "words behind a head": lambda unit, session: outbox.queue_of(session, 42, _queued(unit), 50),
    "what a former sender left": lambda _, session: outbox.left_behind(session, 42, 7),
    "calls whose words are old": lambda unit, _: outbox_forgetting.forget_words(unit, unit.now),
    "calls that were sent long ago": lambda unit, _: outbox_forgetting.throw_away(unit, unit.now),
    "results by id": lambda _, session: outbox.results(session, [1, 2, 3]),
    "message by the channel's number": lambda unit, _: ledger.by_ref(unit, 1, 1),
    "message by a page's key": lambda unit, _: ledger.by_client_key(unit, 1, "k"),
    "newest of the ledger": lambda _, session: ledger.latest(session, 1),
    "newest of the ledger after a row": lambda _, session: ledger.latest(session, 1, after=5),
    "a customer's own chat": lambda _, session: chat.said(session, 1),
    "a contact point's address": lambda _, session: chat.contact_of(session, "web", "x"),
    "the conversation page": lambda _, session: desk.ledger(session, 1, 200),
    "how far back a row lies": lambda _, session: desk.count_since(session, 1, 1, 1_000),
    "what an agent saw": lambda _, session: point_in_time.as_it_stood(session, 1, 50),
    "how far words got": lambda _, session: desk.deliveries(session, 1, [1, 2, 3]),
    "the queue page": lambda _, session: desk.in_queue(session),
    "those who wrote lately": lambda _, session: desk.recent(session, 50),
    "waiting escalations": lambda unit, _: escalations.waiting(unit),
    "newest claims": lambda unit, _: escalations.recent_waits(unit, 20),
    "a customer's tickets": lambda unit, _: tickets.of_customer(unit, 1),
    "a ticket's history": lambda unit, _: tickets.history(unit, 1),
    "a customer's orders": lambda unit, _: orders.latest(unit, 1),
    "the last orders of a batch": lambda unit, _: orders.last(unit, 1),
    "a customer's facts": lambda unit, _: facts.newest(unit, 1),
    "a topic by its number": lambda unit, _: topics.by_thread(unit, -100, 7),
    "a customer's topic": lambda unit, _: topics.of_contact(unit, 1),
    "files by id": lambda _, session: files.by_ids(session, [1, 2, 3]),
    "a file with its owner": lambda _, session: file_queries.stored(session, 1),
    "what is due": lambda unit, session: schedule.due(session, unit.now, ["card"]),
    "words to send again": lambda unit, _: redelivery.resend_touchpoint(unit, _nobody(), 1),
    "questions for an agent's answer": lambda unit, _: faq_questions.failed(unit, 1, unit.now),
    "a wording proposed before": lambda unit, _: faq_questions.propose(unit, "descale", "en", "Chalk?", "chalk"),
    "proposals with their people": lambda _, session: faq_learning.open_proposals(session, 10, 0),
    "votes for some entries": lambda _, session: faq_learning.votes(session, ["descale", "grind"]),
    "votes for all entries": lambda _, session: faq_learning.votes(session),
    "questions of some time": lambda unit, session: faq_asked.asked(session, unit.now, unit.now, 100),
    "unanswered questions": lambda unit, session: faq_asked.unanswered(session, unit.now, 100),
    "proposals in somebody's words alone": lambda _, session: faq_learning.only_of(session, [1, 2]),
    "what speaks against an offer": lambda unit, session: past_of(session, 1, "offer", "marketing", unit.now),
    "requests to close": lambda unit, _: housekeeping.close_resolved(unit, {}),
}


def _queued(unit: Unit) -> outbox.Queued:
    return outbox.Queued(1, 1, "sendMessage", {}, None, None, 1, True, None, unit.now, None, None, 0, None)


def _nobody() -> Any:
    return None


@contextmanager
def statements(store: Store) -> Iterator[list[tuple[str, Any]]]:
    """All statements that reach the database meanwhile, with their parameters."""
    seen: list[tuple[str, Any]] = []

    def note(_c: Connection, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        seen.append((statement, parameters))

    engines = {store.reader.sync_engine, store.writer.sync_engine}
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    yield seen
    for engine in engines:
        event.remove(engine, "before_cursor_execute", note)


async def full_scans(store: Store, statement: str, parameters: Any) -> list[str]:
    """The big tables that the statement would read from end to end."""
    async with store.reader.connect() as connection:
        if store.is_sqlite:
            rows = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            plan = [str(row[-1]) for row in rows]
            return [line for line in plan if re.match(rf"SCAN ({'|'.join(BIG)})\b(?!.* USING )", line)]
        await connection.execute(text("SET enable_seqscan = off"))
        rows = await connection.exec_driver_sql(f"EXPLAIN {statement}", parameters)
        plan = [row[0] for row in rows]
        return [line for line in plan if re.search(rf"Seq Scan on ({'|'.join(BIG)})\b", line)]


async def test_queries_find_their_rows_by_an_index(store: Store) -> None:
    for name, ask in READS.items():
        unit = store.open_unit()
        with statements(store) as seen:
            async with store.read() as session:
                await ask(unit, session)
        await unit.close()
        assert seen, name
        for statement, parameters in seen:
            assert not await full_scans(store, statement, parameters), (name, statement)


async def test_judging_a_few_again_reads_no_others(store: Store) -> None:
    with statements(store) as seen:
        async with store.reader.connect() as connection:
            await scoring.orders(connection, [1, 2, 3], "EUR")
            await scoring.places(connection, [1, 2, 3])
            await scoring.stood(connection, [1, 2, 3])
            await scoring.ranks(connection, [1, 2, 3])
            await scoring.erased(connection)
            moment = datetime(2026, 6, 30, tzinfo=UTC)
            await scoring.never_ordered_of(connection, [1, 2, 3], moment, moment, ["products"])
    assert len(seen) == 6
    for statement, parameters in seen:
        assert not await full_scans(store, statement, parameters), statement


async def test_a_missing_index_would_be_seen(store: Store) -> None:
    assert await full_scans(store, "SELECT * FROM touchpoint WHERE text = 'x'", ())


async def test_results_and_marks_are_written_by_id(store: Store) -> None:
    with statements(store) as seen:
        async with store.write() as connection:
            await outbox.mark_sending(connection, 42, [1, 2], 7)
            await outbox.unmark(connection, [2], 7)
            await outbox.settle(connection, [outbox.Settled(1, "sent", {}, 5)], 7)
            await inbox.accept(connection, 42, [(1, 1, "{}"), (2, 2, "{}")], store.clock())
            one, two = await inbox.claim(connection, 7, 100)
            await inbox.release(connection, 7, [3])
            await inbox.set_aside(connection, one.id, "broken", 7)
        unit = store.open_unit()
        await inbox.finish(unit, [two.id], 7)
        await outbox.give_up_on(unit, 42, 1, "blocked")
        await housekeeping.throw_away(unit, {})
        await unit.session.commit()
        await unit.close()
    updates = [(s, p) for s, p in seen if s.startswith(("UPDATE", "DELETE FROM inbox"))]
    assert len(updates) == 10
    for statement, parameters in updates:
        one = parameters[0] if isinstance(parameters, list) else parameters
        assert not await full_scans(store, statement, one), statement
