"""A conversation, as the figures tell it."""

from __future__ import annotations

from pathlib import Path

from aiohttp import ClientSession

from crm_store.store import Store
from tests.dialogues.conftest import Shop, open_shop
from tests.dialogues.test_webhook import QUESTION, update
from tests.support.test_meters import figures
from tests.telegram.faults import Kind
from tests.telegram.server import FakeTelegram

TOKEN = "a-token-for-figures"


async def scrape(shop: Shop) -> dict[str, float]:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with ClientSession(headers=headers) as session, session.get(f"{shop.settings.base_url}/metrics") as answer:
        return figures(await answer.read())


async def test_what_happens_is_counted(tg: FakeTelegram, shop_store: Store, tmp_path: Path) -> None:
    async with open_shop(tg, shop_store, tmp_path, metrics_token=TOKEN) as shop:
        nia, ann, bob = shop.customer(), shop.customer(102, "Ann"), shop.agent()
        topic = await shop.handed_over(nia)
        bob.say_in(shop.group, topic, "/claim")
        await shop.settled()
        tg.fault(Kind.TOO_MANY, "sendMessage", where={"chat_id": ann.id}, seconds=1)
        ann.say(QUESTION)
        await ann.hears(1)
        again = update(tg.world.queue.newest_id + 1, who=ann.id)
        for _ in range(2):
            tg.push([again])
            await shop.settled()
        found = await scrape(shop)
    assert found["touchdesk_updates_accepted_total"] == found["touchdesk_updates_done_total"] > 3
    assert found["touchdesk_duplicates_dropped_total"] == 1
    assert found["touchdesk_update_to_reply_seconds_count{decide}"] == found["touchdesk_updates_done_total"]
    assert found["touchdesk_update_to_reply_seconds_count{send}"] >= 3
    assert found["touchdesk_match_seconds_count"] >= 2
    assert found["touchdesk_queue_wait_seconds_count"] == 1
    assert found["touchdesk_sends_total{flood}"] == found["touchdesk_send_retries_total"] == 1
    assert found["touchdesk_sends_total{sent}"] > 4
    assert found["touchdesk_loop_lag_seconds_count"] >= 1
    assert found["touchdesk_inbox_waiting"] == 0
    assert {value for name, value in found.items() if name.startswith("touchdesk_outbox_waiting")} == {0}
    assert found["touchdesk_database_up"] == 1
