"""The two Chinese scripts: which one a text is written in, and its simplified form."""

from functools import cache
from typing import Literal

from opencc import OpenCC

HANS: Literal["zh-Hans"] = "zh-Hans"
HANT: Literal["zh-Hant"] = "zh-Hant"

# Taiwan and Hong Kong rightly write some characters otherwise than OpenCC's own standard: 裡 for 裏, 台 for 臺.
TRADITIONAL_STANDARDS = ("s2t", "s2tw", "s2hk")


def simplified(text: str) -> str:
    return _convert(text, "t2s")


def script_of(text: str) -> Literal["zh-Hans", "zh-Hant"] | None:
    """The script of Chinese text; None if it fits both, as 你好 does."""
    traditional_marks = _differences(text, simplified(text))
    simplified_marks = min(_differences(text, _convert(text, standard)) for standard in TRADITIONAL_STANDARDS)
    if traditional_marks == simplified_marks == 0:
        return None
    # 后 and 里 are at home in both, so a tie is traditional: 機 is not.
    return HANS if simplified_marks > traditional_marks else HANT


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
