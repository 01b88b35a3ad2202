"""One answer of a form: what is understood, in three languages, and what is asked for again."""

from __future__ import annotations

from datetime import date
from time import process_time
from zoneinfo import ZoneInfo

import pytest

from faq.entry import SLOT_TYPES
from support.forms.slots import _READERS, Circumstances, Problem, order_numbers, read, territories
from support.forms.spoken import says_yes, wants_to_leave, wants_to_skip

FRIDAY = date(2026, 11, 20)
CHOICES = {
    "en": ["Faulty", "The 58 mm basket", "Wrong item"],
    "zh-Hans": ["坏了", "58 毫米粉碗", "发错了"],
    "zh-Hant": ["故障", "58 毫米粉杯", "寄錯了"],
}


def at(language: str = "en", *homes: str, today: date = FRIDAY) -> Circumstances:
    return Circumstances(language, today, homes, CHOICES)


def value(type_: str, text: str, *where: str) -> str | None:
    """The value, or None where there is a problem; every problem has a text of its own."""
    found = read(type_, text, at(*(where or ("en",))))
    if isinstance(found, Problem):
        assert found.key == f"customer.form.wrong.{type_}"
        return None
    return found


def test_every_type_is_read_by_a_reader_of_its_own() -> None:
    assert set(_READERS) == set(SLOT_TYPES)
    assert len(set(_READERS.values())) == len(SLOT_TYPES)


@pytest.mark.parametrize("type_", SLOT_TYPES)
@pytest.mark.parametrize("text", ["", " ", "👍", "...", "\u200b", "؟", "\u0301" * 50])
def test_nothing_is_no_answer(type_: str, text: str) -> None:
    assert value(type_, text) is None


@pytest.mark.parametrize("type_", SLOT_TYPES)
@pytest.mark.parametrize(
    "text", ["1" * 4096, "a" * 4096, "1," * 2048, "一" * 4096, "@" * 4096, "3 May " * 700, "十万" * 2000]
)
def test_a_flood_is_read_in_no_time_and_never_breaks(type_: str, text: str) -> None:
    assert read(type_, text, at("en", "TW"))


def test_a_text_is_kept_as_it_was_written() -> None:
    assert value("text", "  Ｔoo big,\nsadly ") == "Ｔoo big,\nsadly"


@pytest.mark.parametrize(
    ("text", "language", "number"),
    [
        ("2", "en", "2"),
        ("about 12 cups", "en", "12"),
        ("1,200.50", "en", "1200.5"),
        ("€1,200", "en", "1200"),
        ("1 200", "en", "1200"),
        ("-5", "en", "-5"),
        ("two", "en", "2"),
        ("5k", "en", "5000"),
        ("１２", "zh-Hant", "12"),
        ("٣", "en", "3"),
        ("两台", "zh-Hans", "2"),
        ("兩台", "zh-Hant", "2"),
        ("十二", "zh-Hans", "12"),
        ("一千二百", "zh-Hans", "1200"),
        ("一百零五個", "zh-Hant", "105"),
        ("1.5万", "zh-Hans", "15000"),
        ("3 萬", "zh-Hant", "30000"),
        ("12,34", "en", None),
        ("1.234,5", "en", None),
        ("3 or 4", "en", None),
        ("1/2", "en", None),
        ("one thousand", "en", None),
        ("many", "en", None),
        ("很多", "zh-Hans", None),
    ],
)
def test_numbers(text: str, language: str, number: str | None) -> None:
    assert value("number", text, language) == number


@pytest.mark.parametrize(
    ("text", "language", "day"),
    [
        ("2026-11-25", "en", "2026-11-25"),
        ("2026/1/5 10:00", "zh-Hans", "2026-01-05"),
        ("25 November", "en", "2026-11-25"),
        ("on the 25th of Nov, please", "en", "2026-11-25"),
        ("Nov 25, 2027", "en", "2027-11-25"),
        ("Sept 3", "en", "2026-09-03"),
        ("25/11/2026", "en", "2026-11-25"),
        ("25.11.", "en", "2026-11-25"),
        ("4/4/26", "en", "2026-04-04"),
        ("3/4/2026", "en", None),
        ("3/4", "zh-Hans", "2027-03-04"),
        ("11 月 25 日", "zh-Hans", "2026-11-25"),
        ("十一月二十五號", "zh-Hant", "2026-11-25"),
        ("2026年11月25日", "zh-Hant", "2026-11-25"),
        ("二〇二六年十二月三日", "zh-Hans", "2026-12-03"),
        ("today", "en", "2026-11-20"),
        ("Tomorrow!", "en", "2026-11-21"),
        ("the day after tomorrow", "en", "2026-11-22"),
        ("yesterday", "en", "2026-11-19"),
        ("明天下午", "zh-Hans", "2026-11-21"),
        ("後天", "zh-Hant", "2026-11-22"),
        ("昨天", "zh-Hant", "2026-11-19"),
        ("大前天", "zh-Hans", "2026-11-17"),
        ("2 January", "en", "2027-01-02"),
        ("25 June", "en", "2026-06-25"),
        ("30 February", "en", None),
        ("29 Feb 2028", "en", "2028-02-29"),
        ("29 Feb", "en", None),
        ("13月5日", "zh-Hans", None),
        ("from 3 May to 5 May", "en", None),
        ("maybe", "en", None),
        ("0000-00-00", "en", None),
        ("9999-12-31", "en", None),
    ],
)
def test_dates(text: str, language: str, day: str | None) -> None:
    assert value("date", text, language) == day


def test_a_day_without_a_year_is_the_nearest_one() -> None:
    new_year = at(today=date(2027, 1, 3))
    assert read("date", "30 December", new_year) == "2026-12-30"
    assert read("date", "3 January", new_year) == "2027-01-03"
    assert read("date", "29 Feb", at(today=date(2027, 12, 1))) == "2028-02-29"


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("nia@example.com", "nia@example.com"),
        ("it's Nia@Example.COM, thanks", "Nia@example.com"),
        ("邮箱是：nia@example.com。", "nia@example.com"),
        ("nia＠example．com", "nia@example.com"),
        ("<nia@example.com>", "nia@example.com"),
        ("nia@example", None),
        ("nia at example.com", None),
        ("a@example.com b@example.com", None),
        ("@example.com", None),
        ("nia..x@example.com", None),
    ],
)
def test_email_addresses(text: str, address: str | None) -> None:
    assert value("email", text) == address


@pytest.mark.parametrize("kind", SLOT_TYPES)
@pytest.mark.parametrize("text", ["a" * 4096, "吗." * 2048, "1/1/" * 1024, "a@" * 2048, "{" * 4096])
def test_the_longest_message_is_read_in_no_time(kind: str, text: str) -> None:
    value(kind, "warm")
    begun = process_time()
    value(kind, text)
    assert process_time() - begun < 0.2  # seconds; the address alone took half of one before


@pytest.mark.parametrize(
    ("text", "homes", "number"),
    [
        ("+44 20 7946 0123", (), "+442079460123"),
        ("my number is +886 912 345 678", (), "+886912345678"),
        ("０９１２-345-678", ("TW",), "+886912345678"),
        ("138 0013 8000", ("CN",), "+8613800138000"),
        ("2123 4567", ("HK", "CN"), "+85221234567"),
        ("138 0013 8000", ("HK", "CN"), "+8613800138000"),
        ("020 7946 0123", (), None),
        ("020 7946 0123", ("GB",), "+442079460123"),
        ("110", ("CN",), None),
        ("+44 1", ("TW",), None),
        ("call me", ("TW",), None),
    ],
)
def test_phone_numbers(text: str, homes: tuple[str, ...], number: str | None) -> None:
    assert value("phone", text, "en", *homes) == number


@pytest.mark.parametrize(
    ("language", "zone", "homes"),
    [
        ("zh-Hans", "UTC", ("CN",)),
        ("zh-Hant", "Asia/Taipei", ("TW",)),
        ("zh-Hant", "Asia/Hong_Kong", ("HK", "TW")),
        ("zh-Hant", "Europe/Berlin", ("TW", "DE")),
        ("en", "Europe/London", ("GB",)),
        ("en", "UTC", ()),
    ],
)
def test_where_a_phone_is_at_home(language: str, zone: str, homes: tuple[str, ...]) -> None:
    assert territories(language, ZoneInfo(zone)) == homes


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("Faulty", "0"),
        ("faulti", "0"),
        ("I think it's faulty", "0"),
        ("坏了。", "0"),
        ("故障", "0"),
        ("寄錯了", "2"),
        ("wrong itme", "2"),
        ("3", "2"),
        ("第三个", "2"),
        ("No. 3", "2"),
        ("58", "1"),
        ("58 mm baskt", "1"),
        ("the 54 mm basket", None),
        ("faulty, and the wrong item", None),
        ("basket", "1"),
        ("粉碗", "1"),
        ("mm", None),
        ("4", None),
        ("0", None),
        ("something else", None),
    ],
)
def test_choices(text: str, place: str | None) -> None:
    assert value("choice", text) == place


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("yes", "yes"),
        ("Yes, please!", "yes"),
        ("no problem", "yes"),
        ("是的", "yes"),
        ("沒問題", "yes"),
        ("no", "no"),
        ("No, thanks", "no"),
        ("不是", "no"),
        ("不用了，謝謝", "no"),
        ("没有", "no"),
        ("是不是", None),
        ("maybe", None),
        ("yes and no", None),
    ],
)
def test_yes_and_no(text: str, said: str | None) -> None:
    assert value("yes_no", text) == said


def test_an_order_number_may_stand_among_words() -> None:
    assert value("order_number", "it's order ab-5512") is not None
    assert {"AB-5512", "ab-5512"} <= set(order_numbers("it's order ab-5512, I think"))
    assert "5512" in order_numbers("＃５５１２")
    assert value("order_number", "the grinder") is None


@pytest.mark.parametrize(
    "text", ["never mind", "Nevermind, thanks!", "cancel", "算了", "算了吧", "不用了", "先不用了，謝謝", "取消"]
)
def test_ways_out(text: str) -> None:
    assert wants_to_leave(text)


@pytest.mark.parametrize(
    "text", ["I want to cancel my order", "can I cancel?", "不用了这台机器", "stop the leak", "yes", "", "x" * 5000]
)
def test_no_ways_out(text: str) -> None:
    assert not wants_to_leave(text)


def test_skipping() -> None:
    assert all(map(wants_to_skip, ("skip", "I don't know", "none", "没有", "不知道")))
    assert not any(map(wants_to_skip, ("nothing works", "没有水", "")))
    assert says_yes("") is None
