"""One form for each phone number, however it is written, so that the same number is found by the same hash.

The form is E.164's digits. A number without its country is one of the shop's country, which is told once at the start,
as the vault's key is: a number that an import and a chat understood differently would never be found.
"""

from __future__ import annotations

import re
from functools import cache

from babel.core import get_global
from phonenumbers import NumberParseException, PhoneNumber, country_code_for_region, is_valid_number, parse

from crm_store.vault import vault

BY_LANGUAGE = {"zh-Hans": "CN", "zh-Hant": "TW"}
"""The country that a shop without a time zone of its own is thought to be in; English says nothing."""

_home: list[str] = []


def region_of(timezone: str, language: str) -> str | None:
    """The country (ISO 3166) of a shop by its TIMEZONE, else by its language; None where both leave it open."""
    found = _territories().get(timezone, "ZZ")
    return BY_LANGUAGE.get(language) if found in ("ZZ", "001") else str(found)


@cache
def _territories() -> dict[str, str]:
    return dict(get_global("zone_territories"))


def set_home(region: str | None) -> None:
    """Says of which country numbers are that do not name one. They are looked up by it, so it should stay as it is."""
    _home[:] = [region] if region else []


def phone_hash(text: str) -> str:
    """What a number is looked up by; the same for all ways to write it."""
    return vault().lookup_hash(phone_digits(text))


def phone_digits(text: str) -> str:
    """E.164 without its plus, such as 491701234567; the digits as they are where they make no number of any country."""
    digits = re.sub(r"\D", "", text)
    if text.strip().startswith(("+", "00")):
        abroad = digits if "+" in text else digits.removeprefix("00")
        return _written(f"+{abroad}", None) or abroad
    home = _home[0] if _home else None
    return _without_country(digits, home) or digits


def _without_country(digits: str, home: str | None) -> str | None:
    """National, or international without its plus, as spreadsheets leave it. One that begins with the home's own code
    and goes on as one of its numbers is international: 491701234567 in Germany.
    """
    if home and digits.startswith(str(country_code_for_region(home))):
        return _valid(f"+{digits}", None) or _valid(digits, home)
    return (_valid(digits, home) if home else None) or _valid(f"+{digits}", None)


def _written(text: str, region: str | None) -> str | None:
    number = _parsed(text, region)
    return f"{number.country_code}{_national(number)}" if number else None


def _valid(text: str, region: str | None) -> str | None:
    number = _parsed(text, region)
    return f"{number.country_code}{_national(number)}" if number and is_valid_number(number) else None


def _parsed(text: str, region: str | None) -> PhoneNumber | None:
    try:
        return parse(text, region)
    except NumberParseException:
        return None


def _national(number: PhoneNumber) -> str:
    zeros = "0" * (number.number_of_leading_zeros or 1) if number.italian_leading_zero else ""
    return f"{zeros}{number.national_number}"
