"""Numbers as people type them: full-width and other scripts' digits, Chinese numerals, grouped thousands."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

from babel.numbers import NumberFormatError, parse_decimal

LONGEST_NUMBER = 30  # characters; no quantity or price needs more

_ONES = {
    c: n for n, chars in enumerate(("〇零", "一", "二两兩", "三", "四", "五", "六", "七", "八", "九")) for c in chars
}
_TENS = {"十": 10, "百": 100, "千": 1000}
_MYRIADS = {"万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8}
_HAN = re.compile(f"[{''.join([*_ONES, *_TENS, *_MYRIADS])}]+")
_ENGLISH = {
    word: str(number)
    for number, word in enumerate("zero one two three four five six seven eight nine ten eleven twelve".split())
}
_NUMBER = re.compile(r"[-−+]?\d[\d.,'’ \u00a0\u202f]*")
_COMPOUND = re.compile(r"hundred|thousand|million|dozen|half|quarter|teen|ty\b")
_TIMES = re.compile(r"\s*(k\b|[十百千万萬亿億])", re.IGNORECASE)


def arabic(text: str) -> str:
    """The text with every digit and every Chinese numeral written 0–9: １２ → 12, 十一月 → 11月."""
    folded = unicodedata.normalize("NFKC", text)
    digits = "".join(str(unicodedata.decimal(sign)) if sign.isdecimal() else sign for sign in folded)
    return _HAN.sub(lambda run: _han(run, digits), digits)


def _han(run: re.Match[str], text: str) -> str:
    """A numeral's value; one that multiplies the digits before it (3 万) stays for the reader of the number."""
    follows_digit = text[: run.start()].rstrip()[-1:].isdecimal()
    if follows_digit or not any(sign in _ONES or sign == "十" for sign in run[0]):
        return run[0]
    if all(sign in _ONES for sign in run[0]):
        return "".join(str(_ONES[sign]) for sign in run[0])
    return str(_value(run[0]))


def _value(numeral: str) -> int:
    total = section = digit = 0
    for sign in numeral:
        if sign in _ONES:
            digit = _ONES[sign]
        elif sign in _TENS:
            section, digit = section + (digit or 1) * _TENS[sign], 0
        else:
            total, section, digit = total + (section + digit) * _MYRIADS[sign], 0, 0
    return total + section + digit


def the_number(text: str, language: str) -> Decimal | None:
    """The one number that a text holds, grouped as the language does (1,200.5); None for none, two, or an odd one."""
    plain = arabic(text).casefold()
    if not _COMPOUND.search(plain):
        plain = re.sub(r"[a-z]+", lambda word: _ENGLISH.get(word[0], word[0]), plain)
    found = list(_NUMBER.finditer(plain))
    if len(found) != 1 or len(found[0][0]) > LONGEST_NUMBER:
        return None
    written = re.sub(r"['’\s]", "", found[0][0].replace("−", "-")).rstrip(".,").lstrip("+")
    try:
        number = parse_decimal(written, locale=language.replace("-", "_"), strict=True)
    except NumberFormatError:
        return None
    times = _TIMES.match(plain, found[0].end())
    return number * _times(times[1].lower()) if times else number


def _times(sign: str) -> int:
    return 1000 if sign == "k" else {**_TENS, **_MYRIADS}[sign]
