"""What a call's answer means: sent, provably not sent, perhaps sent, or never to be sent. Pure.

Telegram's descriptions are subject to change, so `parameters` are read first, then the code, then a piece of the
description; what is not known is kept as failed with its exact words (docs/architecture.md, "Sending").
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from aiohttp import ClientConnectorError, ConnectionTimeoutError, InvalidURL

from workers.api import Answer

FIRST_BACKOFF_SECONDS = 5.0
LONGEST_BACKOFF_SECONDS = 300.0
REPEAT_SECONDS = 2.0
"""Before the one repetition of what may have been sent: long enough for a gateway to come back."""

LONGEST_WAIT_SECONDS = 86_400.0
"""Telegram has been seen to ask for 14 hours; more than a day is no answer to be believed."""

READ_TRIES = 6

PARK_SECONDS = 60.0
"""How often it is tried whether we may write again where we may not."""

REVOKED_SECONDS = 60.0
"""How often it is tried whether the token is good again."""


class Fate(StrEnum):
    """What is done with the row."""

    SENT = "sent"
    RETRY = "retry"  # provably not sent: again after `delay`
    FLOOD = "flood"  # told to wait: again after `delay`
    MAYBE = "maybe"  # it may have arrived
    DROPPED = "dropped"  # an edit or deletion of something that is gone
    FAILED = "failed"  # never; kept with its error
    LATE = "late"  # it could not be sent while anybody wanted it
    LOST = "lost"  # it speaks of what was never sent
    BLOCKED = "blocked"  # the person does not want or cannot get messages any more
    MIGRATED = "migrated"  # the group has another id now
    PARKED = "parked"  # we lack a right there: again after `delay`, and somebody must hear of it
    SHUT_OUT = "shut_out"  # the bot is not in that group any more
    TOPIC_GONE = "topic_gone"
    TOPIC_CLOSED = "topic_closed"
    PLAIN = "plain"  # entities were refused, a fault of ours: once more without them
    REVOKED = "revoked"  # the token is no longer good: nothing can be sent before `delay`


UNMADE = frozenset({Fate.LATE, Fate.LOST})
"""Of calls that are not made at all."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A fate with what is needed to act on it. `message_id` is a message's, or a new topic's.

    A try that does not count makes no later back-off longer: Telegram was there and said what must come first.
    """

    fate: Fate
    error: str | None = None
    delay: float = 0.0
    counts: bool = True
    message_id: int | None = None
    migrate_to: int | None = None
    result: Any = None


_DESCRIPTIONS: tuple[tuple[int, str, Fate], ...] = (
    (400, "message is not modified", Fate.SENT),
    (400, "message to edit not found", Fate.DROPPED),
    (400, "message can't be edited", Fate.DROPPED),
    (400, "message to delete not found", Fate.DROPPED),
    (400, "message can't be deleted", Fate.DROPPED),
    (400, "message thread not found", Fate.TOPIC_GONE),
    (400, "topic_deleted", Fate.TOPIC_GONE),
    (400, "topic_closed", Fate.TOPIC_CLOSED),
    (400, "can't parse entities", Fate.PLAIN),
    (400, "chat not found", Fate.BLOCKED),
    (403, "bot was blocked", Fate.BLOCKED),
    (403, "user is deactivated", Fate.BLOCKED),
    (403, "can't initiate conversation", Fate.BLOCKED),
    (403, "bot was kicked", Fate.SHUT_OUT),
    (403, "not a member", Fate.SHUT_OUT),
    (403, "group chat was deleted", Fate.SHUT_OUT),
    (400, "not enough rights", Fate.PARKED),
    (400, "have no rights", Fate.PARKED),
    (400, "need administrator rights", Fate.PARKED),
    (400, "chat_write_forbidden", Fate.PARKED),
)


def read_answer(answer: Answer, attempts: int) -> Outcome:
    """The outcome of a call that got an answer; `attempts` so far, this one included, decides a back-off."""
    body = answer.body
    if body is None or "ok" not in body:
        return _unreadable(answer, attempts)
    if body["ok"]:
        return Outcome(Fate.SENT, message_id=_message_id(body.get("result")), result=body.get("result"))
    return _refused(answer.status, body, attempts)


def read_error(error: BaseException, attempts: int) -> Outcome:
    """The outcome of a call that got no answer: not sent if no connection was made, otherwise nobody knows."""
    words = type(error).__name__
    if isinstance(error, ClientConnectorError | ConnectionTimeoutError | InvalidURL):
        return Outcome(Fate.RETRY, words, delay=backoff(attempts))
    return Outcome(Fate.MAYBE, words, delay=REPEAT_SECONDS)


def of_reading(outcome: Outcome, attempts: int) -> Outcome:
    """Reading does no harm twice, so it is repeated whatever came of it; not for ever, because others wait behind."""
    if outcome.fate is not Fate.MAYBE:
        return outcome
    fate = Fate.RETRY if attempts < READ_TRIES else Fate.FAILED
    return replace(outcome, fate=fate, delay=backoff(attempts))


def backoff(attempts: int) -> float:
    """Seconds: 5, 10, 20 … 300."""
    return float(min(LONGEST_BACKOFF_SECONDS, FIRST_BACKOFF_SECONDS * 2 ** min(max(attempts - 1, 0), 10)))


def _unreadable(answer: Answer, attempts: int) -> Outcome:
    if answer.status == 200:  # accepted, in words we do not understand: never again
        return Outcome(Fate.SENT, "the answer could not be read")
    if 400 <= answer.status < 500:  # a proxy's page: it refused by itself
        return _refused(answer.status, {}, attempts)
    return Outcome(Fate.MAYBE, f"HTTP {answer.status} without an answer of the Bot API", delay=REPEAT_SECONDS)


def _refused(status: int, body: dict[str, Any], attempts: int) -> Outcome:
    parameters = body.get("parameters")
    parameters = parameters if isinstance(parameters, dict) else {}
    code = _number(body.get("error_code")) or status
    words = str(body.get("description", f"HTTP {status}"))
    if migrate_to := _number(parameters.get("migrate_to_chat_id")):
        return Outcome(Fate.MIGRATED, words, migrate_to=migrate_to)
    wait = _number(parameters.get("retry_after"))
    if wait or code == 429:
        delay = float(min(wait or backoff(attempts), LONGEST_WAIT_SECONDS))
        return Outcome(Fate.FLOOD, words, delay, counts=not wait)
    if code in (401, 404):
        return Outcome(Fate.REVOKED, words, REVOKED_SECONDS, counts=False)
    if code == 409:
        return Outcome(Fate.RETRY, words, delay=backoff(attempts))
    if code >= 500:
        return Outcome(Fate.MAYBE, words, delay=REPEAT_SECONDS)
    return _described(code, words)


def _described(code: int, words: str) -> Outcome:
    lower = words.lower()
    for known_code, piece, fate in _DESCRIPTIONS:
        if code == known_code and piece in lower:
            is_parked = fate is Fate.PARKED
            return Outcome(fate, words, delay=PARK_SECONDS if is_parked else 0.0, counts=not is_parked)
    return Outcome(Fate.FAILED, words)


def _message_id(result: Any) -> int | None:
    if not isinstance(result, dict):
        return None
    return _number(result.get("message_id", result.get("message_thread_id")))


def _number(value: Any) -> int | None:
    """A whole number; None for anything that Telegram might put in its place."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None
