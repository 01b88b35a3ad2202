"""What a fact's words say to programs: hours, days, channels and languages in a form of their own."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from support.words.han import HANS, HANT, simplified
from support.words.numerals import arabic

Value = dict[str, Any]

EVENING = range(1, 7)
"""An hour without a half of the day is in the afternoon up to six: nobody asks to be called at five in the morning."""
UNSURE_HOURS = range(7, 12)
NOON, HOURS_A_DAY = 12, 24
MORNING = {"am", "in the morning", "早上", "上午"}
AFTERNOON = {"pm", "in the afternoon", "in the evening", "下午", "傍晚", "晚上", "晚", "夜里"}
WEEKEND = ["sat", "sun"]

HOURS = {word: n for n, word in enumerate("one two three four five six seven eight nine ten eleven twelve".split(), 1)}
DAYS = {name: name[:3] for name in "monday tuesday wednesday thursday friday saturday sunday".split()}
CHANNELS = {
    "email": r"e-?mails?|电子邮件|邮件|邮箱|电邮",
    "phone": r"call|phone|ring|phone calls?|电话",
    "sms": r"text|sms|text messages?|短信|简讯",
    "whatsapp": r"whatsapp",
    "telegram": r"telegram",
    "wechat": r"wechat|微信",
}
LANGUAGES = {
    HANT: r"traditional chinese|繁体中文|繁体字?",
    HANS: r"simplified chinese|简体中文|简体字?",
    "zh": r"chinese|mandarin|中文|汉语|普通话|国语",
    "en": r"english|英文|英语",
    "yue": r"cantonese|粤语|广东话",
    "ja": r"japanese|日文|日语",
    "ko": r"korean|韩文|韩语",
    "de": r"german|德文|德语",
    "fr": r"french|法文|法语",
    "es": r"spanish|西班牙文|西班牙语",
}


def plain_words(text: str) -> str:
    """A sentence as the patterns expect it."""
    folded = " ".join(unicodedata.normalize("NFKC", text).casefold().replace("’", "'").split()).strip(" .!。")
    return folded if folded.isascii() else re.sub(r"(?<=[^ -~]) | (?=[^ -~])", "", arabic(simplified(folded)))


def language_named(text: str, language: str) -> str | None:
    """The one language that the words name, as a tag; Chinese without its script is that of `language`, if it is
    Chinese, else simplified.
    """
    words = plain_words(text)
    found = {tag for tag, names in LANGUAGES.items() if re.search(names, words)}
    if len(found) > 1:
        found.discard("zh")  # "traditional chinese" names both
    return _script(found.pop(), language) if len(found) == 1 else None


def _script(tag: str, language: str) -> str:
    if tag != "zh":
        return tag
    return language if language.startswith("zh") else HANS


def one_of(names: Mapping[str, str]) -> str:
    return "|".join(names.values())


def _key(names: Mapping[str, str], words: str) -> str:
    return next(key for key, pattern in names.items() if re.fullmatch(pattern, words))


def hours(found: re.Match[str], _: str) -> Value | None:
    """{"after" | "before": "18:00"}; "never after nine" is before nine. None where the half of the day is not sure."""
    clock = _clock(found)
    if clock is None:
        return None
    is_after = found["side"].startswith(("after", "以后", "之后", "过后", "后"))
    if found.groupdict().get("never"):
        is_after = not is_after
    return {"after" if is_after else "before": clock}


def _clock(found: re.Match[str]) -> str | None:
    hour = NOON if found["hour"] == "noon" else HOURS.get(found["hour"]) or int(found["hour"])
    minute = 30 if found["minute"] == "半" else int(found["minute"] or 0)
    half = (found["half"] or "").replace(".", "")
    if not half and hour in UNSURE_HOURS:
        return None
    if hour < NOON and (half in AFTERNOON or (not half and hour in EVENING)):
        hour += NOON
    elif hour == NOON and half in MORNING:
        hour = 0
    return f"{hour:02}:{minute:02}" if hour < HOURS_A_DAY else None


def days_off(found: re.Match[str], _: str) -> Value | None:
    words = found["days"]
    if re.search(r"weekend|周末|双休", words):
        return {"not_on": WEEKEND}
    return {"not_on": days} if (days := [short for name, short in DAYS.items() if name in words]) else None


def channel(found: re.Match[str], _: str) -> Value | None:
    way = _key(CHANNELS, found["way"])
    return {"not": way} if found.groupdict().get("never") else {"channel": way}


def tongue(found: re.Match[str], language: str) -> Value | None:
    return {"language": _script(_key(LANGUAGES, found["language"]), language)}


def nothing(_found: re.Match[str], _: str) -> Value | None:
    return None
