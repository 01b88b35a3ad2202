"""The customer's chat over HTTP: said, answered, kept, and nothing made before the first word."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import func, select, text

from console.links import chat_link
from crm_store.models import ContactPoint, Touchpoint
from support.desk import Desk
from tests.console.conftest import address_of
from tests.console.shop import browser, build, contact_id, key, write
from tests.databases import SECRET

XSS = '<img src=x onerror="alert(1)"><script>alert(2)</script>'


async def count(desk: Desk, table: type[ContactPoint | Touchpoint]) -> int:
    async with desk.store.read() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


async def page(client: httpx.AsyncClient) -> str:
    return (await client.get("/chat")).text


def offered(html: str) -> list[tuple[str, str, str]]:
    """(touchpoint, index, label) of each button."""
    return re.findall(r'data-touchpoint="(\d+)" data-index="(\d+)">([^<]*)<', html)


async def press(client: httpx.AsyncClient, touchpoint: str, index: str = "0") -> httpx.Response:
    return await client.post("/chat/press", data={"touchpoint_id": touchpoint, "index": index})


# Coming in


async def test_a_look_makes_no_contact_and_the_first_word_does(desk: Desk, visitor: httpx.AsyncClient) -> None:
    assert await count(desk, ContactPoint) == 0
    assert (await write(visitor, "hello")).status_code == 200
    assert await count(desk, ContactPoint) == 1


async def test_the_cookie_is_not_for_scripts_and_secure_over_https(desk: Desk, app: FastAPI) -> None:
    async with browser(app) as client:
        cookie = (await client.get("/chat")).headers["set-cookie"]
    assert cookie.startswith("visitor=")
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Secure" not in cookie


async def test_over_https_the_cookie_has_its_prefix(desk: Desk, tmp_path: Path) -> None:
    async with browser(
        build(desk, tmp_path, public_url="https://shop.example/x"), base="https://shop.example"
    ) as client:
        cookie = (await client.get("/chat")).headers["set-cookie"]
    assert cookie.startswith("__Host-visitor=")
    assert {"Secure", "Path=/"} <= set(cookie.split("; "))


@pytest.mark.parametrize(
    ("language", "question", "answer", "helped"),
    [
        ("en", "how often do i descale", "<strong>two</strong> to three months", "That helped"),
        ("zh-CN", "多久除一次垢", "一般两到三个月一次", "有帮助"),
        ("zh-TW", "咖啡機多久要除垢", "一般兩到三個月一次", "有幫助"),
    ],
)
async def test_a_question_is_answered_in_its_language(
    app: FastAPI, language: str, question: str, answer: str, helped: str
) -> None:
    async with browser(app, language) as client:
        await client.get("/chat")
        await write(client, question)
        html = await page(client)
    assert answer in html
    assert helped in [label for _, _, label in offered(html)]


@pytest.mark.parametrize(
    ("query", "header", "language"),
    [
        ("", "zh-HK,zh;q=0.9,en;q=0.8", "zh-Hant"),
        ("", "fr,en;q=0.2,zh-CN;q=0.7", "zh-Hans"),
        ("?lang=zh-Hans", "en", "zh-Hans"),
        ("?lang=<script>", "", "en"),
        ("", ";;q=,,q=x", "en"),
    ],
)
async def test_the_page_speaks_the_browsers_language(app: FastAPI, query: str, header: str, language: str) -> None:
    async with browser(app, header) as client:
        html = (await client.get(f"/chat{query}")).text
    assert f'<html lang="{language}">' in html


# Writing


async def test_a_repeated_post_is_one_message(desk: Desk, visitor: httpx.AsyncClient) -> None:
    same = key()
    first, second = await write(visitor, "what does delivery cost?", same), await write(visitor, "changed", same)
    assert first.json()["id"] == second.json()["id"]
    html = await page(visitor)
    assert html.count("Delivery is free") == 1
    assert "changed" not in html


async def test_a_strangers_words_are_text(visitor: httpx.AsyncClient) -> None:
    answer = await write(visitor, XSS)
    for html in (answer.json()["html"], await page(visitor)):
        assert "<img src=x" not in html
        assert "<script>alert" not in html
        assert "&lt;img src=x onerror=" in html


async def test_an_answers_links_are_safe(visitor: httpx.AsyncClient) -> None:
    await write(visitor, "how often do i descale")
    link = '<a href="https://shop.example/descale" rel="noopener nofollow" target="_blank">the steps</a>'
    assert link in await page(visitor)


async def test_line_breaks_stay_and_nul_is_dropped(desk: Desk, visitor: httpx.AsyncClient) -> None:
    await write(visitor, "one\r\ntwo\x00")
    async with desk.store.read() as session:
        assert await session.scalar(select(Touchpoint.text).where(Touchpoint.direction == "in")) == "one\ntwo"


async def test_too_long_words_are_refused_and_not_kept(desk: Desk, visitor: httpx.AsyncClient) -> None:
    assert (await write(visitor, "水" * 4096)).status_code == 200
    refused = await write(visitor, "水" * 4097)
    assert refused.status_code == 422
    assert refused.json() == {"error": desk.texts.say("en", "customer.too_long")}


@pytest.mark.parametrize("words", ["", "   ", "🙂🙂", "\u200b\u200f", "\u202eabc", "مرحبا"])
async def test_words_without_words_are_answered_too(visitor: httpx.AsyncClient, words: str) -> None:
    assert (await write(visitor, words)).status_code == 200
    assert 'class="bubble theirs' in await page(visitor)


@pytest.mark.parametrize("bad", ["", "short", "x" * 65, "a b c d e f g h", "../../etc/passwd"])
async def test_a_bad_key_is_refused_without_a_trace(desk: Desk, visitor: httpx.AsyncClient, bad: str) -> None:
    answer = await visitor.post("/chat/messages", data={"text": "hi", "client_key": bad})
    assert answer.status_code == 400
    assert "client_key" not in answer.text
    assert await count(desk, Touchpoint) == 0


async def test_a_missing_field_is_refused_without_internals(visitor: httpx.AsyncClient) -> None:
    answer = await visitor.post("/chat/messages", data={"text": "hi"})
    assert answer.status_code == 400
    assert "missing" not in answer.text


async def test_who_posts_too_fast_is_asked_to_wait(desk: Desk, visitor: httpx.AsyncClient) -> None:
    answers = [await write(visitor, "hello") for _ in range(12)]
    assert answers[-1].status_code == 429
    assert answers[-1].json() == {"error": desk.texts.say("en", "customer.slow_down")}
    assert [answer.status_code for answer in answers[:10]] == [200] * 10


async def test_a_broken_store_says_nothing_of_itself_and_the_repeat_succeeds(
    desk: Desk, visitor: httpx.AsyncClient
) -> None:
    async with desk.store.writer.begin() as connection:
        await connection.execute(text("ALTER TABLE touchpoint RENAME TO away"))
    same = key()
    answer = await write(visitor, "hello", same)
    assert answer.status_code in {500, 503}
    assert "touchpoint" not in answer.text
    async with desk.store.writer.begin() as connection:
        await connection.execute(text("ALTER TABLE away RENAME TO touchpoint"))
    assert (await write(visitor, "hello", same)).status_code == 200


# Pressing


async def test_a_button_does_what_it_says_and_only_the_newest_has_any(visitor: httpx.AsyncClient) -> None:
    await write(visitor, "how often do i descale")
    touchpoint, index, label = offered(await page(visitor))[0]
    assert label == "That helped"
    assert (await press(visitor, touchpoint, index)).json() == {"notice": None}
    html = await page(visitor)
    assert "Glad that helped" in html
    assert not offered(html)


async def test_anothers_button_cannot_be_pressed(desk: Desk, app: FastAPI, visitor: httpx.AsyncClient) -> None:
    await write(visitor, "can i take it on a plane")
    touchpoint, index, _ = offered(await page(visitor))[0]
    async with browser(app) as thief:
        await thief.get("/chat")
        stale = {"notice": desk.texts.say("en", "customer.button.stale")}
        assert (await press(thief, touchpoint, index)).json() == stale
        assert await count(desk, ContactPoint) == 1, "a press alone makes nobody"
        await write(thief, "hello")
        assert (await press(thief, touchpoint, index)).json() == stale
    assert "in line" not in await page(visitor)
    assert offered(await page(visitor))


@pytest.mark.parametrize(
    ("touchpoint", "index"),
    [("1abc", "0"), ("9223372036854775808", "0"), ("-1", "0"), ("٣", "0"), ("1", "-1"), ("1", "1e3"), ("", "")],
)
async def test_forged_presses_are_refused(visitor: httpx.AsyncClient, touchpoint: str, index: str) -> None:
    await write(visitor, "hello")
    assert (await press(visitor, touchpoint, index)).status_code in {400, 404}


async def test_a_button_that_is_not_there_is_stale(desk: Desk, visitor: httpx.AsyncClient) -> None:
    await write(visitor, "how often do i descale")
    touchpoint = offered(await page(visitor))[0][0]
    answer = await press(visitor, touchpoint, "9223372036854775807")
    assert answer.json() == {"notice": desk.texts.say("en", "customer.button.stale")}


# Links into a chat


async def test_a_link_opens_its_chat_and_leaves_the_address_bar(desk: Desk, app: FastAPI) -> None:
    async with browser(app) as client:
        answer = await client.get(chat_link(SECRET, "demo-vip"))
        assert (answer.status_code, answer.headers["location"]) == (303, "/chat")
        await write(client, "hello")
        assert address_of(client) == "demo-vip"
    assert await contact_id(desk, "demo-vip")


@pytest.mark.parametrize("case", ["expired", "forged", "cookie"])
async def test_a_link_that_is_not_good_is_told_kindly(app: FastAPI, visitor: httpx.AsyncClient, case: str) -> None:
    past = datetime.now(UTC) - timedelta(days=8)
    links = {
        "expired": chat_link(SECRET, "demo-vip", now=past),
        "forged": chat_link("another secret", "demo-vip"),
        "cookie": f"/chat?as={visitor.cookies['visitor']}",
    }
    async with browser(app) as client:
        answer = await client.get(links[case])
    assert answer.status_code == 410
    assert "This chat link has expired" in answer.text
    assert "set-cookie" not in answer.headers


async def test_a_link_token_is_no_cookie(app: FastAPI) -> None:
    token = chat_link(SECRET, "demo-vip").split("as=")[1]
    async with browser(app) as client:
        answer = await client.get("/chat", headers={"Cookie": f"visitor={token}"})
    assert "set-cookie" in answer.headers
    assert token not in answer.headers["set-cookie"]
