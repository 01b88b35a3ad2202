"""What customers asked for in the chat: the timetable makes copies and erases, off the path of messages."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.ids import new_id
from crm_store.models import ContactPoint, OutboxRow, Schedule, StoredFile
from crm_store.privacy.finding import COPY as COPY_FILE
from crm_store.privacy.traces import BusyLogError, rewrite
from crm_store.repositories import files as file_rows
from crm_store.repositories import people, schedule
from crm_store.unit import Unit
from crm_store.vault import WrongSecretError
from support.audit import audit
from support.customers.copying import CopyMade, copy_bytes
from support.customers.erasing import AFTERWARDS, erase_behind, forget, sweep
from support.customers.errors import ErasedCustomerError, OwnerChangedError, UnknownCustomerError
from support.desk import Desk
from support.files import FileStore, Kept
from support.nights import next_night
from support.talk.inbound import Attachment
from support.talk.reply import Reply
from support.talk.turn import say

log = structlog.get_logger()

COPY, COPY_GONE = "copy_data", "copy_gone"
FORGET, FORGET_ASKED = "forget", "forget_asked"
REWRITE = "rewrite_store"

FORGET_SECONDS = 10
"""How often it is looked whether somebody asked; the chat promises a minute."""

READING_TIME = timedelta(seconds=10)
"""A page that shows the last words needs a moment to fetch them."""

PATIENCE = timedelta(minutes=15)
"""So long an erasure waits for the last words to arrive; whoever blocked the bot is erased all the same."""

PUT_OFF = timedelta(hours=1)
"""So long nobody tries again who could not be erased: it takes somebody who reads the log."""

COPY_KEPT = timedelta(days=1)
LARGEST_COPY = 20 * 1024 * 1024
"""Bytes of files in a copy that is sent in a chat: sent in one go, and Telegram takes no more than 50 MB from a bot."""

Job = Callable[[Unit, dict[str, Any]], Awaitable[None]]


async def plan(unit: Unit) -> None:
    """Puts the recurring look at what was asked on the timetable; doing it again changes nothing."""
    await schedule.ask_for(unit, FORGET, FORGET, unit.now, every_seconds=FORGET_SECONDS)


class OwnData:
    """The jobs, over a desk and the folder of files. None of them leaves anything to the unit of the timetable."""

    def __init__(self, desk: Desk, files: FileStore) -> None:
        self._desk, self._files = desk, files
        self.jobs: Mapping[str, Job] = {
            COPY: self.copy,
            COPY_GONE: self.copy_gone,
            FORGET: self.forget_asked,
            AFTERWARDS: self.afterwards,
            file_rows.DISCARD: self.discard,
            REWRITE: self.rewrite,
        }

    async def copy(self, _unit: Unit, payload: dict[str, Any]) -> None:
        """Makes a copy for whoever has the chat by now and sends it there, without what is for agents to read.

        It is kept for a day. Raises OwnerChangedError: then it must be made anew.
        """
        store, contact = self._desk.store, int(payload["contact"])
        async with store.read() as session:
            customer = await people.owner(session, contact)
        if customer is None:
            return
        try:
            data, made = await copy_bytes(store, self._files, customer, LARGEST_COPY)
        except (UnknownCustomerError, ErasedCustomerError):
            return
        kept = await self._files.place_for(data)
        gone, is_told = await store.run(partial(_announce, contact, kept)), False
        try:
            await self._files.write(kept, data)
            is_told = await store.run(partial(self._send_copy, contact, customer, int(gone["file"]), made))
        finally:
            if not is_told:
                await store.run(partial(self.copy_gone, payload=gone))

    async def _send_copy(self, contact_id: int, customer_id: int, file_id: int, made: CopyMade, unit: Unit) -> bool:
        """False for somebody who was erased in the meantime. Raises OwnerChangedError."""
        person, row = await people.by_contact(unit, contact_id), await file_rows.get(unit, file_id)
        if person is None or person.customer.erased_at or row is None:
            return False
        if person.customer.id != customer_id:
            raise OwnerChangedError(contact_id)
        language = person.conversation.language if person.conversation else person.customer.language
        key = "customer.privacy.copy_partly" if made.missing else "customer.privacy.copy"
        text = self._desk.texts.say(language or self._desk.default_language, key)
        attachment = Attachment("document", row.name, row.mime, row.size, file_id=row.id)
        await say(self._desk, unit, person, Reply(text, kind="document", attachment=attachment))
        audit(unit, "customer.copied", "customer", person.customer.id)
        return True

    async def copy_gone(self, unit: Unit, payload: dict[str, Any]) -> None:
        """A copy was there for long enough, or cannot be sent."""
        await self._files.remove(payload["paths"])
        row = await file_rows.get(unit, int(payload["file"]))
        if row:
            await unit.session.delete(row)

    async def forget_asked(self, _unit: Unit, _payload: dict[str, Any]) -> None:
        """Erases all who asked for it and have read the answer."""
        store = self._desk.store
        async with store.read() as session:
            asked = await schedule.due(session, store.clock(), [FORGET_ASKED])
            ready = [row for row in asked if await _is_ready(session, row, store.clock())]
        for row in ready:
            await self._erase(row)
        if ready:
            await self._let_go()

    async def _erase(self, row: Schedule) -> None:
        """One who cannot be erased now is put off, and holds up nobody."""

        async def done(unit: Unit) -> None:
            await schedule.remove(unit, row.id, row.next_run_at)

        async def put_off(unit: Unit) -> None:
            await schedule.change(unit, row.id, row.next_run_at, {"next_run_at": unit.now + PUT_OFF})

        contact = int(row.payload["contact"])
        try:
            await erase_behind(self._desk, self._files, contact, also=done)
        except (UnknownCustomerError, ErasedCustomerError):
            await self._desk.store.run(done)
        except WrongSecretError as error:
            log.error("customer.not_erased", contact=contact, problem=str(error))
            await self._desk.store.run(put_off)
        except OSError as error:  # of their files; the rows are gone, and the sweep tries again
            log.error("customer.files_left", contact=contact, problem=type(error).__name__)

    async def _let_go(self) -> None:
        try:
            await forget(self._desk)
        except BusyLogError as error:  # the sweep does it too
            log.warning("customer.log_not_cut", problem=str(error))

    async def afterwards(self, _unit: Unit, payload: dict[str, Any]) -> None:
        """Two minutes after an erasure; what blocks all writing on SQLite waits for the night."""
        await sweep(self._desk, self._files, payload)
        if self._desk.store.is_sqlite:
            at = next_night(self._desk.store.clock(), self._desk.timezone)
            await self._desk.store.run(lambda unit: schedule.ask_for(unit, REWRITE, REWRITE, at))
        else:
            await rewrite(self._desk.store)

    async def discard(self, _unit: Unit, payload: dict[str, Any]) -> None:
        await self._files.remove(payload["paths"])

    async def rewrite(self, _unit: Unit, _payload: dict[str, Any]) -> None:
        await forget(self._desk, thoroughly=True)


async def _announce(contact_id: int, kept: Kept, unit: Unit) -> dict[str, Any]:
    """Names a copy before its bytes are written: whatever happens then, an erasure finds them, and so does COPY_GONE,
    whose payload this returns.
    """
    row = unit.add(_copy_row(unit, contact_id, kept))
    gone = {"file": str(row.id), "paths": [row.path]}
    await schedule.ask_for(unit, f"{COPY_GONE}:{row.id}", COPY_GONE, unit.now + COPY_KEPT, gone)
    return gone


def _copy_row(unit: Unit, contact_id: int, kept: Kept) -> StoredFile:
    return StoredFile(
        id=new_id(),
        contact_point_id=contact_id,
        kind=COPY_FILE,
        name=f"my-data-{unit.now.date().isoformat()}.zip",
        mime=kept.type.mime,
        size=kept.size,
        sha256=kept.sha256,
        path=kept.path,
        created_at=unit.now,
    )


async def _is_ready(session: AsyncSession, row: Schedule, now: datetime) -> bool:
    """Whether nothing is on its way to them any more, or was for too long."""
    if now - row.next_run_at > PATIENCE:
        return True
    contact = int(row.payload["contact"])
    chat = select(ContactPoint.chat_id).where(ContactPoint.id == contact).scalar_subquery()
    on_the_way = select(OutboxRow.id).where(OutboxRow.chat_id == chat, OutboxRow.state.in_(("waiting", "sending")))
    copying = await schedule.is_asked_for(session, f"{COPY}:{contact}")
    return not (copying or await session.scalar(on_the_way.limit(1)))
