"""Commands that a customer may type on any channel."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from support.forms import asking as forms
from support.policy import Reason
from support.talk import small_talk, ticket_talk
from support.talk.handover import hand_over_and_tell
from support.talk.turn import Turn


def is_command(text: str) -> bool:
    return text.startswith("/") and len(text) > 1 and text[1].isalpha()


async def run(turn: Turn, text: str) -> None:
    """Runs one; an unknown one is answered with what there is."""
    word, *rest = text[1:].split(maxsplit=1)
    command = _COMMANDS.get(word.split("@", 1)[0].lower())
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


_COMMANDS: dict[str, Callable[[Turn, str], Awaitable[None]]] = {
    "start": _start,
    "help": _help,
    "ticket": _ticket,
    "tickets": _tickets,
    "human": _human,
}
