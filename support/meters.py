"""What this process counts and times, for whoever watches it (docs/metrics.md).

One for each desk, with a registry of its own: two desks in one process count apart. Durations are seconds.
"""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from crm_store.queries.health import Health

PREFIX: Final = "touchdesk"
QUICK: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1)
ANSWERS: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600)
PEOPLE: Final = (10, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 28800, 86400)
CONTENT_TYPE: Final = CONTENT_TYPE_PLAIN_0_0_4

SECONDS: Final = "_seconds"
HEALTH: Final = {
    "inbox_waiting": ("", "Updates written down that have not taken effect"),
    "inbox_leased": ("", "Those of them that a process works on"),
    "inbox_oldest": (SECONDS, "Age of the oldest of them"),
    "inbox_set_aside": ("", "Updates given up that are kept with their error"),
    "outbox_waiting": ("", "Calls decided and not begun"),
    "outbox_oldest": (SECONDS, "Age of the oldest of them"),
    "outbox_sending": ("", "Calls under way"),
    "outbox_uncertain": ("", "Calls of the last hour that may have arrived, for people to decide"),
    "outbox_failed": ("", "Calls of the last hour that will never be sent"),
    "queue_waiting": ("", "Customers who wait for an agent"),
    "queue_oldest": (SECONDS, "How long the first of them has waited"),
    "jobs_late": (SECONDS, "How long the most overdue job of the timetable has been due"),
    "processes": ("", "Living processes of this database"),
    "processes_silent": ("", "Those that have given no sign of life for too long and are not cleared away yet"),
    "versions": ("", "Different releases among the living"),
}
"""Gauges by the figure of Health that they show: (what is added to the name, help)."""
LABELS: Final = {"outbox_waiting": ("lane",), "outbox_oldest": ("lane",), "processes": ("role",)}
"""What tells the figures apart where there are several."""


class Meters:
    """The counters and timers of one process. Each has its promise and its alert in docs/metrics.md."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        counter, histogram = self._counter, self._histogram
        self.accepted = counter("updates_accepted", "Updates written down before they were confirmed")
        self.duplicates = counter("duplicates_dropped", "Updates that were here already")
        self.done = counter("updates_done", "Updates that have taken effect")
        self.set_aside = counter("updates_set_aside", "Updates given up with their error")
        self.update_retries = counter("update_retries", "Updates that failed and are tried again")
        self.conflicts = counter("conflicts", "Units of work forgotten because the same rows were changed meanwhile")
        self.lease_lost = counter(
            "leases_lost", "Updates taken from this process because it had been silent for too long"
        )
        self.reaped = counter("processes_reaped", "Processes that this one found dead and whose work it freed")
        self.terms_won = counter("terms_won", "Times this process became the one that sends or receives for a bot")
        self.terms_lost = counter("terms_lost", "Times it ceased to be without having given it back")
        self.sends = counter("sends", "Calls to Telegram that ended, by what is done with them", "fate")
        self._retries = counter("send_retries", "Calls that wait once more after an attempt")
        self._uncertain = counter("sends_uncertain", "Calls left to people to decide: they may have arrived")
        self.jobs = counter("jobs", "Jobs of the timetable that ended", "name", "result")
        self.match = histogram("match_seconds", "From a message's words to what the FAQ makes of them", QUICK)
        reply = histogram(
            "update_to_reply_seconds",
            "decide: from an update written down to its effect written; send: from a reply decided to Telegram's yes",
            ANSWERS,
            "stage",
        )
        self._decided, self._sent = reply.labels("decide"), reply.labels("send")
        self._queue = histogram("queue_wait_seconds", "How long customers waited until an agent took them", PEOPLE)
        self.loop_lag = histogram("loop_lag_seconds", "How late the event loop runs what is due", QUICK)
        self._database = self._gauge("database_up", "Whether the database could be asked for the figures below")
        self._health = {
            name: self._gauge(f"{name}{unit}", help_, *LABELS.get(name, ())) for name, (unit, help_) in HEALTH.items()
        }

    def decided_after(self, time: timedelta) -> None:
        """An update has taken effect this long after it was written down."""
        self.done.inc()
        self._decided.observe(time.total_seconds())

    def sent_after(self, time: timedelta) -> None:
        """Telegram has taken a message of the ledger this long after it was decided."""
        self._sent.observe(time.total_seconds())

    def settled(self, state: str) -> None:
        """A call that did not simply succeed is now in this state (OutboxRow.state)."""
        if state == "waiting":
            self._retries.inc()
        if state == "uncertain":
            self._uncertain.inc()

    def taken_after(self, time: timedelta) -> None:
        """An agent has taken a customer who had waited this long."""
        self._queue.observe(time.total_seconds())

    def note(self, health: Health | None) -> None:
        """How much waits, as the database says; None if it says nothing, and then no older figure is shown."""
        self._database.set(health is not None)
        for name, gauge in self._health.items():
            if name in LABELS:
                gauge.clear()
                for kind, value in getattr(health, name, {}).items():
                    gauge.labels(kind).set(_number(value))
            else:
                gauge.set(_number(getattr(health, name, math.nan)))

    def text(self) -> bytes:
        """Everything in Prometheus' text format (CONTENT_TYPE)."""
        return generate_latest(self.registry)

    def _gauge(self, name: str, help_: str, *labels: str) -> Gauge:
        return Gauge(name, help_, labels, namespace=PREFIX, registry=self.registry)

    def _counter(self, name: str, help_: str, *labels: str) -> Counter:
        return Counter(name, help_, labels, namespace=PREFIX, registry=self.registry)

    def _histogram(self, name: str, help_: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
        return Histogram(name, help_, labels, namespace=PREFIX, registry=self.registry, buckets=buckets)


def _number(value: timedelta | float) -> float:
    return value.total_seconds() if isinstance(value, timedelta) else value
