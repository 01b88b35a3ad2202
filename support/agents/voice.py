"""How a card says days, money and names: in the desk's language, as of one moment."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal

from support.desk import Desk
from support.words.times import day, money

CHANNELS = ("telegram", "web", "phone", "email")
NOON = time(12, tzinfo=UTC)


class Voice:
    """Says texts of locales/; `now` is the card's moment, `zone` the shop's."""

    def __init__(self, desk: Desk, now: datetime) -> None:
        self.now, self.zone = now, desk.timezone
        self._desk, self._language = desk, desk.default_language

    def __call__(self, key: str, /, **params: object) -> str:
        return self._desk.texts.say(self._language, key, **params)

    def channel(self, channel: str) -> str:
        """Imported contacts may be on channels that only the shop has a name for."""
        return self(f"channel.{channel}") if channel in CHANNELS else channel

    def tongue(self, language: str) -> str:
        return self(f"language.{language}") if language in self._desk.texts.languages else language

    def day(self, at: datetime) -> str:
        return day(at, self._language, self.zone, self.now)

    def hour(self, at: datetime) -> str:
        return f"{self.day(at)} {at.astimezone(self.zone):%H:%M}"

    def date(self, on: date) -> str:
        """A day without an hour is the same in every zone."""
        return day(datetime.combine(on, NOON), self._language, UTC, self.now)

    def money(self, amount: Decimal, currency: str | None) -> str:
        return money(amount, currency or "", self._language)
