"""Chinese in the other script: for answers that were written in one only."""

import re
from functools import cache

from opencc import OpenCC

REVIEWED = {
    "保修": "保固",
    "信息": "訊息",
    "视频": "影片",
    "链接": "連結",
    "(?<!现)在线(?![上路])": "線上",  # 现在线上有人 is 现在 + 线上
    "质量": "品質",
    "服务单": "案件",
    "账(?=[号户])": "帳",
    "冲煮": "沖煮",
    "粉碗": "粉杯",
}
"""Words (as patterns) that OpenCC's Taiwan phrases leave as they are, or render unlike a Taiwanese shop would."""

_REVIEWED = [(re.compile(pattern), taiwan) for pattern, taiwan in REVIEWED.items()]


def to_traditional(text: str) -> str:
    """Simplified Chinese as it is written in Taiwan, words included."""
    for pattern, taiwan in _REVIEWED:
        text = pattern.sub(taiwan, text)
    converted: str = _converter("s2twp").convert(text)
    return converted


def to_simplified(text: str) -> str:
    """Traditional Chinese in simplified characters; words stay as they are."""
    converted: str = _converter("t2s").convert(text)
    return converted


@cache
def _converter(scheme: str) -> OpenCC:
    return OpenCC(scheme)
