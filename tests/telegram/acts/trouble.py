"""What a test orders: faults, floods, raw updates, ids that begin anew."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.telegram.acts.registry import act
from tests.telegram.acts.talking import say, user
from tests.telegram.chats import Wire
from tests.telegram.faults import Fault, Kind
from tests.telegram.world import World


@act
def fault(world: World, kind: str, **how: Any) -> None:
    """Sets a fault; see `Fault` for the fields."""
    world.faults.add(Fault(Kind(kind), **how))


@act
def heal(world: World) -> None:
    """Takes all faults away."""
    world.faults.clear()


@act
def push(world: World, updates: Sequence[Wire]) -> list[int | None]:
    """Raw updates, `{kind: {...}}`. One with an `update_id` keeps it: a repetition."""
    pushed = []
    for update in updates:
        kind = next(name for name in update if name != "update_id")
        body = update[kind]
        chat = body.get("chat") or body.get("from") or {}
        pushed.append(world.queue.push(kind, body, lane=chat.get("id"), update_id=update.get("update_id")))
    return pushed


@act
def flood(
    world: World, chats: int, per_chat: int, texts: Sequence[str], *, first_user: int = 1_000_000, language: str = "en"
) -> int:
    """`per_chat` messages from each of `chats` new people, chat by chat in turn; returns how many."""
    people = range(first_user, first_user + chats)
    for person in people:
        user(world, person, first_name=f"Customer {person - first_user + 1}", language_code=language)
    for turn in range(per_chat):
        for person in people:
            say(world, person, person, {"text": texts[(turn * chats + person - first_user) % len(texts)]})
    return chats * per_chat


@act
def restart_update_ids(world: World, next_id: int) -> None:
    """Telegram draws a new first id after a week without updates."""
    world.queue.next_id = next_id


@act
def expire_presses(world: World) -> None:
    """Makes every button press so far too old to be answered."""
    for press in world.presses.values():
        press.at -= world.press_life_seconds + 1
