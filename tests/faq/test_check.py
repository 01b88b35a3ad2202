import pytest

from faq.check import check
from faq.entry import FaqEntry, FormField, Variant
from faq.findings import Finding, Kind, Severity
from faq.matcher import HeldOut, Match, Matcher, Thresholds
from faq.reach import in_other_words

ANSWER = {"en": "Yes."}
RETURNS = FaqEntry("returns", {"en": ["How do I return an item?", "Can I send my order back?"]}, ANSWER)
DELIVERY = FaqEntry("delivery", {"en": ["What does delivery cost?", "Are there shipping fees?"]}, ANSWER)


def found(*entries: FaqEntry, kind: Kind | None = None) -> list[Finding]:
    findings = check(entries, Matcher.build(entries))
    return [finding for finding in findings if kind in {None, finding.kind}]


def only(findings: list[Finding]) -> Finding:
    (finding,) = findings
    return finding


def test_the_sample_shop_has_no_errors(shop_faq: list[FaqEntry], shop_matcher: Matcher) -> None:
    assert [f for f in check(shop_faq, shop_matcher) if f.severity is Severity.ERROR] == []


def test_an_faq_without_entries() -> None:
    assert found() == []


@pytest.mark.parametrize("wording", ["how do i return an item", "How do I return an item!!"])
def test_the_same_wording_in_two_entries_is_one_error(wording: str) -> None:
    other = FaqEntry("refund", {"en": [wording, "When do I get my money?"]}, ANSWER)
    errors = [f for f in found(RETURNS, DELIVERY, other) if f.severity is Severity.ERROR]
    assert only(errors) == Finding(
        Kind.SAME_WORDING, "refund", Severity.ERROR, {"wording": wording, "other": "returns"}
    )


def test_the_same_wording_twice_in_one_entry_collides_with_nothing() -> None:
    twice = FaqEntry("twice", {"en": ["Do you sell tea?", "do you sell tea"], "zh-Hans": ["茶"]}, ANSWER)
    assert found(twice, DELIVERY, kind=Kind.SAME_WORDING) == []


def test_a_typing_error_apart_is_nearly_the_same() -> None:
    other = FaqEntry("refund", {"en": ["How do I return an itme?", "When do I get my money?"]}, ANSWER)
    finding = only(found(RETURNS, other, kind=Kind.NEAR_WORDING))
    assert {finding.entry_id, finding.facts["other"]} == {"returns", "refund"}
    assert finding.severity is Severity.WARNING
    assert finding.facts["n"] == 1


def test_near_wordings_of_two_entries_are_told_once() -> None:
    other = FaqEntry("refund", {"en": ["How do I return item?", "Can I send my orders back?"]}, ANSWER)
    assert only(found(RETURNS, other, kind=Kind.NEAR_WORDING)).facts["n"] == 2
    assert found(RETURNS, DELIVERY, kind=Kind.NEAR_WORDING) == []


def test_a_wording_without_words_is_unreachable() -> None:
    dots = FaqEntry("dots", {"en": ["…?!", "Do you sell dots?"]}, ANSWER)
    finding = only(found(RETURNS, dots, kind=Kind.UNREACHABLE))
    assert (finding.entry_id, finding.facts) == ("dots", {"wording": "…?!", "other": ""})
    assert finding.severity is Severity.ERROR


def test_what_a_message_is_taken_for_before_the_faq() -> None:
    entries = [FaqEntry("hello", {"en": ["hello", "What is hello world?"]}, ANSWER)]
    findings = check(entries, Matcher.build(entries), lambda text: "greeting" if text == "hello" else None)
    intercepted = only([finding for finding in findings if finding.kind is Kind.INTERCEPTED])
    assert intercepted.facts == {"wording": "hello", "by": "greeting"}


def test_an_entry_that_takes_others_questions() -> None:
    sure, second = Match("returns", 0.9), Match("refund", 0.3)
    held = [
        HeldOut("refund", "en", "money back?", [sure, second]),
        HeldOut("refund", "en", "give me my money", [sure]),
        HeldOut("delivery", "en", "send it", [sure]),
        HeldOut("returns", "en", "send it back", [Match("delivery", 0.9)]),
        HeldOut("returns", "en", "can I return it", [sure]),
    ]
    takers = [f for f in in_other_words(held, Thresholds(0.5, 0.4, 0.1)) if f.kind is Kind.TAKES]
    assert [(f.entry_id, f.facts["n"]) for f in takers] == [("returns", 3), ("delivery", 1)]
    assert takers[0].facts["others"] == ["refund", "delivery"]
    assert takers[0].facts["examples"] == ["money back?", "give me my money", "send it"]


def test_an_entry_found_by_its_very_words_alone() -> None:
    held = [
        HeldOut("warranty", "en", "is it insured", []),
        HeldOut("warranty", "en", "two years?", [Match("returns", 0.9)]),
        HeldOut("warranty", "en", "guarantee", [Match("returns", 0.45), Match("warranty", 0.42)]),
        HeldOut("warranty", "zh-Hans", "保修", []),
        HeldOut("returns", "en", "return", [Match("returns", 0.9)]),
        HeldOut("returns", "en", "goes back", []),
    ]
    lonely = only([f for f in in_other_words(held, Thresholds(0.5, 0.4, 0.1)) if f.kind is Kind.ALONE])
    assert lonely.entry_id == "warranty"
    assert (lonely.facts["n"], lonely.facts["of"]) == (2, 3)


@pytest.mark.parametrize(
    ("entry", "kinds"),
    [
        (FaqEntry("mute", (), ANSWER), {Kind.NO_PHRASING}),
        (FaqEntry("dumb", {"en": ["Do you?", "Will you?"]}), {Kind.NO_ANSWER}),
        (FaqEntry("blank", {"en": ["Do you?", "Will you?"]}, {"en": " "}), {Kind.NO_ANSWER}),
        (FaqEntry("nothing"), {Kind.NO_PHRASING, Kind.NO_ANSWER}),
    ],
)
def test_an_entry_that_lacks_a_half(entry: FaqEntry, kinds: set[Kind]) -> None:
    assert {finding.kind for finding in found(entry) if finding.severity is Severity.ERROR} == kinds


def test_one_wording_is_few() -> None:
    entry = FaqEntry("tea", {"en": ["Do you sell tea?", "tea?"], "zh-Hans": ["卖茶吗"]}, ANSWER | {"zh-Hans": "卖"})
    finding = only(found(entry))
    assert (finding.kind, finding.severity) == (Kind.SINGLE_PHRASING, Severity.HINT)
    assert finding.facts == {"language": "zh-Hans", "wording": "卖茶吗"}


def test_a_broken_placeholder_also_in_a_variant() -> None:
    entry = FaqEntry(
        "hello",
        {"en": ["What is my name?", "What is my first name?"]},
        {"en": "You are {first_name|you}."},
        variants=(Variant({"en": "Dear {surname|you}"}, tiers=("vip",)),),
    )
    finding = only(found(entry))
    assert (finding.kind, finding.severity) == (Kind.PLACEHOLDER, Severity.ERROR)
    assert "surname" in finding.facts["problem"]
    assert finding.facts["language"] == "en"


@pytest.mark.parametrize(
    ("first", "second", "shadowed"),
    [
        (Variant(ANSWER), Variant(ANSWER, ("vip",)), True),
        (Variant(ANSWER, ("vip", "major")), Variant(ANSWER, ("vip",), ("use",)), True),
        (Variant(ANSWER, ("vip",)), Variant(ANSWER), False),
        (Variant(ANSWER, ("vip",)), Variant(ANSWER, ("vip", "major")), False),
        (Variant(ANSWER, ("vip",), ("churn",)), Variant(ANSWER, ("vip",)), False),
    ],
)
def test_a_variant_that_is_never_told(first: Variant, second: Variant, shadowed: bool) -> None:
    entry = FaqEntry("v", {"en": ["Is it so?", "Could it be?"]}, ANSWER, variants=(first, second))
    findings = found(entry, kind=Kind.SHADOWED)
    assert [finding.facts for finding in findings] == ([{"n": 2, "by": 1}] if shadowed else [])


def test_a_language_that_most_others_have() -> None:
    def entry(name: str, *languages: str) -> FaqEntry:
        wordings = {language: [f"{name} {language} one", f"{name} {language} two"] for language in languages}
        return FaqEntry(name, wordings, dict.fromkeys(languages, "Yes."))

    full = [entry(name, "en", "zh-Hans", "zh-Hant") for name in ("aa", "bb", "cc")]
    lacking = {
        (finding.kind, finding.entry_id, finding.facts["language"], finding.severity)
        for finding in found(*full, entry("dd", "en"), entry("ee", "en", "zh-Hans"))
        if finding.kind in {Kind.NO_QUESTION_IN, Kind.NO_ANSWER_IN}
    }
    kinds = (Kind.NO_QUESTION_IN, Kind.NO_ANSWER_IN)
    assert lacking == {
        *((kind, "dd", language, Severity.WARNING) for kind in kinds for language in ("zh-Hans", "zh-Hant")),
        *((kind, "ee", "zh-Hant", Severity.HINT) for kind in kinds),
    }


def test_an_entry_is_answered_in_the_language_in_which_it_is_asked() -> None:
    entry = FaqEntry("tea", {"en": ["tea?", "any tea?"], "zh-Hans": ["卖茶吗", "有茶吗"]}, ANSWER)
    assert only(found(entry)).facts == {"language": "zh-Hans"}


def test_a_form_asks_in_every_language_of_the_answer() -> None:
    form = (FormField("size", "choice", ask={"en": "Which?", "zh-Hans": "哪个？"}, choices={"en": ["S", "L"]}),)
    entry = FaqEntry("cup", {"en": ["cup?", "a cup?"]}, {"en": "Yes.", "zh-Hans": "有", "zh-Hant": "有"}, form=form)
    told = {(f.facts["language"], f.severity) for f in found(entry, kind=Kind.FORM_LANGUAGE)}
    assert told == {("zh-Hant", Severity.HINT), ("zh-Hans", Severity.WARNING), ("zh-Hant", Severity.WARNING)}


def test_errors_come_first_and_progress_is_told() -> None:
    done: list[tuple[int, int]] = []
    entries = [FaqEntry("tea", {"en": ["tea?"]}, ANSWER), FaqEntry("mute", (), ANSWER)]
    findings = check(entries, Matcher.build(entries), progress=lambda *how_far: done.append(how_far))
    assert [finding.severity for finding in findings] == [Severity.ERROR, Severity.HINT]
    assert done == [(1, 1)]
