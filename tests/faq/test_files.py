"""FAQ files: what is good is taken over whole, what is bad not at all, and every problem is named by line and field."""

from pathlib import Path

import pytest
from hypothesis import given, settings

from faq import files, yaml_file
from faq.entry import FaqEntry, FormField, Variant
from faq.files import format_faq, open_faq, parse_faq_file, read_faq, write_faq
from faq.problems import MOST_TOLD, FaqFileError, Problem
from faq.rows import MOST_PROBLEMS
from tests.faq.strategies import faqs

KINDS = ["faq.yaml", "faq.csv", "faq.xlsx"]

ENTRIES = [
    FaqEntry(
        "returns",
        {"en": ("How do I return?", "Send it back"), "zh-Hans": ("怎么退货？",)},
        {"en": "Within 30 days:\n- free\n- easy", "zh-Hans": "30 天内都可以。"},
        "orders",
        (
            FormField("order_number", required=True, ask={"en": "Which order?", "zh-Hans": "哪一个订单？"}),
            FormField(
                "why", "choice", ask={"en": "Why?"}, choices={"en": ("Broken", "Late"), "zh-Hans": ("坏了", "晚了")}
            ),
        ),
        (Variant({"en": "At any time."}, ("vip", "major")), Variant({"zh-Hans": "请问。"}, (), ("churn", "at-risk"))),
    ),
    FaqEntry("no", {"en": ("=1+1", "@home", "'-quoted")}, {"en": "no", "zh-Hant": "沒有"}),
]


@pytest.mark.parametrize("name", ["faq.yaml", "faq.yml", "faq.CSV", "faq.xlsx"])
def test_written_and_read_again(tmp_path: Path, name: str) -> None:
    write_faq(tmp_path / name, ENTRIES)
    assert read_faq(tmp_path / name) == ENTRIES
    assert open_faq(tmp_path / name).silent == frozenset()


def test_languages_are_written_in_their_own_order() -> None:
    mixed = FaqEntry("a", {"zh-Hant": ("問",), "en": ("q",)}, {"zh-Hans": "是", "en": "yes"})
    for name in KINDS:
        assert format_faq([mixed], name) == format_faq(parse_faq_file(format_faq([mixed], name), name).entries, name)
    assert format_faq([mixed], "a.csv").decode().splitlines()[1:] == ["a,,en,q,yes", "a,,zh-Hans,,是", "a,,zh-Hant,問,"]


def test_csv_carries_forms_and_variants_in_the_first_row_of_an_entry() -> None:
    header, first, second, *_ = format_faq(ENTRIES[:1], "faq.csv").decode().split("\r\nreturns,")
    assert header.endswith(",answer,form,variants")
    assert '""slot"": ""order_number""' in first
    assert '""tiers"": [""vip"", ""major""]' in first
    assert second == "orders,en,Send it back,,,"
    plain = [FaqEntry("a", {"en": ("q",)}, {"en": "yes"}, variants=(Variant({"en": "Yes!"}, ("vip",)),))]
    assert format_faq(plain, "faq.csv").decode().startswith("id,category,language,question,answer,variants\r\n")


def test_a_sheet_is_silent_about_the_columns_that_it_lacks() -> None:
    assert parse_faq_file(b"id,language,question,answer\na,en,q,a\n", "a.csv").silent == {
        "category",
        "form",
        "variants",
    }
    assert parse_faq_file(b"id,form,language,question,answer\na,,en,q,a\n", "a.csv").silent == {"category", "variants"}
    assert parse_faq_file(b"- {id: a, questions: {en: q}, answers: {en: a}}", "a.yaml").silent == frozenset()


@pytest.mark.parametrize("separator", [";", "\t"])
def test_csv_of_other_countries(separator: str) -> None:
    text = "id,language,question,answer\r\na,en,q1;q2\tq3,yes\r\n".replace(",", separator)
    text = text.replace("q1;q2\tq3", '"q1;q2\tq3"')
    assert parse_faq_file(text.encode(), "faq.csv").entries == [FaqEntry("a", {"en": ("q1;q2\tq3",)}, {"en": "yes"})]


@pytest.mark.parametrize("name", ["faq.csv", "faq.xlsx"])
def test_a_sheet_is_not_written_with_more_than_a_cell_holds(name: str) -> None:
    variants = tuple(Variant({"en": "a" * 4096}, (), (stage,)) for stage in ("use", "churn")) * 4
    entry = FaqEntry("a", {"en": ("q",)}, {"en": "yes"}, variants=variants)
    with pytest.raises(FaqFileError, match=r"cannot be written:\nline 2, variants: .*32767 characters.*YAML"):
        format_faq([entry], name)
    assert parse_faq_file(format_faq([entry], "faq.yaml"), "faq.yaml").entries == [entry]


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
    assert parse_faq_file(text.encode(), "faq.csv").entries == [
        FaqEntry("a", {"en": ("q1", "q2"), "zh-Hans": ("问",)}, {"en": "yes", "zh-Hans": "是"})
    ]


def test_yaml_words_stay_words() -> None:
    text = "- id: 2024\n  questions: {en: [no, 1e3], zh-Hans: 单句}\n  answers: {en: on}\n"
    assert parse_faq_file(text.encode(), "f.yaml").entries == [
        FaqEntry("2024", {"en": ("no", "1e3"), "zh-Hans": ("单句",)}, {"en": "on"})
    ]


@pytest.mark.parametrize("name", KINDS)
@given(entries=faqs)
@settings(max_examples=40, deadline=None)
def test_export_import_export_is_identical(name: str, entries: list[FaqEntry]) -> None:
    exported = format_faq(entries, name)
    imported = parse_faq_file(exported, name).entries
    assert imported == entries
    assert format_faq(imported, name) == exported


@given(faqs)
@settings(max_examples=30, deadline=None)
def test_from_kind_to_kind_nothing_is_lost(entries: list[FaqEntry]) -> None:
    first = format_faq(entries, "faq.yaml")
    for name in ("faq.yaml", "faq.xlsx", "faq.csv"):
        entries = list(parse_faq_file(format_faq(entries, name), name).entries)
    assert format_faq(entries, "faq.yaml") == first


ONE = "- id: a\n  questions: {en: q}\n  answers: {en: a}\n"
FORM = ONE + "  form:\n  - "
VARIANT = ONE + "  variants:\n  - "
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
    ('- id: a\n  questions: {en: "\\U00110000"}\n', [(2, "", "does not exist")]),
    ('- id: a\n  questions: {en: q}\n  answers: {en: "\\0"}\n', [(3, "answers.en", "cannot be kept")]),
    ('- id: a\n  questions: {en: "q\\ud800"}\n  answers: {en: a}\n', [(2, "questions.en", "cannot be kept")]),
    ("- id: a\n  questions:\n    en: [q,\n      q]\n  answers: {en: a}\n", [(4, "questions.en", "line 3 already")]),
    ("- id: a\n  questions: {en: [q, q]}\n  answers: {en: a}\n", [(2, "questions.en", "line 2 already")]),
    ("- id: a\n  questions: {en: '?! 🙂'}\n  answers: {en: a}\n", [(2, "questions.en", "no letter or digit")]),
    (f"- id: a\n  questions: {{en: q}}\n  answers: {{en: {'a' * 4097}}}\n", [(3, "answers.en", "4096 characters")]),
    (FORM + "{slot: s, ask: {en: q}, type: colour}", [(5, "form.type", "phone, order_number, choice")]),
    (FORM + "{slot: S-1, ask: {en: q}}", [(5, "form.slot", "small letter")]),
    (FORM + f"{{slot: {'s' * 41}, ask: {{en: q}}}}", [(5, "form.slot", "at most 40")]),
    (FORM + "{slot: s, ask: {en: q}}\n  - {slot: s, ask: {en: q}}", [(6, "form.slot", "line 5 already")]),
    (FORM + "{slot: s, ask: {en: q}, type: choice}", [(5, "form.choices", "missing")]),
    (FORM + "{slot: s, ask: {en: q}, choices: {en: [a]}}", [(5, "form.choices", "type choice only")]),
    (FORM + "{slot: s, ask: {en: q}, type: choice, choices: {en: []}}", [(5, "form.choices.en", "no choice")]),
    (FORM + "{slot: s, ask: {en: q}, type: choice, choices: {en: [a, a]}}", [(5, "form.choices.en", "already")]),
    (FORM + "{slot: s, ask: {en: q}, type: choice, choices: [a]}", [(5, "form.choices", "mapping")]),
    (
        FORM + "{slot: s, ask: {en: q}, type: choice, choices: {en: [a], zh-Hans: [b, c]}}",
        [(5, "form.choices", "equally long")],
    ),
    (VARIANT + "{answers: {en: a}}", [(5, "variants", "needs tiers or stages")]),
    (VARIANT + "{tiers: [vip]}", [(5, "variants.answers", "missing")]),
    (VARIANT + "{tiers: [gold], answers: {en: a}}", [(5, "variants.tiers", "vip, major, ordinary, small")]),
    (VARIANT + "{stages: [], answers: {en: a}}", [(5, "variants.stages", "names none")]),
    (VARIANT + "{stages: use, answers: {en: a}}", [(5, "variants.stages", "must be a list")]),
    (VARIANT + "{stages: [use, use], answers: {en: a}}", [(5, "variants.stages", "already")]),
    (
        VARIANT + f"{{tiers: [vip], answers: {{fr: a, en: {'a' * 4097}}}}}",
        [(5, "variants.answers.fr", "not known"), (5, "variants.answers.en", "4096")],
    ),
]

HEADER = "id,category,language,question,answer\n"
WITH_FORM = "id,language,question,answer,form\n"
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
    (HEADER + "a,c,en,q,a\na,c,zh-Hans,q,a\na,c,en,q,\n", [(4, "question", "line 2 already")]),
    (HEADER + "a,c,en,…?,a\n", [(2, "question", "no letter or digit")]),
    (HEADER + f"a,c,en,q,{'a' * 4097}\n", [(2, "answer", "4096 characters")]),
    (HEADER + "a,c,en,q\0,a\n", [(2, "question", "cannot be kept")]),
    (WITH_FORM + "a,en,q,a,[\n", [(2, "form", "not JSON")]),
    (WITH_FORM + f"a,en,q,a,{'[' * 20_000}\n", [(2, "form", "nested too deeply")]),
    (WITH_FORM + 'a,en,q,a,"{""slot"": 1}"\n', [(2, "form", "must be a list")]),
    (
        WITH_FORM + 'a,en,q,a,"[{""slot"": ""S"", ""ask"": null}]"\n',
        [(2, "form.slot", "small"), (2, "form.ask", "mapping")],
    ),
    (WITH_FORM + 'a,en,q,a,"[]"\na,en,q2,,"[1]"\n', [(3, "form", "differs")]),
    ("id,language,question,answer,variants\na,en,q,a,[7]\n", [(2, "variants", "mapping")]),
    (HEADER + 'a,c,en,"q,a\n', [(2, "", "not CSV")]),
    (HEADER + f"a,c,en,{'q' * 200_000},a\n", [(2, "", "not CSV")]),
]


def test_a_sheet_of_mistakes_is_not_read_to_its_end() -> None:
    with pytest.raises(FaqFileError) as caught:
        parse_faq_file((HEADER + "a,c,fr,q,a\n" * 5_000).encode(), "faq.csv")
    assert [problem.line for problem in caught.value.problems] == list(range(2, MOST_PROBLEMS + 2))


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [("faq.yaml", *case) for case in BAD_YAML] + [("faq.csv", *case) for case in BAD_CSV],
)
def test_every_problem_is_named(name: str, text: str, expected: list[tuple[int, str, str]]) -> None:
    with pytest.raises(FaqFileError) as caught:
        parse_faq_file(text.encode(), name)
    found = sorted(caught.value.problems, key=lambda problem: (problem.line, problem.field))
    assert [(problem.line, problem.field) for problem in found] == sorted((line, field) for line, field, _ in expected)
    for _, _, words_of_it in expected:
        assert any(words_of_it in problem.message for problem in found)


@pytest.mark.parametrize("name", ["faq.yaml", "faq.csv"])
def test_not_utf_8(name: str) -> None:
    with pytest.raises(FaqFileError, match="line 2: not UTF-8"):
        parse_faq_file("- id: a\n- é".encode("latin-1"), name)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_unicode_text_of_excel_is_named(encoding: str) -> None:
    with pytest.raises(FaqFileError, match=r"UTF-16.*save the file as UTF-8"):
        parse_faq_file("\ufeffid\tlanguage\tquestion\tanswer\n".encode(encoding), "faq.csv")


@pytest.mark.parametrize("name", KINDS)
def test_a_file_that_is_too_large(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / name).write_bytes(b"-" * 2_000_001)
    monkeypatch.setitem(files.MOST_BYTES, Path(name).suffix, 2_000_000)
    with pytest.raises(FaqFileError, match="larger than 2 MB"):
        read_faq(tmp_path / name)
    with pytest.raises(FaqFileError, match="larger than 2 MB"):
        parse_faq_file(b"-" * 2_000_001, name)


def test_a_yaml_file_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml_file, "MOST_NODES", 1_000)
    with pytest.raises(FaqFileError, match="line 500: not YAML: more than 1000 texts"):
        parse_faq_file(b"- [a]\n" * 600, "faq.yaml")


def test_unknown_kind() -> None:
    with pytest.raises(FaqFileError, match=r"faq\.txt.*\n.*\.yaml, \.yml, \.csv, \.xlsx"):
        parse_faq_file(b"", "faq.txt")


def test_the_error_says_where() -> None:
    error = FaqFileError("faq.yaml", [Problem(7, "", "later"), Problem(3, "answers.en", "is empty")])
    assert str(error) == "faq.yaml cannot be read:\nline 3, answers.en: is empty\nline 7: later"


def test_the_error_stays_a_message_and_keeps_every_problem() -> None:
    error = FaqFileError("faq.csv", [Problem(line, "id", "is missing") for line in range(1, 1001)])
    assert len(error.problems) == 1000
    assert len(str(error).splitlines()) == MOST_TOLD + 2
    assert str(error).endswith("… and 950 more")


def test_a_file_that_is_not_there() -> None:
    with pytest.raises(FileNotFoundError):
        read_faq(Path("/nowhere/faq.yaml"))
