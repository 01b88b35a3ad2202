"""A policy replayed over history: the present one decides again what it decided, another one differs as it should."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta

import pytest

from crm_store.ids import new_id
from crm_store.models import Escalation, Score, ScoreChange, Touchpoint
from crm_store.queries.policy_history import Escalated
from crm_store.repositories import ledger, people
from crm_store.store import Store
from crm_store.unit import Unit
from support.agents import work as agent_work
from support.errors import DeskError
from support.judging.house_rules import DEFAULT, HouseRules, changed
from support.judging.live_rules import LiveRules
from support.judging.replaying import Replay, Usual, kept_service_risk
from support.judging.simulating import FEWEST_HANDLED, Period, Simulation, Staffing, simulate
from support.talk import conversation
from support.talk.inbound import Press, Sender
from tests.support.shop import FRIDAY_NOON, Shop, open_shop, score

WORDS = (
    "How often do I descale the machine?",
    "How often descale?",
    "Do you sell umbrellas in Portugal?",
    "Why is the moon so far away?",
    "I want to talk to a human",
    "This is a scandal, I want to complain",
    "it is urgent, how often do I descale the machine?",
    "thanks!",
    "hello",
    "/human",
    "5512",
)
TIERS = ("vip", "major", "ordinary", "small", None)


def rules(**of_policy: object) -> HouseRules:
    return changed(DEFAULT, {"policy": of_policy})


async def press_something(shop: Shop, address: str, chance: random.Random) -> None:
    """A button of one of our last messages, if there are any; only those of the very last one do something."""

    async def work(unit: Unit) -> None:
        person = await people.by_address(unit, "web", address)
        assert person is not None
        said = [row for row in await ledger.latest(unit.session, person.contact.id, 10) if row.direction == "out"]
        offering = [row for row in said if (row.payload or {}).get("buttons")][-3:]
        if offering:
            offered = chance.choice([*offering, offering[-1], offering[-1]])
            place = chance.randrange(len((offered.payload or {})["buttons"]))
            await conversation.press(shop.desk, unit, Press(Sender("web", address), offered.id, place))

    await shop.run(work)


async def judged_as(shop: Shop, address: str, tier: str | None, *, at_risk: bool) -> None:
    """The nightly judgement moves somebody."""

    async def work(unit: Unit) -> None:
        person = await shop.known(unit, address)
        former = person.score
        unit.add(
            ScoreChange(
                id=new_id(),
                customer_id=person.customer.id,
                at=unit.now,
                former_tier=former.tier if former else None,
                former_stage=former.stage if former else None,
                former_at_risk=former.at_risk if former else None,
                former_segment=None,
                tier=tier,
                stage="use",
                at_risk=at_risk,
                segment=None,
                cause={"code": "order", "facts": {}},
            )
        )
        if former:
            former.tier, former.at_risk = tier, at_risk
        else:
            unit.add(score(person.customer.id, tier=tier or "small", at_risk=at_risk))

    await shop.run(work)


async def lived(shop: Shop, seed: int, steps: int = 120) -> None:
    """A history: customers write and press, the judgement moves them, an agent claims, releases and resolves."""
    chance, bob = random.Random(seed), await shop.staff()  # noqa: S311 - a history that can be repeated
    names = [f"customer {n}" for n in range(6)]
    for name in names:
        await shop.hear("hello", name)
    for _ in range(steps):
        shop.pass_time(minutes=chance.choice([1, 2, 7, 40, 200, 1500]))
        name, what = chance.choice(names), chance.random()
        try:
            if what < 0.6:
                await shop.hear(chance.choice(WORDS), name)
            elif what < 0.75:
                await press_something(shop, name, chance)
            elif what < 0.82:
                await judged_as(shop, name, chance.choice(TIERS[:-1]), at_risk=chance.random() < 0.2)
            else:
                deed = chance.choice([agent_work.claim, agent_work.resolve, agent_work.resolve])
                await shop.act(deed, bob, who=name)
        except DeskError:
            continue  # nothing of theirs is open


AS_IT_WAS = Staffing()


async def over_all(shop: Shop, proposed: HouseRules | None = None, staffing: Staffing = AS_IT_WAS) -> Simulation:
    period = Period(FRIDAY_NOON, shop.now + timedelta(seconds=1))
    return await simulate(shop.desk, period, shop.desk.rules.policy, proposed.policy if proposed else None, staffing)


def seen(rows: list[Escalation]) -> list[tuple[int, object]]:
    return [(row.contact_point_id, row.opened_at) for row in rows]


@pytest.mark.parametrize("seed", range(12))
async def test_the_present_policy_decides_again_what_it_decided(sqlite_store: Store, seed: int) -> None:
    shop = await open_shop(sqlite_store)
    await lived(shop, seed)
    found = await over_all(shop)
    assert found.really.count == len(await shop.rows(Escalation)) > 5
    assert found.present.count == found.really.count
    assert found.present.decided, "some of them by the policy"
    opening = {str(r["code"]) for row in await shop.rows(Escalation) for r in row.reasons if not r.get("at")}
    assert opening == set(found.present.reasons)
    assert dict(found.present.reasons) == dict(found.really.reasons)


@pytest.mark.parametrize("seed", range(20, 26))
async def test_another_bot_first_policy_is_reproduced_as_well(sqlite_store: Store, seed: int) -> None:
    shop = await open_shop(sqlite_store)
    shop.desk.rules = LiveRules(rules(escalation={"bot_first": True}, service={"ordinary": {"comes_first": True}}))
    await lived(shop, seed)
    found = await over_all(shop)
    assert dict(found.present.reasons) == dict(found.really.reasons)
    assert found.present.count == found.really.count


async def test_a_button_that_is_no_longer_on_offer_did_nothing(store: Store) -> None:
    shop = await open_shop(store)
    shop.desk.rules = LiveRules(rules(escalation={"failures": 1}))
    await shop.hear("How often do I descale the machine?")
    (answer,) = [row for row in await shop.rows(Touchpoint) if row.kind == "answer"]
    buttons = [each["action"] for each in (answer.payload or {})["buttons"]]
    not_quite = Press(Sender("web", "nia"), answer.id, buttons.index("not_quite"))
    shop.pass_time(hours=13)  # the next press begins a conversation of its own
    notice = await shop.run(lambda unit: conversation.press(shop.desk, unit, not_quite))
    assert notice
    found = await over_all(shop)
    assert (found.really.count, found.present.count) == (0, 0)
    await shop.hear("How often do I descale the machine?")
    (_, answer) = [row for row in await shop.rows(Touchpoint) if row.kind == "answer"]
    stale = replace(not_quite, touchpoint_id=answer.id - 1)
    await shop.run(lambda unit: conversation.press(shop.desk, unit, stale))
    current = replace(not_quite, touchpoint_id=answer.id)
    await shop.run(lambda unit: conversation.press(shop.desk, unit, current))
    found = await over_all(shop)
    assert (found.really.count, found.present.count) == (1, 1), "an older button pressed before takes nothing away"
    assert dict(found.present.reasons) == {"failed_answers": 1}


async def test_the_tier_of_that_time_counts_and_the_service_risk_that_was_kept(store: Store) -> None:
    shop = await open_shop(store)
    shop.desk.rules = LiveRules(rules(service={"vip": {"comes_first": True, "first_answer_minutes": 5}}))
    bob = await shop.staff()
    await shop.hear("hello", "ann")
    await judged_as(shop, "ann", "vip", at_risk=False)
    shop.pass_time(minutes=1)
    await shop.hear("I want to talk to a human", "ann")
    shop.pass_time(minutes=10)
    await shop.act(agent_work.claim, bob, who="ann")
    await judged_as(shop, "ann", "small", at_risk=False)
    found = await over_all(shop)
    assert found.really.waits
    assert found.really.waits.late == 1, "ten minutes were too long for the VIP that she was"
    parts = [{"code": "open_complaint", "weight": 0.9, "days": 0}]
    kept = {"risk": 0.7, "base": 0.48, "base_known": True, "parts": parts}
    first = {"code": "service_risk", "weight": 0.9, "facts": kept}
    later = first | {"at": shop.now.isoformat()}

    async def with_reason(reason: dict[str, object]) -> Escalation:
        async def work(unit: Unit) -> None:
            escalation = (await shop.known(unit, "ann")).escalation
            assert escalation
            asked = [each for each in escalation.reasons if each["code"] != "service_risk"]
            escalation.reasons = [*asked, reason]

        await shop.run(work)
        return (await shop.rows(Escalation))[0]

    assert kept_service_risk(as_escalated(await with_reason(first))) == 0.7
    assert "service_risk" in (await over_all(shop)).present.reasons
    assert kept_service_risk(as_escalated(await with_reason(later))) is None, "it was noted while they waited"
    assert "service_risk" not in (await over_all(shop)).present.reasons


def as_escalated(row: Escalation) -> Escalated:
    return Escalated(
        **{name: getattr(row, name) for name in Escalated._fields if name != "contact_id"},
        contact_id=row.contact_point_id,
    )


async def test_a_service_risk_moves_somebody_forward_in_the_simulated_queue(store: Store) -> None:
    shop = await open_shop(store)
    real = Escalated(1, 1, FRIDAY_NOON, None, None, [], None, None)
    parts = [{"code": "open_complaint", "weight": 0.9, "days": 0}]
    facts = {"risk": 0.7, "base": 0.48, "base_known": True, "parts": parts}
    raised = real._replace(reasons=[{"code": "service_risk", "weight": 0.9, "facts": facts}])
    replay = Replay(shop.desk.rules.policy, Usual(), [raised])
    replay.finish()
    assert [each.service_risk for each in replay.opened] == [0.7]
    careless = Replay(rules(escalation={"service_risk": 0.8}).policy, Usual(), [raised])
    careless.finish()
    assert [each.service_risk for each in careless.opened] == [None]


async def test_without_a_history_there_is_nothing_to_say(store: Store) -> None:
    found = await over_all(await open_shop(store))
    assert (found.messages, found.really.count, found.present.count, found.present.waits) == (0, 0, 0, None)
    assert found.is_small
    assert found.is_too_small_for_waits


async def test_other_rules_bring_others_before_a_human(store: Store) -> None:
    shop = await open_shop(store)
    for name, tier in (("vip", "vip"), ("plain", "ordinary")):
        await shop.hear("hello", name)
        await judged_as(shop, name, tier, at_risk=False)
    shop.pass_time(minutes=5)
    await shop.hear("How often do I descale the machine?", "vip")
    await shop.hear("How often do I descale the machine?", "plain")
    turned = rules(service={"vip": {"comes_first": False}, "ordinary": {"comes_first": True}})
    found = await over_all(shop, turned)
    assert found.proposed
    assert (dict(found.present.reasons), dict(found.proposed.reasons)) == (
        {"vip": 1, "confident_answer": 1},
        {"ordinary": 1, "confident_answer": 1},
    )
    assert [(each.gained, each.codes[0]) for each in found.examples] == [(True, "ordinary"), (False, "vip")] or [
        (each.gained, each.codes[0]) for each in found.examples
    ] == [(False, "vip"), (True, "ordinary")]
    assert found.places["then"] == 4


async def test_a_place_before_the_first_change_and_without_any(store: Store) -> None:
    shop = await open_shop(store)
    for name in ("late", "scored"):
        await shop.hear("How often do I descale the machine?", name)

    async def work(unit: Unit) -> None:
        unit.add(score((await shop.known(unit, "scored")).customer.id, tier="vip"))

    await shop.run(work)
    shop.pass_time(minutes=5)
    await judged_as(shop, "late", "vip", at_risk=False)
    found = await over_all(shop)
    assert dict(found.places) == {"then": 1, "now": 1}
    assert dict(found.present.reasons) == {"vip": 1, "confident_answer": 1}, "only by today's place"
    assert len(await shop.rows(Score)) == 2


async def test_waits_are_told_once_enough_were_helped(store: Store) -> None:
    shop = await open_shop(store)
    bob = await shop.staff()
    for n in range(FEWEST_HANDLED):
        await shop.hear("I want to talk to a human", f"c{n}")
        shop.pass_time(minutes=3)
        await shop.act(agent_work.claim, bob, who=f"c{n}")
        shop.pass_time(minutes=5)
        await shop.act(agent_work.resolve, bob, who=f"c{n}")
    found = await over_all(shop)
    assert found.really.waits
    assert found.present.waits
    assert (found.agents, found.handled, found.really.waits.half, found.present.waits.half) == (1, 20, 3, 0)
    slow = await over_all(shop, staffing=Staffing(handling=timedelta(minutes=10)))
    assert slow.present.waits
    assert slow.present.waits.half > 10, "one agent who takes longer than the next one needs to come"
    two = await over_all(shop, staffing=Staffing(agents=2, handling=timedelta(minutes=10)))
    assert two.present.waits
    assert two.present.waits.half == 0
