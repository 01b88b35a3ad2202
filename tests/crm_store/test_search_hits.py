"""What was found is shown where it stands in the words as they were written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_store.search_hits import EXCERPT_LENGTH, excerpt, hits
from crm_store.search_terms import LONGEST_TEXT, phrases


def marked(text: str, query: str) -> str:
    return "".join(f"[{part}]" if is_hit else part for part, is_hit in excerpt(text, phrases(query)).parts)


@pytest.mark.parametrize(
    ("text", "query", "shown"),
    [
        ("我的咖啡機壞了", "咖啡机", "我的[咖啡機]壞了"),
        ("我的咖啡機壞了", "机", "我的咖啡[機]壞了"),
        ("My ORDERS, my order", "order", "My [ORDERS], my [order]"),
        ("Straße und STRASSE", "strasse", "[Straße] und [STRASSE]"),
        ("ＫＦ－１０４３ please", "kf-1043", "[ＫＦ－１０４３] please"),
        ("cafe\u0301 latte", "café", "[cafe\u0301] latte"),
        ("don’t know", "dont", "[don’t] know"),
        ("订单 KF1043 到了", "订单KF1043", "[订单 KF1043] 到了"),
        ("3月5日前", "3月", "[3月]5日前"),
        ("咖啡咖啡机", "咖啡机", "咖啡[咖啡机]"),
        ("one\ntwo\tthree", "two", "one [two] three"),
        ("nothing here", "something", "nothing here"),
        ("refund refund", "", "refund refund"),
    ],
)
def test_a_hit_is_marked_in_the_writers_own_letters(text: str, query: str, shown: str) -> None:
    assert marked(text, query) == shown


def test_hits_that_touch_are_one() -> None:
    assert marked("退款退款", "退款") == "[退款退款]"


def test_a_long_text_is_cut_around_its_first_hit() -> None:
    text = "x " * 300 + "the refund was paid " + "y " * 300
    line = excerpt(text, phrases("refund"))
    assert line.text.startswith("…")
    assert line.text.endswith("…")
    assert len(line.text) <= EXCERPT_LENGTH + 2
    assert [line.text[hit.start : hit.end] for hit in line.hits] == ["refund"]
    assert excerpt(text, ()).text == text[:EXCERPT_LENGTH] + "…"


@pytest.mark.parametrize("at", [0, 300, 430, 900, 998, 1_900, 3_990, 15_900])
@pytest.mark.parametrize("filling", ["x ", "啡"])
def test_the_first_hit_is_found_however_far_behind(at: int, filling: str) -> None:
    """Also where what is read at first ends in the middle of it; words further on are no hits of it."""
    text = (filling * LONGEST_TEXT)[:at] + " order refunds, order refund " + filling * LONGEST_TEXT
    line = excerpt(text, phrases('"order refund" 机'))
    assert [line.text[hit.start : hit.end] for hit in line.hits] == ["order refunds", "order refund"]
    assert hits(text, phrases("order"))[0].start == at + 1


@given(st.text(max_size=200), st.text(max_size=30))
def test_hits_lie_in_order_within_any_text(text: str, query: str) -> None:
    found = [0, *(place for hit in hits(text, phrases(query)) for place in hit), len(text)]
    assert found == sorted(found)
    line = excerpt(text, phrases(query), longest=40)
    assert "".join(part for part, _ in line.parts) == line.text
    assert all(0 <= hit.start < hit.end <= len(line.text) for hit in line.hits)


@given(st.text(alphabet="咖啡機机 aAé\u0301ß1。\u200b", min_size=1, max_size=20))
def test_a_text_hits_itself(text: str) -> None:
    sought = phrases(text)
    if sought:
        assert hits(text, sought)
