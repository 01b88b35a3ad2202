"""A copy of what is kept of a customer: JSON in a ZIP, with their files beside it.

The shop's copy is complete. The one that is sent in the chat leaves out what is for agents to read, says so, and says
what that is.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, BinaryIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

from crm_store.privacy.copying import FileRow, read_files, read_rows
from crm_store.privacy.register import HOLDINGS, WITHOUT
from crm_store.privacy.whose import whose
from crm_store.repositories.merges import living
from crm_store.store import Store
from support.customers.errors import ErasedCustomerError, UnknownCustomerError
from support.customers.finding import erased_at
from support.files import FileStore, safe_name

DATA = "data.json"
FORMAT = 1
MOST_OF_ALL = 2**63


@dataclass(slots=True)
class CopyMade:
    """What a copy holds: rows by table, how many files, and the names of those that are not in it."""

    rows: dict[str, int]
    files: int = 0
    missing: list[str] = field(default_factory=list)


async def write_copy(
    store: Store,
    files: FileStore,
    customer_id: int,
    out: BinaryIO,
    *,
    most_bytes: int = MOST_OF_ALL,
    internal: bool = True,
) -> CopyMade:
    """Writes the ZIP: `data.json`, and files under files/ as long as there are no more than `most_bytes` of them.

    `internal` rows are for agents to read (crm_store.privacy.register).

    Any record of the customer will do, also one that became part of another. Raises UnknownCustomerError and
    ErasedCustomerError.
    """
    async with store.read() as session:
        customer = await living(session, customer_id)
        if customer is None:
            raise UnknownCustomerError(customer_id)
        if await erased_at(session, customer):
            raise ErasedCustomerError(customer)
        of_whom = await whose(session, customer)
        rows = await read_rows(session, of_whom, internal=internal)
        stored = await read_files(session, of_whom, internal=internal)
    made = CopyMade({name: len(found) for name, found in rows.items()})
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        inside = await _add_files(archive, files, stored, most_bytes, made)
        document = {"about": _about(store, customer, internal), **rows, "files": inside}
        text = await asyncio.to_thread(json.dumps, document, ensure_ascii=False, indent=1)
        await asyncio.to_thread(archive.writestr, DATA, text)
    return made


async def copy_bytes(store: Store, files: FileStore, customer_id: int, most_bytes: int) -> tuple[bytes, CopyMade]:
    """In memory, for the customer's own chat: without what is internal."""
    out = BytesIO()
    made = await write_copy(store, files, customer_id, out, most_bytes=most_bytes, internal=False)
    return out.getvalue(), made


def _about(store: Store, customer_id: int, internal: bool) -> dict[str, Any]:
    """What the copy is, and what is deliberately not in it."""
    for_agents = {} if internal else {h.name: h.internal.what for h in HOLDINGS if h.internal}
    return {
        "format": FORMAT,
        "customer": customer_id,
        "made_at": store.clock().isoformat(),
        "left_out": {
            "tables": {h.name: h.not_copied for h in HOLDINGS if h.not_copied},
            "columns": {f"{h.name}.{column}": why for h in HOLDINGS for column, why in h.hidden.items()},
            "nothing_of_customers": dict(WITHOUT),
            "in_the_complete_copy_which_the_shop_makes": for_agents,
        },
    }


async def _add_files(
    archive: ZipFile, files: FileStore, stored: Iterable[FileRow], most_bytes: int, made: CopyMade
) -> dict[str, str | None]:
    """Puts the bytes in; returns the name of each in the archive, None where it is not there."""
    names: dict[str, str | None] = {}
    room = most_bytes
    for row in stored:
        found = await files.find(row.path) if row.path else None
        size = found[0].stat().st_size if found else 0
        name = f"files/{row.id}-{safe_name(row.name) or row.kind}" if found and size <= room else None
        names[str(row.id)] = name
        if found and name:
            await asyncio.to_thread(archive.write, found[0], name, ZIP_STORED)
            made.files, room = made.files + 1, room - size
        else:
            made.missing.append(row.name or row.kind)
    return names
