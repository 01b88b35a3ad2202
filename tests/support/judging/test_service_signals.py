"""What the service's rows say of losing a customer: on the card, in the queue, and where a message is unanswered."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from analytics.service_risk import Signal
from crm_store.models import Customer, Escalation, Ticket
from crm_store.queries.reason_verdicts import wrong_of_open
from crm_store.queries.service import MOST_OF_EACH
from crm_store.repositories import tickets
from crm_store.repositories.escalations import waiting
from crm_store.service_facts import Asked, Heard, Lately, Matter
from crm_store.store import Store
from crm_store.unit import Unit
from support.agents import work as agent_work
from support.agents.card import Card, read_card
from support.agents.queue import ranked
from support.judging.service import kept_risk, signals_in, signals_of
from support.judging.verdicts import mark_wrong, take_back
from support.talk import edits
from support.talk.inbound import Inbound, Sender
from support.tickets import open_ticket, reopen
from support.working_hours import WorkingHours
from tests.crm_store.test_indexes import full_scans, statements
from tests.support.shop import FRIDAY_NOON, Shop, new_score_for, open_shop


@pytest.fixture
async def shop(store: Store) -> Shop:
    return await open_shop(store)


async def signals(shop: Shop) -> dict[str, dict[str, int]]:
    async with shop.store.read() as session:
        customers = (await session.scalars(select(Customer.id))).all()
        found = await signals_of(session, customers, shop.now, shop.desk.timezone)
    assert len(found) <= 1
    return {signal.code: dict(signal.figures) for each in found.values() for signal in each}


async def card(shop: Shop) -> Card:
    async def work(unit: Unit) -> Card:
        return await read_card(shop.desk, unit, await shop.known(unit), unit.now)

    return await shop.run(work)


async def test_a_complaint_is_open_until_its_ticket_is_resolved(shop: Shop) -> None:
    await shop.queue_up("nia", "complaint")
    bob = await shop.staff()
    await shop.act(agent_work.answer, bob, "We look into it.")
    shop.pass_time(days=4, hours=3)
    assert await signals(shop) == {"open_complaint": {"days": 4}}
    assert "Complaint open for 4 days" in (await card(shop)).reasons
    await shop.act(agent_work.resolve, bob)
    assert await signals(shop) == {}
    assert not (await card(shop)).reasons


async def test_a_complaint_made_while_waiting_counts_from_its_own_day(shop: Shop) -> None:
    await shop.queue_up("nia", "asked_human")
    shop.pass_time(days=3)
    await shop.queue_up("nia", "complaint")
    shop.pass_time(days=2)
    assert (await signals(shop))["open_complaint"] == {"days": 2}


async def test_a_ticket_is_overdue_until_a_person_answers_and_again_when_it_is_reopened(shop: Shop) -> None:
    await shop.queue_up()
    due = (await shop.rows(Ticket))[0].due_at
    shop.now = due + timedelta(days=1, minutes=1)
    assert await signals(shop) == {"overdue_ticket": {"days": 1}}
    bob = await shop.staff()
    await shop.act(agent_work.answer, bob, "Here I am.")
    assert await signals(shop) == {}
    await shop.act(agent_work.resolve, bob)

    async def again(unit: Unit) -> None:
        person = await shop.known(unit)
        ticket = await tickets.get(unit, (await shop.rows(Ticket))[0].id)
        assert ticket
        reopen(shop.desk, unit, person, ticket)

    shop.pass_time(days=1)
    await shop.run(again)
    assert await signals(shop) == {"repeated_contact": {"count": 1}}
    shop.pass_time(days=30)
    assert (await signals(shop))["overdue_ticket"]["days"] > 20


async def test_failed_answers_and_negative_words_count_for_a_week(shop: Shop) -> None:
    await shop.hear("What is the colour of the moon cheese?")
    await shop.hear("Which colour is that moon cheese?")
    await shop.hear("This is unacceptable, I want my money back!")
    assert {code: figures["count"] for code, figures in (await signals(shop)).items() if "count" in figures} == {
        "repeated_contact": 1,
        "negative_words": 1,
    }
    shop.pass_time(days=7, minutes=1)
    later = await signals(shop)
    assert {"repeated_contact", "negative_words"}.isdisjoint(later)


async def test_questions_on_different_matters_are_not_one_that_comes_back(shop: Shop) -> None:
    await shop.hear("What is the colour of the moon cheese? And do you repair the colour of moon cheese?")
    await shop.hear("Do you repair submarines under water?")
    await shop.hear("Why is the tram to the airport late?")
    assert "repeated_contact" not in await signals(shop)


async def test_an_edited_message_was_said_once(shop: Shop) -> None:
    words = "This is unacceptable, my basket is broken"
    await shop.hear(words, ref=7)

    async def change(text: str) -> None:
        message = Inbound(Sender("web", "nia"), text, ref=7)
        await shop.run(lambda unit: edits.edit(shop.desk, unit, message))

    await change(words + "!")
    await change(words + "!!")
    assert (await signals(shop))["negative_words"] == {"count": 1}
    await change("My basket is red")
    assert "negative_words" not in await signals(shop), "they took it back"


async def test_days_are_those_of_the_shop_s_calendar(store: Store) -> None:
    shop = await open_shop(store)
    shop.desk.hours = WorkingHours.parse(None, "Asia/Taipei")
    shop.now = datetime(2026, 11, 20, 15, 50, tzinfo=UTC)  # ten to midnight in Taipei
    await shop.queue_up("nia", "complaint")
    assert await signals(shop) == {"open_complaint": {"days": 0}}
    assert "Complaint open since today" in (await card(shop)).reasons
    shop.pass_time(minutes=20)
    assert await signals(shop) == {"open_complaint": {"days": 1}}


async def test_a_complaint_that_an_agent_denies_is_none(shop: Shop) -> None:
    escalation = await shop.queue_up("nia", "complaint", urgent=True)
    other = await shop.queue_up("bob", "asked_human")
    bob = await shop.staff()
    assert await queue(shop) == [escalation, other]
    await shop.act(mark_wrong, bob, escalation, "complaint")
    assert await signals(shop) == {}
    assert (await card(shop)).reasons == ("Complaint (noted as wrong)",)
    shop.pass_time(minutes=1)
    third = await shop.queue_up("cem", "urgent", urgent=True)
    assert await queue(shop) == [third, escalation, other], "no longer urgent, but first come"
    await shop.act(take_back, bob, escalation, "complaint")
    assert await signals(shop) == {"open_complaint": {"days": 0}}
    assert await queue(shop) == [escalation, third, other]


async def test_the_card_of_the_very_unit_that_denies_it_has_it_no_more(shop: Shop) -> None:
    escalation, bob = await shop.queue_up("nia", "complaint"), await shop.staff()

    async def work(unit: Unit) -> Card:
        person = await shop.known(unit)
        await mark_wrong(shop.desk, unit, bob, person, escalation, "complaint")
        return await read_card(shop.desk, unit, person, unit.now)

    assert (await shop.run(work)).reasons == ("Complaint (noted as wrong)",)


async def test_a_denied_part_of_a_kept_service_risk_counts_no_more(shop: Shop) -> None:
    await shop.hear("you idiots")
    await shop.queue_up("nia", "complaint")
    shop.pass_time(hours=2)
    await shop.queue_up("nia", "asked_human")
    await shop.queue_up("nia", "asked_human")
    (row,) = await shop.rows(Escalation)
    assert [(r["code"], bool(r.get("at"))) for r in row.reasons] == [
        ("complaint", False),
        ("asked_human", True),
        ("service_risk", True),
    ]
    both, one = kept_risk(row.reasons), kept_risk(row.reasons, {"complaint"})
    assert both
    assert one
    assert [part.signal.code for part in both.parts] == ["open_complaint", "negative_words"]
    assert [part.signal.code for part in one.parts] == ["negative_words"]
    assert both.risk == pytest.approx(0.3 * 3.75 / (0.3 * 3.75 + 0.7))
    assert one.risk == pytest.approx(0.3 * 1.5 / (0.3 * 1.5 + 0.7))
    assert kept_risk(row.reasons, {"service_risk"}) is None


async def queue(shop: Shop) -> list[int]:
    async def work(unit: Unit) -> list[int]:
        wrong = await wrong_of_open(unit.session)
        return [row.id for row in ranked(await waiting(unit), unit.now, shop.desk.rules.policy, wrong=wrong)]

    return await shop.run(work)


async def test_the_queue_knows_it_and_the_score_s_own_risk_stays_what_it_was(shop: Shop) -> None:
    async def before(unit: Unit) -> None:
        person = await shop.met(unit)
        new_score_for(unit, person, risk=0.4)
        await open_ticket(shop.desk, unit, person, "a broken basket")

    await shop.run(before)
    shop.pass_time(days=3)
    await shop.queue_up("nia", "asked_human")
    await shop.queue_up("bob", "asked_human")
    nia, bob = await shop.rows(Escalation)
    assert nia.risk == 0.4
    assert [reason["code"] for reason in nia.reasons] == ["asked_human", "service_risk"]
    kept = kept_risk(nia.reasons)
    assert kept
    assert kept.risk == pytest.approx(2.5 / (2.5 + 1.5))
    assert kept_risk(bob.reasons) is None
    bob.value_percentile, bob.risk, bob.opened_at = nia.value_percentile, 0.5, nia.opened_at
    assert [each.id for each in ranked([bob, nia], shop.now)] == [nia.id, bob.id]


async def test_an_unanswered_message_of_somebody_whose_answer_is_overdue_reaches_a_human(shop: Shop) -> None:
    async def before(unit: Unit) -> None:
        await open_ticket(shop.desk, unit, await shop.met(unit), "a broken basket")

    await shop.run(before)
    await shop.hear("What is the colour of the moon cheese?")
    assert not await shop.rows(Escalation)
    shop.pass_time(days=3)
    await shop.hear("Do you repair submarines under water?")
    (escalation,) = await shop.rows(Escalation)
    assert "service_risk" in [reason["code"] for reason in escalation.reasons]


async def test_many_are_read_in_two_statements_by_index_and_an_answer_needs_none(shop: Shop) -> None:
    await shop.hear("How often do I descale the machine?")
    await shop.queue_up("bob", "complaint")
    async with shop.store.read() as session:
        customers = (await session.scalars(select(Customer.id))).all()
        with statements(shop.store) as seen:
            await signals_of(session, customers, shop.now, UTC)
    assert len(seen) == 2
    for statement, parameters in seen:
        assert not await full_scans(shop.store, statement, parameters), statement
    with statements(shop.store) as seen:
        await shop.hear("How often do I descale the machine?")
    assert seen
    assert not [statement for statement, _ in seen if "FROM ticket_event" in statement]


async def test_too_little_history_is_said_and_no_figure_of_it(shop: Shop) -> None:
    async def work(unit: Unit) -> None:
        new_score_for(unit, await shop.met(unit), risk=None, usual_gap_days=None, spend_percentile=50.0)

    await shop.run(work)
    await shop.queue_up("nia", "complaint")
    shop.pass_time(days=1)
    shown = await card(shop)
    assert "Risk of churn: too little history" in shown.lines
    assert "Risk with recent service: raised" in shown.lines
    assert not [line for line in shown.lines if "isk" in line and "%" in line]


TAIPEI = ZoneInfo("Asia/Taipei")
WORDS = ("the moon cheese", "that moon cheese", "submarines", "")
WHEN = st.integers(-3 * 24, 30 * 24).map(lambda hours: FRIDAY_NOON - timedelta(hours=hours, minutes=7))
MATTERS = st.lists(
    st.builds(
        Matter,
        due_at=WHEN,
        answered_id=st.none() | st.integers(1, 9),
        reopened_id=st.none() | st.integers(1, 9),
        reopenings=st.integers(0, 3),
        reasons=st.none()
        | st.lists(st.sampled_from(("complaint", "vip")).map(lambda code: {"code": code}), max_size=2),
        escalated_at=WHEN,
        is_denied=st.booleans(),
    ),
    max_size=4,
)
LATELY = st.lists(
    st.builds(
        Lately,
        asked=st.lists(
            st.builds(
                Asked,
                WHEN,
                st.sampled_from(("answer", "refuse")),
                st.none() | st.sampled_from(("none", "helped")),
                st.integers(1, 4),
                st.none() | st.sampled_from(WORDS),
            ),
            max_size=MOST_OF_EACH,
        ).map(tuple),
        sessions=st.lists(WHEN, max_size=MOST_OF_EACH).map(tuple),
        heard=st.lists(
            st.builds(
                Heard,
                WHEN,
                st.sampled_from(("This is unacceptable!", "hello")),
                st.integers(1, 9),
                st.none() | st.integers(1, 9),
            ),
            max_size=MOST_OF_EACH,
        ).map(tuple),
    ),
    max_size=3,
)


def days_since(at: datetime) -> int:
    """Midnights of Taipei, eight hours before those of Greenwich, one by one."""
    midnight = datetime(2026, 11, 19, 16, tzinfo=UTC)
    count = 0
    while at < midnight - timedelta(days=count):
        count += 1
    return count


@given(MATTERS, LATELY)
def test_every_figure_can_be_counted_on_the_rows(matters: list[Matter], lately: list[Lately]) -> None:
    week = FRIDAY_NOON - timedelta(days=7)
    told = {signal.code: signal for signal in signals_in(matters, lately, FRIDAY_NOON, TAIPEI)}
    complained = [
        m.escalated_at for m in matters if any(r["code"] == "complaint" for r in m.reasons or []) and not m.is_denied
    ]
    days = [days_since(at) for at in complained if at]
    assert told.get("open_complaint") == (Signal("open_complaint", {"days": max(days)}) if days else None)
    late = [
        days_since(m.due_at)
        for m in matters
        if m.due_at < FRIDAY_NOON and (m.answered_id is None or (m.reopened_id or 0) > m.answered_id)
    ]
    assert told.get("overdue_ticket") == (Signal("overdue_ticket", {"days": max(late)}) if late else None)
    heard = [h for each in lately for h in each.heard]
    words = sum(h.at >= week and h.text != "hello" and h.id not in {o.replaces for o in heard} for h in heard)
    assert told.get("negative_words") == (Signal("negative_words", {"count": words}) if words else None)
    asked = [a for e in lately for a in e.asked if a.at >= week and (a.decision == "refuse" or a.outcome == "none")]
    cheese = {a.touchpoint_id for a in asked if a.text and "cheese" in a.text}
    failed = max(len(cheese), len({a.touchpoint_id for a in asked if a.text == "submarines"}))
    sessions = sum(at >= week for each in lately for at in each.sessions) if matters else 0
    counts = [
        max((m.reopenings for m in matters), default=0),
        (failed - 1) * (failed > 1),
        (sessions - 1) * (sessions > 2),
    ]
    assert told.get("repeated_contact") == (Signal("repeated_contact", {"count": max(counts)}) if any(counts) else None)
