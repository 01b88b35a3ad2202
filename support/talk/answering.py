"""Questions: the FAQ's answers, or an honest question back; support.talk.fallback has the honest "I don't know"."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from faq.answers import title_in
from faq.matcher import suggestions
from faq.typesetting import plain
from support.agents import escalations
from support.forms import asking as forms
from support.judging.service import risk_of
from support.judging.strategies import leaves
from support.knowledge import lessons
from support.policy import Act, Reason, Verdict, judge
from support.talk import fallback, recognising, stage_talk
from support.talk.handover import hand_over, hand_over_and_tell, when_open
from support.talk.personal import answer_for, is_about_an_order
from support.talk.reply import Button, Reply
from support.talk.turn import Turn
from support.talk.understanding import Understanding, understand_after
from support.words.shortening import shortened
from support.words.signals import Signals

CHOICES = 3
LEAST = 0.02
"""A confidence below it is next to nothing, whatever else is ruled out."""
LONGEST_QUOTE = 60
UNANSWERED = (Act.SUGGEST, Act.REFUSE)
"""Only then is the service risk asked for: what can be answered needs no look at the customer's tickets."""


async def ask(turn: Turn, text: str, signals: Signals) -> None:
    """Answers what was asked, or does what the policy says instead. The policy judges a message once, as a whole."""
    with turn.desk.meters.match.time():
        understood = understand_after(turn.desk.faq, turn.dialog, text, turn.unit.now)
    standing = escalations.standing(turn.person, turn.dialog.failures)
    verdict = judge(standing, signals, understood.decision, turn.desk.rules.policy)
    if verdict.act in UNANSWERED and (service := await risk_of(turn.desk, turn.unit, turn.person)):
        standing = replace(standing, service_risk=service.risk)
        verdict = judge(standing, signals, understood.decision, turn.desk.rules.policy)
    if not signals.wants_human:  # which is a wish about the matter at hand, not another one
        take_up(turn, understood)
    await _act(turn, verdict, understood, complaint=signals.complaint)


def take_up(turn: Turn, understood: Understanding) -> None:
    """Remembers what was asked: for the answers to come, and for what is learnt from it."""
    if understood.follows:
        turn.dialog.follow_up(understood.question, turn.heard.channel_ref)
    else:
        turn.dialog.new_matter(understood.question, turn.heard.channel_ref)
    turn.dialog.next_best = [m.entry_id for m in understood.matches]
    for each in understood.parts or (understood,):
        lessons.note_question(turn, each.question, each.decision, each.matches, follows=each.follows)


async def _act(turn: Turn, verdict: Verdict, understood: Understanding, *, complaint: bool) -> None:
    match verdict.act:
        case Act.ANSWER:
            await give_answers(turn, understood.answers, verdict.reasons, unknown=understood.unknown)
        case Act.SUGGEST if not leaves(turn.desk.rules.strategies, turn.person.score, "suggestions"):
            likely = suggestions(understood.matches, turn.desk.faq.matcher.thresholds, CHOICES)
            await suggest(turn, [m.entry_id for m in likely])
        case Act.REFUSE if understood.follows:
            await fallback.no_more(turn)
        case Act.REFUSE | Act.SUGGEST:
            await fallback.failed(turn)
        case Act.HUMAN:
            await hand_over_and_tell(turn, verdict.reasons, urgent=verdict.urgent, complaint=complaint)
        case _:
            await in_line(turn)


async def give_answers(
    turn: Turn,
    entry_ids: Sequence[str],
    reasons: Sequence[Reason] = (),
    *,
    unknown: str | None = None,
    key: str | None = None,
    reply_to: int | None = None,
) -> None:
    """One message with the answers and what may be said of them; with reasons, a colleague will look in as well.

    Several answers stand under their questions. `unknown` is a question of the same message that nobody answers, `key`
    a text around the answers ("sorry, perhaps this: …").
    """
    told = await _answers(turn, entry_ids)
    if not told:  # an entry without any answer cannot be told
        await fallback.refuse(turn)
        return
    _remember(turn, list(told))
    reply = _reply(turn, _worded(turn, told, key), reply_to, _who_are_you(turn, told))
    if unknown:
        reply = _with_unknown(turn, reply, unknown, is_alone=not reasons)
    if reasons:
        reply = await _with_colleague(turn, reply, reasons)
    text, buttons = await forms.follow(turn, told, reply.text, reply.buttons)
    reply = replace(reply, text=text, buttons=tuple(buttons))
    if not (unknown or key or turn.dialog.form):  # the matter may well end here
        reply = await stage_talk.with_offer(turn, reply, told)
    await turn.say(reply)


async def _answers(turn: Turn, entry_ids: Sequence[str]) -> dict[str, str]:
    """What the entries tell this customer, in their order."""
    found = {entry_id: await answer_for(turn, turn.desk.faq.entries[entry_id]) for entry_id in entry_ids}
    return {entry_id: answer for entry_id, answer in found.items() if answer}


def _worded(turn: Turn, answers: Mapping[str, str], key: str | None) -> str:
    text = "\n\n".join(_titled(turn, answers) if len(answers) > 1 else answers.values())
    return turn.text(key, answer=text) if key else text


def _titled(turn: Turn, answers: Mapping[str, str]) -> Iterable[str]:
    for entry_id, answer in answers.items():
        title = title_in(turn.desk.faq.entries[entry_id], turn.language, turn.desk.default_language)
        yield f"**{plain(title)}**\n{answer}"


def _remember(turn: Turn, entry_ids: list[str]) -> None:
    dialog = turn.dialog
    dialog.answered, *dialog.also_answered = entry_ids
    dialog.answered_at = turn.unit.now
    dialog.next_best = [e for e in dialog.next_best if e not in entry_ids]


def _who_are_you(turn: Turn, entry_ids: Iterable[str]) -> tuple[Button, ...]:
    """Where an answer would say more to a customer whom we know."""
    entries = turn.desk.faq.entries
    return recognising.offer(turn) if any(is_about_an_order(turn, entries[each]) for each in entry_ids) else ()


def _reply(turn: Turn, text: str, reply_to: int | None, more: tuple[Button, ...]) -> Reply:
    buttons = turn.button("helped", "helped"), turn.button("not_quite", "not_quite"), *more
    return Reply(text, buttons, markdown=True, kind="answer", reply_to_ref=reply_to)


def _with_unknown(turn: Turn, reply: Reply, question: str, *, is_alone: bool) -> Reply:
    """`is_alone`: no colleague is coming anyway, so one is offered."""
    partly = turn.text("customer.partly", question=plain(shortened(question, LONGEST_QUOTE)))
    return _below(reply, partly, *([turn.button("ask", "ask")] if is_alone else []))


async def _with_colleague(turn: Turn, reply: Reply, reasons: Sequence[Reason]) -> Reply:
    """A colleague will look in; who is in the queue already knows."""
    is_new = turn.person.escalation is None
    await hand_over(turn, reasons)
    return _below(reply, _look_in(turn, reasons), turn.button("no_need", "no_need")) if is_new else reply


def _below(reply: Reply, text: str, *buttons: Button) -> Reply:
    return replace(reply, text=f"{reply.text}\n\n{text}", buttons=(*reply.buttons, *buttons))


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


async def suggest(turn: Turn, entry_ids: Sequence[str]) -> None:
    """ "Which is it?", with up to three choices and a way out; a single one is asked for outright."""
    entries = turn.desk.faq.entries
    titles = {e: title_in(entries[e], turn.language, turn.desk.default_language) for e in entry_ids if e in entries}
    if len(titles) == 1:
        ((entry_id, title),) = titles.items()
        yes, no = turn.button("yes", f"pick:{entry_id}"), turn.button("no", "none")
        await turn.tell("customer.suggest.one", yes, no, question=title)
        return
    choices = [turn.plain_button(title, f"pick:{entry_id}") for entry_id, title in titles.items()]
    await turn.tell("customer.suggest", *choices, turn.button("none", "none"))


async def in_line(turn: Turn) -> None:
    """Recorded for the colleague who will answer; said once, then silence."""
    if not turn.dialog.told_in_line:
        turn.dialog.told_in_line = True
        await turn.tell("customer.human.already")


async def not_helpful(turn: Turn) -> None:
    """The next best answer once, or which of several it was; after two failures, or without a next best, a human."""
    several, entry_id = turn.dialog.also_answered, _next_best(turn)
    if await fallback.fails_for_good(turn):
        return
    if several:
        await fallback.ask_which(turn)
    elif entry_id:
        await give_answers(turn, [entry_id], key="customer.next_best")
    else:
        await fallback.nothing_left(turn)


def _next_best(turn: Turn) -> str | None:
    """An entry not shown yet that is likely enough for a choice, now that the one shown is known not to be meant."""
    matcher, answered = turn.desk.faq.matcher, turn.dialog.answered
    confidences = {m.entry_id: m.confidence for m in matcher.match(turn.dialog.question or "")}
    left = 1 - confidences.get(answered or "", 0.0)
    least = max(LEAST, matcher.thresholds.suggest * left)
    worth = {entry_id for entry_id, confidence in confidences.items() if confidence >= least}
    entries = turn.desk.faq.entries
    return next((e for e in turn.dialog.next_best if e in worth and e in entries and e != answered), None)
