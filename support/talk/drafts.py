"""Photos and files that came before there was a request to put them to."""

from __future__ import annotations

from crm_store.models import Ticket, Touchpoint
from crm_store.repositories import ledger
from support import tickets
from support.talk.turn import Turn


async def hand_in(turn: Turn, ticket: Ticket) -> list[Touchpoint]:
    """Puts the draft to a request, shows it to the colleagues and returns it; there is no draft any more."""
    rows = [row for touchpoint_id in turn.dialog.draft if (row := await ledger.get(turn.unit, touchpoint_id))]
    turn.dialog.draft = []
    for row in rows:
        tickets.add_to(turn.unit, ticket, row.id)
        await turn.desk.room.heard(turn.unit, turn.person, row)
    return rows
