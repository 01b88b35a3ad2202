"""A photo, document, voice message or video: it goes with a request, or begins one."""

from __future__ import annotations

from crm_store.repositories import tickets
from faq.normalise import normalise
from support.forms import talk as form_talk
from support.talk import ticket_talk
from support.talk.turn import Turn
from support.tickets import add_to

KINDS = ("photo", "document", "voice", "video")


async def take(turn: Turn, caption: str) -> None:
    """Where the file goes is told; words with it count as words."""
    if _of_album(turn):
        await _take_rest_of_album(turn, caption)
    elif await form_talk.take_file(turn, caption):
        return
    elif turn.dialog.awaiting == "ticket_addition":
        await ticket_talk.add(turn)
    elif turn.person.escalation:
        await turn.tell("customer.media.received")
    elif normalise(caption):
        await ticket_talk.open_with(turn, caption)
    else:
        await ticket_talk.keep_file(turn)


def _of_album(turn: Turn) -> bool:
    """Whether this belongs to an album that was answered already; one that was not is remembered."""
    album = (turn.heard.payload or {}).get("album")
    known, turn.dialog.album = turn.dialog.album, album
    return album is not None and album == known


async def _take_rest_of_album(turn: Turn, caption: str) -> None:
    """The other photos of an album go where the first went, without a word; the caption may be on any of them."""
    if turn.dialog.awaiting == "ticket_subject" and normalise(caption):
        await ticket_talk.open_with(turn, caption)
    elif turn.dialog.awaiting == "ticket_subject":
        turn.dialog.draft.append(turn.heard.id)
    elif turn.dialog.form:
        turn.dialog.form.files.append(turn.heard.id)
    elif ticket := await tickets.unfinished(turn.unit, turn.person.customer.id):
        add_to(turn.unit, ticket, turn.heard.id)
