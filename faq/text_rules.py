"""What a text of an FAQ file may be. Each rule returns what is wrong with the text, or nothing."""

import re

from faq.entry import LONGEST_ANSWER
from faq.placeholders import names_in, problems

_UNKEPT = re.compile("[\0\ud800-\udfff]")
"""PostgreSQL keeps no NUL, and no encoding has halves of a surrogate pair; escapes in a file can name both."""


def text_fault(text: str) -> str:
    """Any text must be one that can be kept."""
    found = _UNKEPT.search(text)
    return f"holds a character that cannot be kept: {found[0]!r}" if found else ""


def wording_fault(text: str) -> str:
    """A wording must have something that a question could match."""
    return text_fault(text) or ("" if any(map(str.isalnum, text)) else "has no letter or digit")


def answer_fault(text: str) -> str:
    """An answer must arrive in one message, with placeholders that can be filled."""
    return _message_fault(text) or "; ".join(problems(text))


def ask_fault(text: str) -> str:
    """What a form asks must arrive in one message, and is told as it stands."""
    return _message_fault(text) or ("may have no placeholder; those are for answers" if names_in(text) else "")


def _message_fault(text: str) -> str:
    if len(text) > LONGEST_ANSWER:
        return f"is longer than {LONGEST_ANSWER} characters, the most that one message carries ({len(text)})"
    return text_fault(text)
