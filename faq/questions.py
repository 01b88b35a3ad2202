"""A message taken apart into the questions it may hold. Whether they are questions of the FAQ, the FAQ must say."""

import re
from itertools import pairwise

from faq.han import HAN
from faq.normalise import MAX_CHARACTERS, normalise
from faq.stop_words import ASKING_FOR_HELP, STOP_WORDS

MOST_PIECES = 6
"""Whoever writes more sentences than that tells a story, and a story is one matter."""

_BOUNDARY = re.compile(  # spaces are read from their first on alone: from each on, a thousand would take the square
    r"(?<=[?？!！。；;\n])"
    r"|(?<=\.)\s"
    r"|(?:[,;]|(?<!\s))\s++(?:and|plus)\s+(?:also\b|another (?:thing|question)\b|by the way\b|(?=(?:how|what|when|"
    r"where|which|who|why|can|could|do|does|is|are)\b))"
    r"|[,;]\s*(?:also|by the way|another question)\b"
    r"|(?:[，,、；]\s*+|(?<!\s)\s++)?(?:另外|顺便|順便|以及|(?<![^，,、；;。.！!？?\s])(?:还有|還有|再问|再問))(?:问一下|問一下|问下|問下|想问|想問)?",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"[?？]\s*$|[吗嗎呢么麼]\W*+$|什么|什麼|怎么|怎麼|怎样|怎樣|如何|哪|多少|多久|几[个天]|幾[個天]|能不能|可不可以|是否"
    r"|^\W*+(?:and\s+)?(?:how|what|when|where|which|who|why|can|could|do|does|did|is|are|will|would|may)\b",
    re.IGNORECASE,
)
_HAN = re.compile(f"[{HAN}]")
_SAYING_NOTHING = STOP_WORDS | ASKING_FOR_HELP


def split(text: str) -> list[str]:
    """The sentences of a message that say something, in order; the whole text if there is but one, or a story.

    A sentence without content ("what can I do?") stays with the one before it.
    """
    if len(text) > MAX_CHARACTERS:
        return [text]
    pieces: list[str] = []
    for piece in _BOUNDARY.split(text):
        stripped = piece.strip(" ,，、\n\t")
        if pieces and not content(stripped):
            pieces[-1] = f"{pieces[-1]} {stripped}".strip()
        elif stripped:
            pieces.append(stripped)
    return pieces if 1 < len(pieces) <= MOST_PIECES else [text]


def matter(text: str) -> str:
    """The text without sentences that say nothing of their own ("what can I do?"); all of it if none says anything."""
    if len(text) > MAX_CHARACTERS:
        return text
    return " ".join(piece.strip() for piece in _BOUNDARY.split(text) if content(piece)) or text


def asks(text: str) -> bool:
    """Whether a sentence is a question by its form, and speaks of something: "what can I do?" does not. Of a longer
    text than a question can be, its beginning counts.
    """
    return bool(_ASKS.search(text[:MAX_CHARACTERS])) and bool(content(text))


def content(text: str) -> frozenset[str]:
    """The words that say what a text is about: Latin words as they are, Chinese as pairs of neighbours."""
    words: set[str] = set()
    run: list[str] = []
    for word in [*normalise(text).split(), ""]:
        says_nothing = word in _SAYING_NOTHING
        if _HAN.fullmatch(word) and not says_nothing:
            run.append(word)
            continue
        words.update(map("".join, pairwise(run)) if len(run) > 1 else run)
        run = []
        if word and not says_nothing:
            words.add(word)
    return frozenset(words)


def foreign(text: str, *known: str) -> bool:
    """Whether less than half of what a text speaks of stands in any of the known texts."""
    said = content(text)
    spoken_of = frozenset[str]().union(*map(content, known))
    return 2 * len(said & spoken_of) < len(said)


def same_matter(one: str, other: str) -> bool:
    """Whether two questions share a word of content."""
    return not content(one).isdisjoint(content(other))
