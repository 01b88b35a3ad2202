"""Columns, counts and quotations for a terminal, where a Chinese character is as wide as two letters."""

from collections.abc import Sequence
from unicodedata import combining, east_asian_width


def table(rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> list[str]:
    """The rows as lines with aligned columns, two spaces apart; the columns numbered in `right` end at their right."""
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            _cell(cell, width, at in right) for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def count(number: int, one: str, many: str = "") -> str:
    """The number with its noun; the plural adds an s unless it is told."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def quoted(texts: Sequence[str]) -> str:
    return ", ".join(f"“{short(text)}”" for text in texts)


def short(text: str, longest: int = 80) -> str:
    """A stranger's words in one line, without what would move the cursor."""
    plain = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    return plain if len(plain) <= longest else plain[: longest - 1] + "…"


def _cell(text: str, width: int, right: bool) -> str:
    gap = " " * (width - _width(text))
    return gap + text if right else text + gap


def _width(text: str) -> int:
    return sum(0 if combining(sign) else 2 if east_asian_width(sign) in "WF" else 1 for sign in text)
