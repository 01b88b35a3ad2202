"""An agent calls a reason wrong, once; takes it back; and how often each reason was wrong."""

from __future__ import annotations

import pytest

from crm_store.models import Audit, ReasonVerdict
from crm_store.store import Store
from crm_store.unit import Unit
from support.agents import work as agent_work
from support.agents.card import read_card
from support.judging.verdicts import ReasonGoneError, mark_wrong, take_back, wrong_shares
from tests.support.shop import Shop, open_shop


@pytest.fixture
async def shop(store: Store) -> Shop:
    return await open_shop(store)


async def reasons(shop: Shop, who: str = "nia") -> tuple[str, ...]:
    async def work(unit: Unit) -> tuple[str, ...]:
        return tuple(
            each.text for each in (await read_card(shop.desk, unit, await shop.known(unit, who), unit.now)).named
        )

    return await shop.run(work)


async def test_a_reason_is_wrong_once_and_can_be_taken_back(shop: Shop) -> None:
    escalation, bob, cem = await shop.queue_up("nia", "vip", "urgent"), await shop.staff(), await shop.staff("Cem")
    await shop.act(mark_wrong, bob, escalation, "vip")
    await shop.act(mark_wrong, cem, escalation, "vip")
    assert [(row.code, row.agent_id) for row in await shop.rows(ReasonVerdict)] == [("vip", bob.id)]
    assert await reasons(shop) == ("VIP customer (noted as wrong)", "Urgent")
    assert shop.room.told_of.count(("learned", "")) == 1
    await shop.act(take_back, cem, escalation, "vip")
    await shop.act(take_back, cem, escalation, "vip")
    assert not await shop.rows(ReasonVerdict)
    assert await reasons(shop) == ("VIP customer", "Urgent")
    assert [row.action for row in await shop.rows(Audit) if row.action.startswith("reason.")] == [
        "reason.wrong",
        "reason.right",
    ]


async def test_only_a_reason_of_this_customer_s_escalation_under_way_can_be_wrong(shop: Shop) -> None:
    mine, others = await shop.queue_up("nia", "vip"), await shop.queue_up("ann", "vip")
    bob = await shop.staff()
    for escalation, code in ((others, "vip"), (mine, "urgent"), (mine, ""), (1, "vip")):
        with pytest.raises(ReasonGoneError):
            await shop.act(mark_wrong, bob, escalation, code)
    await shop.act(agent_work.claim, bob)
    await shop.act(agent_work.resolve, bob)
    with pytest.raises(ReasonGoneError):
        await shop.act(mark_wrong, bob, mine, "vip")
    assert not await shop.rows(ReasonVerdict)


async def test_the_share_of_wrong_ones_is_counted_over_ninety_days(shop: Shop) -> None:
    bob = await shop.staff()
    await shop.queue_up("old", "urgent")
    shop.pass_time(days=91)
    first = await shop.queue_up("nia", "vip", "urgent")
    await shop.queue_up("ann", "vip")
    await shop.act(mark_wrong, bob, first, "vip")
    async with shop.store.read() as session:
        found = await wrong_shares(session, shop.now)
    assert [(each.code, each.wrong, each.total) for each in found] == [("vip", 1, 2), ("urgent", 0, 1)]
    assert found[0].share.low == pytest.approx(0.0945, abs=1e-3)  # Wilson's interval of 1 in 2
    assert found[0].share.high == pytest.approx(0.9055, abs=1e-3)
