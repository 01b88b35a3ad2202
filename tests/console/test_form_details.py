"""What a form asked stands under its request on the agent's page, and is never markup."""

from __future__ import annotations

import httpx

from faq.entry import FaqEntry, FormField
from support.desk import Desk
from support.knowledge.importing import import_entries
from tests.console.conftest import address_of
from tests.console.shop import contact_id, write

RETURNS = FaqEntry(
    "returns",
    {"en": ["How do I return an item?"]},
    {"en": "Within **30** days."},
    form=(FormField("reason", "text", True, {"en": "What is the <u>reason</u>?"}),),
)


async def test_answers_are_shown_under_the_request(
    desk: Desk, agent: httpx.AsyncClient, visitor: httpx.AsyncClient
) -> None:
    await desk.store.run(lambda unit: import_entries(unit, [RETURNS]))
    await desk.faq.refresh(desk.store)
    for words in ("How do I return an item?", "<b>too big</b> & heavy", "send"):
        await write(visitor, words)
    chat = (await visitor.get("/chat")).text
    assert "Request #1001" in chat
    page = (await agent.get(f"/console/c/{await contact_id(desk, address_of(visitor))}")).text
    card = page.split('<aside class="card">', 1)[1]
    assert "What is the &lt;u&gt;reason&lt;/u&gt;? &lt;b&gt;too big&lt;/b&gt; &amp; heavy" in card
    assert "<b>too big" not in page
