"""Words that nobody has chosen, such as an error's, as any database keeps them."""

from __future__ import annotations


def storable(words: str) -> str:
    """PostgreSQL takes no NUL, and no database half of a surrogate pair."""
    return words.encode("utf-8", "replace").decode().replace("\0", "?")
