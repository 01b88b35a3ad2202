"""An agent searches with nothing but the keyboard, on a desk and on a phone."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

import pytest
from playwright.async_api import expect

from crm_store.repositories import people as person_at
from crm_store.unit import Unit
from support.agents import work
from support.talk.conversation import hear
from support.talk.inbound import Inbound, Sender
from tests.browser.conftest import PHONE, People, Site
from tests.browser.test_whole_path import all_well, enter_console, picture
from tests.console.shop import add_staff

WORDS = (
    ("Nia", "Hello, where is my order KF-1043? It was promised for Monday and I have heard nothing since."),
    ("Nia", "I want to speak to a human please"),
    ("李小明", "你們好，我的咖啡機壞了，訂單 KF-1043，可以退款嗎？"),
    ("Tom", "The grinder of my machine is very loud. " * 12 + "The order number is KF-1043, thank you."),
)


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    folder = Path(os.environ.get("BROWSER_PICTURES") or tmp_path / "pictures")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


async def talk(site: Site) -> None:
    """Customers wrote, and Tina answered one of them."""
    tina = await add_staff(site.desk, "Tina")
    for name, words in WORDS:
        await site.desk.store.run(partial(hear, site.desk, message=Inbound(Sender("web", name, name=name), words)))

    async def answer(unit: Unit) -> None:
        nia = await person_at.by_address(unit, "web", "Nia")
        assert nia
        await work.answer(site.desk, unit, tina, nia, "Your order KF-1043 leaves us today.")

    await site.desk.store.run(answer)


async def test_from_a_word_to_what_was_seen(site: Site, people: People, pictures: Path) -> None:
    await talk(site)
    agent = await people.come()
    await enter_console(site, agent, "Mia")
    page = agent.page
    await page.get_by_role("link", name="Search").click()
    await expect(page.locator("#q")).to_be_focused()
    await picture(page, pictures, "search-empty")
    await page.keyboard.type("kf-1043")
    await page.keyboard.press("Enter")
    await expect(page.locator(".hits li")).to_have_count(4)
    await expect(page.locator("mark").first).to_have_text("KF-1043")
    await picture(page, pictures, "search-found")
    await page.locator("h1").click()
    await page.keyboard.press("/")
    await expect(page.locator("#q")).to_be_focused()
    await page.keyboard.type("咖啡机")
    await page.keyboard.press("Enter")
    await expect(page.locator("mark")).to_have_text("咖啡機")
    await page.locator("summary").click()
    await page.get_by_label("Kind").select_option("note")
    await page.get_by_role("button", name="Search").click()
    await expect(page.locator(".nobody")).to_contain_text("Nothing found")
    await picture(page, pictures, "search-none")
    await page.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"]})
    await page.goto(f"{site.url}/console/search?q=leaves+us+today")
    await page.locator(".hits a").click()
    await expect(page.locator(".entry:target .words")).to_have_text("Your order KF-1043 leaves us today.")
    await expect(page.locator(".entry:target")).to_be_in_viewport()
    await picture(page, pictures, "search-conversation")
    await page.get_by_role("link", name="the card then").click()
    await expect(page.locator(".card")).to_contain_text("Waiting for 0 minutes")
    await picture(page, pictures, "search-seen")
    all_well(agent)
