"""The buttons that we offered: which one somebody means, by pressing it or by typing its words, number, yes or no."""

from __future__ import annotations

from crm_store.person import Person
from crm_store.repositories import ledger
from crm_store.unit import Unit
from support.talk.turn import Turn
from support.words.signals import yes_or_no

LONGEST_CHOICE = 2  # digits


async def typed_action(turn: Turn, text: str) -> str | None:
    """The action of a button whose words (or number) were typed instead of pressed."""
    offer = turn.dialog.offer
    if offer is None:
        return None
    typed, labels = normalise_label(text), [normalise_label(label) for label in offer.labels]
    if typed in labels:
        index = labels.index(typed)
    elif _is_place(turn, typed, len(labels)):
        index = int(typed) - 1
    elif (place := _yes_or_no(turn, offer.labels, text)) is not None:
        index = place
    else:
        return None
    return await action_of(turn.unit, turn.person, offer.touchpoint_id, index)


def _is_place(turn: Turn, typed: str, count: int) -> bool:
    """Whether a figure means one of so many buttons."""
    is_figure = typed.isdecimal() and len(typed) <= LONGEST_CHOICE
    return turn.dialog.takes_a_figure_for_a_button and is_figure and 1 <= int(typed) <= count


def _yes_or_no(turn: Turn, labels: list[str], text: str) -> int | None:
    """The button that a typed yes or no means: "do you mean …?" takes both, "which is it?" a no."""
    answer, in_any_language = yes_or_no(text), turn.desk.texts.labels
    if answer and labels[0] in in_any_language("button.yes"):
        return 0
    if answer is False and labels[-1] in in_any_language("button.no") | in_any_language("button.none"):
        return len(labels) - 1
    return None


def normalise_label(text: str) -> str:
    """Case, spaces and a final stop do not matter in a typed label."""
    return " ".join(text.casefold().split()).rstrip(".!。！")


async def action_of(unit: Unit, person: Person, touchpoint_id: int, index: int) -> str | None:
    """The action of a button that we did offer to this person; None for anything else."""
    offered = await ledger.get(unit, touchpoint_id)
    if offered is None or offered.contact_point_id != person.contact.id or offered.direction != "out":
        return None
    buttons = (offered.payload or {}).get("buttons", [])
    return str(buttons[index]["action"]) if 0 <= index < len(buttons) else None
