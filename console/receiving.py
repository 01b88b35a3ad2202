"""A visitor's message on its way in: its file kept first, then one unit of work for all the rest."""

from __future__ import annotations

from dataclasses import dataclass

from console.chat_events import arrival_topic
from console.visitors import Visitor
from console.web import Web
from crm_store.models import Touchpoint
from crm_store.repositories import ledger
from crm_store.unit import Unit
from support.files import Kept, record
from support.people import meet
from support.talk.conversation import hear
from support.talk.inbound import Inbound


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as the browser sent it; its name proves nothing."""

    name: str | None
    data: bytes


@dataclass(frozen=True, slots=True)
class Words:
    """What a visitor sent at once. `client_key` is the page's own and makes a repeated post harmless; `start` is the
    code of the referral link that they came by.
    """

    text: str
    client_key: str
    upload: Upload | None = None
    start: str = ""


async def receive(web: Web, visitor: Visitor, words: Words) -> Touchpoint:
    """Records and answers it; bytes that no row tells of in the end are removed again."""
    kept = await web.files.keep(words.upload.data) if words.upload else None
    told = False
    try:
        heard, told = await web.desk.store.run(lambda unit: _hear(web, unit, visitor, words, kept))
    finally:
        if kept and not told:
            await web.files.discard(kept)
    return heard


async def _hear(web: Web, unit: Unit, visitor: Visitor, words: Words, kept: Kept | None) -> tuple[Touchpoint, bool]:
    person = await meet(unit, visitor.sender)
    if known := await ledger.by_client_key(unit, person.contact.id, words.client_key):
        return known, False
    name = words.upload.name if words.upload else None
    attachment = record(unit, person.contact.id, kept, name) if kept else None
    message = Inbound(
        visitor.sender,
        words.text,
        attachment.kind if attachment else "text",
        attachment,
        client_key=words.client_key,
        start=words.start,
    )
    unit.touch(arrival_topic(visitor.address))
    return await hear(web.desk, unit, message), True
