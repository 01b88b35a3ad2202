"""Who holds updates, and what the living do with what one of them held that ended."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import update

from crm_store.models import InboxRow
from crm_store.store import Store


@dataclass
class Holder:
    """What Processor needs of a Member."""

    token: int = 1

    async def ended(self, store: Store) -> None:
        """Others find it dead; it comes to life again as somebody else."""
        held = (InboxRow.state == "waiting", InboxRow.lease == self.token)
        async with store.write() as connection:
            await connection.execute(update(InboxRow).where(*held).values(lease=None, attempts=InboxRow.attempts + 1))
        self.token += 1
