"""In which encoding a text file is: by its mark, else UTF-8, else one of the two that Chinese spreadsheets use.

GB18030 can read nearly any bytes, so it must also make sense: most of its Chinese must be everyday characters. Those
are the first levels of GB 2312 (3,755 of them, lead bytes B0 to D7) and of Big5 (5,401, lead bytes A4 to C6).
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from faq.problems import UnreadableError

BLOCK = 1 << 20
"""Bytes looked at together."""
JUDGED = 1 << 18
"""Bytes of lines with more than ASCII that are enough to judge an encoding by."""
EVERYDAY = 0.7
"""The least share of everyday characters among the Chinese; in texts it is above 0.95, in others' bytes below 0.6."""

MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


class Chinese(NamedTuple):
    """An encoding; `first_level` are the lead bytes of everyday characters in the older one that it grew from."""

    encoding: str
    older: str
    first_level: range


CHINESE = (Chinese("gb18030", "gb2312", range(0xB0, 0xD8)), Chinese("big5hkscs", "big5", range(0xA4, 0xC7)))


def encoding_of(path: Path, given: str | None = None) -> str:
    """The name of the file's encoding, by which the whole file can be read.

    Raises UnreadableError with the line that cannot be read, in the `given` encoding or in any of those above.
    """
    encoding = given or _marked(path) or "utf-8"
    if encoding.replace("_", "-").lower() == "utf-8":
        encoding = "utf-8-sig"
    _check_known(encoding)
    broken = _first_broken_line(path, encoding)
    if broken is None:
        return encoding
    line, problem = broken
    chinese = None if given or encoding != "utf-8-sig" else _chinese(path)
    if chinese:
        return chinese
    raise UnreadableError(line, problem)


def _marked(path: Path) -> str | None:
    with path.open("rb") as file:
        head = file.read(4)
    return next((encoding for mark, encoding in MARKS if head.startswith(mark)), None)


def _check_known(encoding: str) -> None:
    try:
        codecs.lookup(encoding)
    except LookupError as error:
        raise UnreadableError(1, f"{encoding!r} is no encoding that is known here") from error


def _first_broken_line(path: Path, encoding: str) -> tuple[int, str] | None:
    """The first line that is not in this encoding, and what is wrong there."""
    line = 1
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for block in _blocks(path):
            text = decoder.decode(block)
            if "\0" in text:
                return line + text.count("\n", 0, text.index("\0")), "a NUL character; is this a text file?"
            line += text.count("\n")
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        read = error.object[: error.start].decode(encoding, "ignore")
        return line + read.count("\n"), f"not {_shown(encoding)}; save the file as UTF-8, or say its --encoding"
    return None


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            yield block


def _shown(encoding: str) -> str:
    return encoding.removesuffix("-sig").upper()


def _chinese(path: Path) -> str | None:
    """The encoding in which the file is all readable and most like a Chinese text; None if it is like none."""
    sample = _sample(path)
    readable = [how for how in CHINESE if _first_broken_line(path, how.encoding) is None]
    share, encoding = max(((_everyday(sample, how), how.encoding) for how in readable), default=(0.0, ""))
    return encoding if share >= EVERYDAY else None


def _sample(path: Path) -> bytes:
    """Lines that are more than ASCII, until there are enough."""
    kept: list[bytes] = []
    size = 0
    with path.open("rb") as file:
        while size < JUDGED and (line := file.readline(BLOCK)):
            if not line.isascii():
                kept.append(line)
                size += len(line)
    return b"".join(kept)


def _everyday(sample: bytes, how: Chinese) -> float:
    """The share of everyday characters among the letters that are not ASCII."""
    letters = [char for char in sample.decode(how.encoding, "ignore") if char.isalpha() and not char.isascii()]
    leads = [char.encode(how.older, "ignore")[:1] for char in letters]
    return sum(bool(lead) and lead[0] in how.first_level for lead in leads) / max(len(leads), 1)
