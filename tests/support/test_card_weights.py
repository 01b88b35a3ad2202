"""The weights beside a name are what orders the queue, and nothing else."""

from __future__ import annotations

from datetime import timedelta
from math import log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.service_risk import WEIGHTS, Signal, service_risk
from crm_store.card import CustomerCard, WrongReason
from crm_store.models import Escalation
from crm_store.store import Store
from crm_store.unit import Unit
from support.agents.card import read_card
from support.agents.card_reasons import weighed
from support.agents.priority import PriorityFacts, priority
from support.agents.queue import ranked
from support.judging.house_rules import DEFAULT, HouseRules, changed
from support.judging.live_rules import LiveRules
from support.judging.verdicts import mark_wrong
from tests.support.shop import FRIDAY_NOON, Shop, new_score_for, open_shop

CODES = ("vip", "at_risk", "complaint", "urgent", "service_risk")
RULES = changed(
    DEFAULT, {"policy": {"queue": {"value": 1.5, "urgent": 3}, "service": {"no_tier": {"queue_weight": 2}}}}
)
SERVICE = service_risk(0.3, [Signal(code, {"days": 1}) for code in WEIGHTS])


def kept_service() -> dict[str, object]:
    assert SERVICE
    parts = [{"code": p.signal.code, "weight": p.weight, **p.signal.figures} for p in SERVICE.parts]
    return {"risk": SERVICE.risk, "base": SERVICE.base, "base_known": True, "parts": parts}


@st.composite
def escalations(draw: st.DrawFn) -> Escalation:
    codes = draw(st.sets(st.sampled_from(CODES), min_size=1))
    return Escalation(
        id=1,
        customer_id=1,
        opened_at=FRIDAY_NOON,
        value_percentile=draw(st.floats(0, 100)),
        risk=draw(st.floats(0, 1)),
        urgent=draw(st.booleans()),
        reasons=[{"code": c, "weight": 1.0, "facts": kept_service() if c == "service_risk" else {}} for c in codes],
    )


def stranger(wrong: set[str]) -> CustomerCard:
    return CustomerCard(
        id=1,
        external_id=None,
        name="Nia",
        phone=None,
        email=None,
        language=None,
        organisation_id=None,
        organisation=None,
        source=None,
        referrer=None,
        created_at=FRIDAY_NOON,
        erased_at=None,
        standing=None,
        wrong_reasons=tuple(WrongReason(1, code) for code in wrong),
    )


def head_start_alone(row: Escalation, wrong: set[str], rules: HouseRules) -> float:
    """How far in front somebody is who just came: found by whom, without anything of their own, they go before."""
    low, high = 0.0, 1e6
    for _ in range(100):
        minutes = (low + high) / 2
        other = Escalation(id=2, customer_id=2, opened_at=FRIDAY_NOON - timedelta(minutes=minutes), reasons=[])
        first = ranked([row, other], FRIDAY_NOON, rules.policy, wrong={1: wrong})[0]
        low, high = (minutes, high) if first.id == 1 else (low, minutes)
    return low


@given(escalations(), st.sets(st.sampled_from(CODES)))
def test_the_weights_add_up_to_what_orders_the_queue(row: Escalation, wrong: set[str]) -> None:
    rules = changed(RULES, {"policy": {"queue": {"fairness_minutes": 40_000}}})
    found = weighed(stranger(wrong), None, rules.policy, row)
    weight = {each.reason.code: each.weight for each in found}
    denied_haste = {"complaint", "urgent"} & {r["code"] for r in row.reasons}
    facts = PriorityFacts(
        timedelta(0),
        None if "vip" in wrong else row.value_percentile,
        None if "at_risk" in wrong else row.risk,
        urgent=row.urgent and not (denied_haste and denied_haste <= wrong),
        weight=2.0,
    )
    pull = log(priority(facts, rules.policy.queue) / 5)
    minutes = head_start_alone(row, wrong, rules)
    whole = log((5 + minutes) / 5) + log(2)
    assert sum(weight.values()) == pytest.approx(1)
    assert weight.get("tier", 0.0) == pytest.approx(log(2) / whole, rel=1e-4)
    assert weight.get("urgent", 0.0) == pytest.approx(log(4) / whole if facts.urgent else 0.0, rel=1e-4)
    service = sum(weight.get(code, 0.0) for code in WEIGHTS)
    assert service == pytest.approx(max(0.0, whole - pull) / whole, abs=1e-4)


@pytest.fixture
async def shop(store: Store) -> Shop:
    return await open_shop(store)


async def told(shop: Shop) -> dict[str, int]:
    """The last line of the card's reasons, if it has weights; those of the orders' rhythm as "habit"."""

    async def work(unit: Unit) -> str:
        return (await read_card(shop.desk, unit, await shop.known(unit), unit.now)).reasons[-1]

    begin, _, weights = (await shop.run(work)).partition(": ")
    parts = [each.rpartition(" ") for each in weights.split(" · ")] if begin == "Weights of 100" else []
    return {"habit" if name in ("rhythm", "silence", "history") else name: int(weight) for name, _, weight in parts}


async def scored(shop: Shop, **values: object) -> None:
    async def work(unit: Unit) -> None:
        new_score_for(unit, await shop.met(unit), **values)

    await shop.run(work)


async def test_signals_below_the_policy_s_threshold_weigh_nothing(shop: Shop) -> None:
    await scored(shop, percentile=100.0, spend_percentile=99.5, risk=0.2)
    await shop.hear("you idiots")
    assert await told(shop) == {"spend": 80, "habit": 20}, "before they come"
    await shop.queue_up("nia", "asked_human")
    assert await told(shop) == {"spend": 80, "habit": 20}
    shop.desk.rules = LiveRules(changed(DEFAULT, {"policy": {"escalation": {"service_risk": 0.1}}}))
    await shop.queue_up("nia", "asked_human")
    assert await told(shop) == {"spend": 76, "habit": 18, "words": 5}


async def test_haste_and_the_tier_are_among_the_weights_and_a_wrong_reason_is_not(shop: Shop) -> None:
    shop.desk.rules = LiveRules(changed(DEFAULT, {"policy": {"service": {"vip": {"queue_weight": 2}}}}))
    await scored(shop, tier="vip", percentile=100.0, spend_percentile=99.5, risk=0.0)
    escalation, bob = await shop.queue_up("nia", "vip", "complaint", urgent=True), await shop.staff()
    assert await told(shop) == {"spend": 50, "urgent": 25, "tier": 25}
    await shop.act(mark_wrong, bob, escalation, "complaint")
    assert await told(shop) == {"spend": 67, "tier": 33}
    await shop.act(mark_wrong, bob, escalation, "vip")
    assert await told(shop) == {}
