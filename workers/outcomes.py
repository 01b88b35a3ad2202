"""What a call's answer means: sent, provably not sent, perhaps sent, or never to be sent. Pure.

Telegram's descriptions are subject to change, so `parameters` are read first, then the code, then a piece of the
description; what is not known is kept as failed with its exact words (docs/architecture.md, "Sending").
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from aiohttp import ClientConnectorError, ClientOSError, ServerDisconnectedError

from workers.api import Answer

FIRST_BACKOFF_SECONDS = 5.0
LONGEST_BACKOFF_SECONDS = 300.0


class Fate(StrEnum):
    """What is done with the row."""

    SENT = "sent"
    RETRY = "retry"  # provably not sent: again after `delay`
    FLOOD = "flood"  # told to wait: again after `delay`; not counted as a failure
    MAYBE = "maybe"  # it may have arrived
    DROPPED = "dropped"  # an edit or deletion of something that is gone
    FAILED = "failed"  # never; kept with its error
    BLOCKED = "blocked"  # the person does not want or cannot get messages any more
    MIGRATED = "migrated"  # the group has another id now
    TOPIC_GONE = "topic_gone"
    TOPIC_CLOSED = "topic_closed"
    PLAIN = "plain"  # entities were refused: once more without them
    REVOKED = "revoked"  # the token is no longer good: nothing can be sent


@dataclass(frozen=True, slots=True)
class Outcome:
    """A fate with what is needed to act on it. `message_id` is a message's, or a new topic's."""

    fate: Fate
    error: str | None = None
    delay: float = 0.0
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
    (400, "not enough rights", Fate.RETRY),
    (400, "chat_write_forbidden", Fate.RETRY),
)


def read_answer(answer: Answer, attempts: int) -> Outcome:
    """The outcome of a call that got an answer; `attempts` so far, this one included, decides a back-off."""
    body = answer.body
    if body is None or "ok" not in body:
        return _unreadable(answer)
    if body["ok"]:
        return Outcome(Fate.SENT, message_id=_message_id(body.get("result")), result=body.get("result"))
    return _refused(answer.status, body, attempts)


def read_error(error: BaseException, attempts: int) -> Outcome:
    """The outcome of a call that got no answer: not sent if no connection was made, otherwise nobody knows."""
    words = f"{type(error).__name__}"
    if isinstance(error, ClientConnectorError):
        return Outcome(Fate.RETRY, words, delay=backoff(attempts))
    if isinstance(error, ServerDisconnectedError | ClientOSError | TimeoutError):
        return Outcome(Fate.MAYBE, words)
    return Outcome(Fate.MAYBE, words)


def backoff(attempts: int) -> float:
    """Seconds: 5, 10, 20 … 300."""
    return float(min(LONGEST_BACKOFF_SECONDS, FIRST_BACKOFF_SECONDS * 2 ** min(max(attempts - 1, 0), 10)))


def _unreadable(answer: Answer) -> Outcome:
    if answer.status == 200:  # accepted, in words we do not understand: never again
        return Outcome(Fate.SENT, "the answer could not be read")
    return Outcome(Fate.MAYBE, f"HTTP {answer.status} without an answer of the Bot API")


def _refused(status: int, body: dict[str, Any], attempts: int) -> Outcome:
    parameters = body.get("parameters") or {}
    code = body.get("error_code", status)
    words = str(body.get("description", f"HTTP {status}"))
    if "migrate_to_chat_id" in parameters:
        return Outcome(Fate.MIGRATED, words, migrate_to=int(parameters["migrate_to_chat_id"]))
    if code == 429:
        return Outcome(Fate.FLOOD, words, delay=float(parameters.get("retry_after") or backoff(attempts)))
    if code in (401, 404):
        return Outcome(Fate.REVOKED, words)
    if code >= 500:
        return Outcome(Fate.MAYBE, words)
    return _described(code, words, attempts)


def _described(code: int, words: str, attempts: int) -> Outcome:
    lower = words.lower()
    for known_code, piece, fate in _DESCRIPTIONS:
        if code == known_code and piece in lower:
            return Outcome(fate, words, delay=backoff(attempts) if fate is Fate.RETRY else 0.0)
    return Outcome(Fate.FAILED, words)


def _message_id(result: Any) -> int | None:
    if not isinstance(result, dict):
        return None
    if "message_id" in result:
        return int(result["message_id"])
    thread = result.get("message_thread_id")
    return int(thread) if thread is not None else None
