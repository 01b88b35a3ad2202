"""Looking ahead finds for many questions together what each finds by itself."""

from __future__ import annotations

import pytest

from faq.matcher import REMEMBERED, Matcher
from faq.normalise import normalise

ASKED = [
    "Where is my order?",
    "how long does delivery take to spain",
    "is there a gaurantee on the grinder",
    "退货需要多久",
    "what is the capital of France",
    "grinder",
]


@pytest.mark.parametrize("name", ["shop", "large"])
def test_the_same_is_found_together_and_one_by_one(name: str, request: pytest.FixtureRequest) -> None:
    matcher: Matcher = request.getfixturevalue(f"{name}_matcher")
    alone = {}
    for text in ASKED:
        matcher._remembered.clear()
        alone[text] = matcher.match(text)
    matcher._remembered.clear()
    matcher.look_ahead([*ASKED, "", "?!"])
    assert set(matcher._remembered) == {normalise(text) for text in ASKED}
    for text in ASKED:
        together = matcher.match(text)
        assert [match.entry_id for match in together] == [match.entry_id for match in alone[text]]
        assert [match.confidence for match in together] == pytest.approx(
            [match.confidence for match in alone[text]], abs=1e-4
        )


def test_what_was_looked_ahead_for_is_not_looked_for_again(
    shop_matcher: Matcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop_matcher.look_ahead(ASKED)
    monkeypatch.setattr("faq.index.Index._head", None)
    assert all(shop_matcher.match(text) for text in ASKED[:3])
    shop_matcher.look_ahead(ASKED)


def test_an_faq_without_phrasings_has_nothing_ahead() -> None:
    nothing = Matcher.build(())
    nothing.look_ahead(ASKED)
    assert nothing.match(ASKED[0]) == []


def test_what_is_remembered_is_bounded(shop_matcher: Matcher) -> None:
    for number in range(REMEMBERED + 5):
        shop_matcher._remember({f"asked {number}": []})
    assert len(shop_matcher._remembered) <= REMEMBERED
    shop_matcher._remembered.clear()
