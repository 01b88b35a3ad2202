"""The sample shop's FAQ, which is a good test of everything that reads one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

import bot
from faq.entry import FaqEntry
from faq.files import read_faq
from faq.matcher import Matcher
from faq.semantic import sentence_encoder

SAMPLE = Path(bot.__file__).parent / "sample"


@pytest.fixture(scope="session")
def shop_faq() -> list[FaqEntry]:
    return read_faq(SAMPLE / "faq.yaml")


@pytest.fixture(scope="session")
def shop_matcher(shop_faq: list[FaqEntry]) -> Matcher:
    return Matcher.build(shop_faq)


@pytest.fixture(scope="session")
def large_faq() -> list[FaqEntry]:
    """Too many phrasings for a head of its own: 700 parts in three wordings."""
    wordings = (
        "part {} of model {} is broken",
        "where can I buy part {} for model {}",
        "part {} is missing",
    )
    return [
        FaqEntry(f"part-{number}", {"en": [wording.format(number, number % 7) for wording in wordings]})
        for number in range(700)
    ]


@pytest.fixture(scope="session")
def large_matcher(large_faq: list[FaqEntry]) -> Matcher:
    return Matcher.build(large_faq)


@pytest.fixture
def with_semantic(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The extra `semantic`, as if the shop had installed it."""
    monkeypatch.setattr("faq.semantic.is_installed", lambda: True)
    sentence_encoder.cache_clear()
    yield
    sentence_encoder.cache_clear()
