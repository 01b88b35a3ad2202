"""The catalogues keep the manner in which Touchdesk talks, and no hole in them reaches a reader."""

import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from opencc import OpenCC

from support.words.texts import (
    LOCALES,
    CataloguesMissingError,
    CounterMissingError,
    TextParameterError,
    Texts,
    UnknownLanguageError,
    UnknownTextError,
)

ROOT = LOCALES.parent
LANGUAGES = ("en", "zh-Hans", "zh-Hant")
CHINESE = ("zh-Hans", "zh-Hant")
FOR_CUSTOMERS = ("customer.", "button.", "time.")
GROUPS = "customer|button|agent|card|tier|stage|channel|reason|faq|language|console|time"

INSIDE_WORDS = {
    "en": r"\b(tier|vip|risk|churn|scor|confiden|escalat|queue|segment|priorit|lifecycle)|(?<!/)\bticket",
    "zh-Hans": r"VIP|工单|升级|流失|价值|队列|层级|等级|风险|评分|置信|优先|分群|FAQ",
    "zh-Hant": r"VIP|工單|升級|流失|價值|隊列|佇列|層級|等級|風險|評分|置信|優先|分群|FAQ",
}
NOT_SAID_IN_TAIWAN = (
    "保修|信息|消息|視頻|鏈接|在線|質量|服務單|工單|屏蔽|渠道|默認|用戶|網絡|軟件|"
    "文件|添加|登錄|註銷|搜索|查找|字符|導出|導入|保存|刷新|你"
)
HALF_WIDTH_BESIDE_HAN = re.compile(r"[\u4e00-\u9fff}][,!?;:()]|[\u4e00-\u9fff]\.|[,.!?;:()][\u4e00-\u9fff{]")
SPACE_MISSING = re.compile(r"[\u4e00-\u9fff](?!\{when\})[A-Za-z0-9{#/]|[A-Za-z0-9}][\u4e00-\u9fff]")
EMOJI = re.compile(r"[\u2600-\u27bf\U0001f000-\U0001faff]")
CALL_WITH_KEY = re.compile(rf"""\b(?:say|tell|text|t|labels)\([^"'()]*["']((?:{GROUPS})\.[\w.-]+)["']""")
BUTTON_CALL = re.compile(r"""\bturn\.button\(\s*["']([\w.]+)["']""")


def path(language: str) -> Path:
    return LOCALES / language.replace("-", "_") / "LC_MESSAGES" / "touchdesk.po"


def read(language: str) -> Catalog:
    with path(language).open("rb") as file:
        return read_po(file)


def key(message: Message) -> str:
    return forms(message.id)[0]


def forms(text: object) -> tuple[str, ...]:
    return tuple(str(form) for form in text) if isinstance(text, tuple | list) else (str(text or ""),)


def parameters(template: str) -> set[str]:
    return {field for _, field, _, _ in Formatter().parse(template) if field is not None}


CATALOGUES = {language: {key(message): message for message in read(language) if message.id} for language in LANGUAGES}


def texts(language: str, *groups: str) -> Iterator[tuple[str, str]]:
    """Each form of each text whose key begins with one of `groups`; all of them without."""
    for name, message in CATALOGUES[language].items():
        if name.startswith(groups or ("",)):
            yield from ((name, form) for form in forms(message.string))


def offenders(language: str, pattern: str | re.Pattern[str], *groups: str) -> list[tuple[str, str]]:
    return [(name, text) for name, text in texts(language, *groups) if re.search(pattern, text)]


@pytest.fixture(scope="module")
def said() -> Texts:
    return Texts.load()


# The catalogues


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_key_stands_once_in_its_catalogue(language: str) -> None:
    keys = re.findall(r'^msgid "(.+)"$', path(language).read_text("utf-8"), re.MULTILINE)
    assert len(keys) == len(set(keys)) == len(CATALOGUES[language])


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_empty_or_fuzzy_and_every_plural_form_is_there(language: str) -> None:
    catalogue = read(language)
    assert not [key(message) for message in catalogue if message.id and (message.fuzzy or "" in forms(message.string))]
    plurals = [message for message in catalogue if isinstance(message.id, tuple)]
    assert {len(message.string) for message in plurals if message.string} == {catalogue.num_plurals}


@pytest.mark.parametrize("language", CHINESE)
def test_each_language_has_the_same_keys_plurals_and_parameters(language: str) -> None:
    def outline(of: str) -> dict[str, tuple[bool, set[str]]]:
        return {
            name: (isinstance(message.id, tuple), parameters(forms(message.string)[-1]))
            for name, message in CATALOGUES[of].items()
        }

    assert outline(language) == outline("en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_parameters_are_plain_names(language: str) -> None:
    for name, text in texts(language):
        assert all(parameter.isidentifier() for parameter in parameters(text)), name


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_parameter_is_explained_to_translators(language: str) -> None:
    for name, message in CATALOGUES[language].items():
        explained = set(re.findall(r"\{(\w+)\}:", " ".join(message.auto_comments)))
        assert explained == parameters(forms(message.string)[-1]), name


# The manner


@pytest.mark.parametrize("language", LANGUAGES)
def test_inside_words_stay_inside(language: str) -> None:
    assert not offenders(language, re.compile(INSIDE_WORDS[language], re.IGNORECASE), *FOR_CUSTOMERS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_message_is_at_most_three_sentences_and_a_button_is_short(language: str) -> None:
    for name, text in texts(language, "customer."):
        assert len(re.findall(r"[.!?](?=\s|$)|[。！？]", text)) <= 3, name
    for name, text in texts(language, "button."):
        assert len(text) <= 20, name


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_complaint_is_answered_without_exclamation_marks_and_nobody_sends_emoji(language: str) -> None:
    assert list(texts(language, "customer.complaint."))
    assert not offenders(language, r"[!！]", "customer.complaint.", "customer.rating.low")
    assert not offenders(language, EMOJI)


@pytest.mark.parametrize("language", CHINESE)
def test_chinese_has_full_width_punctuation_and_spaces_beside_latin_and_digits(language: str) -> None:
    assert not offenders(language, HALF_WIDTH_BESIDE_HAN)
    assert not offenders(language, SPACE_MISSING)


def test_simplified_chinese_says_nin_and_nothing_sugary() -> None:
    assert not offenders("zh-Hans", "你|亲|哦|呢|啦|输入有误")


@pytest.mark.parametrize(("language", "other_script"), [("zh-Hans", "t2s"), ("zh-Hant", "s2t")])
def test_each_chinese_keeps_to_its_script(language: str, other_script: str) -> None:
    converter = OpenCC(other_script)
    for name, text in texts(language):
        if not name.startswith("language."):  # each names itself in its own script
            plain = text.replace("台", "")  # as good in traditional texts as 臺
            assert converter.convert(plain) == plain, name


def test_traditional_chinese_is_said_as_in_taiwan() -> None:
    assert not offenders("zh-Hant", NOT_SAID_IN_TAIWAN)


def test_a_typed_label_means_one_button(said: Texts) -> None:
    owners: dict[str, set[str]] = {}
    for name, message in CATALOGUES["en"].items():
        if name.startswith("button.") and not parameters(str(message.string)):
            for label in said.labels(name):
                owners.setdefault(label, set()).add(name)
    assert not {label: names for label, names in owners.items() if len(names) > 1}


def test_every_key_that_the_code_says_exists() -> None:
    folders = ("bot", "handlers", "console", "workers", "support")
    files = [file for folder in folders for ending in ("py", "html") for file in (ROOT / folder).rglob(f"*.{ending}")]
    code = "\n".join(file.read_text("utf-8") for file in files)
    used = {*CALL_WITH_KEY.findall(code), *(f"button.{name}" for name in BUTTON_CALL.findall(code))}
    assert used <= CATALOGUES["en"].keys()


def test_a_key_is_seen_in_a_call() -> None:
    assert CALL_WITH_KEY.findall('texts.say(language, "customer.thanks")') == ["customer.thanks"]
    assert CALL_WITH_KEY.findall("{{ t('console.queue') }}") == ["console.queue"]
    assert BUTTON_CALL.findall('turn.button("repair", "repair")') == ["repair"]


# Saying


def test_languages_are_named_as_everywhere_else(said: Texts) -> None:
    assert said.languages == LANGUAGES


def test_catalogues_are_read_once() -> None:
    assert Texts.load() is Texts.load()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_can_be_said(said: Texts, language: str) -> None:
    for name, text in texts(language):
        values = dict.fromkeys(parameters(text), 2)
        assert "{" not in said.say(language, name, **values)


def test_a_text_is_filled_in_its_language(said: Texts) -> None:
    assert said.say("en", "customer.greet.again", name="Ann") == "Hello Ann, I'm here. What can I do for you?"
    assert said.say("zh-Hant", "button.reopen", number=1043) == "重新處理 #1043"


@pytest.mark.parametrize(("count", "words"), [(0, "0 photos"), (1, "1 photo"), (2, "2 photos")])
def test_english_counts(said: Texts, count: int, words: str) -> None:
    assert said.say("en", "customer.ticket.media.photo", count=count) == words


def test_chinese_does_not_inflect(said: Texts) -> None:
    assert said.say("zh-Hans", "customer.ticket.media.photo", count=1) == "照片 1 张"


@pytest.mark.parametrize(
    ("when", "words"), [("周四 12:00", "最晚周四 12:00 回复您"), ("11 月 3 日 12:00", "最晚 11 月 3 日 12:00 回复您")]
)
def test_a_space_stands_before_a_digit_only(said: Texts, when: str, words: str) -> None:
    assert words in said.say("zh-Hans", "customer.ticket.reopened", number=1, when=when)


@pytest.mark.parametrize("words", ["{name}", "{0}", "{", "}}", "{name.__class__}", "%(name)s"])
def test_braces_in_a_strangers_words_mean_nothing(said: Texts, words: str) -> None:
    assert said.say("en", "customer.welcome_back", name=words) == f"Good to have you back, {words}."


def test_labels_are_known_in_every_language(said: Texts) -> None:
    assert said.labels("button.repair") == {"Repair", "报修", "維修"}


def test_an_unknown_key_or_language_raises(said: Texts) -> None:
    with pytest.raises(UnknownTextError, match=r"customer\.nothing"):
        said.say("en", "customer.nothing")
    with pytest.raises(UnknownTextError):
        said.say("en", "")
    with pytest.raises(UnknownLanguageError, match="fr"):
        said.say("fr", "customer.thanks")


def test_a_missing_parameter_raises_instead_of_leaving_a_hole(said: Texts) -> None:
    with pytest.raises(TextParameterError, match="name"):
        said.say("en", "customer.welcome_back")
    with pytest.raises(TextParameterError, match="name"):
        said.say("en", "customer.welcome_back", name=None)
    with pytest.raises(TextParameterError, match="number"):
        said.labels("button.reopen")


def test_a_counter_must_be_a_whole_number(said: Texts) -> None:
    with pytest.raises(TextParameterError, match="minutes"):
        said.say("en", "customer.human.next")
    with pytest.raises(TextParameterError, match="minutes"):
        said.say("en", "customer.human.next", minutes="three")


def write_catalogue(folder: Path, entries: str) -> Path:
    file = folder / "en" / "LC_MESSAGES" / "touchdesk.po"
    file.parent.mkdir(parents=True)
    header = (
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\nPlural-Forms: nplurals=2; plural=(n != 1);\\n"'
    )
    file.write_text(f"{header}\n\n{entries}\n", "utf-8")
    return folder


@pytest.mark.parametrize("entry", ['msgid "a.b"\nmsgstr ""', '#, fuzzy\nmsgid "a.b"\nmsgstr "guess"'])
def test_an_unfinished_translation_is_no_text(tmp_path: Path, entry: str) -> None:
    with pytest.raises(UnknownTextError):
        Texts.load(write_catalogue(tmp_path, entry)).say("en", "a.b")


def test_a_plural_without_a_counter_is_refused_when_loading(tmp_path: Path) -> None:
    entry = 'msgid "a.b"\nmsgid_plural "a.b"\nmsgstr[0] "one {thing}"\nmsgstr[1] "more {thing}"'
    with pytest.raises(CounterMissingError, match=r"a\.b"):
        Texts.load(write_catalogue(tmp_path, entry))


def test_a_folder_without_catalogues_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CataloguesMissingError):
        Texts.load(tmp_path)
