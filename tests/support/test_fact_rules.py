"""What a message teaches: few rules, sure ones, that quote and never invent."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faq.files import open_faq
from support.customers.fact_values import language_named
from support.customers.proposing import LONGEST_QUOTE, LONGEST_READ, MOST_PROPOSALS, proposals
from support.words.due_words import due
from support.words.texts import LOCALES

FRIDAY_NOON = datetime(2026, 11, 20, 12, tzinfo=ZoneInfo("Asia/Taipei"))


def heard(text: str, language: str = "en") -> list[tuple[str, Any]]:
    """(rule, value) of each proposal."""
    return [(each.rule, each.value) for each in proposals(text, language, FRIDAY_NOON)]


@pytest.mark.parametrize(
    ("text", "rule", "value"),
    [
        ("Please call after six.", "call_hours", {"after": "18:00"}),
        ("It leaks. Please call me back only after 6.30 p.m., thanks!", "call_hours", {"after": "18:30"}),
        ("call me before noon please", "call_hours", {"before": "12:00"}),
        ("don't call after 9pm", "call_hours", {"before": "21:00"}),
        ("please call after nine", "call_hours", None),
        ("I'm only home after 5 pm", "call_hours", {"after": "17:00"}),
        ("could you call me after 18:00?", "call_hours", {"after": "18:00"}),
        ("六点以后打电话", "call_hours", {"after": "18:00"}),
        ("请晚上八点半以后再给我打电话，谢谢", "call_hours", {"after": "20:30"}),
        ("請晚上 8 點以後再打電話給我", "call_hours", {"after": "20:00"}),
        ("上午九点之前别打电话", "call_hours", {"after": "09:00"}),
        ("请不要在晚上十点后给我打电话。", "call_hours", {"before": "22:00"}),
        ("Not on weekends please", "days_off", {"not_on": ["sat", "sun"]}),
        ("please don't contact me on Mondays or Tuesdays", "days_off", {"not_on": ["mon", "tue"]}),
        ("周末请不要联系我", "days_off", {"not_on": ["sat", "sun"]}),
        ("週末請勿打擾", "days_off", {"not_on": ["sat", "sun"]}),
        ("please e-mail me", "channel", {"channel": "email"}),
        ("Please email me instead.", "channel", {"channel": "email"}),
        ("please contact me by phone only", "channel", {"channel": "phone"}),
        ("please don't call me again", "channel", {"not": "phone"}),
        ("I'd prefer text messages", "channel", {"channel": "sms"}),
        ("发邮件给我", "channel", {"channel": "email"}),
        ("麻烦用微信联系我", "channel", {"channel": "wechat"}),
        ("請用電子郵件聯絡我", "channel", {"channel": "email"}),
        ("不要打电话给我", "channel", {"not": "phone"}),
        ("speak Chinese please", "language", {"language": "zh-Hans"}),
        ("please reply in traditional Chinese", "language", {"language": "zh-Hant"}),
        ("Can we switch to English?", "language", {"language": "en"}),
        ("请用英文", "language", {"language": "en"}),
        ("請用英文回覆", "language", {"language": "en"}),
        ("请说粤语", "language", {"language": "yue"}),
        ("I'm allergic to nuts", "constraint", None),
        ("I can’t drink milk", "constraint", None),
        ("I can't take calls at work", "constraint", None),
        ("我对牛奶过敏", "constraint", None),
        ("我上班不方便接电话", "constraint", None),
        ("I prefer light roasts", "preference", None),
        ("I like my coffee black", "preference", None),
        ("我喜欢浅烘的豆子", "preference", None),
        ("我比較喜歡深焙", "preference", None),
    ],
)
def test_a_fact_is_heard(text: str, rule: str, value: dict[str, Any] | None) -> None:
    assert heard(text) == [(rule, value)]


@pytest.mark.parametrize(
    "text",
    [
        "how often do I descale the machine?",
        "call me after six today",
        "please call me tomorrow after six",
        "I'll call after six",
        "should I call after six?",
        "I called after six and nobody answered",
        "if I call after six nobody answers",
        "please call after 6 weeks",
        "please call me",
        "please email me the invoice",
        "can you email me the invoice?",
        "you do not deliver on Sundays",
        "do you deliver on weekends?",
        "it works but not on weekends",
        "do you speak Chinese?",
        "is the manual in English",
        "I can't find my order",
        "I can't log in",
        "I can't drink this coffee, it tastes of soap",
        "I like it",
        "I'd like a refund",
        "I would like to speak to a human",
        "I prefer to speak to a human",
        "I like your shop but the grinder broke",
        "are you allergic to customers?",
        "can I pay by phone please",
        "六点以后打电话没人接",
        "我六点以后打电话给你们",
        "明天六点以后打电话",
        "六点以后打电话有人接吗",
        "周末发货吗？",
        "这个周末不要联系我",
        "请把发票发邮件给我",
        "发邮件给我们公司的财务了吗",
        "请把电话给我",
        "你会说英文吗",
        "有英文说明书吗",
        "我不能登录",
        "我不能喝这个",
        "我喜欢你们的店",
        "转人工",
        "",
        "?",
    ],
)
def test_what_is_no_habit_of_the_writers_is_left_alone(text: str) -> None:
    assert heard(text) == []


def test_the_sample_shops_questions_teach_nothing() -> None:
    entries = open_faq(LOCALES.parent / "bot" / "sample" / "faq.yaml").entries
    said = [text for entry in entries for text in entry.wordings]
    assert len(said) > 100
    assert not [text for text in said if heard(text)]


def test_the_writers_own_words_are_quoted() -> None:
    found = proposals("Hello there. My boiler leaks! Please CALL  me after six. Thanks", "en", FRIDAY_NOON)
    assert [proposal.text for proposal in found] == ["Please CALL me after six."]


@given(st.text() | st.sampled_from(["please call after six, ", "我喜欢", "I can't drink milk. "]).map(lambda s: s * 80))
def test_whatever_is_written_the_proposals_are_few_and_quotes(text: str) -> None:
    for proposal in (found := proposals(text, "zh-Hant", FRIDAY_NOON)):
        assert len(proposal.text) <= LONGEST_QUOTE
        assert proposal.text.rstrip("…") in " ".join(text[:LONGEST_READ].split())
    assert len(found) <= MOST_PROPOSALS


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("We'll send it by Friday.", "2026-11-20"),
        ("I will call you back tomorrow", "2026-11-21"),
        ("Sorry about that. We'll refund you within 3 working days.", "2026-11-25"),
        ("We'll ship it before Wednesday", "2026-11-24"),
        ("I'll get back to you by 25 November", "2026-11-25"),
        ("周五前给您寄出", "2026-11-20"),
        ("我们下周三之前给您答复", "2026-11-25"),
        ("三天内给您处理好", "2026-11-23"),
        ("明天給您回覆", "2026-11-21"),
    ],
)
def test_a_promise_of_an_agents_has_its_day(text: str, day: str) -> None:
    (promise,) = proposals(text, "en", FRIDAY_NOON, by_agent=True)
    assert promise.kind == "promise"
    assert promise.due_at
    assert promise.due_at.date().isoformat() == day
    assert promise.due_at.tzinfo == FRIDAY_NOON.tzinfo


@pytest.mark.parametrize(
    "text",
    [
        "We'll send it.",
        "We'll send it soon",
        "If you return it by Friday we'll refund you by Monday",
        "We'll not send it by Friday",
        "Shall we send it by Friday?",
        "Please send it by Friday",
        "We'll try to send it by Friday",
        "We'll send it by 3 November",
        "We'll send it by next Friday",
        "请您周五前寄回",
        "如果周五前收到，会给您退款",
        "尽快给您寄出",
    ],
)
def test_without_a_day_or_under_a_condition_nothing_is_promised(text: str) -> None:
    assert proposals(text, "en", FRIDAY_NOON, by_agent=True) == []


@pytest.mark.parametrize(
    ("words", "moment"),
    [
        ("within two hours", "2026-11-20T14:00"),
        ("by the end of Thursday", "2026-11-26T23:59"),
        ("下週五", "2026-11-27T23:59"),
        ("2 个工作日内", "2026-11-24T23:59"),
        ("by Monday or Tuesday", None),
        ("", None),
    ],
)
def test_due_words(words: str, moment: str | None) -> None:
    found = due(words, "en", FRIDAY_NOON)
    assert (found.strftime("%Y-%m-%dT%H:%M") if found else None) == moment


def test_a_language_is_named_once_or_not_at_all() -> None:
    assert language_named("繁體中文", "en") == "zh-Hant"
    assert language_named("Chinese", "zh-Hant") == "zh-Hant"
    assert language_named("English or German", "en") is None
    assert language_named("Klingon", "en") is None
