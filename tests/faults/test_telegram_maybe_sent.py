"""Telegram's error table: it may have been sent. A human decides on an agent's words; ours are said once more."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import select

from crm_store.models import OutboxRow
from crm_store.store import Store
from faq.files import write_faq
from tests.bot_process import start_bot
from tests.console.shop import FAQ
from tests.dialogues.conftest import AGENT, FORUM, TOKEN, Shop, free_port
from tests.faults.at_work import ANSWER, QUESTION, at_work, soon, states
from tests.telegram.faults import Kind
from tests.telegram.people import Person
from tests.telegram.server import FakeTelegram
from tests.telegram.waiting import until

FAULTS: dict[str, tuple[Kind, dict[str, object]]] = {
    "timeout": (Kind.DELAY_AFTER, {"seconds": 1.0}),
    "reset": (Kind.DROP_AFTER, {}),
    "500": (Kind.SERVER_ERROR_AFTER, {}),
    "502": (Kind.BAD_GATEWAY_AFTER, {}),
}
"""Each comes when the message is with its reader already."""

WORDS, NOTICE = "it costs 20 €", "Ann: word 1"
ASKED = f"This may have arrived. Send it again?\n{WORDS}"


@pytest.mark.parametrize("fault", FAULTS)
async def test_maybe_sent(shop: Shop, monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    """An agent's words, a bot's answer, and a notice to the agents, each meeting the fault once."""
    soon(monkeypatch, repeat=0.1, call=0.4)
    nia, ann, kim, bob = (
        *(shop.customer(n, name) for n, name in ((101, "Nia"), (102, "Ann"), (103, "Kim"))),
        shop.agent(),
    )
    topic, other = await at_work(shop, nia, bob), await at_work(shop, ann, bob)
    kind, how = FAULTS[fault]
    for where in ({"text": WORDS}, {"chat_id": kim.id}, {"text": NOTICE}):
        shop.tg.fault(kind, "sendMessage", where=where, **how)
    bob.say_in(shop.group, topic, WORDS)
    kim.say(QUESTION)
    ann.say("word 1")
    await until(lambda: ASKED in shop.in_topic(topic) or None, 10, lambda: shop.in_topic(topic))
    await shop.settled()
    assert [message.text for message in nia.unheard()] == [WORDS], "never by itself"
    assert [message.text.startswith(ANSWER) for message in kim.unheard()] == [True, True]
    assert [message.text for message in shop.group.messages(other)][-2:] == [NOTICE, NOTICE]
    rows = await shop.rows(select(OutboxRow).where(OutboxRow.state.in_(("uncertain", "failed")) | OutboxRow.repeated))
    assert Counter((row.state, row.repeated) for row in rows) == {("uncertain", False): 1, ("sent", True): 2}
    bob.press_in(shop.group, topic, "Send again")
    await shop.settled()
    assert [message.text for message in nia.unheard()] == [WORDS, WORDS], "the agent has decided"


@pytest.mark.parametrize("kind", [Kind.GARBLED, Kind.TRUNCATED, Kind.GARBAGE])
async def test_200_undecodable(shop: Shop, kind: Kind) -> None:
    """200 is sent, whatever else it says: nothing is repeated and nobody is asked to."""
    nia, kim, bob = shop.customer(), shop.customer(103, "Kim"), shop.agent()
    topic = await at_work(shop, nia, bob)
    shop.tg.fault(kind, "sendMessage", times=None)
    bob.say_in(shop.group, topic, WORDS)
    kim.say(QUESTION)
    await shop.settled()
    assert _heard(nia) == [WORDS]
    assert len(_heard(kim)) == 1
    assert ASKED not in shop.in_topic(topic)
    assert states(await shop.rows(select(OutboxRow))) == {"sent"}


async def test_maybe_sent_kill(tg: FakeTelegram, sqlite_store: Store, tmp_path: Path) -> None:
    """`kill -9` while all three are on their way: the next process finds them and does the same."""
    write_faq(tmp_path / "faq.yaml", FAQ)
    environment = {
        "BOT_TOKEN": TOKEN,
        "TELEGRAM_API_BASE": tg.url,
        "DATABASE_URL": sqlite_store.url.render_as_string(hide_password=False),
        "SECRET_KEY": "a secret for tests",
        "AGENT_CHAT_ID": str(FORUM),
        "AGENT_IDS": str(AGENT),
        "FAQ_FILE": str(tmp_path / "faq.yaml"),
        "FILES_DIR": str(tmp_path / "files"),
        "SEND_RATE": "0",
        "SEND_RATE_CHAT": "0",
        "SEND_RATE_GROUP": "0",
    }
    group = tg.group(FORUM, "Agents", forum=True)
    nia, kim, bob = (tg.user(n, name, language_code="en") for n, name in ((101, "Nia"), (103, "Kim"), (AGENT, "Bob")))
    process = start_bot(environment | {"HTTP_PORT": str(free_port())}, tmp_path)
    nia.say("a human please")
    await nia.hears(1, timeout=30)
    topic = (await group.new_topic()).thread_id
    bob.say_in(group, topic, "/claim")
    await nia.hears(1)
    await tg.quiet()
    for where in ({"text": WORDS}, {"chat_id": kim.id}, {"chat_id": FORUM}):
        tg.fault(Kind.DELAY_AFTER, "sendMessage", where=where, seconds=5)
    bob.say_in(group, topic, WORDS)
    kim.say(QUESTION)
    nia.say("word 1")
    await until(lambda: tg.counters()["faults"] == 3 or None, 10, lambda: str(tg.counters()))
    process.kill()
    await asyncio.to_thread(process.join)
    process = start_bot(environment | {"HTTP_PORT": str(free_port())}, tmp_path)
    await until(lambda: ASKED in _said(tg, group.id, topic) or None, 30, lambda: _said(tg, group.id, topic))
    await _settled(sqlite_store)
    process.terminate()
    await asyncio.to_thread(process.join)
    assert process.exitcode == 0
    assert _heard(nia) == [WORDS]
    assert len(_heard(kim)) == 2
    assert len(set(_heard(kim))) == 1
    assert _said(tg, group.id, topic).count("Nia: word 1") == 2


def _heard(person: Person) -> list[str]:
    return [message.text for message in person.unheard()]


def _said(tg: FakeTelegram, chat_id: int, topic: int) -> str:
    return "\n".join(tg.transcript(chat_id, topic))


async def _settled(store: Store) -> None:
    async with asyncio.timeout(20):
        while True:
            async with store.read() as session:
                under_way = select(OutboxRow.id).where(OutboxRow.state.in_(("waiting", "sending")))
                if not (await session.scalars(under_way)).all():
                    return
            await asyncio.sleep(0.05)
