"""A customer asks for the link by which friends may come."""

from __future__ import annotations

from support.judging.referrals import own_invitation
from support.talk.turn import Turn


async def invite(turn: Turn) -> None:
    """One link for each place where the shop can be met; where there is none yet, a plain word on it."""
    links = own_invitation(turn.desk, turn.person).links
    if links:
        await turn.tell("customer.invite", links="\n".join(links))
    else:
        await turn.tell("customer.invite.none")
