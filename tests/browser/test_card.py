"""The card and its facts on a customer's page, at a desk and on a phone."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.async_api import expect

from crm_store.repositories import people as known_people
from crm_store.unit import Unit
from support.talk import conversation
from support.talk.inbound import Inbound, Sender
from tests.browser.conftest import DESKTOP, People, Site
from tests.browser.test_whole_path import all_well, enter_console, picture
from tests.crm_store.test_card import fill


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Where screenshots go: BROWSER_PICTURES, so that a person can look at them, else a folder that is forgotten."""
    folder = Path(os.environ.get("BROWSER_PICTURES") or tmp_path / "pictures")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


async def known_customer(site: Site) -> int:
    """The contact point of a customer of whom there is much to tell, and who has just said when to call."""
    await site.desk.store.run(fill)
    said = Inbound(Sender("web", "nia"), "Where is my order? A human please. Please e-mail me.")
    await site.desk.store.run(lambda unit: conversation.hear(site.desk, unit, said))

    async def contact(unit: Unit) -> int:
        person = await known_people.by_address(unit, "web", "nia")
        assert person
        return person.contact.id

    return await site.desk.store.run(contact)


async def test_facts_are_confirmed_and_noted_beside_the_card(site: Site, people: People, pictures: Path) -> None:
    contact_id = await known_customer(site)
    agent = await people.come()
    await enter_console(site, agent, "Mia")
    page = agent.page
    await page.goto(f"{site.url}/console/c/{contact_id}")
    card = page.locator("aside.card")
    await expect(card).to_contain_text("Heard, to be confirmed")
    await picture(page, pictures, "card-heard")
    await page.set_viewport_size({"width": DESKTOP["width"], "height": DESKTOP["height"]})
    await card.get_by_role("button", name="Confirm").click()
    await expect(card).not_to_contain_text("Heard, to be confirmed")
    await expect(card).to_contain_text("Channel: “Please e-mail me.”")

    await page.locator("summary", has_text="Remember").click()
    await page.get_by_label("What it is").select_option("promise")
    await page.locator("#fact").fill("a new basket")
    await page.get_by_label("Promises: by when").fill("2126-11-25")
    await picture(page, pictures, "card-note")
    await page.locator("form", has=page.locator("#fact")).get_by_role("button").click()
    await expect(card).to_contain_text("due 25 November 2126")
    await expect(page.locator("#fact")).to_have_value("")
    await card.get_by_role("button", name="Kept").last.click()
    await expect(card).not_to_contain_text("due 25 November 2126")
    all_well(agent)
