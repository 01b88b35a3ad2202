"""What an admin asks of the laboratory that takes longer than a message may wait.

Customers' messages are worked on in the same line as an admin's press, so the press only notes what is wanted (a row of
the timetable, written with the unit). The timetable then thinks, in a thread and before any transaction, and says the
answer in a message of its own. A restart in between loses nothing, and pressing twice asks once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel

from crm_store.repositories import schedule
from crm_store.unit import Unit
from handlers.faq.prompt import Place

if TYPE_CHECKING:
    from handlers.faq.talk import Talk

JOB = "faq_errand"

Kind = Literal["check", "replay", "gaps", "fill", "preview", "trial"]


class Errand(BaseModel):
    """What is wanted, by whom, where.

    `number` is a page, a gap's stamp or a draft's, as the button had it, or the stamp of `question`, which is to be put
    to a draft.
    """

    kind: Kind
    agent_id: int
    place: Place
    entry_id: str = ""
    number: int = 0
    question: str = ""

    @classmethod
    def of(cls, talk: Talk, kind: str, entry_id: str = "", number: int = 0, question: str = "") -> Errand:
        wanted = {"kind": kind, "agent_id": talk.agent.id, "place": talk.place}
        return cls.model_validate({**wanted, "entry_id": entry_id, "number": number, "question": question})

    @property
    def key(self) -> str:
        where = f"{self.place.chat_id}:{self.place.thread_id or 0}"
        return f"{JOB}:{self.kind}:{self.entry_id}:{self.number}:{where}"


async def ask_for(unit: Unit, errand: Errand) -> None:
    """The answer comes within seconds; a preview of thousands of phrasings, which it trains anew, takes ten."""
    await schedule.ask_for(unit, errand.key, JOB, unit.now, errand.model_dump(mode="json"))
