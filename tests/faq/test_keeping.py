"""A matcher that was kept answers as the one that was trained."""

from hashlib import sha256

import pytest

from faq import keeping
from faq.entry import FaqEntry
from faq.keeping import KeptIndexError, fingerprint, from_bytes, to_bytes
from faq.matcher import Matcher
from faq.semantic import sentence_encoder

QUESTIONS = ("how offen do i descale", "出水怪怪的", "请问可以退货吗", "and to Spain?", "tell me a joke", "", "👍")


def test_it_comes_back_the_same(shop_faq: list[FaqEntry], shop_matcher: Matcher) -> None:
    again = from_bytes(to_bytes(shop_matcher), shop_faq)
    assert again.thresholds == shop_matcher.thresholds
    assert again.calibration == shop_matcher.calibration
    assert [again.match(question) for question in QUESTIONS] == [shop_matcher.match(question) for question in QUESTIONS]


@pytest.mark.parametrize("entries", [[], [FaqEntry("silent")], [FaqEntry("dots", ["…"])], [FaqEntry("one", ["Why?"])]])
def test_the_smallest_faqs_come_back(entries: list[FaqEntry]) -> None:
    matcher = Matcher.build(entries)
    assert from_bytes(to_bytes(matcher), entries).match("Why?") == matcher.match("Why?")


def test_a_large_faq_without_a_head_of_its_own_comes_back(large_faq: list[FaqEntry], large_matcher: Matcher) -> None:
    again = from_bytes(to_bytes(large_matcher), large_faq)
    assert again.index.weights is None
    assert again.match("part 77 of model 3 is broken") == large_matcher.match("part 77 of model 3 is broken")


def test_the_sentences_come_back(shop_faq: list[FaqEntry], with_semantic: None) -> None:
    matcher = Matcher.build(shop_faq[:6])
    again = from_bytes(to_bytes(matcher), shop_faq[:6])
    assert sentence_encoder() is not None
    assert again.match("where has my package gone") == matcher.match("where has my package gone")


def test_every_phrasing_tells_in_the_fingerprint(with_semantic: None) -> None:
    one = fingerprint([FaqEntry("a", {"en": ["Why?"]}, {"en": "So."})])
    assert one == fingerprint([FaqEntry("a", {"en": ["Why?"]}, {"en": "Because."})]), "answers are not matched"
    others = [
        fingerprint([FaqEntry("a", {"en": ["Why", "?"]})]),
        fingerprint([FaqEntry("b", {"en": ["Why?"]})]),
        fingerprint([FaqEntry("a", {"zh-Hans": ["Why?"]})]),
        fingerprint([]),
    ]
    assert len({one, *others}) == 5


def test_the_extra_tells_in_the_fingerprint(monkeypatch: pytest.MonkeyPatch) -> None:
    without = fingerprint([])
    monkeypatch.setattr("faq.semantic.is_installed", lambda: True)
    assert fingerprint([]) != without


@pytest.mark.parametrize("name", ["version", "DATA"])
def test_data_and_libraries_tell_in_the_fingerprint(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = fingerprint([])
    keeping._means.cache_clear()
    monkeypatch.setattr(keeping, name, {"version": lambda _: "9.9", "DATA": ("words/words.npz", "index.py")}[name])
    assert fingerprint([]) != before
    keeping._means.cache_clear()


def test_what_is_damaged_is_refused(shop_faq: list[FaqEntry]) -> None:
    content = to_bytes(Matcher.build(shop_faq[:3]))
    for place in range(0, len(content), len(content) // 50):
        damaged = bytearray(content)
        damaged[place] ^= 1
        with pytest.raises(KeptIndexError, match="damaged"):
            from_bytes(bytes(damaged), shop_faq[:3])
        with pytest.raises(KeptIndexError, match="damaged"):
            from_bytes(content[:place], shop_faq[:3])


def test_what_another_program_wrote_is_refused(shop_faq: list[FaqEntry], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "_space", lambda arrays: arrays["of tomorrow"])
    with pytest.raises(KeptIndexError, match="of tomorrow"):
        from_bytes(to_bytes(Matcher.build(shop_faq[:3])), shop_faq[:3])
    junk = b"junk"
    with pytest.raises(KeptIndexError, match="another program"):
        from_bytes(sha256(junk).digest() + junk, shop_faq[:3])


def test_other_phrasings_are_refused(shop_faq: list[FaqEntry]) -> None:
    content = to_bytes(Matcher.build(shop_faq[:3]))
    for others in (shop_faq[:2], shop_faq[:4], shop_faq[1:4], []):
        with pytest.raises(KeptIndexError, match="phrasings"):
            from_bytes(content, others)
