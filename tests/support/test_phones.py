"""A phone number has one form, however it is written."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from support.phones import phone_digits, phone_hash, region_of, set_home


@pytest.fixture(autouse=True)
def _nowhere() -> Iterator[None]:
    set_home(None)
    yield
    set_home(None)


@pytest.mark.parametrize(
    ("home", "text", "digits"),
    [
        (None, "+49 170 1234567", "491701234567"),
        (None, "0049-170/1234567", "491701234567"),
        (None, "+49 (0)170 1234567", "491701234567"),
        (None, "491701234567", "491701234567"),
        (None, "0170 1234567", "01701234567"),
        (None, "+39 06 1234567", "39061234567"),
        (None, "+999 12345", "99912345"),
        ("DE", "0170 1234567", "491701234567"),
        ("DE", "1701234567", "491701234567"),
        ("DE", "491701234567", "491701234567"),
        ("DE", "+86 139 0000 1001", "8613900001001"),
        ("DE", "12345", "12345"),
        ("CN", "138 2234 5678", "8613822345678"),
        ("CN", "8613822345678", "8613822345678"),
        ("CN", "+1 382 234 5678", "13822345678"),
        ("TW", "0912-345-678", "886912345678"),
        ("TW", "+886 0912 345 678", "886912345678"),
    ],
)
def test_all_ways_to_write_a_number_are_one(home: str | None, text: str, digits: str) -> None:
    set_home(home)
    assert phone_digits(text) == digits


def test_an_imports_number_and_a_shared_one_have_one_hash() -> None:
    set_home("DE")
    assert phone_hash("0170/123 45 67") == phone_hash("+491701234567") != phone_hash("+861701234567")


@pytest.mark.parametrize(
    ("timezone", "language", "region"),
    [
        ("Europe/Berlin", "en", "DE"),
        ("Asia/Taipei", "zh-Hans", "TW"),
        ("UTC", "zh-Hant", "TW"),
        ("UTC", "zh-Hans", "CN"),
        ("UTC", "en", None),
        ("Nowhere/Land", "en", None),
    ],
)
def test_the_country_is_the_time_zones_else_the_languages(timezone: str, language: str, region: str | None) -> None:
    assert region_of(timezone, language) == region
