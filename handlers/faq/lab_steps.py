"""The laboratory's buttons: what takes a while is asked for and answered later, customers' proposals at once."""

from __future__ import annotations

from collections.abc import Mapping

from handlers.faq.errands import Errand, ask_for
from handlers.faq.lab_screens import WORST, decided_screen, proposals_screen
from handlers.faq.press import FaqPress, Screen, Verb
from handlers.faq.steps import Press
from handlers.faq.talk import Talk
from support.knowledge import learning
from support.pages import page_from


async def _errand(talk: Talk, press: FaqPress) -> list[Screen]:
    """Shows nothing yet: the answer is a message of its own (handlers.faq.errands)."""
    await ask_for(talk.unit, Errand.of(talk, press.verb.value, number=press.number))
    return []


async def _proposals(talk: Talk, press: FaqPress) -> list[Screen]:
    found = await learning.proposals(talk.unit.session, WORST + 1, press.page * WORST)
    return [proposals_screen(talk.speech, page_from(found, press.page, WORST))]


async def _take(talk: Talk, press: FaqPress) -> list[Screen]:
    taken = await learning.take(talk.unit, talk.agent, press.number)
    return [decided_screen(talk.speech, "faq.proposal.taken", taken)]


async def _decline(talk: Talk, press: FaqPress) -> list[Screen]:
    declined = await learning.decline(talk.unit, talk.agent, press.number)
    return [decided_screen(talk.speech, "faq.proposal.declined", declined)]


PRESSES: Mapping[Verb, Press] = {
    Verb.CHECK: _errand,
    Verb.REPLAY: _errand,
    Verb.GAPS: _errand,
    Verb.FILL: _errand,
    Verb.PROPOSALS: _proposals,
    Verb.TAKE: _take,
    Verb.DECLINE: _decline,
}
