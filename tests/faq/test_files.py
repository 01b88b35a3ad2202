"""FAQ files: what is good is taken over whole, what is bad not at all, and every problem is named by line and field."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faq.entry import LANGUAGES, FaqEntry, FormField
from faq.files import format_faq, parse_faq, read_faq, write_faq
from faq.problems import FaqFileError, Problem

ENTRIES = [
    FaqEntry(
        "returns",
        {"en": ("How do I return?", "Send it back"), "zh-Hans": ("怎么退货？",)},
        {"en": "Within 30 days:\n- free\n- easy", "zh-Hans": "30 天内都可以。"},
        "orders",
        (FormField("order_number", "text", required=True, ask={"en": "Which order?", "zh-Hans": "哪一个订单？"}),),
    ),
    FaqEntry("no", {"en": ("=1+1", "@home", "'-quoted")}, {"en": "no", "zh-Hant": "沒有"}),
]


@pytest.mark.parametrize("name", ["faq.yaml", "faq.yml", "faq.CSV"])
def test_written_and_read_again(tmp_path: Path, name: str) -> None:
    entries = [FaqEntry(e.id, e.phrasings, e.answers, e.category) for e in ENTRIES]
    write_faq(tmp_path / name, entries)
    assert read_faq(tmp_path / name) == entries


def test_yaml_carries_forms() -> None:
    assert parse_faq(format_faq(ENTRIES, "faq.yaml"), "faq.yaml") == ENTRIES


def test_yaml_looks_like_the_documented_form() -> None:
    text = format_faq(ENTRIES, "faq.yaml").decode()
    assert text.startswith("- id: returns\n  category: orders\n  questions:\n    en:\n      - How do I return?\n")


def test_csv_has_a_row_for_each_phrasing_and_the_answer_once() -> None:
    assert format_faq([FaqEntry("a", {"en": ("q1", "q2")}, {"en": "yes"}, "c")], "a.csv").decode().splitlines() == [
        "id,category,language,question,answer",
        "a,c,en,q1,yes",
        "a,c,en,q2,",
    ]


def test_csv_cells_never_run_as_formulas() -> None:
    text = format_faq(ENTRIES, "faq.csv").decode()
    assert ",'=1+1," in text
    assert ",'@home," in text
    assert ",''-quoted," in text


def test_csv_from_a_spreadsheet() -> None:
    text = "\ufeffID,Language,Question,Answer\r\na,en,q1,yes\r\n,,,\r\n a ,zh-Hans,问,是\r\na,en,q2\r\n"
    assert parse_faq(text.encode(), "faq.csv") == [
        FaqEntry("a", {"en": ("q1", "q2"), "zh-Hans": ("问",)}, {"en": "yes", "zh-Hans": "是"})
    ]


def test_yaml_words_stay_words() -> None:
    text = "- id: 2024\n  questions: {en: [no, 1e3], zh-Hans: 单句}\n  answers: {en: on}\n"
    assert parse_faq(text.encode(), "f.yaml") == [
        FaqEntry("2024", {"en": ("no", "1e3"), "zh-Hans": ("单句",)}, {"en": "on"})
    ]


words = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn", "Co"]), min_size=1).filter(str.strip)
by_language = st.dictionaries(st.sampled_from(LANGUAGES), words, min_size=1)
phrasings = st.dictionaries(st.sampled_from(LANGUAGES), st.lists(words, min_size=1, max_size=3).map(tuple), min_size=1)
entries = st.lists(
    st.builds(FaqEntry, st.from_regex(r"[a-z0-9-]{1,40}", fullmatch=True), phrasings, by_language),
    min_size=1,
    max_size=3,
    unique_by=lambda entry: entry.id,
)


@pytest.mark.parametrize("name", ["faq.yaml", "faq.csv"])
@given(entries)
@settings(max_examples=60, deadline=None)
def test_export_import_export_is_identical(name: str, faq: list[FaqEntry]) -> None:
    exported = format_faq(faq, name)
    imported = parse_faq(exported, name)
    assert imported == faq
    assert format_faq(imported, name) == exported


BAD_YAML = [
    ("", [(1, "", "empty")]),
    ("# only a comment\n", [(1, "", "empty")]),
    ("[]", [(1, "", "no entries")]),
    ("id: a", [(1, "", "must be a list")]),
    ("- just text", [(1, "", "must be a mapping")]),
    ('- id: "open', [(1, "", "not YAML")]),
    ("- id: a\n---\n- id: b\n", [(2, "", "not YAML")]),
    ("- id: a\x00b", [(1, "", "forbids")]),
    ("- &a [x]\n- *a\n", [(1, "", "anchors")]),
    ("[" * 100_000, [(1, "", "nested")]),
    ("- questions: {en: q}\n  answers: {en: a}\n", [(1, "id", "missing")]),
    ("- id: A b\n  questions: {en: q}\n  answers: {en: a}\n", [(1, "id", "small letters")]),
    ("- id: a\n", [(1, "questions", "missing"), (1, "answers", "missing")]),
    ("- id: a\n  questions: {}\n  answers: {en: }\n", [(2, "questions", "no language"), (3, "answers.en", "empty")]),
    (
        "- id: a\n  questions: {en: []}\n  answers: {en: [a]}\n",
        [(2, "questions.en", "no wording"), (3, "answers.en", "text")],
    ),
    ("- id: a\n  questions: {en: ~}\n  answers: {en: '~'}\n", [(2, "questions.en", "empty")]),
    ("- id: a\n  questions: {fr: q}\n  answers: {en: a}\n", [(2, "questions.fr", "not known")]),
    ("- id: a\n  questions: {en: q}\n  answers: {en: a}\n  anwsers: b\n", [(4, "anwsers", "not known")]),
    ("- id: a\n  id: b\n  questions: {en: q}\n  answers: {en: a}\n", [(2, "id", "twice")]),
    (
        "- {id: a, questions: {en: q}, answers: {en: a}}\n- {id: a, questions: {en: q}, answers: {en: a}}\n",
        [(2, "id", "taken")],
    ),
    (
        "- id: a\n  questions: {en: q}\n  answers: {en: a}\n  form:\n  - {slot: s, required: perhaps}\n",
        [(5, "form.ask", "missing"), (5, "form.required", "true or false")],
    ),
]

HEADER = "id,category,language,question,answer\n"
BAD_CSV = [
    ("", [(1, "", "empty")]),
    (HEADER, [(1, "", "no entries")]),
    ("id,language,question,reply\n", [(1, "answer", "missing"), (1, "reply", "not known")]),
    ("id,language,question,answer,answer\n", [(1, "answer", "twice")]),
    (HEADER + ",c,en,q,a\n", [(2, "id", "missing")]),
    (HEADER + "A,c,en,q,a\n", [(2, "id", "small letters")]),
    (HEADER + "a,c,fr,q,a\n", [(2, "language", "not known")]),
    (HEADER + "a,c,en,,\n", [(2, "question", "missing")]),
    (HEADER + "a,c,en,q,\n", [(2, "answer", "every language")]),
    (HEADER + "a,c,en,,a\n", [(2, "question", "every language")]),
    (HEADER + "a,c,en,q,a\na,d,en,q2,\n", [(3, "category", "differs")]),
    (HEADER + 'a,c,en,"q\n2",a\na,c,en,q3,b\n', [(4, "answer", "second")]),
    (HEADER + "a,c,en,q,a,more\n", [(2, "", "6 cells")]),
    (HEADER + 'a,c,en,"q,a\n', [(2, "", "not CSV")]),
    (HEADER + f"a,c,en,{'q' * 200_000},a\n", [(2, "", "not CSV")]),
]


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [("faq.yaml", *case) for case in BAD_YAML] + [("faq.csv", *case) for case in BAD_CSV],
)
def test_every_problem_is_named(name: str, text: str, expected: list[tuple[int, str, str]]) -> None:
    with pytest.raises(FaqFileError) as caught:
        parse_faq(text.encode(), name)
    found = sorted(caught.value.problems, key=lambda problem: (problem.line, problem.field))
    assert [(problem.line, problem.field) for problem in found] == sorted((line, field) for line, field, _ in expected)
    for _, _, words_of_it in expected:
        assert any(words_of_it in problem.message for problem in found)


@pytest.mark.parametrize("name", ["faq.yaml", "faq.csv"])
def test_not_utf_8(name: str) -> None:
    with pytest.raises(FaqFileError, match="line 2: not UTF-8"):
        parse_faq("- id: a\n- é".encode("latin-1"), name)


def test_unknown_kind() -> None:
    with pytest.raises(FaqFileError, match=r"faq\.txt.*\n.*\.yaml, \.yml, \.csv"):
        parse_faq(b"", "faq.txt")


def test_the_error_says_where() -> None:
    error = FaqFileError("faq.yaml", [Problem(7, "", "later"), Problem(3, "answers.en", "is empty")])
    assert str(error) == "faq.yaml cannot be read:\nline 3, answers.en: is empty\nline 7: later"


def test_a_file_that_is_not_there() -> None:
    with pytest.raises(FileNotFoundError):
        read_faq(Path("/nowhere/faq.yaml"))
