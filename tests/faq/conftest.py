"""The sample shop's FAQ, which is a good test of everything that reads one."""

from pathlib import Path

import pytest

import bot
from faq.entry import FaqEntry
from faq.files import read_faq
from faq.matcher import Matcher

SAMPLE = Path(bot.__file__).parent / "sample"


@pytest.fixture(scope="session")
def shop_faq() -> list[FaqEntry]:
    return read_faq(SAMPLE / "faq.yaml")


@pytest.fixture(scope="session")
def shop_matcher(shop_faq: list[FaqEntry]) -> Matcher:
    return Matcher.build(shop_faq)
