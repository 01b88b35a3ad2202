"""Whether a customer's words may be shown to an admin as a wording that an FAQ entry lacks."""

from __future__ import annotations

import re
import unicodedata

from faq.entry import FaqEntry
from faq.normalise import normalise

LONGEST = 200
"""Longer words tell a story; a phrasing asks one thing."""

_PERSONAL = re.compile(r"@|://|www\.|\d{4,}|\d(?:[\s().+/-]{0,2}\d){5,}", re.IGNORECASE)
"""Addresses, user names and links; order and card numbers; telephone numbers however they are grouped."""


def proposable(text: str, entry: FaqEntry) -> tuple[str, str] | None:
    """(the wording on one line, its normal form), or None.

    None for what the entry knows already, what no question could match, what is too long, and what holds something
    personal: it is left out rather than masked, because what remains was not what the customer meant.
    """
    wording, normal = " ".join(text.split()), normalise(text)
    if not normal or len(wording) > LONGEST or _PERSONAL.search(unicodedata.normalize("NFKC", wording)):
        return None
    return None if normal in map(normalise, entry.wordings) else (wording, normal)
