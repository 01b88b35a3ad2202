"""A reason on a customer's page is called wrong, and that is taken back: by staff, of that customer alone."""

from __future__ import annotations

import httpx
from sqlalchemy import select

from crm_store.models import Escalation, ReasonVerdict
from support.desk import Desk
from support.talk.conversation import hear
from support.talk.inbound import Inbound, Sender
from tests.console.shop import act, csrf_of


async def escalations(desk: Desk) -> list[int]:
    async with desk.store.read() as session:
        return list((await session.scalars(select(Escalation.id).order_by(Escalation.id))).all())


async def verdicts(desk: Desk) -> list[str]:
    async with desk.store.read() as session:
        return list((await session.scalars(select(ReasonVerdict.code))).all())


async def test_a_reason_is_called_wrong_and_that_is_undone(agent: httpx.AsyncClient, desk: Desk, waiting: int) -> None:
    (escalation,) = await escalations(desk)
    shown = (await agent.get(f"/console/c/{waiting}")).text
    assert "Wrong reason" in shown
    done = await act(agent, waiting, f"reasons/{escalation}/asked_human/wrong")
    assert done.status_code == 200
    assert "Asked for a person (noted as wrong)" in done.text
    assert f"reasons/{escalation}/asked_human/right" in done.text
    assert await verdicts(desk) == ["asked_human"]
    undone = await act(agent, waiting, f"reasons/{escalation}/asked_human/right")
    assert "noted as wrong" not in undone.text
    assert not await verdicts(desk)


async def test_a_reason_must_stand_on_that_very_page(agent: httpx.AsyncClient, desk: Desk, waiting: int) -> None:
    other = Inbound(Sender("web", "second", name="Other"), "I want to speak to a human please")
    await desk.store.run(lambda unit: hear(desk, unit, other))
    mine, others = await escalations(desk)
    headers = {"X-CSRF-Token": await csrf_of(agent), "HX-Request": "true"}
    for path, status in (
        (f"{waiting}/reasons/{others}/asked_human/wrong", 409),
        (f"{waiting}/reasons/{mine}/vip/wrong", 409),
        (f"{waiting}/reasons/{mine}/asked_human/explode", 400),
        (f"{waiting}/reasons/x/asked_human/wrong", 404),
        (f"7/reasons/{mine}/asked_human/wrong", 404),
    ):
        assert (await agent.post(f"/console/c/{path}", headers=headers)).status_code == status, path
    assert not await verdicts(desk)


async def test_only_staff_from_their_own_page(
    agent: httpx.AsyncClient, visitor: httpx.AsyncClient, desk: Desk, waiting: int
) -> None:
    (escalation,) = await escalations(desk)
    path = f"/console/c/{waiting}/reasons/{escalation}/asked_human/wrong"
    assert (await visitor.post(path)).status_code in {401, 303}
    assert (await agent.post(path)).status_code == 403
    assert not await verdicts(desk)
