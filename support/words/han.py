"""The two Chinese scripts: which one a text is written in, and its simplified form."""

from functools import cache
from typing import Literal

from opencc import OpenCC

HANS: Literal["zh-Hans"] = "zh-Hans"
HANT: Literal["zh-Hant"] = "zh-Hant"

# Taiwan and Hong Kong rightly write some characters otherwise than OpenCC's own standard: 裡 for 裏, 台 for 臺.
# They are reached from that one: s2tw and s2hk would load their dictionary of phrases once more, which takes 17 MB.
OTHER_STANDARDS = ("t2tw", "t2hk")


def simplified(text: str) -> str:
    return _convert(text, "t2s")


def script_of(text: str) -> Literal["zh-Hans", "zh-Hant"] | None:
    """The script of Chinese text; None if it fits both, as 你好 does."""
    traditional_marks = _differences(text, simplified(text))
    simplified_marks = min(_differences(text, written) for written in _traditional(text))
    if traditional_marks == simplified_marks == 0:
        return None
    # 后 and 里 are at home in both, so a tie is traditional: 機 is not.
    return HANS if simplified_marks > traditional_marks else HANT


def _traditional(text: str) -> list[str]:
    """As it is written in traditional characters, by each standard."""
    standard = _convert(text, "s2t")
    return [standard, *(_convert(standard, other) for other in OTHER_STANDARDS)]


def _differences(text: str, converted: str) -> int:
    if text == converted:
        return 0
    if len(text) != len(converted):
        return 1
    return sum(mine != theirs for mine, theirs in zip(text, converted, strict=True))


def _convert(text: str, config: str) -> str:
    return str(_converter(config).convert(text))


@cache
def _converter(config: str) -> OpenCC:
    return OpenCC(config)
