"""What people type finds what people wrote: scripts, widths, plurals, order numbers, single characters."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_store.ids import IdMaker, made_at_ms
from crm_store.search_places import EPOCH, LAST_PLACE, another_place, first_place, place_of
from crm_store.search_terms import MOST_PHRASES, Phrase, phrases, tag, terms

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def finds(query: str, text: str) -> bool:
    """What a database does with the terms."""
    found = terms(text)
    return bool(phrases(query)) and all(_holds(found, phrase) for phrase in phrases(query))


def _holds(found: list[str], phrase: Phrase) -> bool:
    return any(_begins(found[at:], phrase) for at in range(len(found)))


def _begins(found: list[str], phrase: Phrase) -> bool:
    *first, last = phrase.terms
    here = found[: len(phrase.terms)]
    if len(here) < len(phrase.terms) or here[:-1] != first:
        return False
    return here[-1].startswith(last) if phrase.open_end else here[-1] == last


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("咖啡机", "我的咖啡機壞了"),
        ("咖啡機", "我的咖啡机坏了"),
        ("机", "咖啡机坏了"),
        ("了", "坏了"),
        ("款", "退款，谢谢"),
        ("退款 谢谢", "谢谢，可以退款吗"),
        ("订单KF1043", "订单 KF1043 还没到"),
        ("KF-1043", "order kf-1043"),
        ("1043", "Order #1043 please"),
        ("3月", "3月5日前送到"),
        ("3月5", "3月5日前送到"),
        ("ＲＥＦＵＮＤ", "refund please"),
        ("orders", "my order"),
        ("battery", "new batteries"),
        ("don't", "I don’t know"),
        ("grinder", "the grin\u200bder"),
        ('"not working"', "it is not working at all"),
        ("working not", "it is not working at all"),
        ("ひらがな", "これはひらがなです"),
    ],
)
def test_what_is_meant_is_found(query: str, text: str) -> None:
    assert finds(query, text)


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("啡坏", "咖啡机坏了"),
        ("咖啡坏了", "咖啡机坏了"),
        ("1043", "order 10437"),
        ("kf1043", "kf 1043"),
        ('"working not"', "it is not working"),
        ("机器", "机"),
        ("“运费 多少”", "运费多少？"),
        ("!!!", "anything!!!"),
        ("", "anything"),
        ("§kind·text", "text"),
    ],
)
def test_what_is_not_meant_is_not_found(query: str, text: str) -> None:
    assert not finds(query, text)


@given(st.text(alphabet="咖啡機机壞坏退款 aA1,。\u200b\"'é", max_size=30))
def test_every_text_finds_itself_and_never_breaks_a_database_language(text: str) -> None:
    found = terms(text)
    assert not any(set(term) & set("\"'\\ ()*:&|!<>") for term in found)
    plain = text.replace('"', " ")
    assert finds(plain, plain) == bool(found)


@given(st.text())
def test_no_text_is_too_strange(text: str) -> None:
    for phrase in phrases(text):
        assert all(phrase.terms)
    assert all(terms(text))


def test_a_query_is_bounded() -> None:
    assert len(phrases(" ".join(f"word{n}" for n in range(100)))) == MOST_PHRASES
    assert len(phrases("咖" * 10_000)[0].terms) < 200


def test_no_words_are_a_tag() -> None:
    assert tag("kind", "not_needed") not in terms("§kind·not·needed kind not_needed")
    assert tag("kind", "Phone call") == tag("kind", "phone call")
    assert tag("contact", 7) != tag("contact", 77)


def test_places_are_in_the_order_of_time_and_within_a_moment_of_making() -> None:
    make = IdMaker(process=3)
    ids = [make() for _ in range(900)]
    assert [place_of(NOON, i) for i in ids] == sorted({place_of(NOON, i) for i in ids})
    later, earlier = place_of(NOON + timedelta(milliseconds=1), ids[0]), place_of(NOON, ids[-1])
    assert earlier < first_place(NOON + timedelta(milliseconds=1)) <= later


def test_a_place_stays_in_its_moment_and_among_64_bits() -> None:
    touchpoint_id = IdMaker()()
    for at in (EPOCH - timedelta(days=9), EPOCH, NOON, datetime(9999, 12, 31, tzinfo=UTC)):
        place = place_of(at, touchpoint_id)
        assert 0 <= first_place(at) <= place <= LAST_PLACE
        assert first_place(at) <= another_place(place) <= first_place(at) + 2**21


def test_an_id_tells_when_it_was_made() -> None:
    made = datetime.fromtimestamp(made_at_ms(IdMaker()()) / 1000, UTC)
    assert abs(datetime.now(UTC) - made) < timedelta(seconds=5)
