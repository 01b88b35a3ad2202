"""The rules an admin sets: read, refused with the field's name, kept, told to the service, and put back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from analytics.tiers import TierLimits
from crm_store.models import Audit, Escalation, Ticket
from crm_store.queries.desk import in_queue
from crm_store.repositories import house_rules as stored
from crm_store.store import Store
from crm_store.unit import Unit
from faq.matcher import Decision
from support.agents import escalations, queue
from support.agents.queue import Line
from support.customers.managing import look_after
from support.judging.house_rules import DEFAULT, BrokenRulesError, HouseRules, changed, differences
from support.judging.live_rules import LiveRules, held
from support.judging.rule_changes import NothingToUndoError, changes, former, switch_on
from support.policy import Act, Reason, Standing, judge
from support.words.signals import Signals
from tests.support.shop import Shop, new_score_for, open_shop

OTHER = {"tiers": {"vip": 2}, "policy": {"queue": {"value": 7}, "escalation": {"failures": 3}}}


async def set_rules(store: Store, document: object) -> HouseRules:
    async def work(unit: Unit) -> HouseRules:
        before = await held(unit.session)
        after = changed(before, document)
        switch_on(unit, before, after)
        return after

    return await store.run(work)


@pytest.mark.parametrize(
    ("document", "field"),
    [
        ({"tiers": {"vip": 6}}, "tiers.major"),
        ({"tiers": {"small": 90}}, "tiers.small"),
        ({"tiers": None}, "tiers"),
        ({"policy": {"queue": {"value": -1}}}, "policy.queue.value"),
        ({"policy": {"queue": {"value": float("nan")}}}, "policy.queue.value"),
        ({"policy": {"weights": {"vip": 0}}}, "policy.weights.vip"),
        ({"policy": {"service": {"no_tier": {"comes_first": True}}}}, "policy.service.no_tier.comes_first"),
        ({"policy": {"service": {"vip": {"first_answer_minutes": 0}}}}, "policy.service.vip.first_answer_minutes"),
        ({"strategy": {}}, "strategy"),
        (["policy"], "rules"),
    ],
)
def test_what_cannot_hold_is_refused_by_its_field(document: object, field: str) -> None:
    with pytest.raises(BrokenRulesError) as refused:
        changed(DEFAULT, document)
    assert [name for name, _ in refused.value.problems] == [field]


def test_what_a_document_does_not_name_stays() -> None:
    once = changed(DEFAULT, OTHER)
    twice = changed(once, {"policy": {"queue": {"risk": 1}}})
    assert (twice.policy.queue.value, twice.policy.queue.risk, twice.tiers.limits) == (7, 1, TierLimits(vip=2))
    assert differences(once, twice) == [("policy.queue.risk", 2.0, 1.0)]
    assert changed(DEFAULT, once.model_dump(mode="json")) == once


@given(st.sampled_from([None, "vip", "major", "ordinary", "small", "platinum"]), st.booleans())
def test_the_bot_goes_first_for_small_customers_alone(tier: str | None, bot_first: bool) -> None:
    policy = changed(DEFAULT, {"policy": {"escalation": {"bot_first": bot_first}}}).policy
    assert policy.failures_until_human(tier) == 2 + (bot_first and tier == "small")
    wish = judge(Standing(tier=tier), Signals(wants_human=True), Decision.ANSWER, policy)
    assert wish.act is Act.HUMAN, "an explicit wish goes through"


def test_thresholds_and_tiers_decide_who_comes_first() -> None:
    question, answer = Signals(), Decision.ANSWER
    strict = changed(DEFAULT, {"policy": {"escalation": {"risk": 0.6, "churned": False}}}).policy
    assert judge(Standing(at_risk=True, risk=0.5), question, answer).reasons
    assert not judge(Standing(at_risk=True, risk=0.5), question, answer, strict).reasons
    assert judge(Standing(at_risk=True, risk=0.6), question, answer, strict).reasons
    assert not judge(Standing(stage="churn"), question, answer, strict).reasons
    served_badly = judge(Standing(service_risk=0.5), question, answer)
    assert [reason.code for reason in served_badly.reasons] == ["service_risk", "confident_answer"]
    assert not judge(Standing(service_risk=0.49), question, answer).reasons


async def test_live_rules_follow_the_store(store: Store) -> None:
    live = LiveRules()
    assert not await live.refresh(store), "nothing was set"
    await set_rules(store, OTHER)
    assert live.policy == DEFAULT.policy, "no table is read before it is renewed"
    assert await live.refresh(store)
    assert not await live.refresh(store)
    assert (live.tiers.vip, live.policy.queue.value) == (2, 7)


@pytest.mark.parametrize("broken", [{"queue": {"value": "much"}}, {"nonsense": 1}, {"queue": 3}])
async def test_broken_rules_never_replace_good_ones(store: Store, broken: dict[str, object]) -> None:
    live = LiveRules()
    await set_rules(store, OTHER)
    await live.refresh(store)
    await store.run(lambda unit: put(unit, broken))
    assert await live.refresh(store)
    assert live.policy.queue.value == 7
    restarted = LiveRules()
    await restarted.refresh(store)
    assert restarted.rules == live.rules, "a restart finds the last good ones too"


async def put(unit: Unit, value: dict[str, object]) -> None:
    stored.put(unit, "policy", value, None)


async def test_rules_of_others_are_none_of_ours(store: Store) -> None:
    async def work(unit: Unit) -> None:
        stored.put(unit, "of_somebody_else", {"use": {}}, None)

    await store.run(work)
    assert not await LiveRules().refresh(store)


async def test_a_change_is_told_kept_and_put_back(store: Store) -> None:
    with store.signals.listen("house_rules") as told:
        after = await set_rules(store, OTHER)
        assert await told.wait(1)
    async with store.read() as session:
        assert await held(session) == after
        assert await former(session, after, "policy") == changed(DEFAULT, {"tiers": {"vip": 2}})

    async def undo(unit: Unit) -> None:
        before = await held(unit.session)
        switch_on(unit, before, await former(unit.session, before, "policy"))

    await store.run(undo)
    async with store.read() as session:
        assert (await held(session)).policy == DEFAULT.policy

    async def read(unit: Unit) -> list[list[tuple[str, object, object]]]:
        return [list(change.differences) for change in await changes(unit, "policy", 10)]

    there = [("policy.escalation.failures", 2, 3), ("policy.queue.value", 3.0, 7.0)]
    back = [(field, now, was) for field, was, now in there]
    assert await store.run(read) == [back, there]
    async with store.read() as session:
        actions = (await session.scalars(select(Audit.action))).all()
    assert actions == ["house_rules.set"] * 3, "tiers and policy, and the policy back"


async def test_what_was_never_set_cannot_be_undone(store: Store) -> None:
    async with store.read() as session:
        with pytest.raises(NothingToUndoError, match="tiers was never set"):
            await former(session, DEFAULT, "tiers")


@pytest.fixture
async def shop(store: Store) -> Shop:
    served = {
        "vip": {"first_answer_minutes": 30},
        "major": {"queue_weight": 5},
    }
    shop = await open_shop(store)
    shop.desk.rules = LiveRules(changed(DEFAULT, {"policy": {"service": served, "weights": {"vip": 0.5}}}))
    return shop


async def test_the_first_answer_is_promised_by_tier(shop: Shop) -> None:
    async def work(unit: Unit) -> None:
        for tier in ("vip", "small"):
            person = await shop.met(unit, tier)
            new_score_for(unit, person, tier=tier)
            await escalations.escalate(shop.desk, unit, person, [Reason("vip")], subject=tier)
        await escalations.escalate(shop.desk, unit, await shop.met(unit, "new"), [Reason("urgent")], subject="new")

    await shop.run(work)
    due = {row.subject: row.due_at - shop.now for row in await shop.rows(Ticket)}
    hours = timedelta(hours=8)
    assert due == {"vip": timedelta(minutes=30), "small": hours, "new": hours}
    assert {row.reasons[0]["weight"] for row in await shop.rows(Escalation)} == {0.5, 1.0}, "weights of the day"


async def test_the_tier_weighs_in_the_queue(shop: Shop) -> None:
    async def enter(unit: Unit, name: str, tier: str) -> Line:
        person = await shop.met(unit, name)
        new_score_for(unit, person, tier=tier, percentile=50.0)
        escalation = await escalations.escalate(shop.desk, unit, person, [Reason("urgent")], subject=name)
        return await queue.line(shop.desk, unit, escalation)

    assert (await shop.run(lambda unit: enter(unit, "ann", "ordinary"))).place == 1
    shop.pass_time(minutes=10)
    assert (await shop.run(lambda unit: enter(unit, "ben", "major"))).place == 1, "5 × 5 against 15"
    shop.pass_time(minutes=1)
    assert (await shop.run(lambda unit: enter(unit, "cid", "ordinary"))).place == 3


async def test_an_account_manager_is_kept_with_a_line_in_the_audit_log(shop: Shop) -> None:
    bob = await shop.staff()

    await shop.hear("hello")

    async def work(unit: Unit) -> int:
        person = await shop.known(unit)
        customer = await look_after(unit, person.customer.id, bob)
        return customer.manager_id or 0

    assert await shop.run(work) == bob.id
    assert "customer.managed" in [row.action for row in await shop.rows(Audit)]
    await shop.queue_up()
    async with shop.store.read() as session:
        assert [row.manager for row in await in_queue(session)] == ["Bob"]


async def small_customer(shop: Shop) -> None:
    await shop.hear("hello")

    async def work(unit: Unit) -> None:
        new_score_for(unit, await shop.known(unit), tier="small")

    await shop.run(work)


async def test_a_small_customer_sees_the_bot_once_more(shop: Shop) -> None:
    await small_customer(shop)
    shop.desk.rules = LiveRules(changed(DEFAULT, {"policy": {"escalation": {"bot_first": True}}}))
    for _ in range(2):
        await shop.hear("why is the moon so far away")
        assert not await shop.rows(Escalation)
    await shop.hear("why is the moon so far away")
    (escalation,) = await shop.rows(Escalation)
    assert escalation.reasons[0]["code"] == "failed_answers"
    assert escalation.reasons[0]["facts"] == {"count": 3}


@pytest.mark.parametrize("words", ["I want to talk to a human", "This is a scandal, I want to complain"])
async def test_a_wish_or_a_complaint_of_a_small_customer_goes_through(shop: Shop, words: str) -> None:
    await small_customer(shop)
    shop.desk.rules = LiveRules(changed(DEFAULT, {"policy": {"escalation": {"bot_first": True}}}))
    await shop.hear(words)
    assert len(await shop.rows(Escalation)) == 1


async def test_after_the_only_answer_the_bot_asks_small_customers_for_other_words(shop: Shop) -> None:
    await small_customer(shop)
    for bot_first in (True, False):
        shop.desk.rules = LiveRules(changed(DEFAULT, {"policy": {"escalation": {"bot_first": bot_first}}}))
        await shop.hear("How often do I descale the machine?")
        await shop.hear("Not quite")
        assert len(await shop.rows(Escalation)) == (0 if bot_first else 1)
        await shop.hear("thanks")
