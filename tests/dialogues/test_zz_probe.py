from datetime import UTC, datetime, timedelta
from pathlib import Path
import pytest
from tests.dialogues.conftest import *


def closed_now():
    now = datetime.now(UTC)
    off = 12 - now.hour
    zone = f"Etc/GMT{-off:+d}" if off else "Etc/GMT"
    local = now + timedelta(hours=off)
    return {"timezone": zone, "working_hours": f"{local + timedelta(days=1):%a} 09:00-18:00"}


async def test_closed(tg, shop_store, tmp_path):
    async with open_shop(tg, shop_store, tmp_path, **closed_now()) as shop:
        for i, (lang, w, n) in enumerate(
            [
                ("en", "can i speak to someone", "my kettle leaks"),
                ("zh-CN", "转人工", "水壶漏水"),
                ("zh-TW", "找真人客服", "水壺漏水"),
            ]
        ):
            p = shop.customer(200 + i, "P", lang)
            for x in (w, n, "thanks", "can i take it on a plane"):
                p.say(x)
                await shop.settled()
            print("\n".join(tg.transcript(p)))
        p = shop.customer(VIP, "C", "en")
        for x in ("can i take it on a plane", "why is the sky blue", "terrible service", "this is ridiculous"):
            p.say(x)
            await shop.settled()
        print("\n".join(tg.transcript(p)))
        p = shop.customer(AT_RISK, "C", "en")
        for x in ("still got 58 mm baskets?",):
            p.say(x)
            await shop.settled()
        print("\n".join(tg.transcript(p)))


async def test_bad(shop):
    tg = shop.tg
    p = shop.customer(300, "<b>B</b>\u202e" + "Z\u0301\u0302\u0303\u0304\u0305" * 20 + "x" * 500)
    for x in (
        "😀" * 2048,
        "\u200b\u200b",
        "a" * 4096,
        "مرحبا كيف الحال",
        "\u202eabc",
        "/",
        "//",
        "/resolve",
        "1" * 4096,
        "😀" * 2048,
        "word " * 819,
    ):
        p.say(x)
        await shop.settled()
    p.sticker()
    p.location()
    p.contact()
    p.send(
        {
            "poll": {
                "id": "1",
                "question": "q",
                "options": [],
                "total_voter_count": 0,
                "is_closed": False,
                "is_anonymous": True,
                "type": "regular",
                "allows_multiple_answers": False,
            }
        }
    )
    p.send({"pinned_message": {"message_id": 1, "date": 0, "chat": {"id": 300, "type": "private"}}})
    p.send({"message_auto_delete_timer_changed": {"message_auto_delete_time": 5}})
    p.send({"something_new": {}})
    await shop.settled()
    for l in tg.transcript(p):
        print(l[:150])
    for t in shop.group.topics:
        print(repr(t.name))
        for m in t.messages:
            print(len(m.text), repr(m.text[:300]))
    print(await shop.set_aside())
    print([(r.method, r.state, r.error) for r in await shop.rows(select(OutboxRow)) if r.state != "sent"])
    for r in await shop.ledger(p):
        print(r.kind, r.direction, repr((r.text or "")[:40]), r.payload and str(r.payload)[:80])
