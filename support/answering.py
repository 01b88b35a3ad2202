"""Questions: the FAQ's answer, an honest question back, or an honest "I don't know"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from faq.answers import answer_in, title_in
from faq.matcher import Decision, Match, decide, suggestions
from support import escalations, queue
from support.handover import hand_over, hand_over_and_tell, when_open
from support.policy import FAILURES_UNTIL_HUMAN, Act, Reason, Verdict, judge
from support.reply import Reply
from support.signals import Signals
from support.turn import Turn

CHOICES = 3


def understand(turn: Turn, text: str) -> tuple[Decision, list[Match]]:
    """What the FAQ makes of a text."""
    matcher = turn.desk.faq.matcher
    matches = matcher.match(text)
    return decide(matches, matcher.thresholds), matches


async def ask(turn: Turn, text: str, signals: Signals) -> None:
    """Answers one question, or does what the policy says instead."""
    decision, matches = understand(turn, text)
    verdict = judge(escalations.standing(turn.person, turn.dialog.failures), signals, decision)
    if not signals.wants_human:  # which is a wish about the matter at hand, not another one
        turn.dialog.new_matter(text, turn.heard.channel_ref)
        turn.dialog.next_best = [m.entry_id for m in matches]
    await _act(turn, verdict, matches, complaint=signals.complaint)


async def _act(turn: Turn, verdict: Verdict, matches: Sequence[Match], *, complaint: bool) -> None:
    match verdict.act:
        case Act.ANSWER:
            await give_answer(turn, matches[0].entry_id, verdict.reasons)
        case Act.SUGGEST:
            await suggest(turn, [m.entry_id for m in suggestions(matches, turn.desk.faq.matcher.thresholds, CHOICES)])
        case Act.REFUSE:
            await failed(turn)
        case Act.HUMAN:
            await hand_over_and_tell(turn, verdict.reasons, urgent=verdict.urgent, complaint=complaint)
        case _:
            await in_line(turn)


async def give_answer(
    turn: Turn, entry_id: str, reasons: Sequence[Reason] = (), *, key: str | None = None, reply_to: int | None = None
) -> None:
    """One message with the answer and what may be said of it; with reasons, a colleague will look in as well.

    `key` is a text around the answer ("sorry, perhaps this: …").
    """
    found = answer_in(turn.desk.faq.entries[entry_id], turn.language, turn.desk.default_language)
    if found is None:  # an entry without any answer cannot be told
        await refuse(turn)
        return
    turn.dialog.answered = entry_id
    turn.dialog.next_best = [e for e in turn.dialog.next_best if e != entry_id]
    text = turn.text(key, answer=found[0]) if key else found[0]
    buttons = [turn.button("helped", "helped"), turn.button("not_quite", "not_quite")]
    if reasons:
        is_new = turn.person.escalation is None
        await hand_over(turn, reasons)
        if is_new:
            text = f"{text}\n\n{_look_in(turn, reasons)}"
            buttons.append(turn.button("no_need", "no_need"))
    await turn.say(Reply(text, tuple(buttons), markdown=True, kind="answer", reply_to_ref=reply_to))


def _look_in(turn: Turn, reasons: Sequence[Reason]) -> str:
    """A colleague comes too; who was away is welcomed back, and never reminded of it."""
    if turn.desk.hours.is_open(turn.unit.now):
        look_in = turn.text("customer.look_in")
    else:
        look_in = turn.text("customer.look_in.closed", when=when_open(turn))
    if not {"at_risk", "churned"} & {reason.code for reason in reasons}:
        return look_in
    name = plain(turn.person.name)
    welcome = turn.text("customer.welcome_back" if name else "customer.welcome_back_anonymous", name=name)
    return turn.text("customer.join", first=welcome, second=look_in)


def plain(name: str) -> str:
    """A name amid an admin's Markdown, which must not read it."""
    return re.sub(r"([\\`*_\[\]<>~|])", r"\\\1", name)


async def suggest(turn: Turn, entry_ids: Sequence[str]) -> None:
    """ "Which is it?", with up to three choices and a way out."""
    entries = turn.desk.faq.entries
    choices = [
        turn.plain_button(title_in(entries[entry_id], turn.language, turn.desk.default_language), f"pick:{entry_id}")
        for entry_id in entry_ids
        if entry_id in entries
    ]
    await turn.tell("customer.suggest", *choices, turn.button("none", "none"))


async def refuse(turn: Turn) -> None:
    """Does not guess: offers a colleague, with the time the clock supports, or to leave a note."""
    buttons = (turn.button("ask", "ask"), turn.button("note", "note"))
    if not turn.desk.hours.is_open(turn.unit.now):
        await turn.tell("customer.refuse.closed", *buttons, when=when_open(turn))
    elif minutes := await queue.minutes_to_claim(turn.desk, turn.unit):
        await turn.tell("customer.refuse.minutes", *buttons, minutes=minutes)
    else:
        await turn.tell("customer.refuse.soon", *buttons)


async def failed(turn: Turn) -> None:
    """We do not know; the second time on one matter a human takes over."""
    turn.dialog.failures += 1
    if turn.dialog.failures < FAILURES_UNTIL_HUMAN:
        await refuse(turn)
    else:
        await _give_up(turn)


async def _give_up(turn: Turn) -> None:
    await hand_over_and_tell(turn, [Reason("failed_answers", {"count": turn.dialog.failures})])


async def in_line(turn: Turn) -> None:
    """Recorded for the colleague who will answer; said once, then silence."""
    if not turn.dialog.told_in_line:
        turn.dialog.told_in_line = True
        await turn.tell("customer.human.already")


async def not_helpful(turn: Turn) -> None:
    """The next best answer once; after two failures a human."""
    turn.dialog.failures += 1
    if turn.dialog.failures < FAILURES_UNTIL_HUMAN and (entry_id := _next_best(turn)):
        await give_answer(turn, entry_id, key="customer.next_best")
    else:
        await _give_up(turn)


def _next_best(turn: Turn) -> str | None:
    """An entry not shown yet that the question might have meant as well."""
    matcher = turn.desk.faq.matcher
    worth = {
        m.entry_id for m in matcher.match(turn.dialog.question or "") if m.confidence >= matcher.thresholds.suggest
    }
    entries = turn.desk.faq.entries
    return next((e for e in turn.dialog.next_best if e in worth and e in entries and e != turn.dialog.answered), None)
