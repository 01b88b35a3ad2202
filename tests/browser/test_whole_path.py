"""From a question to a rating in two real browsers, with nothing but the keyboard."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from support.access import login_link
from tests.browser.conftest import DESKTOP, PHONE, People, Person, Site
from tests.console.shop import add_staff


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Where screenshots go: BROWSER_PICTURES, so that a person can look at them, else a folder that is forgotten."""
    folder = Path(os.environ.get("BROWSER_PICTURES") or tmp_path / "pictures")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


async def ask(page: Page, words: str) -> None:
    """Types into the chat, wherever the focus should be: the field has it by itself."""
    await expect(page.locator("#text")).to_be_focused()
    await page.keyboard.type(words)
    await page.keyboard.press("Enter")
    await expect(page.locator("#text")).to_have_value("")


async def press(page: Page, label: str) -> None:
    """Goes to a button by Tab and presses it by Enter."""
    button = page.get_by_role("button", name=label, exact=True)
    await expect(button).to_be_visible()
    await tab_to(page, button_name=label)
    await page.keyboard.press("Enter")


async def tab_to(page: Page, button_name: str, most: int = 60) -> None:
    for _ in range(most):
        await page.keyboard.press("Shift+Tab")
        if await page.evaluate("document.activeElement.textContent.trim()") == button_name:
            return
    raise AssertionError(f"no way by Tab to {button_name!r}")


async def enter_console(site: Site, person: Person, name: str) -> None:
    await add_staff(site.desk, name)
    token = await site.desk.store.run(lambda unit: login_link(unit, name))
    await person.page.goto(f"{site.url}/console/enter?token={token}")
    await expect(person.page.get_by_role("button", name=f"Enter as {name}")).to_be_focused()
    await person.page.keyboard.press("Enter")
    await expect(person.page).to_have_url(f"{site.url}/console")


async def fits(page: Page) -> None:
    """Nothing stands out sideways."""
    wide = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{page.url} scrolls sideways by {wide} px"


async def picture(page: Page, folder: Path, name: str) -> None:
    for size, kind in ((DESKTOP, "1280"), (PHONE, "390")):
        await page.set_viewport_size({"width": size["width"], "height": size["height"]})
        await fits(page)
        await page.screenshot(path=folder / f"{name}-{kind}.png")


def all_well(*people: Person) -> None:
    for person in people:
        assert not person.complaints
        assert not person.left_home


async def test_from_question_to_rating(site: Site, people: People, pictures: Path) -> None:
    customer, agent = await people.come(size=PHONE), await people.come()
    chat, desk = customer.page, agent.page
    await chat.goto(f"{site.url}/chat")
    await picture(chat, pictures, "chat-empty")
    await enter_console(site, agent, "Mia")
    await expect(desk.get_by_text("Nobody is waiting")).to_be_visible()
    await picture(desk, pictures, "queue-empty")

    await ask(chat, "how offen do i descale")
    await expect(chat.get_by_role("link", name="the steps")).to_be_visible()
    await ask(chat, "can i take it on a plane")
    await expect(chat.get_by_text("I'd rather not guess")).to_be_visible()
    await picture(chat, pictures, "chat-refusal")
    await press(chat, "Ask a colleague")
    await expect(chat.get_by_text("A colleague will answer you here")).to_be_visible()

    line = desk.locator(".item a")
    await expect(line).to_contain_text("can i take it on a plane")
    await picture(desk, pictures, "queue")
    await line.focus()
    await desk.keyboard.press("Enter")
    await expect(desk.locator("#reply")).to_be_focused()
    await desk.locator("#claim").focus()
    await desk.keyboard.press("Enter")
    await expect(desk.locator("#release")).to_be_visible()
    await expect(chat.get_by_text("Mia from our team is here now.")).to_be_visible()

    await desk.locator("#reply").focus()
    await desk.keyboard.type("Yes, in hand luggage.")
    await desk.keyboard.press("Control+Enter")
    await expect(desk.locator("#reply")).to_have_value("")
    await expect(desk.locator("#reply")).to_be_focused()
    await expect(chat.get_by_text("Yes, in hand luggage.")).to_be_visible()
    await ask(chat, "thank you so much")
    await expect(desk.locator(".ledger").get_by_text("thank you so much")).to_be_visible()
    await picture(desk, pictures, "conversation")

    await desk.locator("#resolve").focus()
    await desk.keyboard.press("Enter")
    await expect(desk.locator("#resolve-dialog")).to_be_visible()
    await picture(desk, pictures, "resolve")
    await desk.keyboard.press("Tab")
    await desk.keyboard.press("Enter")
    await expect(desk.locator("#resolve-dialog")).to_be_hidden()
    await expect(desk.get_by_text("Resolved by Mia")).to_be_visible()
    await expect(chat.get_by_text("How did we do?")).to_be_visible()
    await picture(chat, pictures, "chat-rating")
    await press(chat, "5")
    await expect(chat.get_by_text("I'll tell my colleague")).to_be_visible()
    await expect(desk.get_by_text("Pressed: 5")).to_be_visible()
    all_well(customer, agent)


@pytest.mark.parametrize(
    ("locale", "question", "answer", "unknown", "refusal"),
    [
        ("zh-CN", "多久除一次垢", "一般两到三个月一次", "能带上飞机吗", "请同事回复"),
        ("zh-TW", "咖啡機多久要除垢", "一般兩到三個月一次", "可以帶上飛機嗎", "請同事回覆"),
    ],
)
async def test_the_chat_in_chinese(
    site: Site, people: People, pictures: Path, locale: str, question: str, answer: str, unknown: str, refusal: str
) -> None:
    customer = await people.come(locale, PHONE)
    await customer.page.goto(f"{site.url}/chat")
    await ask(customer.page, question)
    await expect(customer.page.get_by_text(answer)).to_be_visible()
    await ask(customer.page, unknown)
    await expect(customer.page.get_by_role("button", name=refusal)).to_be_visible()
    await picture(customer.page, pictures, f"chat-{locale}")
    all_well(customer)


async def test_a_message_survives_a_lost_connection(site: Site, people: People, pictures: Path) -> None:
    customer = await people.come(size=PHONE)
    page = customer.page
    await page.goto(f"{site.url}/chat")
    await page.context.set_offline(True)
    await ask(page, "what does delivery cost?")
    again = page.get_by_role("button", name="Not sent. Tap to try again.")
    await expect(again).to_be_visible()
    await picture(page, pictures, "chat-not-sent")
    await page.context.set_offline(False)
    await again.click()
    await expect(page.get_by_text("Delivery is free from 50 €.")).to_be_visible(timeout=15_000)
    await expect(page.get_by_text("what does delivery cost?")).to_have_count(1)
    await expect(page.locator("#offline")).to_be_hidden()


async def test_what_cannot_be_sent_stays_in_the_field(site: Site, people: People) -> None:
    customer = await people.come()
    page = customer.page
    await page.goto(f"{site.url}/chat")
    await page.locator("#text").fill("x" * 4097)
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("longer than 4,096 characters")).to_be_visible()
    assert len(await page.locator("#text").input_value()) == 4097
    await page.locator("#text").fill("two")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("lines")
    await page.keyboard.press("Enter")
    await expect(page.locator(".bubble.mine .words")).to_have_text("two\nlines")
    all_well(customer)


async def test_a_strangers_markup_does_nothing_anywhere(site: Site, people: People) -> None:
    customer, agent = await people.come(), await people.come()
    hostile = '<img src=x onerror="alert(1)"><script>alert(1)</script> speak to a human'
    dialogs: list[str] = []
    for person in (customer, agent):
        person.page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    await customer.page.goto(f"{site.url}/chat")
    await customer.page.locator("#file").set_input_files(
        {"name": "<img src=x onerror=alert(1)>.html", "mimeType": "text/html", "buffer": b"<script>alert(1)</script>"}
    )
    await ask(customer.page, hostile)
    await expect(customer.page.locator(".bubble.mine .words")).to_have_text(hostile)
    await ask(customer.page, "i want a person")
    await enter_console(site, agent, "Mia <b>bold</b>")
    await agent.page.locator(".item a").click()
    await expect(agent.page.locator(".entry.customer .words").first).to_have_text(hostile)
    assert not dialogs
    all_well(customer, agent)


async def test_two_agents_want_one_customer(site: Site, people: People) -> None:
    customer, first, second = await people.come(), await people.come(), await people.come()
    await customer.page.goto(f"{site.url}/chat")
    await ask(customer.page, "speak to a human please")
    await enter_console(site, first, "Mia")
    await enter_console(site, second, "Tom")
    await second.page.locator(".item a").click()
    await second.page.locator("#reply").fill("typed by Tom")
    await first.page.locator(".item a").click()
    await first.page.locator("#claim").click()
    await expect(second.page.locator(".state")).to_have_text("With Mia")
    await second.page.locator("#reply").press("Control+Enter")
    await expect(second.page.locator("#problem")).to_contain_text("Mia was faster")
    await expect(second.page.locator("#reply")).to_have_value("typed by Tom")
    assert not [each for each in second.complaints if "409" not in each]
    all_well(customer, first)


async def test_a_session_that_ends_closes_the_page(site: Site, people: People) -> None:
    agent = await people.come()
    await enter_console(site, agent, "Mia")
    now = site.desk.store.clock()
    site.desk.store.clock = lambda: now.replace(year=now.year + 1)
    await expect(agent.page).to_have_url(f"{site.url}/console/login", timeout=10_000)


async def test_a_link_that_has_expired_and_the_way_in_look_decent(site: Site, people: People, pictures: Path) -> None:
    visitor = await people.come()
    await visitor.page.goto(f"{site.url}/chat?as=nothing")
    await picture(visitor.page, pictures, "expired")
    await visitor.page.goto(f"{site.url}/console")
    await picture(visitor.page, pictures, "login")
