"""A customer asks for the link by which friends may come."""

from __future__ import annotations

from support.judging.referrals import Invitation, own_invitation
from support.talk.turn import Turn


async def invite(turn: Turn) -> None:
    """One link for each place where the shop can be met; where there is none yet, a plain word on it."""
    invitation = own_invitation(turn.desk, turn.person)
    if invitation.links:
        await turn.tell("customer.invite", links="\n".join(_lines(turn, invitation)))
    else:
        await turn.tell("customer.invite.none")


def _lines(turn: Turn, invitation: Invitation) -> tuple[str, ...]:
    """Several say where each of them leads."""
    if not (invitation.telegram and invitation.web):
        return invitation.links
    telegram, web = turn.text("customer.invite.telegram"), turn.text("customer.invite.web")
    return (
        turn.text("customer.invite.link", where=telegram, link=invitation.telegram),
        turn.text("customer.invite.link", where=web, link=invitation.web),
    )
