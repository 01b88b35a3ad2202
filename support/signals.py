"""What a message tells besides its question: a greeting, thanks, a wish for a human, a complaint, haste.

Rules over a small lexicon of our own, English and Chinese in both scripts. They are meant to be read and extended, and
to be sure rather than complete: whom they miss still reaches a human after two failed answers.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from support import lexicon
from support.han import simplified


@dataclass(frozen=True, slots=True)
class Signals:
    """`greeting` and `thanks` hold only where the message is nothing more than that."""

    greeting: bool = False
    thanks: bool = False
    wants_human: bool = False
    complaint: bool = False
    urgent: bool = False


def read(text: str) -> Signals:
    plain = _plain(text)
    if _SOCIAL.fullmatch(plain):
        greeting, thanks = bool(_GREETING.search(plain)), bool(_THANKS.search(plain))
        if greeting or thanks:
            return Signals(greeting=greeting, thanks=thanks)
    return Signals(
        wants_human=bool(_HUMAN_WHOLE.fullmatch(plain)) or _says(plain, _HUMAN, _denies_wanting),
        complaint=_says(plain, _COMPLAINT, _denies),
        urgent=_says(plain, _URGENT, _denies),
    )


def _plain(text: str) -> str:
    """Lower case, simplified, without articles, invisible characters and drawn-out letters; clauses end in a full stop."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    if not folded.isascii():
        folded = simplified(_INVISIBLE.sub("", folded).replace("’", "'"))
    folded = _DRAWN_OUT.sub(r"\1", folded)
    return _SPACES.sub(" ", _CLAUSE_END.sub(".", _ARTICLES.sub(" ", folded))).strip(" .")


def _says(plain: str, words: re.Pattern[str], denied: Callable[[str], bool]) -> bool:
    return any(not denied(plain[: found.start()]) for found in words.finditer(plain))


def _denies(before: str) -> bool:
    return bool(_DENIAL.search(before[-_REACH:]))


def _denies_wanting(before: str) -> bool:
    denial = _DENIAL.search(before[-_REACH:])
    return denial is not None and denial[1] not in lexicon.NO_DENIAL_OF_WANTING


def _any_of(entries: Mapping[str, Iterable[str]]) -> str:
    """Alternatives, longest first; English ones as whole words, which in a mixed sentence may touch Chinese."""
    english = "|".join(map(re.escape, sorted(entries["en"], key=len, reverse=True)))
    chinese = "|".join(map(re.escape, sorted(entries["zh"], key=len, reverse=True)))
    return rf"(?:(?<![a-z0-9'])(?:{english})(?![a-z0-9'])|(?:{chinese}))"


def _alone(entries: Mapping[str, str]) -> str:
    return _any_of({language: lexicon.words(words) for language, words in entries.items()})
