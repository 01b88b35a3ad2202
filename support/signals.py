"""What a message tells besides its question: a greeting, thanks, a wish for a human, a complaint, haste.

Rules over a small lexicon of our own, in English and in Chinese of both scripts. They are meant to be read and
extended, and to be sure rather than complete: whom they miss still reaches a human after two failed answers.
"""

import re
from dataclasses import dataclass

from support import lexicon
from support.phrases import DENIAL_REACH, any_of, denial, denial_of_a_wish, followed_by, nothing_but, plain

LONGEST_COURTESY = 80  # characters; whatever is longer says more than hello

_COURTESY = nothing_but(lexicon.GREETING, lexicon.THANKS, lexicon.POLITE)
_GREETING = re.compile(any_of(lexicon.GREETING))
_THANKS = re.compile(any_of(lexicon.THANKS))
_HUMAN_ALONE = nothing_but(lexicon.HUMAN_ALONE)
_HUMAN = re.compile(
    "|".join(
        (
            followed_by(lexicon.TURNING_TO, lexicon.SOMEBODY),
            followed_by(lexicon.WISHING_FOR, lexicon.A_HUMAN),
            any_of(lexicon.HUMAN),
        )
    )
)
_COMPLAINT = re.compile(any_of(lexicon.COMPLAINT))
_URGENT = re.compile(any_of(lexicon.URGENT) + r"|急(?=\.|$)|(?:^|(?<=\.))急")
_DENIED = denial()
_WISH_DENIED = denial_of_a_wish()


@dataclass(frozen=True, slots=True)
class Signals:
    """`greeting` and `thanks` hold only where the message is nothing more than that."""

    greeting: bool = False
    thanks: bool = False
    wants_human: bool = False
    complaint: bool = False
    urgent: bool = False


def read(text: str) -> Signals:
    """The signals of a message in either language; all False for an empty one."""
    words = plain(text)
    if len(words) <= LONGEST_COURTESY and _COURTESY.fullmatch(words):
        return Signals(greeting=bool(_GREETING.search(words)), thanks=bool(_THANKS.search(words)))
    return Signals(
        wants_human=bool(_HUMAN_ALONE.fullmatch(words)) or _says(words, _HUMAN, _WISH_DENIED),
        complaint=_says(words, _COMPLAINT, _DENIED),
        urgent=_says(words, _URGENT, _DENIED),
    )


def _says(words: str, meant: re.Pattern[str], denied: re.Pattern[str]) -> bool:
    return any(
        not denied.search(words, max(0, found.start() - DENIAL_REACH), found.start()) for found in meant.finditer(words)
    )
