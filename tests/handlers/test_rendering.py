"""Replies as Telegram shows them: entities instead of markup, pieces that fit, buttons that fit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_store.ids import new_id
from crm_store.models import Touchpoint
from handlers.rendering import LONGEST_CAPTION, LONGEST_TEXT, ROW_BUTTONS, ROW_WIDTH, keyboard, parts
from support.talk.reply import Button, Reply
from support.words.blank import is_blank

HOSTILE = (
    "*bold* _it_ `code` [me](tg://user?id=1) <b>b</b> <a href='http://evil'>x</a> ||s|| ~~x~~ # h &lt; {name} "
    "\\*x\\* ![](http://evil/i.png) \u202eright to left"
)


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def cut(text: str, offset: int, length: int) -> str:
    return text.encode("utf-16-le")[2 * offset : 2 * (offset + length)].decode("utf-16-le")


def marked(markdown: str) -> list[tuple[str, str]]:
    """(entity, the words under it) of a short text."""
    ((text, entities),) = parts(Reply(markdown, markdown=True))
    return [(e["type"], cut(text, e["offset"], e["length"])) for e in entities]


def button_rows(*labels: str) -> list[list[str]]:
    touchpoint = Touchpoint(id=new_id())
    markup = keyboard(touchpoint, Reply("?", tuple(Button(label, "x") for label in labels)))
    return [[b["text"] for b in row] for row in (markup or {"inline_keyboard": []})["inline_keyboard"]]


def test_markdown_becomes_entities() -> None:
    assert marked("Every **two** to *three* months, see [the 😀 steps](https://shop.example/x).") == [
        ("bold", "two"),
        ("italic", "three"),
        ("text_link", "the 😀 steps"),
    ]
    assert marked("您可以在 **30 天**内退货") == [("bold", "30 天")]


def test_offsets_count_as_telegram_does() -> None:
    assert marked("😀😀 **fat 👍🏽** end") == [("bold", "fat 👍🏽")]


@pytest.mark.parametrize("target", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "JAVASCRIPT:x"])
def test_a_link_leads_to_the_web_or_nowhere(target: str) -> None:
    assert not [kind for kind, _ in marked(f"[press]({target})") if kind == "text_link"]
    assert marked("[us](tg://resolve?domain=shop)") == [("text_link", "us")]


def test_a_strangers_words_are_never_markup() -> None:
    assert parts(Reply(HOSTILE)) == ((HOSTILE, ()),)


@given(st.text(max_size=200))
def test_plain_words_stay_as_they_are(text: str) -> None:
    found = parts(Reply(text))
    assert [entities for _, entities in found if entities] == []
    assert [piece for piece, _ in found] == ([] if is_blank(text) else [text.strip("\n")])


@pytest.mark.parametrize("limit", [LONGEST_TEXT, LONGEST_CAPTION])
@pytest.mark.parametrize("text", ["x" * 9000, "word " * 2000, "😀" * 5000, "段落很长。\n\n" * 1500, "👨‍👩‍👧‍👦" * 900])
def test_long_words_come_in_pieces_that_fit(text: str, limit: int) -> None:
    pieces = [piece for piece, _ in parts(Reply(text), limit)]
    assert len(pieces) > 1
    assert all(0 < units(piece) <= limit for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split()), "nothing is lost, nothing said twice"


def test_what_fits_exactly_stays_whole() -> None:
    assert len(parts(Reply("x" * LONGEST_TEXT))) == 1
    assert len(parts(Reply("x" * (LONGEST_TEXT + 1)))) == 2


def test_entities_of_a_long_answer_stay_over_their_words() -> None:
    text = "\n\n".join(f"Step {n}: press **button {n:03}** and wait. {'x' * 60}" for n in range(120))
    pieces = parts(Reply(text, markdown=True))
    found = [cut(piece, e["offset"], e["length"]) for piece, entities in pieces for e in entities]
    assert len(pieces) > 1
    assert found == [f"button {n:03}" for n in range(120)]


@pytest.mark.parametrize("text", ["", "   ", "\n\n"])
def test_nothing_is_sent_of_nothing(text: str) -> None:
    assert parts(Reply(text)) == parts(Reply(text, markdown=True)) == ()


def test_short_buttons_share_a_row_and_long_ones_have_their_own() -> None:
    assert button_rows("1", "2", "3", "4", "5") == [["1", "2", "3", "4", "5"]]
    assert button_rows("1", "2", "3", "4", "5", "6") == [["1", "2", "3", "4", "5"], ["6"]]
    assert button_rows("That helped", "Not quite") == [["That helped", "Not quite"]]
    assert button_rows("How often do I descale the machine?", "None of these") == [
        ["How often do I descale the machine?"],
        ["None of these"],
    ]
    assert button_rows("联系同事", "留言给我们", "不用了谢谢") == [["联系同事", "留言给我们"], ["不用了谢谢"]]
    assert button_rows() == []


@given(st.lists(st.text(min_size=1, max_size=60), max_size=12))
def test_every_button_is_there_in_order_and_fits(labels: list[str]) -> None:
    rows = button_rows(*labels)
    assert [label for row in rows for label in row] == labels
    assert all(len(row) <= ROW_BUTTONS for row in rows)
    wide = [sum(2 if ord(c) >= 0x2E80 else 1 for c in "".join(row)) for row in rows if len(row) > 1]
    assert all(width <= ROW_WIDTH for width in wide)


def test_button_data_fits_telegrams_64_bytes_for_every_id() -> None:
    touchpoint = Touchpoint(id=2**63 - 1)
    buttons = tuple(Button(str(n), f"pick:{'x' * 200}") for n in range(100))
    markup = keyboard(touchpoint, Reply("?", buttons))
    assert markup
    data = [b["callback_data"] for row in markup["inline_keyboard"] for b in row]
    assert len(set(data)) == 100
    assert all(len(d.encode()) <= 64 for d in data)
    assert not any("pick" in d for d in data), "what a button does stays with us"
