"""One customer's whole way, by polling and by webhook, on both databases: asked, refused, handed over, rated."""

from pathlib import Path

from crm_store.store import Store
from tests.dialogues.conftest import Shop, fill, free_port, open_shop
from tests.telegram.server import FakeTelegram

WEBHOOK_SECRET = "s3cret-of-the-webhook"


def webhook_settings() -> dict[str, object]:
    port = free_port()
    url = f"http://127.0.0.1:{port}/telegram/webhook"
    return {"http_port": port, "webhook_url": url, "webhook_secret": WEBHOOK_SECRET}


async def test_by_polling(shop: Shop) -> None:
    await live_through(shop)
    assert "setwebhook" not in shop.tg.counters()["calls"]


async def test_by_webhook(tg: FakeTelegram, store: Store, tmp_path: Path) -> None:
    await fill(store)
    async with open_shop(tg, store, tmp_path, **webhook_settings()) as shop:
        await live_through(shop)
        assert "getupdates" not in tg.counters()["calls"]


async def live_through(shop: Shop) -> None:
    nia, bob = shop.customer(), shop.agent()
    nia.start()
    await nia.hears(1)
    nia.say("how offen do i descale")
    assert (await nia.hears(1))[0].text.startswith("Every two to three months")
    nia.press("That helped")
    await nia.hears(1)
    nia.say("can i take it on a plane")
    await nia.hears(1)
    nia.press("Ask a colleague")
    await nia.hears(1)
    topic = await shop.topic()
    bob.press_in(shop.group, topic, "Claim")
    await nia.hears(1)
    nia.photo("this one")
    await shop.settled()
    bob.say_in(shop.group, topic, "As hand luggage, yes")
    await nia.hears(1)
    bob.say_in(shop.group, topic, "/resolve")
    await nia.hears(1)
    nia.press("5")
    await nia.hears(1)
    await shop.settled()
    assert not await shop.set_aside()
    assert "Rating of #1001: 5" in shop.in_topic(topic)
    assert [(row.direction, row.author, row.kind) for row in await shop.ledger(nia)] == [
        ("internal", "system", "joined"),
        ("in", "customer", "text"),
        ("out", "bot", "text"),
        ("in", "customer", "text"),
        ("out", "bot", "answer"),
        ("in", "customer", "press"),
        ("out", "bot", "text"),
        ("in", "customer", "text"),
        ("out", "bot", "text"),
        ("in", "customer", "press"),
        ("internal", "bot", "escalated"),
        ("out", "bot", "text"),
        ("internal", "agent", "claimed"),
        ("out", "bot", "joined"),
        ("in", "customer", "photo"),
        ("out", "agent", "text"),
        ("internal", "agent", "resolved"),
        ("out", "bot", "rating_request"),
        ("in", "customer", "press"),
        ("out", "bot", "text"),
    ]
