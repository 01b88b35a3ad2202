"""How far a form has come; kept with the dialog."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, Field

from faq.entry import FormField


class FormAnswer(BaseModel):
    """`value` as support.forms.slots normalises it, or the customer's own words where they could not be read (`sure` is
    False then). `on_record` says that the customer's own phone or e-mail is meant, which is not copied. `ref` is the
    channel's number of the message that said it.
    """

    value: str = ""
    sure: bool = True
    on_record: bool = False
    ref: int | None = None


class FormState(BaseModel):
    """A form under way: `at` is the place of the field asked now, `answers` hold None for a field that was skipped.

    `shape` tells whether the entry's form is still the one that was begun. `tries` counts answers to the present
    question that could not be read, `refused` is the channel's number of the last one. `page` leafs through buttons.
    `files` are touchpoints with photos and files. `ticket_id` is the request that the answer itself made. `then` are
    entries whose forms come after this one: they were asked about as well.
    """

    entry_id: str
    shape: str
    stage: Literal["asking", "summary", "choosing"] = "asking"
    at: int = 0
    answers: dict[str, FormAnswer | None] = Field(default_factory=dict)
    tries: int = 0
    refused: int | None = None
    page: int = 0
    files: list[int] = Field(default_factory=list)
    ticket_id: int | None = None
    then: list[str] = Field(default_factory=list)

    def take(self, fields: Sequence[FormField], answer: FormAnswer | None) -> None:
        """Keeps the answer to the present question, or that it was skipped, and goes on."""
        self.answers[fields[self.at].slot] = answer
        self.go_on(fields)

    def go_on(self, fields: Sequence[FormField]) -> None:
        """To the first field that was not asked yet, or to the summary."""
        self.tries, self.page, self.refused = 0, 0, None
        asked = next((place for place, field in enumerate(fields) if field.slot not in self.answers), None)
        self.stage, self.at = ("summary", self.at) if asked is None else ("asking", asked)

    def ask_again(self, place: int) -> None:
        """The field at a place, once more; its answer stands until there is another."""
        self.stage, self.at, self.tries, self.page, self.refused = "asking", place, 0, 0, None


def shape_of(fields: Sequence[FormField]) -> str:
    """The same for forms that ask for the same things; how a question is worded does not matter."""
    things = [(field.slot, field.type, field.required, sorted(field.choices.items())) for field in fields]
    return hashlib.sha256(repr(things).encode()).hexdigest()[:16]
