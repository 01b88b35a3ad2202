"""One answer to a form's question: what a customer typed becomes a value of the slot's type, or a problem to word.

Pure: nothing is looked up here. Values are plain text in one form each: a number 1200.5, a day 2026-11-25, a phone
number +886912345678 (E.164), a choice's place counted from 0, yes or no.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from zoneinfo import ZoneInfo

import phonenumbers
from babel.core import get_global
from email_validator import EmailNotValidError, validate_email
from rapidfuzz import fuzz

from support.forms.spoken import says_yes
from support.words.day_words import the_day
from support.words.han import simplified
from support.words.numerals import arabic, the_number

LONGEST_READ = 1000
"""Characters; whoever writes more answers no question of a form, but one for a text."""
LONGEST_ORDER_NUMBER = 40
LIKE_ENOUGH = 80.0
"""rapidfuzz's ratio (0..100) from which a typed choice counts as misspelt: one wrong letter in five."""
SHORTEST_PART, SHORTEST_HAN_PART = 4, 2
"""Characters of a choice's words that may stand for all of them."""
CLEARLY = 10.0
"""How far the likeliest choice must lead the next, in the same points."""

_REGIONS = {"zh-Hans": "CN", "zh-Hant": "TW"}
_CHINESE_TERRITORIES = frozenset({"CN", "TW", "HK", "MO"})
_AROUND_ADDRESS = re.compile(r"[\s<>(),;:，；：（）]+")
_PLACE = re.compile(r"(?:no\.?|number|option|#|第)?\s*(\d{1,3})\s*(?:\.|\)|个|号|项)?")
_TOKEN = re.compile(r"[\w][\w./-]*[\w]|\w", re.ASCII)


@dataclass(frozen=True, slots=True)
class Problem:
    """Why an answer does not fit; `key` is a text of locales/ that says so kindly, with an example."""

    key: str


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What an answer is read by: the customer's language, the day it is for the shop, where phones are at home
    (territories such as TW, the likeliest first), and a choice's words in every language, in the same order.
    """

    language: str
    today: date
    territories: Sequence[str] = ()
    choices: Mapping[str, Sequence[str]] = field(default_factory=dict)


def read(type_: str, text: str, at: Circumstances) -> str | Problem:
    """The value of an answer, or what is wrong with it. A type that is not known is taken as text."""
    words = (
        text.strip() if type_ == "text" else unicodedata.normalize("NFKC", text[:LONGEST_READ])[:LONGEST_READ].strip()
    )
    value = _READERS.get(type_, _text)(words, at)
    return Problem(f"customer.form.wrong.{type_}") if value is None else value


def territories(language: str, zone: ZoneInfo) -> tuple[str, ...]:
    """Where a phone number without a country code may be at home: by the language, then by the shop's time zone.

    A shop in Hong Kong reads a Chinese number as its own first, because both languages name one territory only.
    """
    spoken, here = _REGIONS.get(language), get_global("zone_territories").get(zone.key)
    found = (here, spoken) if spoken and here in _CHINESE_TERRITORIES else (spoken, here)
    return tuple(dict.fromkeys(territory for territory in found if territory))


def order_numbers(text: str) -> tuple[str, ...]:
    """What in a text may be an order's number, as typed and in capital and small letters."""
    tokens = _TOKEN.findall(unicodedata.normalize("NFKC", text[:LONGEST_READ]))
    return tuple(dict.fromkeys(form for token in tokens for form in (token, token.upper(), token.lower())))


def _text(words: str, _: Circumstances) -> str | None:
    """Anything with a letter or a digit in it."""
    return words if any(sign.isalnum() for sign in words) else None


def _number(words: str, at: Circumstances) -> str | None:
    number = the_number(words, at.language)
    return None if number is None else f"{number.normalize():f}"


def _date(words: str, at: Circumstances) -> str | None:
    day = the_day(words, at.language, at.today)
    return day.isoformat() if day else None


def _email(words: str, _: Circumstances) -> str | None:
    """The one address in a text; whether its host exists is not asked."""
    found = [part for part in _AROUND_ADDRESS.split(words) if "@" in part[1:-1]]
    if len(found) != 1:
        return None
    try:
        return validate_email(found[0].strip(".。\"'!"), check_deliverability=False).normalized
    except EmailNotValidError:
        return None


def _phone(words: str, at: Circumstances) -> str | None:
    """A number that exists in its country's plan, with its country code or at home in one of the territories."""
    for territory in at.territories or (None,):
        try:
            number = phonenumbers.parse(arabic(words), territory)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return None


def _order_number(words: str, _: Circumstances) -> str | None:
    """Words with a number somewhere in them; whether there is such an order is for the store to say."""
    return words if any(map(str.isdigit, words)) and len(words) <= LONGEST_ORDER_NUMBER else None


def _yes_no(words: str, _: Circumstances) -> str | None:
    said = says_yes(words)
    return None if said is None else "yes" if said else "no"


def _choice(words: str, at: Circumstances) -> str | None:
    """By its words in any language or some of them, by its number, or misspelt but like no other."""
    labels = [[_plain(label) for label in labels] for labels in zip(*at.choices.values(), strict=False)]
    typed = _plain(words)
    exact = [place for place, own in enumerate(labels) if typed in own]
    named = [place for place, own in enumerate(labels) if any(_holds(typed, label) for label in own)]
    partly = [place for place, own in enumerate(labels) if any(_holds(label, typed) for label in own)]
    told = partly if len(typed) >= (SHORTEST_PART if typed.isascii() else SHORTEST_HAN_PART) else []
    for found in (exact, _by_number(typed, labels), named, told, _misspelt(typed, labels)):
        if len(found) == 1:
            return str(found[0])
    return None


def _by_number(typed: str, labels: Sequence[Sequence[str]]) -> list[int]:
    """A bare number is the choice that has this figure in its words (58 of "58 mm"), else a place in the list."""
    number = _PLACE.fullmatch(arabic(typed))
    if number is None:
        return []
    figured = [place for place, own in enumerate(labels) if any(number[1] in _figures(label) for label in own)]
    return figured or [int(number[1]) - 1] if figured or 1 <= int(number[1]) <= len(labels) else []


def _holds(typed: str, label: str) -> bool:
    """Whether the words are part of what was typed, as words of their own."""
    if not label or label not in typed:
        return False
    return re.search(rf"(?<![a-z0-9]){re.escape(label)}(?![a-z0-9])", typed) is not None


def _misspelt(typed: str, labels: Sequence[Sequence[str]]) -> list[int]:
    """Figures are never misspelt: 54 mm is not 58 mm."""
    scores = [
        max((fuzz.ratio(typed, label) for label in own if _figures(label) == _figures(typed)), default=0.0)
        for own in labels
    ]
    best = max(scores, default=0.0)
    return [place for place, score in enumerate(scores) if score > best - CLEARLY] if best >= LIKE_ENOUGH else []


def _figures(text: str) -> list[str]:
    return re.findall(r"\d+", text)


def _plain(text: str) -> str:
    folded = simplified(unicodedata.normalize("NFKC", text)).casefold()
    return " ".join(folded.split()).strip(".!?。！？")


_READERS: Mapping[str, Callable[[str, Circumstances], str | None]] = {
    "text": _text,
    "number": _number,
    "date": _date,
    "email": _email,
    "phone": _phone,
    "order_number": _order_number,
    "choice": _choice,
    "yes_no": _yes_no,
}
