"""Personal answers: the facts of the customer who reads, the variant that fits, and never somebody else's."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from bot.ask import answer
from bot.settings import Settings
from crm_store.ids import new_id
from crm_store.models import Order
from crm_store.store import Store
from crm_store.unit import Unit
from faq.answers import answer_in
from faq.entry import FaqEntry, Variant
from faq.files import parse_faq_file
from faq.problems import FaqFileError
from support.knowledge.errors import BrokenPlaceholderError
from support.knowledge.importing import import_entries
from support.knowledge.wordings import answer_of
from support.talk.personal import LONGEST_VALUE, facts_of, variant_for
from support.words.names import first_name
from support.words.order_words import order_status
from support.words.texts import Texts
from support.working_hours import WorkingHours
from tests.crm_store.test_indexes import statements
from tests.support.shop import Shop, new_score_for, open_shop, score

PARCEL = FaqEntry(
    "parcel",
    {"en": ["Where is my parcel?"], "zh-Hans": ["我的包裹到哪了？"], "zh-Hant": ["我的包裹寄到哪裡了？"]},
    {
        "en": "Hello {first_name|there}. Order {order_number|of yours} of {order_date|late} ({order_product|}): "
        "{order_status|unknown to me}.",
        "zh-Hans": "{first_name|}，您好。订单 {order_number|号请发给我}，{order_date|}：{order_status|}。",
    },
)
WARRANTY = FaqEntry(
    "warranty",
    {"en": ["How long is the warranty?"], "zh-Hans": ["保修多久？"], "zh-Hant": ["保固多久？"]},
    {"en": "Two years.", "zh-Hans": "两年。", "zh-Hant": "兩年。"},
    variants=(
        Variant({"en": "Three years, {first_name|and gladly}."}, tiers=("vip",)),
        Variant({"zh-Hans": "两年，欢迎回来。"}, stages=("at-risk",)),
    ),
)
HOLES = FaqEntry(
    "holes", {"en": ["Do you know my garden gnome?"]}, {"en": "Well, {first_name}, {nope|maybe} {order_status"}
)
NOTHING = FaqEntry("nothing", {"en": ["Say something about submarines"]}, {"en": "{order_number|}"})


@pytest.fixture
async def shop(store: Store) -> Shop:
    shop = await open_shop(store)
    await store.run(lambda unit: import_entries(unit, [PARCEL, WARRANTY, HOLES, NOTHING]))
    await shop.desk.faq.refresh(store)
    return shop


async def knows(shop: Shop, address: str, name: str = "", **of_score: Any) -> int:
    """Somebody whom the store knows by name; returns the customer's id."""

    async def work(unit: Unit) -> int:
        person = await shop.met(unit, address, name=name or None)
        if of_score:
            new_score_for(unit, person, **of_score)
        return person.customer.id

    return await shop.run(work)


async def bought(shop: Shop, customer_id: int, number: str, day: date = date(2026, 11, 16), **more: Any) -> None:
    values: dict[str, Any] = {"currency": "EUR", "product": "Kaffa Pro 2", "attributes": {"Status": "SHIPPED"}} | more
    await shop.run(
        lambda unit: _put(unit, Order(id=new_id(), external_id=number, customer_id=customer_id, date=day, **values))
    )


async def _put(unit: Unit, order: Order) -> None:
    order.amount = Decimal(20)
    unit.add(order)


async def hears(shop: Shop, text: str, address: str) -> str:
    await shop.hear(text, address)
    return (await shop.said())[-1]


# Facts


async def test_a_customer_reads_their_own_name_and_last_order(shop: Shop) -> None:
    anna = await knows(shop, "anna", "Anna Berg")
    await bought(shop, anna, "4931", date(2026, 11, 1), attributes={"status": "returned"})
    await bought(shop, anna, "4932")
    said = await hears(shop, "Where is my parcel?", "anna")
    assert said == "Hello Anna. Order 4932 of 16 November (Kaffa Pro 2): on its way."


async def test_a_stranger_reads_the_fallbacks(shop: Shop) -> None:
    anna = await knows(shop, "anna", "Anna Berg")
    await bought(shop, anna, "4932")
    assert await hears(shop, "Where is my parcel?", "bob") == "Hello there. Order of yours of late: unknown to me."
    assert await hears(shop, "我的包裹到哪了？", "bob") == "您好。订单号请发给我。"


async def test_each_reads_their_own_and_the_store_is_asked_once(shop: Shop) -> None:
    people = {f"p{n}": await knows(shop, f"p{n}", f"Nia{n} Low") for n in range(4)}
    for n, customer_id in enumerate(list(people.values())[:3]):
        await bought(shop, customer_id, f"50{n}")

    async def all_at_once(unit: Unit) -> list[str | None]:
        met = [await shop.known(unit, address) for address in people]
        told = [await facts_of(shop.desk, unit, person, {"order_number"}, "en") for person in met]
        return [facts.get("order_number") for facts in told]

    with statements(shop.store) as seen:
        numbers = await shop.run(all_at_once)
    assert numbers == ["500", "501", "502", None]
    assert sum("customer_order" in statement for statement, _ in seen) == 1


async def test_orders_are_read_only_for_those_who_read_of_them(shop: Shop) -> None:
    anna = await knows(shop, "anna", "Anna Berg", tier="vip")
    await bought(shop, anna, "4932")
    with statements(shop.store) as seen:
        await shop.hear("How often do I descale the machine?", "bob")
        await shop.hear("How long is the warranty?", "bob")
    assert not [statement for statement, _ in seen if "customer_order" in statement]


async def test_dates_and_states_are_told_in_the_customers_language(shop: Shop) -> None:
    wei = await knows(shop, "wei", "陈伟")
    await bought(shop, wei, "4932", date(2025, 12, 30))
    assert await hears(shop, "我的包裹到哪了？", "wei") == "陈伟，您好。订单 4932，2025 年 12 月 30 日：已发货。"
    said = await hears(shop, "我的包裹寄到哪裡了？", "wei")
    assert said == "陈伟，您好。訂單 4932，2025 年 12 月 30 日：已出貨。"  # the name stays as its owner writes it


async def test_facts_are_one_short_line(shop: Shop) -> None:
    mad = await knows(shop, "mad", "A\nB\u202e" + "x" * 100)
    await bought(shop, mad, "7", product=" \n ", attributes={"status": "late\n\n" + "y" * 200})
    facts = await shop.run(lambda unit: _facts(shop, unit, "mad"))
    assert facts["name"].startswith("A Bxxx")
    assert facts["name"].endswith("…")
    assert facts["order_status"].startswith("late yyy")
    assert max(map(len, facts.values())) == LONGEST_VALUE
    assert "order_product" not in facts


async def _facts(shop: Shop, unit: Unit, address: str) -> dict[str, str]:
    person = await shop.known(unit, address)
    asked = {"name", "first_name", "shop", "order_number", "order_date", "order_status", "order_product"}
    return await facts_of(shop.desk, unit, person, asked, "fr")  # of which we have no texts


async def test_a_name_is_not_read_as_markdown(shop: Shop) -> None:
    eve = await knows(shop, "eve", "*Eve* [x](http://evil.example)")
    await bought(shop, eve, "1", product="_x_ [y](http://evil.example)")
    said = await hears(shop, "Where is my parcel?", "eve")
    assert said == r"Hello Eve. Order 1 of 16 November (\_x\_ \[y\](http://evil.example)): on its way."


async def test_what_stands_broken_in_the_store_is_no_hole(shop: Shop) -> None:
    assert await hears(shop, "Do you know my garden gnome?", "bob") == "Well, maybe"


async def test_an_answer_of_which_nothing_is_left_is_not_sent(shop: Shop) -> None:
    said = await hears(shop, "Say something about submarines", "bob")
    assert said.startswith("I don't know that for certain")
    anna = await knows(shop, "anna", "Anna")
    await bought(shop, anna, "4932")
    assert await hears(shop, "Say something about submarines", "anna") == "4932"


async def test_the_day_of_an_order_is_the_same_anywhere(shop: Shop) -> None:
    shop.desk.hours = WorkingHours.parse(None, "Pacific/Auckland")
    anna = await knows(shop, "anna", "Anna")
    await bought(shop, anna, "4932")
    facts = await shop.run(lambda unit: _facts(shop, unit, "anna"))
    assert facts["order_date"] == "16 November"


@pytest.mark.parametrize(
    ("name", "language", "first"),
    [
        ("Anna Berg", "en", "Anna"),
        ("Berg, Anna", "en", "Anna"),
        ("Dr. Anna Berg", "zh-Hans", "Anna"),
        ("🌸 Anna 🌸", "en", "Anna"),
        ("Jean-Luc Picard", "en", "Jean-Luc"),
        ("陈伟", "zh-Hans", "陈伟"),
        ("陈伟", "en", "陈伟"),
        ("林 美", "zh-Hant", "林美"),
        ("陈美 Mei Chen", "zh-Hans", "陈美"),
        ("陈美 Mei Chen", "en", "Mei"),
        ("Amy 陳", "zh-Hant", "Amy"),
        ("J. Smith", "en", None),
        ("Mr. Wang", "en", None),
        ("🎉", "en", None),
        ("小美🌸", "zh-Hans", "小美"),
        ("[click](https://evil.example) Mal", "en", None),
        ("evil.example", "en", None),
        ("42", "en", None),
        ("", "en", None),
    ],
)
def test_first_names(name: str, language: str, first: str | None) -> None:
    assert first_name(name, language) == first


@pytest.mark.parametrize(
    ("attributes", "language", "told"),
    [
        ({"status": "paid"}, "en", "paid"),
        ({"Status": "Canceled"}, "zh-Hans", "已取消"),
        ({"ORDER_STATUS": "in_transit"}, "zh-Hant", "已出貨"),
        ({"订单状态": "已签收"}, "en", "delivered"),
        ({"狀態": "已出貨"}, "zh-Hans", "已发货"),
        ({"status": "at the roastery"}, "zh-Hans", "at the roastery"),
        ({"status": ""}, "en", None),
        ({"status": None}, "en", None),
        ({"state": "shipped"}, "en", None),
        ({}, "en", None),
        (None, "en", None),
    ],
)
def test_states_of_an_order(attributes: dict[str, Any] | None, language: str, told: str | None) -> None:
    assert order_status(Texts.load(), Order(attributes=attributes), language) == told


# Variants


@pytest.mark.parametrize(
    ("variant", "fits", "fits_not"),
    [
        (Variant({}, tiers=("vip", "major")), {"tier": "major"}, {"tier": "small"}),
        (Variant({}, stages=("loyalty",)), {"stage": "loyalty"}, {"stage": "use"}),
        (Variant({}, stages=("at-risk",)), {"stage": "use", "at_risk": True}, {"stage": "churn"}),
        (
            Variant({}, tiers=("vip",), stages=("use",)),
            {"tier": "vip", "stage": "use", "at_risk": True},
            {"tier": "vip", "stage": "loyalty"},
        ),
    ],
)
def test_whom_a_variant_fits(variant: Variant, fits: dict[str, Any], fits_not: dict[str, Any]) -> None:
    assert variant_for((variant,), score(1, **fits)) is variant
    assert variant_for((variant,), score(1, **fits_not)) is None
    assert variant_for((variant,), None) is None


def test_the_first_that_fits_is_told() -> None:
    narrow, wide = Variant({}, tiers=("vip",)), Variant({})
    assert variant_for((narrow, wide), score(1, tier="vip")) is narrow
    assert variant_for((narrow, wide), score(1, tier="small")) is wide
    assert variant_for((narrow, wide), None) is wide
    assert variant_for((), score(1)) is None


@pytest.mark.parametrize(
    ("plain", "variant", "language", "told"),
    [
        ({"en": "a", "zh-Hans": "甲"}, {"en": "b"}, "en", ("b", "en")),
        ({"en": "a", "zh-Hans": "甲"}, {"en": "b"}, "zh-Hans", ("甲", "zh-Hans")),
        ({"en": "a", "zh-Hans": "两年"}, {"en": "b"}, "zh-Hant", ("兩年", "zh-Hant")),
        ({"en": "a", "zh-Hant": "兩年"}, {"zh-Hans": "三个月"}, "zh-Hant", ("三個月", "zh-Hant")),
        ({"en": "a"}, {"zh-Hans": "乙"}, "en", ("a", "en")),
        ({"en": "a"}, {"en": "b"}, "zh-Hans", ("b", "en")),
        ({"zh-Hans": "甲"}, {"en": "b"}, "fr", ("b", "en")),
        ({}, {"zh-Hans": "乙"}, "en", ("乙", "zh-Hans")),
    ],
)
def test_the_language_counts_more_than_the_variant(
    plain: dict[str, str], variant: dict[str, str], language: str, told: tuple[str, str]
) -> None:
    assert answer_in(FaqEntry("x", answers=plain), language, variant=Variant(variant)) == told


async def test_a_variant_is_told_to_those_it_is_for(shop: Shop) -> None:
    await knows(shop, "val", "Val Kay", tier="vip")
    await knows(shop, "sam", "Sam Oak", tier="small")
    assert (await hears(shop, "How long is the warranty?", "val")).startswith("Three years, Val.")
    assert await hears(shop, "How long is the warranty?", "sam") == "Two years."
    assert await hears(shop, "How long is the warranty?", "bob") == "Two years."
    assert (await hears(shop, "保固多久？", "val")) in {"两年。", "兩年。"}  # never the English of the variant


# Writing and asking


async def test_ask_tells_what_a_stranger_would_read(shop: Shop) -> None:
    settings = Settings.model_validate({"shop_name": "Kaffa"})
    found = await answer(settings, shop.store, "Where is my parcel?")
    assert found["answer"] == "Hello there. Order of yours of late: unknown to me."
    assert (await answer(settings, shop.store, "How long is the warranty?"))["answer"] == "Two years."


@pytest.mark.parametrize("language", ["en", "zh-Hans", "zh-Hant"])
@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Hi {first_name}", "{first_name|…}"),
        ("Hi {nome|x}", "order_product"),
        ("Hi {{first_name|x}}", "{first_name|…}"),
        ("Hi {first_name|x", "{{"),
        ("{first_name|}", ""),
    ],
)
def test_an_admin_is_told_what_to_mend(language: str, text: str, shown: str) -> None:
    with pytest.raises(BrokenPlaceholderError, match="placeholder is broken") as caught:
        answer_of("en", text)
    assert shown in Texts.load().say(language, caught.value.key, **caught.value.params)


@pytest.mark.parametrize(
    ("name", "text", "line", "field"),
    [
        ("faq.yaml", "- id: a\n  questions: {en: Why?}\n  answers:\n    en: Hi {first_name}.\n", 4, "answers.en"),
        ("faq.csv", "id,language,question,answer\na,en,Why?,Hi {first_name}.\n", 2, "answer"),
    ],
)
def test_a_file_with_a_broken_placeholder_is_refused(name: str, text: str, line: int, field: str) -> None:
    with pytest.raises(FaqFileError) as caught:
        parse_faq_file(text.encode(), name)
    (problem,) = caught.value.problems
    assert (problem.line, problem.field) == (line, field)
    assert problem.message == "{first_name} needs a fallback: {first_name|there}"
