"""Whether a text shows anything at all."""

from __future__ import annotations

import unicodedata
from typing import Final

HIDDEN: Final = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp"})
"""Controls, format signs and white space. What is not assigned yet may be the emoji of next year."""
UNSEEN: Final = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and signs by Unicode's word, yet nothing to be seen: Hangul fillers and the braille pattern without a dot."""


def is_blank(text: str) -> bool:
    """Nobody would see anything: white space, zero-width and control characters only. Telegram refuses such a text."""
    return not any(unicodedata.category(sign) not in HIDDEN and sign not in UNSEEN for sign in text)
