"""How long people would have waited: the queue replayed with so many agents, the shop's hours and pace. Pure."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median, quantiles

from support.agents.priority import Waiting, order
from support.judging.house_rules import Policy
from support.working_hours import WorkingHours

MOST_WAITING = 1000
"""With more in the queue at once the agents are too few for any figure to mean something."""

_SPREAD = 2_654_435_761
"""Knuth's multiplier: neighbouring keys fall far apart."""


class TooFewAgentsError(ValueError):
    """The queue only grows; `day` is the shop's."""

    def __init__(self, agents: int, day: date) -> None:
        self.agents, self.day = agents, day
        who = "1 agent" if agents == 1 else f"{agents} agents"
        super().__init__(f"{who} cannot keep up: more than {MOST_WAITING:,} wait on {day}")


@dataclass(frozen=True, slots=True)
class Arrival:
    """Somebody who comes into the queue; `key` decides which of the known handling times theirs is."""

    key: int
    at: datetime
    tier: str | None = None
    value_percentile: float | None = None
    risk: float | None = None
    service_risk: float | None = None
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class Waited:
    """Working minutes until an agent came: half waited no longer than `half`, nine in ten no longer than `most`.

    `late` is how many waited beyond the first answer promised to their tier.
    """

    count: int
    half: float
    most: float
    late: int
    longest_queue: int = 0


def replay_queue(
    arrivals: Sequence[Arrival],
    agents: int,
    hours: WorkingHours,
    handling: Sequence[timedelta],
    policy: Policy,
    progress: Callable[[int], None] = lambda _: None,
) -> Waited | None:
    """The waits of all; None for an empty queue. `arrivals` by time; `handling` are working times, at least one.

    Agents take whoever comes first in the queue as they become free, and finish whom they have. Raises
    TooFewAgentsError.
    """
    if not arrivals:
        return None
    free = [arrivals[0].at] * agents
    waiting: list[Waiting[Arrival]] = []
    waits, late, longest, coming = [], 0, 0, 0
    now = arrivals[0].at
    while coming < len(arrivals) or waiting:
        now = hours.next_opening(max(now, free[0]) if waiting else max(now, free[0], arrivals[coming].at))
        while coming < len(arrivals) and arrivals[coming].at <= now:
            waiting.append(_in_line(arrivals[coming], policy))
            coming += 1
        longest = max(longest, len(waiting))
        if len(waiting) > MOST_WAITING:
            raise TooFewAgentsError(agents, now.astimezone(hours.zone).date())
        first = order(waiting, now, policy.queue.bound, policy.queue)[0]
        waiting.remove(first)
        waits.append(hours.minutes_between(first.arrived_at, now))
        late += waits[-1] > policy.serves(first.key.tier).first_answer_minutes
        heapq.heapreplace(free, hours.add(now, handling[first.key.key * _SPREAD % 2**32 * len(handling) >> 32]))
        progress(len(waits))
    return waited(waits, late, longest)


def waited(waits: Sequence[float], late: int, longest_queue: int = 0) -> Waited | None:
    """What is told of many waits, in minutes."""
    if not waits:
        return None
    most = quantiles(waits, n=10, method="inclusive")[-1] if len(waits) > 1 else waits[0]
    return Waited(len(waits), median(waits), most, late, longest_queue)


def _in_line(arrival: Arrival, policy: Policy) -> Waiting[Arrival]:
    return Waiting(
        arrival,
        arrival.at,
        arrival.value_percentile,
        arrival.risk,
        arrival.service_risk,
        arrival.urgent,
        policy.serves(arrival.tier).queue_weight,
    )
