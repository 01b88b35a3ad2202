"""`touchdesk demo`: the product with a sample shop, fresh at every start, with a link for each role."""

from __future__ import annotations

import secrets
import shutil
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.opening import open_store
from bot.runtime import serve
from bot.sample_shop import load_sample
from bot.settings import Settings, read_settings
from console.links import chat_link, enter_link
from crm_store.ids import new_id
from crm_store.models import ContactPoint
from crm_store.repositories import people
from crm_store.store import Store
from crm_store.unit import Unit
from support import access
from support.desk import Desk

FOLDER = Path(".demo")
SHOP = "Kaffa Tools"
SAMPLE_CUSTOMERS = {"regular": "C-1002", "VIP": "C-1001", "at-risk": "C-1003"}
NEWCOMER = "demo-new"
STAFF = {"agent": "Anna (demo)", "admin": "Max (demo)"}
LINK_LIFE = timedelta(days=7)


async def run_demo() -> None:
    """Makes the sample shop anew and serves it until stopped."""
    settings = _settings()
    async with open_store(settings) as store:
        await load_sample(store, datetime.now(ZoneInfo(settings.timezone)))
        await store.run(_sample_people)
        links = await _links(settings, store)

        async def started(_: Desk) -> None:
            print(_welcome(links), flush=True)

        await serve(settings, store, started)


def _settings() -> Settings:
    """An empty folder, a store of its own, a key that dies with it, never a token; whatever else is set holds."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir()
    return read_settings(
        bot_token=None,
        webhook_url=None,
        webhook_secret=None,
        faq_file=None,
        shop_name=SHOP,
        database_url=f"sqlite:///{FOLDER / 'touchdesk.db'}",
        files_dir=FOLDER / "files",
        secret_key=secrets.token_urlsafe(32),
    )


async def _sample_people(unit: Unit) -> None:
    """A web chat for each sample customer, an agent and an admin."""
    for role, name in STAFF.items():
        await access.add_agent(unit, name, role)
    for kind, external_id in SAMPLE_CUSTOMERS.items():
        person = await people.by_address(unit, "shop", external_id)
        if person:
            unit.add(
                ContactPoint(
                    id=new_id(),
                    customer_id=person.customer.id,
                    channel="web",
                    address=f"demo-{kind}",
                    state="active",
                    created_at=unit.now,
                )
            )


async def _links(settings: Settings, store: Store) -> dict[str, str]:
    key = settings.secret_key.get_secret_value() if settings.secret_key else ""
    links = {"a new visitor": chat_link(key, NEWCOMER, base=settings.base_url)}
    for kind in SAMPLE_CUSTOMERS:
        links[f"the {kind} customer"] = chat_link(key, f"demo-{kind}", base=settings.base_url)
    for role, name in STAFF.items():
        token = await store.run(partial(access.login_link, name=name, life=LINK_LIFE, reusable=True))
        links[f"the {role}'s console"] = enter_link(token, base=settings.base_url)
    return links


def _welcome(links: dict[str, str]) -> str:
    width = max(map(len, links))
    lines = [f"  {who.ljust(width)}  {link}" for who, link in links.items()]
    return "\n".join(["", f"{SHOP} is open. Write as", *lines, "", "Ctrl+C ends it; every start begins anew.", ""])
