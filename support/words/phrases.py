"""Patterns over plain text: from the lexicon's words to what is searched for."""

import re
import unicodedata
from collections.abc import Iterable

from support.words.han import simplified
from support.words.lexicon import ASKING_ABOUT, BEFORE_URGING, BETWEEN, DENIAL, REGRETS, Lexicon, entries

LONGEST_READ = 2000  # characters; of a longer message the beginning, which bounds every pattern
DENIAL_REACH = 60  # characters before a word in which a denial is looked for

_INVISIBLE = re.compile(r"[\u200b-\u200f\u2060-\u2064\ufe0e\ufe0f\ufeff]")
_DRAWN_OUT = re.compile(r"([a-z])\1{2,}")
_ARTICLES = re.compile(r"(?<![\w'])(?:a|an|the|your|just)(?![\w'])")
_CLAUSE_END = re.compile(r"[^\w' ]+")
_WORD_START, _WORD_END = "(?<![a-z0-9])", "(?![a-z0-9])"  # in a mixed sentence English words touch Chinese ones
_SPACES = re.compile(r" *\. *| {2,}")


def plain(text: str) -> str:
    """Lower case, simplified, without articles, invisible characters and drawn-out letters; clauses end in a dot.

    Cut before and after it is folded: folding itself takes the square of piled-up marks, and makes 18 letters of ﷺ.
    """
    folded = unicodedata.normalize("NFKC", text[:LONGEST_READ])[:LONGEST_READ].casefold().replace("-", " ")
    if not folded.isascii():
        folded = simplified(_INVISIBLE.sub("", folded).replace("’", "'"))
    bare = _ARTICLES.sub(" ", _DRAWN_OUT.sub(r"\1", folded))
    return _SPACES.sub(_shortest, _CLAUSE_END.sub(".", bare)).strip(" .")


def _shortest(gap: re.Match[str]) -> str:
    return "." if "." in gap[0] else " "


def any_of(lexicon: Lexicon) -> str:
    """Any entry, the longest first, and never a shorter one instead, which keeps long messages from costing long."""
    return rf"(?>{_WORD_START}(?:{_of(lexicon, 'en')}){_WORD_END}|{_of(lexicon, 'zh')})"


def followed_by(first: str, second: str) -> str:
    """Any English entry of the first before any of the second."""
    return rf"{_WORD_START}(?:{_alternatives(entries(first))}) (?:{_alternatives(entries(second))}){_WORD_END}"


def nothing_but(*lexicons: Lexicon) -> re.Pattern[str]:
    """Matches a plain text that consists of these entries alone."""
    either = "|".join(any_of(lexicon) for lexicon in lexicons)
    return re.compile(rf"(?:(?:{either})[ .]*+)++")


def denial() -> re.Pattern[str]:
    """Matches the text before a word, at its end, if that denies the word."""
    return re.compile(_before_a_word(_of(DENIAL, "en"), _of(DENIAL, "zh")))


def denial_of_a_wish() -> re.Pattern[str]:
    """The same before a wish for a human; asking (are you a human?) denies it too, urging (为什么不转人工) does not."""
    english, chinese = (_alternatives(set(entries(DENIAL[language])) - REGRETS) for language in ("en", "zh"))
    return re.compile(
        _before_a_word(
            f"{english}|{_of(ASKING_ABOUT, 'en')}",
            rf"(?<![{BEFORE_URGING}])(?:{chinese})|{_of(ASKING_ABOUT, 'zh')}",
        )
    )


def _before_a_word(english: str, chinese: str) -> str:
    between_english = rf"(?: (?:{_of(BETWEEN, 'en')})){{0,5}}"
    between_chinese = rf"(?:{_of(BETWEEN, 'zh')}){{0,3}}"
    return rf"(?:{_WORD_START}(?:{english}){between_english}|(?:{chinese}){between_chinese}) ?$"


def _of(lexicon: Lexicon, language: str) -> str:
    return _alternatives(entries(lexicon[language]))


def _alternatives(words: Iterable[str]) -> str:
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True)))
