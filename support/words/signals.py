"""What a message tells besides its question: a courtesy, an insult, a wish for a human, a complaint, haste.

Rules over a small lexicon of our own, in English and in Chinese of both scripts. They are meant to be read and
extended, and to be sure rather than complete: whom they miss still reaches a human after two failed answers.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from support.words import lexicon
from support.words.han import simplified
from support.words.phrases import (
    DENIAL_REACH,
    LONGEST_READ,
    any_of,
    denial,
    denial_of_a_wish,
    followed_by,
    nothing_but,
    plain,
)

REMEMBERED = 500  # messages: several times what one batch holds
LONGEST_COURTESY = 80  # characters; whatever is longer says more than hello

_COURTESY = nothing_but(lexicon.GREETING, lexicon.THANKS, lexicon.FAREWELL, lexicon.POLITE)
_GREETING = re.compile(any_of(lexicon.GREETING))
_THANKS = re.compile(any_of(lexicon.THANKS))
_FAREWELL = re.compile(any_of(lexicon.FAREWELL))
_ASKING_WHO = nothing_but(lexicon.ASKING_WHO, lexicon.OR_WHAT_ELSE, lexicon.GREETING, lexicon.POLITE)
_WHO = re.compile(any_of(lexicon.ASKING_WHO))
_INSULTS_ONLY = nothing_but(lexicon.INSULT, lexicon.INSULT_ALONE, lexicon.CALLED_NAMES)
_INSULT = re.compile(any_of(lexicon.INSULT))
_ANY_INSULT = re.compile(any_of(lexicon.INSULT) + "|" + any_of(lexicon.INSULT_ALONE))
_YES, _NO = nothing_but(lexicon.YES), nothing_but(lexicon.NO)
_NUMBER = re.compile(
    r"(?:(?:my |the )?order(?: ?(?:number|no\.?|nr\.?))?(?: is)?"
    r"|(?:我的)?(?:订单|单号)(?:编号|号码|号)?(?:是|为)?|[#№])"
    r"[ :#№]*(?P<named>[a-z]{0,4}-?\d{1,20})|(?P<bare>[a-z]{0,4}-?\d{4,20}|\d{1,20})",
    re.IGNORECASE,
)
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
    """`greeting`, `thanks`, `farewell`, `polite` (ok, 好的), `asks_who` (are you a bot?), `insult` and `upset` (a sign
    such as 👎) hold only where the message is nothing more than that; an insult with a matter is a complaint.
    """

    greeting: bool = False
    thanks: bool = False
    farewell: bool = False
    polite: bool = False
    asks_who: bool = False
    insult: bool = False
    upset: bool = False
    wants_human: bool = False
    complaint: bool = False
    urgent: bool = False

    @property
    def courtesy(self) -> bool:
        return self.greeting or self.thanks or self.farewell or self.polite

    @property
    def small_talk(self) -> bool:
        """Nothing that a request could be about."""
        return self.courtesy or self.asks_who or self.insult or self.upset


@lru_cache(REMEMBERED)
def read(text: str) -> Signals:
    """The signals of a message in either language; all False for an empty one; of a long one the beginning.

    A conversation reads the same words from several sides, so the last ones are remembered.
    """
    words = plain(text)
    if not words:
        return _of_signs(set(text[:LONGEST_READ]))
    alone = _alone(words) if len(words) <= LONGEST_COURTESY else None
    return alone or Signals(
        wants_human=_says(words, _HUMAN, _WISH_DENIED),
        complaint=_says(words, _COMPLAINT, _DENIED) or _says(words, _INSULT, _DENIED),
        urgent=_says(words, _URGENT, _DENIED),
    )


def _of_signs(signs: set[str]) -> Signals:
    upset = not signs.isdisjoint(lexicon.UPSET_SIGNS)
    return Signals(upset=upset, thanks=not upset and not signs.isdisjoint(lexicon.THANKFUL_SIGNS))


def _alone(words: str) -> Signals | None:
    """What a short message is, if it is nothing more than that."""
    if _HUMAN_ALONE.fullmatch(words):
        return Signals(wants_human=True)
    if _COURTESY.fullmatch(words):
        greeting, thanks, farewell = (bool(it.search(words)) for it in (_GREETING, _THANKS, _FAREWELL))
        return Signals(greeting, thanks, farewell, polite=not (greeting or thanks or farewell))
    if _ASKING_WHO.fullmatch(words) and _WHO.search(words):
        return Signals(asks_who=True)
    if _INSULTS_ONLY.fullmatch(words) and _ANY_INSULT.search(words) and not _COMPLAINT.search(words):
        return Signals(insult=True)
    return None


def _says(words: str, meant: re.Pattern[str], denied: re.Pattern[str]) -> bool:
    return any(
        not denied.search(words, max(0, found.start() - DENIAL_REACH), found.start()) for found in meant.finditer(words)
    )


def yes_or_no(text: str) -> bool | None:
    """The typed answer to "do you mean …?"; None if it is neither."""
    words = plain(text[: LONGEST_COURTESY + 1])
    if len(words) > LONGEST_COURTESY:
        return None
    return True if _YES.fullmatch(words) else False if _NO.fullmatch(words) else None


def lone_number(text: str) -> str | None:
    """The number of a message that is one and no more: 5512, "order 5512", 订单号 5512. None for anything else."""
    words = simplified(unicodedata.normalize("NFKC", text[: LONGEST_COURTESY + 1])).strip(" .。!！?？，,:：")
    found = _NUMBER.fullmatch(words.replace("：", ":"))
    return (found["named"] or found["bare"]) if found else None
