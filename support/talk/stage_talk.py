"""What the strategy of a customer's stage has us say where a matter ends well: at most one line in a conversation.

What speaks against a line is mostly known with the person and the dialog; the store is asked once for each part in a
conversation, and only where there is something to say.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta

from crm_store.queries.strategy_past import past_of
from faq.answers import title_in
from faq.placeholders import fill, names_in
from faq.typesetting import plain
from support.customers.consents import MARKETING
from support.judging.strategies import Line, Occasion, Part, is_courtesy, is_due, line_for, stage_of
from support.talk.personal import facts_of
from support.talk.reply import MOST_BUTTONS, Button, Reply
from support.talk.turn import Turn


async def with_offer(turn: Turn, reply: Reply, told: Collection[str]) -> Reply:
    """An answer with the stage's offer below it, where one is due; `told` are the entries that it gives."""
    line = await _due(turn, "offer", told)
    return await _below(turn, reply, line) if line else reply


async def tell_and_ask(turn: Turn, key: str) -> None:
    """The text that ends a matter, with the stage's question below it, where one is due after an answer of ours."""
    reply = Reply(turn.text(key))
    is_end = turn.dialog.answered and not turn.dialog.form and not turn.dialog.awaiting
    line = await _due(turn, "ask") if is_end else None
    await turn.say(await _below(turn, reply, line) if line else reply)


async def _due(turn: Turn, part: Part, told: Collection[str] = ()) -> Line | None:
    """What is to be said now; what must not be is remembered, so that the store is not asked again."""
    dialog, person, now = turn.dialog, turn.person, turn.unit.now
    looked_in = _is_looked_in(turn)
    occasion = Occasion(
        stage=stage_of(person.score),
        language=turn.language,
        left_alone=dialog.left_alone or part in dialog.not_due,
        with_people=person.escalation is not None and not looked_in,
        looked_in=looked_in,
        told=told,
    )
    line = line_for(turn.desk.rules.strategies, part, occasion, turn.desk.faq.entries)
    if line is None:
        return None
    since = now - timedelta(days=line.every_days)
    past = await past_of(turn.unit.session, person.customer.id, part, MARKETING, since)
    if is_due(line, past, now):
        return line
    dialog.not_due.append(part)
    return None


def _is_looked_in(turn: Turn) -> bool:
    """Whether a colleague comes of their own accord, and is not here yet."""
    escalation = turn.person.escalation
    if escalation is None or turn.person.is_held:
        return False
    return is_courtesy(reason["code"] for reason in escalation.reasons)


async def _below(turn: Turn, reply: Reply, line: Line) -> Reply:
    """The reply with the line as its last paragraph, which from now on counts as said."""
    turn.dialog.told[line.part] = turn.unit.now
    turn.dialog.left_alone = True
    words = reply.text if reply.markdown else plain(reply.text)
    return replace(
        reply,
        text=f"{words}\n\n{await _filled(turn, line.text)}" if line.text else words,
        buttons=(*reply.buttons, *_buttons(turn, line))[:MOST_BUTTONS],
        markdown=True,
        strategy=f"{line.stage}.{line.part}",
    )


async def _filled(turn: Turn, text: str) -> str:
    return fill(text, await facts_of(turn.desk, turn.unit, turn.person, names_in(text), turn.language))


def _buttons(turn: Turn, line: Line) -> list[Button]:
    shown = [_button(turn, label, deed) for label, deed in line.buttons]
    if line.entry:
        title = title_in(turn.desk.faq.entries[line.entry], turn.language, turn.desk.default_language)
        shown.append(turn.plain_button(title, f"offered:{line.entry}"))
    return shown


def _button(turn: Turn, label: str | None, deed: str | None) -> Button:
    """With the shop's own words, or else with ours for the deed; pressing one without a deed is thanked for."""
    action = deed or "answered"
    return turn.plain_button(label, action) if label else turn.button(action, action)
