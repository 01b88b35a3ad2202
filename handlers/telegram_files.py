"""Files that come by Telegram: asked for at once, fetched by the sender, kept with ours."""

from __future__ import annotations

from dataclasses import replace

from crm_store.ids import new_id
from crm_store.models import OutboxRow, StoredFile
from crm_store.person import Person
from crm_store.unit import Unit
from support.files import safe_name
from support.talk.inbound import Attachment

FILE_FETCHED = "file_fetched"
LARGEST_DOWNLOAD = 20 * 1024 * 1024
"""Bytes; the Bot API hands out nothing larger."""

NO_CHAT = 0
"""Fetching belongs to no chat: it neither waits for a conversation nor holds one up."""


def keep_telegram_file(unit: Unit, bot_id: int, person: Person, file: Attachment) -> Attachment:
    """The attachment with an id of ours; its bytes follow, unless the file is larger than Telegram hands out."""
    row = unit.add(
        StoredFile(
            id=new_id(),
            contact_point_id=person.contact.id,
            kind=file.kind,
            name=safe_name(file.name),
            mime=file.mime,
            size=file.size,
            telegram_file_id=file.telegram_file_id,
            telegram_unique_id=file.telegram_unique_id,
            created_at=unit.now,
        )
    )
    if (file.size or 0) <= LARGEST_DOWNLOAD:
        unit.add(_fetch(unit, bot_id, row))
        unit.touch("outbox")
    else:
        row.error = "too large to be fetched"
    return replace(file, file_id=row.id, name=row.name)


def _fetch(unit: Unit, bot_id: int, file: StoredFile) -> OutboxRow:
    return OutboxRow(
        id=new_id(),
        bot_id=bot_id,
        chat_id=NO_CHAT,
        method="getFile",
        payload={"file_id": file.telegram_file_id},
        files={"keep": file.id},
        continuation=FILE_FETCHED,
        created_at=unit.now,
    )
