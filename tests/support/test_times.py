from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from support.words.texts import UnknownLanguageError
from support.words.times import day, moment, money

TAIPEI = ZoneInfo("Asia/Taipei")
MONDAY = datetime(2025, 11, 3, 10, 0, tzinfo=TAIPEI)


def taipei(day_of_november: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2025, 11, day_of_november, hour, minute, tzinfo=TAIPEI)


@pytest.mark.parametrize(
    ("at", "en", "hans", "hant"),
    [
        (taipei(3, 15), "today at 15:00", "今天 15:00", "今天 15:00"),
        (taipei(4, 9), "tomorrow at 9:00", "明早 9:00", "明早 9:00"),
        (taipei(4, 11, 59), "tomorrow at 11:59", "明早 11:59", "明早 11:59"),
        (taipei(4, 12), "tomorrow at 12:00", "明天 12:00", "明天 12:00"),
        (taipei(4, 0, 5), "tomorrow at 0:05", "明天 0:05", "明天 0:05"),
        (taipei(5, 9), "Wednesday 9:00", "周三 9:00", "週三 9:00"),
        (taipei(6, 12), "Thursday 12:00", "周四 12:00", "週四 12:00"),
        (taipei(9, 9), "Sunday 9:00", "周日 9:00", "週日 9:00"),
        (taipei(10, 9), "10 November, 9:00", "11 月 10 日 9:00", "11 月 10 日 9:00"),
        (taipei(2, 9), "2 November, 9:00", "11 月 2 日 9:00", "11 月 2 日 9:00"),
    ],
)
def test_a_coming_time_is_said_as_a_person_says_it(at: datetime, en: str, hans: str, hant: str) -> None:
    assert [moment(at, MONDAY, language, TAIPEI) for language in ("en", "zh-Hans", "zh-Hant")] == [en, hans, hant]


def test_the_day_is_the_one_where_the_shop_is() -> None:
    now, at = datetime(2025, 11, 3, 14, 0, tzinfo=UTC), datetime(2025, 11, 3, 16, 30, tzinfo=UTC)
    assert moment(at, now, "en", UTC) == "today at 16:30"
    assert moment(at, now, "en", TAIPEI) == "tomorrow at 0:30"


def test_a_lost_hour_in_spring_shifts_no_day() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    now = datetime(2025, 3, 29, 23, 30, tzinfo=berlin)
    assert moment(datetime(2025, 3, 30, 9, 0, tzinfo=berlin), now, "en", berlin) == "tomorrow at 9:00"


def test_another_year_is_named() -> None:
    at = MONDAY + timedelta(days=100)
    assert moment(at, MONDAY, "en", TAIPEI) == "11 February 2026, 10:00"
    assert moment(at, MONDAY, "zh-Hans", TAIPEI) == "2026 年 2 月 11 日 10:00"


def test_a_day_has_its_year_only_when_another_year_is_now() -> None:
    assert day(MONDAY, "en", TAIPEI) == "3 November"
    assert day(MONDAY, "zh-Hans", TAIPEI) == day(MONDAY, "zh-Hant", TAIPEI) == "11 月 3 日"
    assert day(MONDAY, "en", TAIPEI, now=MONDAY) == "3 November"
    assert day(MONDAY, "en", TAIPEI, now=MONDAY + timedelta(days=100)) == "3 November 2025"


def test_a_day_follows_the_zone() -> None:
    assert day(datetime(2025, 11, 3, 23, 0, tzinfo=UTC), "en", timezone(timedelta(hours=8))) == "4 November"


@pytest.mark.parametrize(
    ("amount", "currency", "language", "words"),
    [
        ("14", "EUR", "en", "€14.00"),
        ("1234.5", "CNY", "zh-Hans", "¥1,234.50"),
        ("150", "TWD", "zh-Hant", "$150.00"),
        ("35", "HKD", "zh-Hant", "HK$35.00"),
        ("1200", "JPY", "en", "¥1,200"),
        ("-3.2", "EUR", "en", "-€3.20"),
    ],
)
def test_money_has_its_currency_and_its_decimals(amount: str, currency: str, language: str, words: str) -> None:
    assert money(Decimal(amount), currency, language) == words


def test_a_language_without_texts_raises() -> None:
    with pytest.raises(UnknownLanguageError):
        moment(MONDAY, MONDAY, "fr", TAIPEI)
    with pytest.raises(UnknownLanguageError):
        money(Decimal(1), "EUR", "fr")
