"""The agents' console over HTTP: who waits, who is helped, what is said."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select

from crm_store.ids import new_id
from crm_store.models import ContactPoint, Customer, Escalation, OutboxRow, Touchpoint
from crm_store.unit import Unit
from support.desk import Desk
from support.talk.conversation import hear
from support.talk.edits import edit
from support.talk.inbound import Inbound, Sender
from tests.console.conftest import address_of
from tests.console.shop import act, add_staff, browser, key, log_in, write

XSS = '<script>alert(1)</script><img src=x onerror="alert(2)">'


async def page(client: httpx.AsyncClient, contact_id: int) -> str:
    answer = await client.get(f"/console/c/{contact_id}")
    assert answer.status_code == 200
    return answer.text


# The queue


async def test_an_empty_queue_says_so(agent: httpx.AsyncClient) -> None:
    assert "Nobody is waiting" in (await agent.get("/console")).text


async def test_who_waits_is_shown_with_the_reasons(agent: httpx.AsyncClient, waiting: int) -> None:
    html = (await agent.get("/console")).text
    assert f'href="/console/c/{waiting}"' in html
    assert "Asked for a person" in html
    assert "waiting 0 minutes" in html
    assert "I want to speak to a human please" in html


async def test_the_queue_is_sorted_and_divided(
    app: FastAPI, desk: Desk, agent: httpx.AsyncClient, waiting: int
) -> None:
    await add_staff(desk, "Tom")
    urgent = Inbound(
        Sender("web", "second", name="Urgent one"), "This is urgent, speak to a human now, it is broken again"
    )
    await desk.store.run(lambda unit: hear(desk, unit, urgent))
    html = (await agent.get("/console")).text
    assert html.index("Urgent one") < html.index(f"/console/c/{waiting}")
    await act(agent, waiting, "claim")
    mine = (await agent.get("/console")).text
    assert mine.index("Urgent one") < mine.index("<h2>Mine") < mine.index(f"/console/c/{waiting}")
    async with browser(app) as other:
        await log_in(desk, other, "Tom")
        html = (await other.get("/console")).text
    assert "<h2>With colleagues" in html
    assert "with Mia" in html


async def test_a_reason_called_wrong_orders_nobody(desk: Desk, agent: httpx.AsyncClient, waiting: int) -> None:
    hasty = Inbound(Sender("web", "second", name="Hasty one"), "This is urgent, speak to a human now")
    await desk.store.run(lambda unit: hear(desk, unit, hasty))
    html = (await agent.get("/console")).text
    assert html.index("Hasty one") < html.index(f"/console/c/{waiting}")
    assert "Urgent" in html
    async with desk.store.read() as session:
        (found,) = await session.scalars(select(Escalation).where(Escalation.contact_point_id != waiting))
    for verb, is_first in (("wrong", False), ("right", True)):
        await act(agent, found.contact_point_id, f"reasons/{found.id}/urgent/{verb}")
        html = (await agent.get("/console")).text
        assert (html.index("Hasty one") < html.index(f"/console/c/{waiting}")) == is_first
        assert ("Urgent" in html) == is_first


# One customer


async def test_the_whole_work_on_one_customer(
    desk: Desk, agent: httpx.AsyncClient, visitor: httpx.AsyncClient, waiting: int
) -> None:
    assert ">Claim<" in await page(agent, waiting)
    assert ">Release<" in (await act(agent, waiting, "claim")).text
    assert (await act(agent, waiting, "reply", text="Hello, I am here.")).status_code == 200
    assert (await act(agent, waiting, "note", text="a secret note")).status_code == 200
    chat = (await visitor.get("/chat")).text
    assert "Hello, I am here." in chat
    assert "Mia" in chat
    assert "a secret note" not in chat
    html = await page(agent, waiting)
    assert "a secret note" in html
    assert html.index("Hello, I am here.") < html.index("a secret note")
    assert ">Claim<" in (await act(agent, waiting, "release")).text
    await act(agent, waiting, "claim")
    done = (await act(agent, waiting, "resolve")).text
    assert "Resolved by Mia" in done
    assert "How did we do?" in (await visitor.get("/chat")).text


async def test_an_answer_claims_by_itself(agent: httpx.AsyncClient, waiting: int) -> None:
    assert "Claimed by Mia" in (await act(agent, waiting, "reply", text="Hello")).text


async def test_two_agents_race_and_one_wins(app: FastAPI, desk: Desk, agent: httpx.AsyncClient, waiting: int) -> None:
    await add_staff(desk, "Tom")
    async with browser(app) as other:
        await log_in(desk, other, "Tom")
        answers = await asyncio.gather(act(agent, waiting, "claim"), act(other, waiting, "claim"))
        assert sorted(answer.status_code for answer in answers) == [200, 409]
        loser, who_lost = (other, answers[1]) if answers[1].status_code == 409 else (agent, answers[0])
        winner = "Mia" if loser is other else "Tom"
        assert f"{winner} was faster" in who_lost.text
        assert who_lost.headers["hx-retarget"] == "#problem"
        for what in ("reply", "release", "resolve"):
            answer = await act(loser, waiting, what, text="mine")
            assert answer.status_code == 409
            assert f"{winner} was faster" in answer.text
        assert (await act(loser, waiting, "note", text="for you")).status_code == 200


async def test_a_repeated_answer_is_one(agent: httpx.AsyncClient, visitor: httpx.AsyncClient, waiting: int) -> None:
    same = key()
    for _ in range(2):
        await act(agent, waiting, "reply", text="only once", client_key=same)
        await act(agent, waiting, "note", text="noted once", client_key="n" + same)
    assert (await visitor.get("/chat")).text.count("only once") == 1
    assert (await page(agent, waiting)).count("noted once") == 1


@pytest.mark.parametrize(
    ("what", "text", "words"),
    [
        ("reply", "  ", "nothing to send yet"),
        ("note", "", "nothing to send yet"),
        ("reply", "x" * 4097, "longer than 4,096"),
        ("resolve", "", None),
    ],
)
async def test_what_cannot_be_done_is_said_in_words(
    agent: httpx.AsyncClient, waiting: int, what: str, text: str, words: str | None
) -> None:
    if words is None:  # a second resolution finds nothing open
        await act(agent, waiting, what)
        words = "Nothing is open here"
    answer = await act(agent, waiting, what, text=text)
    assert answer.status_code == 409
    assert words in answer.text


@pytest.mark.parametrize("bad", ["1abc", "9223372036854775808", "99", "-1", "0x1", "١"])
async def test_ids_that_are_none_are_not_found(agent: httpx.AsyncClient, bad: str) -> None:
    assert (await agent.get(f"/console/c/{bad}")).status_code == 404
    assert (await agent.get(f"/console/c/{bad}/events")).status_code == 404
    assert (await act(agent, bad, "claim")).status_code == 404


@pytest.mark.parametrize("shown", ["0", "10001", "x", "-1"])
async def test_a_bad_number_of_rows_is_refused_without_internals(
    agent: httpx.AsyncClient, waiting: int, shown: str
) -> None:
    answer = await agent.get(f"/console/c/{waiting}", params={"shown": shown})
    assert answer.status_code == 400
    assert "less_than" not in answer.text


async def test_a_long_ledger_is_shown_in_parts(desk: Desk, agent: httpx.AsyncClient, waiting: int) -> None:
    html = (await agent.get(f"/console/c/{waiting}", params={"shown": "1"})).text
    assert "?shown=5" in html
    assert "First contact" not in html
    assert "First contact" in await page(agent, waiting)


async def test_strangers_words_are_text_everywhere(desk: Desk, agent: httpx.AsyncClient) -> None:
    sender = Sender("web", "evil", name=XSS, username=XSS)
    await desk.store.run(lambda unit: hear(desk, unit, Inbound(sender, f"speak to a human {XSS}", ref=1)))
    await desk.store.run(lambda unit: edit(desk, unit, Inbound(sender, f"edited {XSS}", ref=1)))
    html = (await agent.get("/console")).text
    contact = int(html.split('href="/console/c/')[1].split('"')[0])
    await act(agent, contact, "note", text=XSS)
    await act(agent, contact, "reply", text=XSS)
    for shown in (await page(agent, contact), (await agent.get("/console")).text):
        assert "&lt;script&gt;alert(1)" in shown
        assert "<script>alert" not in shown
        assert "<img src=x" not in shown


async def test_an_edit_shows_both_states(desk: Desk, agent: httpx.AsyncClient) -> None:
    sender = Sender("web", "editor")
    await desk.store.run(lambda unit: hear(desk, unit, Inbound(sender, "a person please, order 5521", ref=1)))
    await desk.store.run(lambda unit: edit(desk, unit, Inbound(sender, "a person please, order 5512", ref=1)))
    contact = int((await agent.get("/console")).text.split('href="/console/c/')[1].split('"')[0])
    html = await page(agent, contact)
    assert "<del>a person please, order 5521</del>" in html
    assert "a person please, order 5512</p>" in html


async def test_staff_pages_speak_the_desks_language(desk: Desk, agent: httpx.AsyncClient) -> None:
    desk.default_language = "zh-Hant"
    assert '<html lang="zh-Hant">' in (await agent.get("/console")).text


# Delivery in a messenger


async def on_telegram(desk: Desk, states: list[str]) -> tuple[int, list[int]]:
    """A Telegram contact with one of our messages per state, and their touchpoints."""

    async def make(unit: Unit) -> tuple[int, list[int]]:
        customer = unit.add(Customer(id=new_id(), name="Tele", created_at=unit.now, attributes={}))
        contact = unit.add(
            ContactPoint(
                id=new_id(), customer_id=customer.id, channel="telegram", address="7", chat_id=7, created_at=unit.now
            )
        )
        ids = [_sent(unit, contact, state) for state in states]
        return contact.id, ids

    return await desk.store.run(make)


def _sent(unit: Unit, contact: ContactPoint, state: str) -> int:
    words = unit.add(
        Touchpoint(
            id=new_id(),
            contact_point_id=contact.id,
            at=unit.now,
            channel="telegram",
            direction="out",
            author="bot",
            kind="text",
            text=f"words that are {state}",
        )
    )
    for chat_id, each in ((7, state), (-100, "failed")):
        unit.add(
            OutboxRow(
                id=new_id(),
                bot_id=1,
                chat_id=chat_id,
                method="sendMessage",
                payload={"text": "x"},
                touchpoint_id=words.id,
                state=each,
                created_at=unit.now,
            )
        )
    return words.id


async def test_delivery_is_shown_and_only_doubtful_words_are_sent_again(desk: Desk, agent: httpx.AsyncClient) -> None:
    contact, (waits, sent, doubtful, failed) = await on_telegram(desk, ["sending", "sent", "uncertain", "failed"])
    html = await page(agent, contact)
    for words in ("waiting to be sent", ">sent<", "may have arrived", "not delivered"):
        assert words in html
    assert html.count(">Send again<") == 2
    assert (await act(agent, contact, "resend", touchpoint_id=str(doubtful))).status_code == 200
    html = await page(agent, contact)
    assert "may have arrived" not in html
    assert html.count(">Send again<") == 1
    assert {waits, sent, failed}


async def test_nobody_sends_anothers_words_again(
    desk: Desk, agent: httpx.AsyncClient, waiting: int, tmp_path: object
) -> None:
    contact, (doubtful,) = await on_telegram(desk, ["uncertain"])
    await act(agent, waiting, "resend", touchpoint_id=str(doubtful))
    assert "may have arrived" in await page(agent, contact)


async def test_who_wrote_lately_can_be_found(agent: httpx.AsyncClient, visitor: httpx.AsyncClient) -> None:
    await write(visitor, "hello")
    assert address_of(visitor)
    assert 'href="/console/c/' in (await agent.get("/console")).text.split("Recent")[1]
