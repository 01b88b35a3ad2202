"""When the FAQ has no answer: other words are asked for first, then a human comes."""

from __future__ import annotations

from faq.answers import title_in
from support.agents import queue
from support.policy import Reason
from support.talk.handover import hand_over_and_tell, when_open
from support.talk.reply import Button
from support.talk.turn import Turn

MEANT = 3
"""As many entries as are offered at most may be what somebody meant whom we did not understand."""


async def refuse(turn: Turn, hint: str | None = None) -> None:
    """Does not guess: offers a colleague, with the time the clock supports, or to leave a note."""
    turn.dialog.left_alone = True
    if not turn.desk.hours.is_open(turn.unit.now):
        text = turn.text("customer.refuse.closed", when=when_open(turn))
    elif minutes := await queue.minutes_to_claim(turn.desk, turn.unit):
        text = turn.text("customer.refuse.minutes", minutes=minutes)
    else:
        text = turn.text("customer.refuse.soon")
    await turn.say_text(turn.text("customer.join", first=text, second=hint) if hint else text, *_ways_out(turn))


def _ways_out(turn: Turn) -> tuple[Button, Button]:
    return turn.button("ask", "ask"), turn.button("note", "note")


async def failed(turn: Turn) -> None:
    """We do not know, and other words may help; the second time on one matter a human takes over."""
    if await fails_for_good(turn):
        return
    example = _example(turn)
    await refuse(turn, turn.text("customer.refuse.example", example=example) if example else None)


async def rephrase(turn: Turn) -> None:
    """What we offered was not meant: asks for other words, with an example of what works; the second time a human."""
    if not await fails_for_good(turn):
        await _ask_for_other_words(turn)


async def _ask_for_other_words(turn: Turn) -> None:
    if example := _example(turn):
        await turn.tell("customer.rephrase.example", *_ways_out(turn), example=example)
    else:
        await turn.tell("customer.rephrase", *_ways_out(turn))


async def ask_which(turn: Turn) -> None:
    """One of several answers did not help."""
    await turn.tell("customer.rephrase.which", *_ways_out(turn))


async def no_more(turn: Turn) -> None:
    """A follow-up that only the answer just given is near to: it is not given again."""
    if not await fails_for_good(turn):
        await turn.tell("customer.no_more", *_ways_out(turn))


async def fails_for_good(turn: Turn) -> bool:
    """Counts a failure; the last one brings a human."""
    turn.dialog.fail()
    if turn.dialog.failures < turn.desk.rules.policy.failures_until_human(_tier(turn)):
        return False
    await give_up(turn)
    return True


async def nothing_left(turn: Turn) -> None:
    """There is no other answer to show: a human, unless the bot is to try once more with this customer."""
    if turn.desk.rules.policy.sees_the_bot_first(_tier(turn)):
        await _ask_for_other_words(turn)
    else:
        await give_up(turn)


def _tier(turn: Turn) -> str | None:
    return turn.person.score.tier if turn.person.score else None


def _example(turn: Turn) -> str | None:
    """A question that works, and that is none of those the last words might have meant."""
    entries = turn.desk.faq.entries
    likeliest = turn.dialog.next_best[:MEANT]
    others = (entry for entry_id, entry in entries.items() if entry_id not in likeliest)
    entry = next((entry for entry in others if entry.wordings), None)
    return title_in(entry, turn.language, turn.desk.default_language) if entry else None


async def give_up(turn: Turn) -> None:
    await hand_over_and_tell(turn, [Reason("failed_answers", {"count": turn.dialog.failures})])
