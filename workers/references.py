"""Calls may speak of messages and topics that are still on their way: minus the id of the row that makes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_KEYS = ("message_id", "message_thread_id")


class LostReferenceError(LookupError):
    """A call speaks of a message that was never sent."""

    def __init__(self, row_id: int) -> None:
        super().__init__(f"refers to call {row_id}, which was not sent")


class NotYetError(LookupError):
    """A call speaks of a message that is still on its way."""


def wanted(payload: Mapping[str, Any]) -> set[int]:
    """The rows that a payload refers to."""
    numbers = [payload.get(key) for key in _KEYS] + [_replied(payload).get("message_id")]
    return {-n for n in numbers if isinstance(n, int) and n < 0}


def resolve(payload: Mapping[str, Any], results: Mapping[int, tuple[str, int | None]]) -> dict[str, Any]:
    """The payload with real ids. `results` maps a row to (state, id). Raises LostReferenceError and NotYetError."""
    if not wanted(payload):
        return dict(payload)
    resolved = {key: _real(value, results) if key in _KEYS else value for key, value in payload.items()}
    if replied := _replied(payload):
        resolved["reply_parameters"] = {**replied, "message_id": _real(replied["message_id"], results)}
    return resolved


def _replied(payload: Mapping[str, Any]) -> Mapping[str, Any]:
    replied = payload.get("reply_parameters")
    return replied if isinstance(replied, Mapping) else {}


def _real(number: Any, results: Mapping[int, tuple[str, int | None]]) -> Any:
    if not isinstance(number, int) or number >= 0:
        return number
    state, message_id = results.get(-number, ("failed", None))
    if message_id is not None:
        return message_id
    if state in ("waiting", "sending"):
        raise NotYetError
    raise LostReferenceError(-number)
