"""What the bot offers, asks and leaves out in each stage of a customer's life: data that an admin edits.

The customer is told at most one line of it in a conversation, and each of the two, the offer and the question, at most
once in `every_days`. Pure: who says it, and how it is remembered, is in support.talk.stage_talk.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, Self, cast, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from analytics.tiers import Tier
from crm_store.models import Score
from crm_store.queries.strategy_past import Past
from faq.answers import text_in
from faq.entry import is_entry_id
from faq.text_rules import answer_fault, ask_fault
from support.judging.house_rules import BrokenRulesError

KEY = "strategies"
"""The house rule (crm_store.models.HouseRule) under which they are kept."""

StageName = Literal["awareness", "consideration", "purchase", "use", "loyalty", "churn", "at_risk"]
STAGES: tuple[StageName, ...] = get_args(StageName)
"""In the order of life; at_risk is laid over the others and comes before them."""

Part = Literal["offer", "ask"]
Left = Literal["offer", "ask", "rating", "suggestions"]
"""What may be left out in a stage: both lines, "how did we do?", and "which is it?" where the bot is not sure."""

Deed = Literal["my_order", "repair", "person", "note"]
"""What a button of ours may do besides telling an answer of the FAQ: the same as the button of this name elsewhere."""

COURTESY = frozenset({*Tier, "at_risk", "churned", "confident_answer"})
"""Reasons of an escalation that are no bad news: a colleague looks in for the customer's own sake. Without this the
strategies of whoever always comes first would never be followed."""

LONGEST_LINE = 300
"""Characters: a line stands below an answer, and a message stays short."""
LONGEST_LABEL = 30


def _line(text: str) -> str:
    return _checked(text, answer_fault(text), LONGEST_LINE)


def _label(text: str) -> str:
    return _checked(text, ask_fault(text), LONGEST_LABEL)


def _checked(text: str, fault: str, most: int) -> str:
    if not text.strip():
        raise ValueError("is empty")
    if len(text) > most:
        raise ValueError(f"is longer than {most} characters ({len(text)})")
    if fault:
        raise ValueError(fault)
    return text.strip()


def _entry_id(text: str) -> str:
    if not is_entry_id(text):
        raise ValueError(f"{text!r} is no id of an FAQ entry")
    return text


Language = Literal["en", "zh-Hans", "zh-Hant"]
Lines = Annotated[dict[Language, Annotated[str, AfterValidator(_line)]], Field(min_length=1)]
Labels = Annotated[dict[Language, Annotated[str, AfterValidator(_label)]], Field(min_length=1)]


class _Data(BaseModel):
    """Never changed, only replaced; a name that nobody reads is a mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Offer(_Data):
    """A line below an answer, in small Markdown with the FAQ's placeholders, and one button at most: an FAQ entry's
    question, or a deed of ours. An entry may stand alone: then only the button is added.
    """

    text: Lines | None = None
    entry: Annotated[str, AfterValidator(_entry_id)] | None = None
    deed: Deed | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.text is None and self.entry is None:
            raise ValueError("needs a text or an FAQ entry")
        if self.entry and self.deed:
            raise ValueError("has room for one button: an entry or a deed")
        return self


class Answer(_Data):
    """A button below a question: its label, and what is done besides thanking."""

    label: Labels
    deed: Deed | None = None


class Ask(_Data):
    """A question after thanks, with two to four answers to press; every press is kept in the ledger."""

    text: Lines
    answers: Annotated[tuple[Answer, ...], Field(min_length=2, max_length=4)]

    @model_validator(mode="after")
    def _every_language_has_all(self) -> Self:
        for number, answer in enumerate(self.answers, 1):
            if missing := [language for language in self.text if language not in answer.label]:
                raise ValueError(f"answer {number} needs a label in {', '.join(missing)}, as the text has one")
        return self


class Strategy(_Data):
    """How one stage is met; without anything, as if there were no strategies."""

    offer: Offer | None = None
    ask: Ask | None = None
    leave: tuple[Left, ...] = ()
    every_days: Annotated[int, Field(ge=1, le=366)] = 30


class Strategies(_Data):
    """A strategy for each stage."""

    awareness: Strategy = Strategy()
    consideration: Strategy = Strategy()
    purchase: Strategy = Strategy()
    use: Strategy = Strategy()
    loyalty: Strategy = Strategy()
    churn: Strategy = Strategy()
    at_risk: Strategy = Strategy()

    def of(self, stage: StageName) -> Strategy:
        return cast(Strategy, getattr(self, stage))

    def plain(self) -> dict[str, Any]:
        """As a file and the store have them: every stage, and in it only what is set."""
        return {stage: self.of(stage).model_dump(mode="json", exclude_defaults=True) for stage in STAGES}

    @property
    def entries(self) -> dict[str, str]:
        """The FAQ entries that are offered, by the field that names them."""
        offers = {f"{stage}.offer.entry": self.of(stage).offer for stage in STAGES}
        return {field: offer.entry for field, offer in offers.items() if offer and offer.entry}


def checked(document: object) -> Strategies:
    """What a document says; a stage that it does not name has no strategy. Raises BrokenRulesError by field."""
    try:
        return Strategies.model_validate(document)
    except ValidationError as error:
        raise BrokenRulesError([_problem(each) for each in error.errors()]) from error


def _problem(error: Any) -> tuple[str, str]:
    parts = [part + 1 if isinstance(part, int) else part for part in error["loc"] if part != "[key]"]
    place = ".".join(map(str, parts)) or KEY
    if error["type"] == "extra_forbidden":
        return place, "there is no such field"
    return place, error["msg"].removeprefix("Value error, ")


def stage_of(score: Score | None) -> StageName:
    """At-risk before the stage that it lies upon; of whom nothing is known the first."""
    if score is None:
        return "awareness"
    return "at_risk" if score.at_risk else cast(StageName, score.stage)


def leaves(strategies: Strategies, score: Score | None, what: Left) -> bool:
    """Whether the bot leaves something out with a customer of this standing."""
    return what in strategies.of(stage_of(score)).leave


def is_courtesy(codes: Iterable[str]) -> bool:
    """Whether an escalation of these reasons leaves the strategy to be followed: nobody was asked for, nothing failed
    and nobody complained."""
    return COURTESY.issuperset(codes)


@dataclass(frozen=True, slots=True)
class Occasion:
    """When a line could be said. `left_alone`: not in this conversation any more; `with_people`: a colleague has the
    matter, or is going to; `looked_in`: one is going to look in as a courtesy, so nobody is offered a person; `told`
    are the entries of the answer just given.
    """

    stage: StageName
    language: str
    left_alone: bool = False
    with_people: bool = False
    looked_in: bool = False
    told: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """What could be said, in the customer's language. `buttons` are (label, deed); without a label the deed's own."""

    part: Part
    stage: StageName
    every_days: int
    text: str = ""
    entry: str | None = None
    buttons: tuple[tuple[str | None, Deed | None], ...] = ()


def line_for(strategies: Strategies, part: Part, occasion: Occasion, published: Collection[str]) -> Line | None:
    """What the stage's strategy says on this occasion, as far as that can be told without asking the store."""
    strategy = strategies.of(occasion.stage)
    if occasion.left_alone or occasion.with_people or part in strategy.leave:
        return None
    return _offer(strategy, occasion, published) if part == "offer" else _ask(strategy, occasion)


def _offer(strategy: Strategy, occasion: Occasion, published: Collection[str]) -> Line | None:
    """Nothing where its text is in no language of theirs, its entry is withdrawn or was just told, or the person whom
    it offers is coming anyway."""
    offer = strategy.offer
    if offer is None or (offer.entry and (offer.entry not in published or offer.entry in occasion.told)):
        return None
    if occasion.looked_in and offer.deed == "person":
        return None
    text = worded(offer.text, occasion.language) if offer.text else ""
    if text is None:
        return None
    buttons = ((None, offer.deed),) if offer.deed else ()
    return Line("offer", occasion.stage, strategy.every_days, text, offer.entry, buttons)


def _ask(strategy: Strategy, occasion: Occasion) -> Line | None:
    text = worded(strategy.ask.text, occasion.language) if strategy.ask else None
    if strategy.ask is None or text is None:
        return None
    buttons = tuple((worded(answer.label, occasion.language), answer.deed) for answer in strategy.ask.answers)
    return Line("ask", occasion.stage, strategy.every_days, text, None, buttons)


def worded(texts: Mapping[Language, str], language: str) -> str | None:
    """The text in this language, or converted from the other Chinese script as the FAQ's answers are; else None."""
    found = text_in(cast(Mapping[str, str], texts), language, language)
    return found[0] if found and found[1] == language else None


def is_due(line: Line, past: Past, now: datetime) -> bool:
    """Whether it may be said now."""
    if past.withdrew or past.is_held or not all(map(is_courtesy, past.waiting)):
        return False
    return past.told_at is None or now - past.told_at >= timedelta(days=line.every_days)
