"""In which of our languages to answer a message: by its script, then by what the chat and the client speak."""

import re

from faq.han import HAN
from support.words.han import HANS, HANT, script_of

EN = "en"
LANGUAGES = (EN, HANS, HANT)

WORDS_THAT_SWITCH = 3  # fewer Latin words (a model's name, "ok") never switch a Chinese chat

LONGEST_READ = 4096  # characters; no message needs more to tell its language
_TRADITIONAL_REGIONS = frozenset({"hant", "tw", "hk", "mo"})
_NOT_WORDS = re.compile(r"https?://\S+|www\.\S+|(?<!\S)(?:[^\s@]+@\S+|[/@#]\w+)")
_LATIN_WORD = re.compile(r"(?<!\w)[A-Za-zÀ-ɏ]+(?:['’-][A-Za-zÀ-ɏ]+)*(?!\w)")
_HAN = re.compile(f"[{HAN}]")
_KANA = re.compile(r"[\u3041-\u3096\u30a1-\u30fa\uff66-\uff9d]")


def detect(text: str, *, chat: str | None, client: str | None, default: str) -> str:
    """The language of `text`: one of LANGUAGES, or `default` as it is.

    `chat` is the chat's last language, one of LANGUAGES; `client` the messenger's language tag, such as zh-CN.
    """
    text = text[:LONGEST_READ]
    if chat == EN and text.isascii():
        return EN
    han = 0 if text.isascii() else _count_han(text)
    words = _count_latin_words(text, enough=max(WORDS_THAT_SWITCH, han + 1))
    if han and (_is_chinese(chat) or words < WORDS_THAT_SWITCH or words <= han):
        return script_of(text) or _first_chinese(chat, from_tag(client)) or HANS
    if words >= WORDS_THAT_SWITCH:
        return EN
    return chat or from_tag(client) or (EN if words else default)


def from_tag(tag: str | None) -> str | None:
    """Our language for a BCP 47 tag (underscores allowed): zh-TW, -HK, -MO, -Hant → zh-Hant, other zh → zh-Hans,
    en-* → en; None for any other."""
    language, *rest = (tag or "").lower().replace("_", "-").split("-")
    if language == "zh":
        return HANT if "hans" not in rest and _TRADITIONAL_REGIONS.intersection(rest) else HANS
    return EN if language == "en" else None


def _count_han(text: str) -> int:
    """Chinese characters; none where kana shows that the text is Japanese."""
    return 0 if _KANA.search(text) else len(_HAN.findall(text))


def _count_latin_words(text: str, enough: int) -> int:
    """Latin words outside links, addresses and commands, counted no further than `enough`."""
    words = 0
    for words, _ in enumerate(_LATIN_WORD.finditer(_NOT_WORDS.sub(" ", text)), start=1):
        if words >= enough:
            break
    return words


def _is_chinese(language: str | None) -> bool:
    return language in {HANS, HANT}


def _first_chinese(*languages: str | None) -> str | None:
    return next((language for language in languages if _is_chinese(language)), None)
