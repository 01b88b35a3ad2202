"""The sample shop keeps what the demo promises: three languages, the transcripts' answers, the named customers."""

import csv
from datetime import date

import pytest

from faq.answers import answer_in, title_in
from faq.entry import LANGUAGES, FaqEntry
from faq.files import format_faq, parse_faq_file
from faq.matcher import Decision, Matcher, decide, suggestions
from tests.faq.conftest import SAMPLE

BUTTON_CHARACTERS = 40


def test_every_entry_speaks_three_languages(shop_faq: list[FaqEntry]) -> None:
    assert len(shop_faq) >= 30
    for entry in shop_faq:
        assert set(entry.questions) == set(entry.answers) == set(LANGUAGES), entry.id
        assert all(len(title_in(entry, language)) <= BUTTON_CHARACTERS for language in LANGUAGES)


@pytest.mark.parametrize("name", ["faq.yaml", "faq.csv", "faq.xlsx"])
def test_it_survives_export_and_import(shop_faq: list[FaqEntry], name: str) -> None:
    exported = format_faq(shop_faq, name)
    assert format_faq(parse_faq_file(exported, name).entries, name) == exported


def test_every_phrasing_finds_its_entry(shop_faq: list[FaqEntry], shop_matcher: Matcher) -> None:
    for entry in shop_faq:
        for wording in entry.wordings:
            assert shop_matcher.match(wording)[0].entry_id == entry.id, wording


@pytest.mark.parametrize(
    ("entry_id", "question"),
    [
        ("descaling", "how offen do i descale"),
        ("descaling", "多久除一次垢"),
        ("descaling", "咖啡機多久要除垢"),
        ("delivery-cost", "what does delivery cost?"),
        ("delivery-spain", "and to Spain?"),
        ("delivery-hong-kong", "那寄到香港呢"),
        ("baskets-58", "still got 58 mm baskets?"),
        ("baskets-58", "58 的粉碗还有吗"),
        ("baskets-58", "58 的粉杯還有嗎"),
        ("returns", "i would like to send it back"),
        ("warranty", "保固期多長"),
        ("invoice", "請問可以開統編嗎"),
    ],
)
def test_questions_that_are_answered(shop_matcher: Matcher, entry_id: str, question: str) -> None:
    matches = shop_matcher.match(question)
    assert matches[0].entry_id == entry_id
    assert decide(matches, shop_matcher.thresholds) is Decision.ANSWER


@pytest.mark.parametrize("question", ["the water is strange", "出水怪怪的"])
def test_strange_water_is_asked_back(shop_matcher: Matcher, question: str) -> None:
    matches = shop_matcher.match(question)
    assert decide(matches, shop_matcher.thresholds) is Decision.SUGGEST
    choices = {match.entry_id for match in suggestions(matches, shop_matcher.thresholds)}
    assert choices == {"no-water", "leaks-underneath", "runs-too-fast"}


@pytest.mark.parametrize(
    "question", ["can i take it on a plane", "能带上飞机吗", "可以帶上飛機嗎", "tell me a joke", "你们老板是谁"]
)
def test_what_the_shop_does_not_know_is_refused(shop_matcher: Matcher, question: str) -> None:
    assert decide(shop_matcher.match(question), shop_matcher.thresholds) is Decision.REFUSE


def test_the_titles_are_the_buttons_of_the_transcripts(shop_faq: list[FaqEntry]) -> None:
    entries = {entry.id: entry for entry in shop_faq}
    water = [entries[entry_id] for entry_id in ("no-water", "leaks-underneath", "runs-too-fast")]
    assert [title_in(entry, "en") for entry in water] == ["No water", "Leaks underneath", "Runs too fast"]
    assert [title_in(entry, "zh-Hans") for entry in water] == ["不出水", "底部漏水", "流得太快"]
    assert [title_in(entry, "zh-Hant") for entry in water] == ["不出水", "底部漏水", "流太快"]


def test_answers_in_each_language(shop_faq: list[FaqEntry]) -> None:
    descaling = next(entry for entry in shop_faq if entry.id == "descaling")
    starts = {language: (answer_in(descaling, language) or ("", ""))[0][:6] for language in LANGUAGES}
    assert starts == {"en": "Every ", "zh-Hans": "一般两到三个", "zh-Hant": "一般兩到三個"}


def rows(name: str) -> list[dict[str, str]]:
    with (SAMPLE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_customers_and_orders_belong_together() -> None:
    customers, orders = rows("customers.csv"), rows("orders.csv")
    known = {customer["customer_id"] for customer in customers}
    assert len(known) == len(customers) == 60
    assert {order["customer_id"] for order in orders} < known
    assert {customer["referrer"] for customer in customers} <= known | {""}
    assert {customer["language"] for customer in customers} == set(LANGUAGES)
    assert len({order["order_id"] for order in orders}) == len(orders)
    assert max(order["date"] for order in orders) == "2026-11-20"


def test_the_named_customers_are_who_the_demo_says() -> None:
    spent: dict[str, float] = {}
    days: dict[str, list[date]] = {}
    for order in rows("orders.csv"):
        spent[order["customer_id"]] = spent.get(order["customer_id"], 0) + float(order["amount"])
        days.setdefault(order["customer_id"], []).append(date.fromisoformat(order["date"]))
    newest = date(2026, 11, 20)
    assert max(spent, key=lambda customer_id: spent[customer_id]) == "C-1001"
    assert (newest - max(days["C-1001"])).days < 14
    assert (newest - max(days["C-1002"])).days < 14
    assert len(days["C-1003"]) > 10
    assert (newest - max(days["C-1003"])).days == 148
