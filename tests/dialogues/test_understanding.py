"""Whole conversations in three languages: greeted, answered, asked back, refused honestly, and understood further."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.dialogues.conftest import Shop
from tests.dialogues.test_transcripts import one


@dataclass(frozen=True)
class Script:
    """What a newcomer says, and the words by which each answer is known."""

    client: str
    hello: tuple[str, str]
    hit: tuple[str, str]
    helped: str
    near_miss: tuple[str, str, str]
    delivery: tuple[str, str]
    follow_up: tuple[str, str]
    unknown: tuple[str, str, str]
    two: tuple[str, str, str]
    one_unknown: tuple[str, str, str]


SCRIPTS = [
    Script(
        client="en",
        hello=("hi", "Hello and welcome"),
        hit=("how offen do i descale", "Every two to three months"),
        helped="That helped",
        near_miss=("the water is strange", "No water", "Fill the tank"),
        delivery=("what does delivery cost?", "6 €"),
        follow_up=("and to Spain?", "To Spain it is 14 €, four to six working days."),
        unknown=("can i take it on a plane", "rather not guess", "Ask a colleague"),
        two=("What does delivery cost? And how often do I descale?", "6 €", "Every two to three months"),
        one_unknown=("How long is the warranty? Can I take it on a plane?", "Two years", "can i take it on a plane"),
    ),
    Script(
        client="zh-CN",
        hello=("在吗", "机器人助手"),
        hit=("多久除一次垢", "一般两到三个月一次"),
        helped="有帮助",
        near_miss=("出水怪怪的", "不出水", "先加满水箱"),
        delivery=("运费多少钱", "12 元"),
        follow_up=("那寄到香港呢", "寄到香港 35 元，4 到 6 个工作日送达。"),
        unknown=("能带上飞机吗", "没有把握", "请同事回复"),
        two=("运费多少钱？另外多久除垢一次？", "12 元", "一般两到三个月一次"),
        one_unknown=("保修多久？能带上飞机吗？", "两年", "能带上飞机吗"),
    ),
    Script(
        client="zh-TW",
        hello=("請問有人在嗎", "機器人"),
        hit=("咖啡機多久要除垢", "一般兩到三個月一次"),
        helped="有幫助",
        near_miss=("出水怪怪的", "不出水", "先把水箱加滿"),
        delivery=("運費多少錢", "100 元"),
        follow_up=("那寄到香港呢", "寄到香港運費 150 元，約 4 到 6 個工作天送達。"),
        unknown=("可以帶上飛機嗎", "沒有把握", "請同事回覆"),
        two=("運費多少錢？另外多久除垢一次？", "100 元", "一般兩到三個月一次"),
        one_unknown=("保固期多長？可以帶上飛機嗎？", "兩年", "可以帶上飛機嗎"),
    ),
]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.client)
async def test_a_conversation_that_stays_with_the_bot(shop: Shop, script: Script) -> None:
    nia = shop.customer(language=script.client)

    nia.say(script.hello[0])
    assert script.hello[1] in (await one(shop, nia)).text

    nia.say(script.hit[0])
    assert script.hit[1] in (await one(shop, nia)).text
    nia.press(script.helped)
    await one(shop, nia)

    nia.say(script.near_miss[0])
    asked = await one(shop, nia)
    assert script.near_miss[1] in asked.labels
    nia.press(script.near_miss[1])
    assert script.near_miss[2] in (await one(shop, nia)).text

    nia.say(script.delivery[0])
    assert script.delivery[1] in (await one(shop, nia)).text
    nia.say(script.follow_up[0])
    assert (await one(shop, nia)).text == script.follow_up[1]

    nia.say(script.two[0])
    both = await one(shop, nia)
    assert script.two[1] in both.text
    assert script.two[2] in both.text
    assert both.labels.count(script.helped) == 1

    nia.say(script.one_unknown[0])
    partly = await one(shop, nia)
    assert script.one_unknown[1] in partly.text
    assert script.one_unknown[2] in partly.text.lower()
    assert partly.labels[-1] == script.unknown[2]

    nia.say(script.unknown[0])
    refused = await one(shop, nia)
    assert script.unknown[1] in refused.text
    assert refused.labels[0] == script.unknown[2]
    assert not shop.group.topics
