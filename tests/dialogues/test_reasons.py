"""Reasons in the agents' forum: called wrong by a button under the card, and taken back by it."""

from __future__ import annotations

from sqlalchemy import select

from crm_store.models import Escalation, ReasonVerdict
from tests.dialogues.conftest import Shop


async def test_a_reason_is_called_wrong_by_an_agent_and_taken_back(shop: Shop) -> None:
    nia, bob = shop.customer(), shop.agent()
    topic = await shop.handed_over(nia, "A human please")
    await shop.settled()
    card = shop.group.messages(topic)[0]
    assert "1. Asked for a person" in card.text
    (escalation,) = await shop.rows(select(Escalation))

    nia.press_data_in(shop.group, f"a:wrong:{escalation.id}:asked_human", card.id)
    bob.press_data_in(shop.group, f"a:wrong:{escalation.id}:vip", card.id)
    bob.press_data_in(shop.group, f"a:wrong:{escalation.id - 1}:asked_human", card.id)
    bob.press_data_in(shop.group, "a:wrong:99999999999999999999:asked_human", card.id)
    await shop.settled()
    assert not await shop.rows(select(ReasonVerdict)), "no customer, and nothing but a reason of this very card"
    assert bob.answers()[-2]["text"] == "This reason is not there any more."

    bob.press_in(shop.group, topic, "Wrong: 1")
    await shop.settled()
    assert bob.answers()[-1]["text"] == "Noted: this reason is wrong."
    assert [verdict.code for verdict in await shop.rows(select(ReasonVerdict))] == ["asked_human"]

    bob.press_data_in(shop.group, f"a:right:{escalation.id}:asked_human", card.id)
    await shop.settled()
    assert bob.answers()[-1]["text"] == "Taken back: the reason stands."
    assert not await shop.rows(select(ReasonVerdict))
    assert not nia.unheard(), "nothing of it reaches the customer"
