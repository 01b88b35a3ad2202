"""Which contacts matter: figures that were reckoned by hand, on both databases."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event

from analytics.difference import difference
from crm_store.store import Store
from support.customers.contact_report import (
    MOST_KINDS,
    Answered,
    ContactReport,
    KindReport,
    PeriodError,
    Rated,
    Wanted,
    contact_report,
    period_of,
)
from support.imports.kinds import Kind
from support.working_hours import WorkingHours
from tests.support.contacts import Ledger, at, written
from tests.support.importing import Shop as Files
from tests.support.shop import FRIDAY_NOON, open_shop

SEPTEMBER = Wanted(date(2026, 9, 1), date(2026, 9, 30), within=10)


async def reported(store: Store, wanted: Wanted = SEPTEMBER, zone: str = "UTC") -> ContactReport:
    shop = await open_shop(store)
    shop.desk.hours = WorkingHours.parse(None, zone)
    return await contact_report(shop.desk, wanted, shop.now)


def of(report: ContactReport, kind: str, author: str = "customer") -> KindReport:
    [found] = [each for each in report.kinds if (each.kind.kind, each.kind.author) == (kind, author)]
    return found


async def test_how_often_and_how_fast(store: Store) -> None:
    """Texts of ten days answered after 1 to 10 minutes by the bot; each second one by Mia, an hour later."""

    def tell(ledger: Ledger) -> None:
        for day in range(1, 11):
            anna = ledger.customer()
            ledger.say(anna, at(day))
            ledger.say(anna, at(day, minutes=day), "answer", author="bot")
            if day % 2 == 0:
                ledger.say(anna, at(day, hours=1), author="agent")
        ledger.say(anna, at(12), "call")
        ledger.say(anna, at(22, seconds=1), "answer", author="bot")
        ledger.say(anna, at(23), "note", author="agent", direction="internal")

    await written(store, tell)
    report = await reported(store)
    text = of(report, "text")
    assert (text.kind.channel, text.kind.direction, text.contacts, text.customers) == ("web", "in", 10, 10)
    assert text.answered == Answered(contacts=10, answered=10, median=300, p90=540)
    assert text.answered_by_agent == Answered(contacts=10, answered=5, median=None, p90=None)
    assert of(report, "call").answered == Answered(contacts=1, answered=0, median=None, p90=None)
    answer = of(report, "answer", "bot")
    assert (answer.contacts, answer.customers, answer.answered) == (11, 10, None)
    assert [each.kind.kind for each in report.kinds] == ["answer", "text", "text", "call"]


async def test_an_answer_of_the_same_moment_and_one_after_the_period(store: Store) -> None:
    def tell(ledger: Ledger) -> None:
        anna = ledger.customer()
        for minute in range(9):
            ledger.say(anna, at(3, minutes=minute))
            ledger.say(anna, at(3, minutes=minute), "answer", author="bot")
        ledger.say(anna, at(30, hours=23))
        ledger.say(anna, at(31, hours=1), author="agent")
        ledger.say(anna, at(32), "later")

    await written(store, tell)
    report = await reported(store)
    text = of(report, "text")
    assert text.answered == Answered(10, 10, median=0, p90=0)
    assert text.answered_by_agent == Answered(10, 1, None, None)
    assert {each.kind.kind for each in report.kinds} == {"text", "answer"}


async def test_what_followed_with_and_without(store: Store) -> None:
    """25 called: 15 ordered, 3 others complained, 2 more wrote; 5 fell silent. 40 only wrote: 10 ordered, 30 were
    silent. What happened on the first day, or after the tenth day behind it, does not count."""

    def tell(ledger: Ledger) -> None:
        for n in range(25):
            who = ledger.customer()
            ledger.say(who, at(2, hours=9), "call")
            ledger.say(who, at(2, hours=10))
            if n < 15:
                ledger.order(who, day=3 if n else 12)
            elif n < 18:
                ledger.say(who, at(4), "complaint")
            elif n < 20:
                ledger.say(who, at(12, hours=23))
        for n in range(40):
            who = ledger.customer()
            ledger.say(who, at(5, hours=9))
            ledger.order(who, day=15 if n < 10 else 5 if n < 20 else 16)
            ledger.say(who, at(16), "call")

    await written(store, tell)
    report = await reported(store)
    after = of(report, "call").after
    assert (after.having, after.lacking, after.is_too_few) == (25, 40, False)
    assert (after.order.having, after.order.lacking) == (15, 10)
    assert (after.order.having_share, after.order.lacking_share) == (0.6, 0.25)
    assert after.order.difference == difference(15, 25, 10, 40)
    assert (after.silence.having, after.silence.lacking) == (5, 30)
    assert (after.complaint.having, after.complaint.lacking) == (3, 0)
    few = of(report, "complaint").after
    assert (few.having, few.lacking, few.is_too_few) == (0, 65, True)
    assert (few.order.having_share, few.order.difference) == (None, None)
    everybody = of(report, "text").after
    assert (everybody.having, everybody.lacking) == (65, 0)


async def test_a_contact_that_has_nothing_to_do_with_what_follows_makes_no_difference(store: Store) -> None:
    """All complain on the fifth day, whatever their first day was like: those who complained are not told apart."""

    def tell(ledger: Ledger) -> None:
        for n in range(40):
            who = ledger.customer()
            ledger.say(who, at(2), "text" if n % 2 else "complaint")
            ledger.say(who, at(5), "complaint")

    await written(store, tell)
    complaint = of(await reported(store), "complaint").after.complaint
    assert (complaint.having, complaint.lacking, complaint.having_share, complaint.lacking_share) == (20, 20, 1, 1)
    assert complaint.difference is not None
    assert not complaint.difference.is_clear


async def test_orders_are_contacts_and_another_one_must_follow(store: Store) -> None:
    def tell(ledger: Ledger) -> None:
        for n in range(4):
            who = ledger.customer()
            ledger.order(who, day=6)
            ledger.order(who, day=6 if n < 3 else 7)

    await written(store, tell)
    order = of(await reported(store), "order")
    assert (order.kind.channel, order.contacts, order.customers, order.answered) == ("shop", 8, 4, None)
    assert (order.after.having, order.after.order.having, order.after.silence.having) == (4, 1, 3)


async def imported(store: Store, orders: str, contacts: str = "") -> None:
    """Orders, and what another department noted, of the customers A and B."""
    header: dict[Kind, str] = {
        "orders": "order_id,customer_id,date,amount",
        "touchpoints": "external_id,customer_id,at,kind",
    }
    with TemporaryDirectory() as folder:
        files = Files(store, Path(folder))
        await files.take("customers", "customer_id,name\nA,Anna\nB,Ben\n")
        for (kind, names), rows in zip(header.items(), (orders, contacts), strict=True):
            if rows:
                await files.take(kind, f"{names}\n{rows}")


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Auckland", "America/Los_Angeles"])
async def test_an_imported_order_is_one_contact_of_its_own_day(store: Store, zone: str) -> None:
    """Noon in UTC is the next day already in Auckland; only Ben ordered again."""
    await imported(store, "1,A,2026-09-03,10\n2,B,2026-09-03,10\n3,B,2026-09-08,0\n")
    report = await reported(store, zone=zone)
    [order] = report.kinds
    assert (order.kind.kind, order.contacts, order.customers) == ("order", 3, 2)
    assert (order.after.having, order.after.order.having, order.after.silence.having) == (2, 1, 1)


async def test_a_refund_is_no_order_and_no_word_of_the_customer(store: Store) -> None:
    contacts = "c1,A,2026-09-03T10:00:00Z,complaint\nc2,B,2026-09-03T10:00:00Z,complaint\n"
    await imported(store, "1,A,2026-09-05,-10\n2,B,2026-09-05,10\n", contacts)
    report = await reported(store)
    assert {each.kind.kind for each in report.kinds} == {"complaint", "order"}
    after = of(report, "complaint").after
    assert (after.having, after.order.having, after.silence.having) == (2, 1, 1)
    assert of(report, "order").contacts == 1


async def test_customers_whose_days_are_not_over_are_not_counted(store: Store) -> None:
    """Today is the 20th of November: the tenth day after the 9th was yesterday."""

    def tell(ledger: Ledger) -> None:
        for days in (11, 10):
            who = ledger.customer()
            ledger.say(who, FRIDAY_NOON - timedelta(days=days))
            ledger.say(who, FRIDAY_NOON - timedelta(days=days - 1), "call")

    await written(store, tell)
    report = await reported(store, Wanted(within=10))
    assert (report.since, report.until) == (date(2026, 8, 23), date(2026, 11, 20))
    assert (of(report, "text").customers, of(report, "text").after.having) == (2, 1)
    assert (of(report, "call").customers, of(report, "call").after.having, of(report, "call").after.lacking) == (
        2,
        0,
        1,
    )


async def test_ratings_of_tickets_and_of_conversations_each_ticket_once(store: Store) -> None:
    def tell(ledger: Ledger) -> None:
        for stars in (5, 4, 4, 3, 1):
            who = ledger.customer()
            ticket, talk = ledger.ticket(who, stars, when=at(4)), ledger.talk(who)
            ledger.say(who, at(2), conversation_id=talk)
            ledger.say(who, at(2, minutes=1), conversation_id=talk, ticket_id=ticket)
            ledger.say(who, at(2, minutes=2), "answer", author="agent", conversation_id=talk, ticket_id=ticket)
            ledger.say(who, at(2), "press", conversation_id=talk)
            asked = ledger.talk(who)
            ledger.say(who, at(3), "rating_request", author="bot", conversation_id=asked, ticket_id=ticket)
            ledger.say(who, at(3, minutes=1), "voice", conversation_id=asked)
        who = ledger.customer()
        ledger.say(who, at(2), "photo", ticket_id=ledger.ticket(who, 2))
        ledger.say(who, at(2), "photo", ticket_id=ledger.ticket(who))

    await written(store, tell)
    report = await reported(store)
    for kind, author in (("text", "customer"), ("press", "customer"), ("answer", "agent"), ("rating_request", "bot")):
        rated = of(report, kind, author).rated
        assert rated.tickets == 5
        assert rated.mean == pytest.approx(3.4)
    assert of(report, "voice").rated == Rated(0, None)
    assert of(report, "photo").rated == Rated(1, None)
    assert (of(report, "rating").contacts, of(report, "rating").rated.tickets) == (5, 5)


async def test_a_chat_that_was_escalated_for_a_complaint_is_one(store: Store) -> None:
    def tell(ledger: Ledger) -> None:
        angry, asking, gone = ledger.customer(), ledger.customer(), ledger.customer(erased_at=at(20))
        for who, codes in ((angry, ("asked_human", "complaint")), (asking, ("asked_human",)), (gone, ("complaint",))):
            ledger.say(who, at(2))
            ledger.escalated(who, at(3), *codes)
            ledger.say(who, at(3, hours=1), author="agent")
            ledger.order(who, day=9)

    await written(store, tell)
    report = await reported(store)
    complaint = of(report, "complaint")
    assert (complaint.contacts, complaint.customers) == (1, 1)
    assert complaint.answered_by_agent == Answered(1, 1, None, None)
    text = of(report, "text")
    assert (text.customers, text.after.having, text.after.complaint.having) == (2, 2, 1)
    assert (text.after.order.having, of(report, "order").customers) == (2, 2)


@pytest.mark.parametrize(("zone", "followed"), [("UTC", 2), ("Asia/Shanghai", 1)])
async def test_days_are_those_of_the_shop(store: Store, zone: str, followed: int) -> None:
    """In Shanghai it is the 2nd already when one of them writes, on the day of the order."""

    def tell(ledger: Ledger) -> None:
        for day in (2, 3):
            who = ledger.customer()
            ledger.say(who, at(1, hours=23, minutes=30))
            ledger.order(who, day)

    await written(store, tell)
    assert of(await reported(store, zone=zone), "text").after.order.having == followed


async def test_rare_kinds_are_left_out_and_nothing_is_read_twice(store: Store) -> None:
    def tell(ledger: Ledger) -> None:
        who = ledger.customer()
        for n in range(MOST_KINDS + 3):
            ledger.say(who, at(2), f"kind {n:02}")
        ledger.say(who, at(2), "kind 52")

    await written(store, tell)
    shop = await open_shop(store)
    statements: list[str] = []
    engine = store.reader.sync_engine

    def note(_conn: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    report = await contact_report(shop.desk, SEPTEMBER, shop.now)
    event.remove(engine, "before_cursor_execute", note)
    assert len([statement for statement in statements if "touchpoint" in statement]) == 3
    assert (len(report.kinds), report.left_out) == (MOST_KINDS, 3)
    assert (report.kinds[0].kind.kind, report.kinds[0].contacts) == ("kind 52", 2)


async def test_an_empty_period_is_an_empty_report(store: Store) -> None:
    report = await reported(store)
    assert (report.kinds, report.left_out, report.within) == ((), 0, 10)


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        (Wanted(until=date(2026, 11, 21)), "yet to come"),
        (Wanted(date(2026, 9, 2), date(2026, 9, 1)), "after its end"),
        (Wanted(date(1, 1, 1), date(1, 1, 2)), "1970"),
        (Wanted(date(2000, 1, 1), date(2026, 1, 1)), "3,660 days"),
        (Wanted(within=0), "1 to 365"),
        (Wanted(within=366), "1 to 365"),
    ],
)
def test_impossible_periods_are_told(wanted: Wanted, told: str) -> None:
    with pytest.raises(PeriodError, match=told):
        period_of(wanted, ZoneInfo("Asia/Shanghai"), FRIDAY_NOON)


def test_a_period_knows_when_clocks_change() -> None:
    wanted = Wanted(date(2026, 10, 20), date(2026, 10, 27), within=2)
    period = period_of(wanted, ZoneInfo("Europe/Berlin"), FRIDAY_NOON)
    assert period.since == datetime(2026, 10, 19, 22, tzinfo=UTC)
    assert period.end == datetime(2026, 10, 29, 23, tzinfo=UTC)
    assert period.shifts == [(period.since, 7_200), (datetime(2026, 10, 25, 1, tzinfo=UTC), 3_600)]


async def test_days_are_right_on_either_side_of_a_clock_change(store: Store) -> None:
    """Berlin's clocks go back in the night to the 25th of October: 55 days after the 31st of August."""

    def tell(ledger: Ledger) -> None:
        for moment, order_day in ((at(54, hours=21, minutes=59), 55), (at(55, hours=22, minutes=59), 56)):
            who = ledger.customer()
            ledger.say(who, moment)  # a minute to midnight
            ledger.order(who, order_day)
        for moment, order_day in ((at(54, hours=22), 55), (at(55, hours=23), 56)):
            who = ledger.customer()
            ledger.say(who, moment, "call")  # midnight, so the order is of the same day
            ledger.order(who, order_day)

    await written(store, tell)
    wanted = Wanted(date(2026, 10, 20), date(2026, 10, 27), within=2)
    report = await reported(store, wanted, "Europe/Berlin")
    assert (of(report, "text").after.order.having, of(report, "call").after.order.having) == (2, 0)
    assert of(report, "order").contacts == 4
