"""Which characters count as Chinese, wherever texts are told apart by script."""

import re

import pytest

from faq.han import HAN


@pytest.mark.parametrize("sign", "〇一龥㐂﨑豈𠮷𪚥")
def test_rare_and_compatible_ideographs_count(sign: str) -> None:
    assert re.fullmatch(f"[{HAN}]", sign)


@pytest.mark.parametrize("sign", "aé7あアー한，。「々")
def test_other_scripts_and_marks_do_not(sign: str) -> None:
    assert not re.search(f"[{HAN}]", sign)
