"""The search page and the card of then, over HTTP."""

from __future__ import annotations

import re

import httpx
import pytest
from sqlalchemy import select

from crm_store.models import Agent, Audit, ContactPoint
from crm_store.unit import Unit
from support.desk import Desk
from tests.console.shop import act, write
from tests.crm_store.test_ledger_search import said

XSS = '<script>alert("refund")</script>'


async def search(client: httpx.AsyncClient, **fields: str) -> str:
    answer = await client.get("/console/search", params=fields)
    assert answer.status_code == 200
    return answer.text


def lines(html: str) -> list[str]:
    return re.findall(r'<span class="line" dir="auto">(.*?)</span>', html, re.DOTALL)


async def test_the_empty_page_says_what_to_do(agent: httpx.AsyncClient) -> None:
    html = await search(agent)
    assert "Find anything that was said" in html
    assert 'href="/console/search"' in (await agent.get("/console")).text


async def test_hits_are_marked_and_lead_to_the_conversation(
    agent: httpx.AsyncClient, visitor: httpx.AsyncClient, waiting: int
) -> None:
    await write(visitor, "My refund has not come, 我的退款呢")
    html = await search(agent, q="REFUND")
    assert "My <mark>refund</mark> has not come, 我的退款呢" in lines(html)
    [(contact, touchpoint)] = re.findall(r'href="/console/c/(\d+)\?at=(\d+)#t\2"', html)
    assert int(contact) == waiting
    assert f'id="t{touchpoint}"' in (await agent.get(f"/console/c/{contact}?at={touchpoint}")).text
    assert "<mark>退款</mark>" in await search(agent, q="退款")
    assert "Nothing found" in await search(agent, q="zebra")


async def test_a_link_leads_to_a_hit_however_far_back(agent: httpx.AsyncClient, desk: Desk, waiting: int) -> None:
    async def talk(unit: Unit) -> None:
        contact = await unit.session.get(ContactPoint, waiting)
        assert contact
        for n in range(300):
            unit.add(said(contact, "the zebra" if n == 20 else f"word {n}"))

    await desk.store.run(talk)
    html = await search(agent, q="zebra")
    link = re.findall(r'href="(/console/c/[^"]*)"', html)[0].replace("&amp;", "&")
    assert "the zebra" in (await agent.get(link)).text
    assert "the zebra" not in (await agent.get(link.split("?")[0])).text


async def test_strangers_words_are_only_words(
    agent: httpx.AsyncClient, visitor: httpx.AsyncClient, waiting: int
) -> None:
    await write(visitor, XSS)
    html = await search(agent, q='refund "><script>')
    assert "<script>alert" not in html
    assert "Nothing found" in html or "<mark>" in html
    found = lines(await search(agent, q="refund"))
    assert "&lt;script&gt;alert(&#34;<mark>refund</mark>&#34;)&lt;/script&gt;" in found


async def test_filters_alone_and_pages(agent: httpx.AsyncClient, visitor: httpx.AsyncClient, waiting: int) -> None:
    for n in range(4):
        await act(agent, waiting, "note", text=f"remember {n}")
    html = await search(agent, kind="note", agent="Mia")
    assert lines(html) == [f"remember {n}" for n in reversed(range(4))]
    assert "<details open>" in html
    assert '<option value="note" selected>Note</option>' in html
    assert "Nothing found" in await search(agent, kind="note", direction="out")


async def test_older_pages_keep_the_question(
    agent: httpx.AsyncClient, waiting: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.search_page.SHOWN", 3)
    for n in range(4):
        await act(agent, waiting, "note", text=f"zebra {n}")
    html = await search(agent, q="zebra", kind="note")
    assert lines(html) == [f"<mark>zebra</mark> {n}" for n in (3, 2, 1)]
    older = re.findall(r'id="older" rel="next" href="([^"]*)"', html)[0].replace("&amp;", "&")
    assert lines((await agent.get(older)).text) == ["<mark>zebra</mark> 0"]


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("customer", "nobody", "customer"),
        ("agent", "Nobody", "There is no colleague named Nobody"),
        ("from", "yesterday", "is not a day"),
        ("to", "2026-13-45", "is not a day"),
        ("before", "9" * 30, "Nothing found"),
        ("before", "x", "Nothing found"),
        ("q", '"unfinished AND (', "Nothing found"),
        ("agent", "\0", "Find anything"),
        ("kind", "<b>", "Nothing found"),
        ("kind", "x" * 200, "Nothing found"),
        ("customer", "9" * 200, "customer"),
        *((field, "退" * 3_000, "at most 200 characters") for field in ("q", "customer", "channel", "kind", "agent")),
        ("direction", "x" * 3_000, "at most 200 characters"),
        ("from", "x" * 3_000, "at most 200 characters"),
        ("unknown", "x" * 3_000, "at most 200 characters"),
    ],
)
async def test_what_cannot_be_is_told_on_the_page(agent: httpx.AsyncClient, field: str, value: str, words: str) -> None:
    assert words in await search(agent, **{field: value})


async def test_a_search_is_noted_with_who_but_not_with_its_words(agent: httpx.AsyncClient, desk: Desk) -> None:
    await search(agent)
    await search(agent, q="zebra")
    async with desk.store.read() as session:
        (noted,) = await session.scalars(select(Audit).where(Audit.action == "ledger.searched"))
        assert (noted.object_kind, noted.object_id, noted.data) == ("customer", "*", None)
        mia = await session.get_one(Agent, noted.agent_id)
    assert mia.name == "Mia"


async def test_only_staff_may_search_and_look_back(visitor: httpx.AsyncClient, waiting: int) -> None:
    for path in ("/console/search?q=refund", f"/console/c/{waiting}/seen/1"):
        answer = await visitor.get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, "/console/login")


async def test_an_agents_words_lead_to_what_she_saw(
    agent: httpx.AsyncClient, visitor: httpx.AsyncClient, waiting: int
) -> None:
    await act(agent, waiting, "reply", text="A new pump is on its way")
    await write(visitor, "this came afterwards")
    html = (await agent.get(f"/console/c/{waiting}")).text
    [link] = re.findall(r'class="then" href="([^"]*)"', html)
    seen = (await agent.get(link)).text
    assert "A new pump is on its way" in seen
    assert "I want to speak to a human please" in seen
    assert "Waiting for 0 minutes" in seen
    assert "this came afterwards" not in seen
    touchpoint = link.rsplit("/", 1)[1]
    assert (await agent.get(f"/console/c/{waiting + 1}/seen/{touchpoint}")).status_code == 404
    assert (await agent.get(f"/console/c/{waiting}/seen/1x")).status_code == 404


async def test_what_nobody_answered_has_no_card(
    agent: httpx.AsyncClient, visitor: httpx.AsyncClient, waiting: int
) -> None:
    await write(visitor, "my refund")
    touchpoint = re.findall(r"\?at=(\d+)", await search(agent, q="refund"))[0]
    assert "No card was kept here" in (await agent.get(f"/console/c/{waiting}/seen/{touchpoint}")).text
