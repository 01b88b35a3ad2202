"""Where words of a customer are still found: in any row, or in the bytes of the files."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import text

from crm_store.models import Base
from crm_store.store import Store
from tests.support.canaries import Seeded


async def everything_in(store: Store) -> str:
    """All columns of all rows as text, as the database itself words them."""
    found = []
    async with store.read() as session:
        for table in Base.metadata.sorted_tables:
            found += [str(row) for row in await session.execute(text(f'SELECT * FROM "{table.name}"'))]
    return "\n".join(found)


def bytes_of(store: Store, tmp_path: Path) -> bytes:
    """The database's files and the customers' files, as they lie on the disk."""
    database = Path(store.url.database or "")
    beside = [path for path in database.parent.glob(f"{database.name}*") if path.is_file()]
    assert any(path.name.endswith("-wal") for path in beside)
    kept = [path for path in (tmp_path / "files").rglob("*") if path.is_file()]
    return b"\n".join(path.read_bytes() for path in [*beside, *kept])


def found_in(data: str | bytes, seeded: Seeded) -> set[str]:
    """Places of the words that are there."""
    haystack = data.encode() if isinstance(data, str) else data
    words = seeded.plain | {"the file": seeded.file}
    return {place for place, word in words.items() if word.encode() in haystack}
