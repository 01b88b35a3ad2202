"""Reads one cell of another department's row: from what stands there to the text that is staged, or why it is wrong."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any

from support.imports.contact_data import is_email, is_phone
from support.words.language import LANGUAGES, from_tag

LARGEST_AMOUNT = Decimal(10) ** 15
"""A digit less than the store's amounts hold, so that sums fit as well."""
LONGEST_KIND = 40
"""Characters; a kind is a word or two."""

LONGEST_ID = 200
"""Characters of what rows are found by: an index holds it, and so does an address of the API."""
MOST_SHOWN = 50
"""Characters of a wrong cell that are told."""

_AMOUNT = re.compile(r"[+-]?\d+(\.\d+)?", re.ASCII)
_TELEGRAM_ID = re.compile(r"[1-9]\d{0,15}", re.ASCII)
_CURRENCY = re.compile(r"[A-Z]{3}")
_CENT = Decimal("0.01")


class FieldError(ValueError):
    """A cell does not hold what its column should; the text continues "line 3, phone: …".

    It is kept in plain text, so it does not quote a phone number or an address.
    """


def shown(found: str) -> str:
    """A wrong cell as it is quoted."""
    return repr(found[:MOST_SHOWN])


def text(value: Any) -> str:
    """A cell as text, empty if there is nothing in it. Raises FieldError if no database could keep it."""
    found = value.strip() if type(value) is str else _shown(value)
    if not found.isprintable():  # nearly all are; the others may be lines of text as well
        _check(found)
    return found


def _shown(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool() | list() | dict():
            return json.dumps(value, ensure_ascii=False)
        case float():
            return f"{value:.15g}"  # the digits that a spreadsheet keeps
        case _:
            return str(value).strip()


def _check(found: str) -> None:
    if "\0" in found:
        raise FieldError("holds a NUL character")
    try:
        found.encode()
    except UnicodeEncodeError as error:
        raise FieldError("holds half of a character") from error


def identifier(found: str) -> str:
    """What a row, a customer or an organisation is found by."""
    if len(found) > LONGEST_ID:
        raise FieldError(f"is longer than {LONGEST_ID} characters")
    return found


@lru_cache(4096)
def amount(found: str) -> str:
    """An amount of money, rounded to two decimals; a negative one is a refund."""
    if not _AMOUNT.fullmatch(found):
        raise FieldError(f"{shown(found)} is not a number such as 1299.50")
    value = Decimal(found)
    if abs(value) > LARGEST_AMOUNT:
        raise FieldError(f"{found[:MOST_SHOWN]} is too large")
    return str(value.quantize(_CENT, ROUND_HALF_UP))


def currency(found: str) -> str:
    if not _CURRENCY.fullmatch(found.upper()):
        raise FieldError(f"{shown(found)} is not a currency's three letters, such as EUR")
    return found.upper()


def telegram_id(found: str) -> str:
    if not _TELEGRAM_ID.fullmatch(found):
        raise FieldError(f"{shown(found)} is not a Telegram user's number")
    return found


def language(found: str) -> str:
    tag = from_tag(found)
    if tag is None:
        raise FieldError(f"{shown(found)} is not known here; known are {', '.join(LANGUAGES)}")
    return tag


def phone(found: str) -> str:
    if not is_phone(found):
        raise FieldError("is not a phone number")
    return found


def email(found: str) -> str:
    if not is_email(found):
        raise FieldError("is not an e-mail address")
    return found


def kind(found: str) -> str:
    """What a contact was; the usual words in Chinese have ours, any other short word is kept."""
    if len(found) > LONGEST_KIND:
        raise FieldError(f"{found[:LONGEST_KIND]!r}… is too long for a kind of contact, such as call")
    return KINDS.get(found.lower(), found.lower())


def direction(found: str) -> str:
    ours = DIRECTIONS.get(found.lower())
    if ours is None:
        raise FieldError(f"{shown(found)} is not known here; known are in, out and internal")
    return ours


def _words(table: Mapping[str, str]) -> dict[str, str]:
    return {word: ours for ours, words in table.items() for word in (ours, *words.split())}


KINDS = _words(
    {
        "call": "phone telephone 电话 電話 来电 來電 去电 去電 通话 通話 回电 回電",
        "visit": "拜访 拜訪 来访 來訪 上门 到店 到訪 到访",
        "complaint": "投诉 投訴 客诉 客訴",
        "email": "e-mail mail 邮件 郵件 电邮 電郵 电子邮件 電子郵件",
        "note": "memo 备注 備註 记录 記錄",
    }
)
DIRECTIONS = _words(
    {
        "in": "inbound incoming 呼入 来电 來電 进线 進線 客户发起",
        "out": "outbound outgoing 呼出 去电 去電 外呼 回访 回訪",
        "internal": "内部 內部",
    }
)
