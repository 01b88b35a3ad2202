"""A customer's message, press or edit: recorded, understood, answered – on any channel, in one unit of work."""

from __future__ import annotations

from dataclasses import asdict

from crm_store.models import Touchpoint
from crm_store.person import Person
from crm_store.repositories import ledger, tickets
from crm_store.unit import Unit
from faq.normalise import normalise
from support import answering, commands, ratings, small_talk, ticket_talk
from support.actions import Notice, perform
from support.desk import Desk
from support.dialog import Dialog
from support.escalations import standing
from support.inbound import Inbound, Press
from support.ledger import record
from support.people import converse, meet
from support.policy import Act, judge
from support.signals import Signals, read
from support.tickets import add_to
from support.turn import Turn

FILES = ("photo", "document", "voice", "video")


async def hear(desk: Desk, unit: Unit, message: Inbound) -> Touchpoint:
    """Records a message and answers it. A web page's repeated post (same client_key) is answered once."""
    person = await meet(unit, message.sender)
    if message.client_key and (known := await ledger.by_client_key(unit, person.contact.id, message.client_key)):
        return known
    turn = _turn(desk, unit, person, message)
    reachable_again(unit, person)
    if person.escalation:
        await desk.room.heard(unit, person, turn.heard)
    if not _held(person) or turn.dialog.awaiting == "ticket_addition":
        await _answer(turn, message)
    elif turn.dialog.awaiting is None:
        turn.dialog.offer = None
    turn.keep()
    return turn.heard


def _held(person: Person) -> bool:
    return person.escalation is not None and person.escalation.state == "claimed"


def _turn(desk: Desk, unit: Unit, person: Person, message: Inbound) -> Turn:
    conversation = converse(desk, unit, person, message.text)
    heard = _record(unit, person, message)
    return Turn(desk, unit, person, conversation, Dialog.of(conversation), heard)


def _record(unit: Unit, person: Person, message: Inbound, about_id: int | None = None) -> Touchpoint:
    payload = dict(message.details)
    if message.attachment:
        payload["attachment"] = {name: value for name, value in asdict(message.attachment).items() if value is not None}
    return record(
        unit,
        person,
        message.kind,
        message.text or None,
        direction="in",
        author="customer",
        about_id=about_id,
        ref=message.ref,
        client_key=message.client_key,
        payload=payload,
    )


def reachable_again(unit: Unit, person: Person) -> None:
    """Whoever writes can be written to."""
    if person.contact.state != "active":
        person.contact.state, person.contact.state_changed_at = "active", unit.now


async def _answer(turn: Turn, message: Inbound) -> None:
    text = message.text.strip()
    if message.kind in FILES:
        await _take_file(turn, text)
    elif message.kind != "text":
        await _without_words(turn, "customer.media.unread")
    elif commands.is_command(text):
        await commands.run(turn, text)
    elif action := await _typed_label(turn, text):
        await perform(turn, action, current=True)
    elif not normalise(text):
        await _without_words(turn, "customer.unclear")
    else:
        await _words(turn, text)


async def _without_words(turn: Turn, key: str) -> None:
    """Nothing to understand: words are asked for, unless a colleague is going to see it anyway."""
    if turn.person.escalation and turn.dialog.awaiting is None:
        await answering.in_line(turn)
    else:
        await turn.tell(key)


async def _take_file(turn: Turn, caption: str) -> None:
    dialog = turn.dialog
    if _of_album(turn):
        await _take_rest_of_album(turn, caption)
    elif dialog.awaiting == "ticket_addition":
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
    elif ticket := await tickets.unfinished(turn.unit, turn.person.customer.id):
        add_to(turn.unit, ticket, turn.heard.id)


async def _typed_label(turn: Turn, text: str) -> str | None:
    """The action of a button whose words (or number) were typed instead of pressed."""
    offer = turn.dialog.offer
    if offer is None:
        return None
    typed, labels = normalise_label(text), [normalise_label(label) for label in offer.labels]
    if typed in labels:
        index = labels.index(typed)
    elif typed.isdecimal() and 1 <= int(typed) <= len(labels):
        index = int(typed) - 1
    else:
        return None
    return await _offered(turn.unit, turn.person, offer.touchpoint_id, index)


def normalise_label(text: str) -> str:
    """Case, spaces and a final stop do not matter in a typed label."""
    return " ".join(text.casefold().split()).rstrip(".!。！")


async def _offered(unit: Unit, person: Person, touchpoint_id: int, index: int) -> str | None:
    """The action of a button that we did offer to this person; None for anything else."""
    offered = await ledger.get(unit, touchpoint_id)
    if offered is None or offered.contact_point_id != person.contact.id or offered.direction != "out":
        return None
    buttons = (offered.payload or {}).get("buttons", [])
    return str(buttons[index]["action"]) if 0 <= index < len(buttons) else None


async def _words(turn: Turn, text: str) -> None:
    signals = read(text)
    match turn.dialog.awaiting:
        case "ticket_subject" if signals.thanks:
            await small_talk.thank(turn)
        case "ticket_subject" if not (signals.wants_human or signals.greeting):
            await ticket_talk.open_with(turn, text)
        case "ticket_addition":
            await ticket_talk.add(turn)
        case "rating_comment":
            await ratings.comment(turn)
        case _:
            turn.dialog.stop_waiting()
            await _talk(turn, text, signals)


async def _talk(turn: Turn, text: str, signals: Signals) -> None:
    if signals.greeting and not turn.person.escalation:
        await small_talk.greet(turn)
    elif signals.thanks:
        await small_talk.thank(turn)
    else:
        await answering.ask(turn, text, signals)


async def press(desk: Desk, unit: Unit, press_: Press) -> Notice:
    """A pressed button; returns a short notice to show at it, if there is one."""
    person = await meet(unit, press_.sender)
    action = await _offered(unit, person, press_.touchpoint_id, press_.index)
    offered = await ledger.get(unit, press_.touchpoint_id) if action else None
    label = offered.payload["buttons"][press_.index]["label"] if offered and offered.payload else ""
    conversation = converse(desk, unit, person, "")
    about = press_.touchpoint_id if offered else None
    heard = _record(unit, person, Inbound(press_.sender, label, "press", details={"action": action}), about)
    turn = Turn(desk, unit, person, conversation, Dialog.of(conversation), heard)
    if action is None:
        return turn.text("customer.button.stale")
    if person.escalation:
        await desk.room.heard(unit, person, heard)
    offer = turn.dialog.offer
    notice = await perform(turn, action, current=offer is not None and offer.touchpoint_id == press_.touchpoint_id)
    turn.keep()
    return notice


async def edit(desk: Desk, unit: Unit, message: Inbound) -> None:
    """An edited message: the old state is kept, agents see both, and a changed question is answered once more.

    Never while a human holds, never twice for one message, and only if its match changed.
    """
    person = await meet(unit, message.sender)
    states = await ledger.by_ref(unit, person.contact.id, message.ref) if message.ref else ()
    former = states[-1] if states else None
    conversation = converse(desk, unit, person, message.text)
    kept = Inbound(
        message.sender,
        message.text,
        "edit",
        message.attachment,
        message.ref,
        details={**message.details, "before": former.text if former else None},
    )
    heard = _record(unit, person, kept, former.id if former else None)
    changed = former is None or (former.text or "") != message.text
    if person.escalation and changed:
        await desk.room.heard(unit, person, heard)
    turn = Turn(desk, unit, person, conversation, Dialog.of(conversation), heard)
    if former and former.text and former.text != message.text and _may_answer_again(turn, message):
        await _answer_again(turn, former.text, message)
    turn.keep()


def _may_answer_again(turn: Turn, message: Inbound) -> bool:
    return not _held(turn.person) and message.kind == "text" and message.ref not in turn.dialog.reanswered


async def _answer_again(turn: Turn, before: str, message: Inbound) -> None:
    text = message.text.strip()
    _, old = answering.understand(turn, before)
    decision, new = answering.understand(turn, text)
    if not normalise(text) or [m.entry_id for m in old[:1]] == [m.entry_id for m in new[:1]]:
        return
    if judge(standing(turn.person), read(text), decision).act is Act.ANSWER:
        turn.dialog.reanswered.append(message.ref or 0)
        turn.dialog.new_matter(text, message.ref)
        turn.dialog.next_best = [m.entry_id for m in new]
        await answering.give_answer(turn, new[0].entry_id, key="customer.edit", reply_to=message.ref)
