"""Facts on a customer's page: noted, confirmed, declined, withdrawn and kept, by staff alone."""

from __future__ import annotations

import httpx
import pytest
from sqlalchemy import select

from crm_store.models import Fact
from support.desk import Desk
from tests.console.conftest import address_of
from tests.console.shop import act, contact_id, csrf_of, write


@pytest.fixture
async def heard(desk: Desk, visitor: httpx.AsyncClient) -> int:
    """The contact point of a visitor who said when to call."""
    await write(visitor, "Please call after six.")
    return await contact_id(desk, address_of(visitor))


async def facts(desk: Desk) -> list[Fact]:
    async with desk.store.read() as session:
        return list((await session.scalars(select(Fact).order_by(Fact.id))).all())


async def page(agent: httpx.AsyncClient, contact: int) -> str:
    return (await agent.get(f"/console/c/{contact}")).text


async def test_what_was_heard_is_confirmed_and_withdrawn(agent: httpx.AsyncClient, desk: Desk, heard: int) -> None:
    (fact,) = await facts(desk)
    shown = await page(agent, heard)
    assert "Heard, to be confirmed" in shown
    assert "Hours: “Please call after six.”" in shown
    answer = await act(agent, heard, f"facts/{fact.id}/confirm")
    assert answer.status_code == 200
    assert "Good to know" in answer.text
    assert "Heard, to be confirmed" not in answer.text
    assert "No longer true" in answer.text
    await act(agent, heard, f"facts/{fact.id}/withdraw")
    assert "Good to know" not in await page(agent, heard)


async def test_a_fact_decided_on_meanwhile_is_told(agent: httpx.AsyncClient, desk: Desk, heard: int) -> None:
    (fact,) = await facts(desk)
    await act(agent, heard, f"facts/{fact.id}/decline")
    answer = await act(agent, heard, f"facts/{fact.id}/confirm")
    assert answer.status_code == 409
    assert "A colleague has decided on this already." in answer.text


async def test_a_promise_is_noted_by_its_date_or_its_words(agent: httpx.AsyncClient, desk: Desk, heard: int) -> None:
    done = await act(agent, heard, "facts", kind="promise", text="a new basket", due="2126-11-25")
    assert "due 25 November 2126" in done.text
    done = await act(agent, heard, "facts", kind="promise", text="a call within two days")
    assert done.status_code == 200
    _, first, second = await facts(desk)
    assert first.due_at
    assert second.due_at
    kept = await act(agent, heard, f"facts/{first.id}/keep")
    assert "a new basket" not in kept.text.split('<aside class="card">')[1]


@pytest.mark.parametrize(
    ("fields", "status", "told"),
    [
        ({"kind": "promise", "text": "a new basket"}, 409, "By when?"),
        ({"kind": "promise", "text": "a new basket", "due": "soon"}, 409, "By when?"),
        ({"kind": "promise", "text": "a new basket", "due": "2020-01-01"}, 409, "By when?"),
        ({"kind": "preference", "text": " "}, 409, "There is nothing to send yet."),
        ({"kind": "preference", "text": "x" * 501}, 409, "500 characters"),
        ({"kind": "horoscope", "text": "Leo"}, 409, "Something went wrong"),
        ({"text": "no kind"}, 400, "Something went wrong"),
    ],
)
async def test_what_cannot_be_noted_is_told_and_nothing_kept(
    agent: httpx.AsyncClient, desk: Desk, heard: int, fields: dict[str, str], status: int, told: str
) -> None:
    answer = await act(agent, heard, "facts", **fields)
    assert answer.status_code == status
    assert told in answer.text
    assert len(await facts(desk)) == 1


async def test_a_strangers_words_are_no_markup(agent: httpx.AsyncClient, heard: int) -> None:
    shown = (await act(agent, heard, "facts", kind="constraint", text="<script>alert(1)</script>")).text
    assert "<script>alert" not in shown
    assert "&lt;script&gt;" in shown


@pytest.mark.parametrize("what", ["facts", "facts/1/confirm", "facts/1/keep"])
async def test_only_staff_and_only_their_own_pages(
    agent: httpx.AsyncClient, visitor: httpx.AsyncClient, heard: int, what: str
) -> None:
    fields = {"kind": "preference", "text": "x", "client_key": "a-key-1234"}
    stranger = await visitor.post(f"/console/c/{heard}/{what}", data=fields)
    assert stranger.status_code in {401, 303}
    forged = await agent.post(f"/console/c/{heard}/{what}", data=fields)
    assert forged.status_code == 403


async def test_another_customers_fact_is_none_of_this_page(agent: httpx.AsyncClient, desk: Desk, heard: int) -> None:
    headers = {"X-CSRF-Token": await csrf_of(agent), "HX-Request": "true"}
    (fact,) = await facts(desk)
    for path, status in (
        (f"/console/c/7/facts/{fact.id}/confirm", 404),
        (f"/console/c/{heard}/facts/{fact.id + 1}/confirm", 409),
        (f"/console/c/{heard}/facts/{fact.id}/explode", 400),
        (f"/console/c/{heard}/facts/x/confirm", 404),
    ):
        assert (await agent.post(path, headers=headers)).status_code == status, path
    (fact,) = await facts(desk)
    assert fact.state == "proposed"
