"""What can go wrong on the way, by order of a test."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random
from typing import Any


class Kind(StrEnum):
    """A fault of the line or of the server. Those named AFTER come when the call has taken effect."""

    BAD_GATEWAY = "bad_gateway"  # 502 with a page of HTML, no effect
    BAD_GATEWAY_AFTER = "bad_gateway_after"
    DROP_BEFORE = "drop_before"  # the connection breaks, no effect
    DROP_AFTER = "drop_after"
    DELAY = "delay"  # `seconds` pass, then all is well
    DELAY_AFTER = "delay_after"
    TOO_MANY = "too_many"  # 429 with retry_after = `seconds`; 0: without parameters
    REFUSE = "refuse"  # `code` and `description` with `parameters`, no effect
    GARBLED = "garbled"  # effect and 200, but one field is of a type nobody knows
    TRUNCATED = "truncated"  # effect and 200, but the body stops in the middle
    TRICKLE = "trickle"  # effect and 200, but the body takes `seconds` to come
    GARBAGE = "garbage"  # effect and 200, but the body is no JSON at all
    SERVER_ERROR_AFTER = "server_error_after"  # effect, but the Bot API says 500
    WRONG_THREAD = "wrong_thread"  # 200, but the message lands outside its topic


@dataclass
class Fault:
    """Strikes calls of `method` ("*": any but getUpdates) whose parameters equal `where`.

    `skip` calls pass first, then every `every`-th is struck, `times` times in all (None: without end); or only a
    `share` of them by chance, the same ones for the same `seed`.
    """

    kind: Kind
    method: str = "*"
    times: int | None = 1
    every: int = 1
    skip: int = 0
    share: float = 1.0
    seed: int = 0
    where: Mapping[str, object] = field(default_factory=dict)
    seconds: float = 0.0
    code: int = 400
    description: str = "Bad Request"
    parameters: Mapping[str, int] = field(default_factory=dict)
    seen: int = 0
    struck: int = 0

    def __post_init__(self) -> None:
        self._chance = Random(self.seed)  # noqa: S311 - the same faults in every run

    def strikes(self, method: str, params: Mapping[str, Any]) -> bool:
        if not self._meant(method, params) or self.struck == self.times:
            return False
        self.seen += 1
        due = self.seen > self.skip and (self.seen - self.skip) % self.every == 0
        due = due and self._chance.random() < self.share
        self.struck += due
        return due

    def _meant(self, method: str, params: Mapping[str, Any]) -> bool:
        named = method != "getupdates" if self.method == "*" else method == self.method.lower()
        return named and all(str(params.get(name)) == str(value) for name, value in self.where.items())


class Faults:
    """The faults in force, oldest first; at most one strikes a call."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def add(self, fault: Fault) -> None:
        self._faults.append(fault)

    def clear(self) -> None:
        self._faults.clear()

    @property
    def struck(self) -> int:
        return sum(fault.struck for fault in self._faults)

    @property
    def struck_by_kind(self) -> dict[str, int]:
        counted: Counter[str] = Counter()
        for fault in self._faults:
            counted[fault.kind] += fault.struck
        return dict(counted)

    def strike(self, method: str, params: Mapping[str, Any]) -> Fault | None:
        if not self._faults:
            return None
        return next((fault for fault in self._faults if fault.strikes(method, params)), None)
