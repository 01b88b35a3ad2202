"""Commands that a customer may type on any channel."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from support.forms import asking as forms
from support.policy import Reason
from support.talk import inviting, privacy_talk, small_talk, ticket_talk
from support.talk.handover import hand_over_and_tell
from support.talk.turn import Turn

OWN_DATA = ("mydata", "forget")


def is_command(text: str) -> bool:
    return text.startswith("/") and len(text) > 1 and text[1].isalpha()


def is_about_own_data(text: str) -> bool:
    """Whether it is one that works even while a colleague holds the chat."""
    return is_command(text) and _name(text) in OWN_DATA


def _name(text: str) -> str:
    return text[1:].split(maxsplit=1)[0].split("@", 1)[0].lower()


async def run(turn: Turn, text: str) -> None:
    """Runs one; an unknown one is answered with what there is."""
    _, *rest = text[1:].split(maxsplit=1)
    command = _COMMANDS.get(_name(text))
    turn.dialog.stop_waiting()
    if command is not _human:  # who takes over gets what was collected
        forms.put_aside(turn)
    if command:
        await command(turn, "".join(rest))
    else:
        await turn.tell("customer.command.unknown")


async def _start(turn: Turn, _rest: str) -> None:
    turn.dialog.greeted = False
    await small_talk.greet(turn)


async def _help(turn: Turn, _rest: str) -> None:
    await turn.tell("customer.help")


async def _ticket(turn: Turn, subject: str) -> None:
    await (ticket_talk.open_with(turn, subject) if subject else ticket_talk.ask_what(turn))


async def _tickets(turn: Turn, _rest: str) -> None:
    await ticket_talk.show_list(turn)


async def _human(turn: Turn, _rest: str) -> None:
    await hand_over_and_tell(turn, [Reason("asked_human")])


async def _my_data(turn: Turn, _rest: str) -> None:
    await privacy_talk.offer_data(turn)


async def _forget(turn: Turn, _rest: str) -> None:
    await privacy_talk.offer_forgetting(turn)


async def _invite(turn: Turn, _rest: str) -> None:
    await inviting.invite(turn)


_COMMANDS: dict[str, Callable[[Turn, str], Awaitable[None]]] = {
    "start": _start,
    "help": _help,
    "ticket": _ticket,
    "tickets": _tickets,
    "human": _human,
    "invite": _invite,
    "mydata": _my_data,
    "forget": _forget,
}
