"""One contact's history under a policy: what it would have decided at each message. Pure.

The world outside of the policy stays as it was: what customers said and pressed, what the FAQ made of it, and who came
before a human without the policy (by a button, a command, a request, an agent). Whoever would have come before a human
at a message where nobody really did is taken to have been helped in the usual times.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from crm_store.queries.policy_history import Escalated, Question, Said
from faq.matcher import Decision
from support.judging.house_rules import Policy
from support.judging.service import CODE as SERVICE
from support.judging.service import kept_risk
from support.policy import Act, Reason, Standing, judge
from support.talk.commands import is_command
from support.talk.dialog import Dialog
from support.words.signals import Signals, lone_number, read

FAILING = ("none", "not_quite")
"""The buttons that say that what the bot told was not meant."""

SETTLING = ("helped", "ask", "person")
"""The buttons after which no failed answer counts any more: it helped, or a human comes."""


@dataclass(frozen=True, slots=True)
class Message:
    """Something said or pressed, with the customer's place then. `standing` is their place alone."""

    said: Said
    questions: tuple[Question, ...]
    standing: Standing


@dataclass(slots=True)
class Opened:
    """Somebody in the queue, from a moment until another; None is not yet. `by_policy`: not by a button or a person."""

    contact_id: int
    customer_id: int
    at: datetime
    codes: list[str]
    urgent: bool
    by_policy: bool
    service_risk: float | None = None
    claimed_at: datetime | None = None
    ended_at: datetime | None = None

    def is_over(self, now: datetime) -> bool:
        return self.ended_at is not None and self.ended_at <= now

    def is_held(self, now: datetime) -> bool:
        return self.claimed_at is not None and self.claimed_at <= now and not self.is_over(now)


@dataclass(frozen=True, slots=True)
class Usual:
    """How long it usually takes until somebody is claimed, and then until they are helped."""

    wait: timedelta = timedelta(minutes=10)
    handling: timedelta = timedelta(minutes=10)


@dataclass(slots=True)
class Replay:
    """A contact's state under a policy; feed it all messages in order, then read `opened`."""

    policy: Policy
    usual: Usual
    really: Sequence[Escalated] = ()
    opened: list[Opened] = field(default_factory=list)
    _dialog: Dialog = field(default_factory=Dialog)
    _conversation_id: int | None = None
    _next: int = 0

    def hear(self, message: Message) -> None:
        """One message or press. What came about without the policy until then has happened before it."""
        said = message.said
        if said.conversation_id != self._conversation_id:
            self._dialog, self._conversation_id = Dialog(), said.conversation_id
        mine = self._catch_up(message)
        if said.kind == "press":
            self._pressed(message, mine)
        elif signals := judged(message, is_held=self._really_held(said.at), is_open=self._really_open(said.at)):
            self._judge(message, signals, mine)
        elif mine:
            self._open_as_it_was(mine)

    def finish(self) -> None:
        """What came about after the last message."""
        for escalated in self.really[self._next :]:
            self._open_as_it_was(escalated)
        self._next = len(self.really)

    def _catch_up(self, message: Message) -> Escalated | None:
        """Opens what was opened without this contact's words; returns what was really opened at this very message."""
        while self._next < len(self.really) and self.really[self._next].opened_at <= message.said.at:
            escalated = self.really[self._next]
            self._next += 1
            if escalated.opened_at == message.said.at:
                return escalated
            self._open_as_it_was(escalated)
        return None

    def _open_as_it_was(self, real: Escalated) -> None:
        """Unless they stand in the queue already."""
        if self._now_open(real.opened_at):
            return
        codes = first_reasons(real)
        if "asked_human" in codes:
            self._dialog.failures = 0
        self._append(real.contact_id, real.customer_id, real.opened_at, codes, real, by_policy=False)

    def _pressed(self, message: Message, mine: Escalated | None) -> None:
        action = str((message.said.payload or {}).get("action") or "") if message.said.is_answered else ""
        verb = action.split(":")[0]
        if verb in SETTLING:
            self._dialog.failures = 0
        if verb in FAILING and not self._held(message.said.at):
            self._failed(message, mine, gave_up=mine is not None)
        elif mine:
            self._open_as_it_was(mine)

    def _failed(self, message: Message, mine: Escalated | None, *, gave_up: bool = False) -> None:
        """`gave_up`: there was no other answer to show, which brings a human at once unless the bot tries again."""
        self._dialog.fail()
        tier = message.standing.tier
        gave_up = gave_up and not self.policy.sees_the_bot_first(tier)
        if gave_up or self._dialog.failures >= self.policy.failures_until_human(tier):
            self._escalate(message, [Reason("failed_answers")], mine, urgent=False)

    def _judge(self, message: Message, signals: Signals, mine: Escalated | None) -> None:
        now, decision = message.said.at, decided(message.questions)
        current = self._now_open(now)
        who = replace(
            message.standing,
            service_risk=kept_service_risk(mine),
            queued=current is not None,
            claimed=self._held(now),
            failures=self._dialog.failures,
        )
        if not who.claimed and not signals.wants_human:
            self._take_up(message)
        verdict = judge(who, signals, decision, self.policy)
        if verdict.act is Act.ANSWER and message.questions:
            self._dialog.answered = message.questions[0].entry_id
        if verdict.reasons:
            self._escalate(message, verdict.reasons, mine, urgent=verdict.urgent, resets=verdict.act is Act.HUMAN)
        elif verdict.act is Act.REFUSE:
            self._failed(message, mine)
        elif verdict.act is Act.THANK:
            self._dialog.failures = 0

    def _take_up(self, message: Message) -> None:
        """As support.talk.answering does; a follow-up was put to the FAQ together with the question before it."""
        text = message.said.text or ""
        for question in message.questions[:1]:
            if len(message.questions) == 1 and question.text is not None and question.text != text:
                self._dialog.follow_up(question.text, None)
            else:
                self._dialog.new_matter(text, None)

    def _escalate(
        self, message: Message, reasons: Iterable[Reason], mine: Escalated | None, *, urgent: bool, resets: bool = True
    ) -> None:
        now, codes = message.said.at, [reason.code for reason in reasons]
        if resets:
            self._dialog.failures = 0
        if current := self._now_open(now):
            current.urgent = current.urgent or urgent
            return
        risk = self._raised(mine)
        if risk is not None and SERVICE not in codes:
            codes.append(SERVICE)
        said = message.said
        self._append(said.contact_id, said.customer_id, now, codes, mine, by_policy=True, urgent=urgent)

    def _append(
        self,
        contact_id: int,
        customer_id: int,
        at: datetime,
        codes: list[str],
        real: Escalated | None,
        *,
        by_policy: bool,
        urgent: bool = False,
    ) -> None:
        claimed_at = real.claimed_at if real else at + self.usual.wait
        ended_at = real.ended_at if real else at + self.usual.wait + self.usual.handling
        risk = self._raised(real)
        self.opened.append(Opened(contact_id, customer_id, at, codes, urgent, by_policy, risk, claimed_at, ended_at))

    def _raised(self, real: Escalated | None) -> float | None:
        """The service risk, where it calls a human under this policy."""
        risk = kept_service_risk(real)
        return risk if risk is not None and risk >= self.policy.escalation.service_risk else None

    def _now_open(self, now: datetime) -> Opened | None:
        last = self.opened[-1] if self.opened else None
        return last if last and not last.is_over(now) else None

    def _held(self, now: datetime) -> bool:
        return bool(self.opened) and self.opened[-1].is_held(now)

    def _really_open(self, now: datetime) -> bool:
        return any(each.opened_at <= now and (each.ended_at is None or each.ended_at > now) for each in self.really)

    def _really_held(self, now: datetime) -> bool:
        return any(
            each.claimed_at and each.claimed_at <= now and (each.ended_at is None or each.ended_at > now)
            for each in self.really
        )


def kept_service_risk(real: Escalated | None) -> float | None:
    """As of the opening. It is kept only with the escalations that it called for (support.judging.service)."""
    kept = kept_risk(each for each in real.reasons if not each.get("at")) if real else None
    return kept.risk if kept else None


def first_reasons(real: Escalated) -> list[str]:
    """The codes of what brought somebody before a human; what was added while they waited has a moment of its own."""
    return [str(reason["code"]) for reason in real.reasons if not reason.get("at")]


def judged(message: Message, *, is_held: bool, is_open: bool) -> Signals | None:
    """The signals of a message that the policy judges; None for what never comes before it (commands, numbers, a
    form's answers). `is_held`: an agent really had the chat, so the FAQ was not asked; a wish, complaint or haste would
    have been heard all the same. `is_open`: they really were before a human, from this message on at the latest; a wish
    for one after which they were not was something else, such as a comment on a rating.
    """
    text = (message.said.text or "").strip()
    if not text or is_command(text) or lone_number(text):
        return None
    signals = read(text)
    speaks_up = (signals.wants_human and is_open) or (is_held and (signals.complaint or signals.urgent))
    return signals if message.questions or speaks_up or signals.thanks else None


def decided(questions: Sequence[Question]) -> Decision:
    """What the FAQ made of a message as a whole: sure of one question in it, it answers."""
    found = {question.decision for question in questions}
    return next((decision for decision in Decision if decision.value in found), Decision.REFUSE)
