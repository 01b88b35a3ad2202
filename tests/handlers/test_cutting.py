"""Long words in pieces: nothing lost, no sign and no entity torn."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from handlers.cutting import units
from handlers.rendering import parts
from support.talk.reply import Reply

WHOLE = ("e\u0301", "👍🏽", "👨\u200d👩\u200d👧\u200d👦", "🇹🇼", "🇩🇪", "각", "🏴\U000e0067\U000e0062\U000e007f")
"""What a person sees as one sign, although it is several characters."""


@given(st.lists(st.sampled_from([*WHOLE, "a", "咖", " ", "\n"]), min_size=1, max_size=80), st.integers(20, 60))
def test_a_cut_lies_between_signs(signs: list[str], limit: int) -> None:
    text = "".join(signs)
    pieces = [piece for piece, _ in parts(Reply(text), limit)]
    assert all(0 < units(piece) <= limit for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())
    for sign in WHOLE:
        assert sum(piece.count(sign) for piece in pieces) == text.count(sign)


@given(
    st.lists(st.text("ab咖😀", min_size=1, max_size=12), min_size=1, max_size=12),
    st.lists(st.sampled_from([" ", " and then ", "\n", "\n\n", "\n\n\n"]), min_size=12, max_size=12),
    st.integers(12, 60),
)
def test_entities_stay_over_their_words(words: list[str], gaps: list[str], limit: int) -> None:
    """One that reaches over a cut goes on in the next piece; whatever is cut off between pieces, none is moved."""
    text = "".join(f"**{word}**{gap}" for word, gap in zip(words, gaps, strict=False))
    marked = []
    for piece, entities in parts(Reply(text, markdown=True), limit):
        raw = piece.encode("utf-16-le")
        for entity in entities:
            first, last = entity["offset"], entity["offset"] + entity["length"]
            assert 0 <= first < last <= len(raw) // 2
            marked.append(raw[2 * first : 2 * last].decode("utf-16-le"))
    assert "".join(marked) == "".join(words)


def test_words_are_whole_where_they_can_be() -> None:
    pieces = [piece for piece, _ in parts(Reply("word " * 30), 42)]
    assert {word for piece in pieces for word in piece.split()} == {"word"}
    assert len(pieces) == 4


def test_a_sign_longer_than_a_message_is_cut_somewhere() -> None:
    pieces = [piece for piece, _ in parts(Reply("a" + "\u0301" * 100), 20)]
    assert "".join(pieces) == "a" + "\u0301" * 100
