"""When it is night at the shop: the hour for work that makes others wait."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

NIGHT_HOUR = 3


def next_night(now: datetime, zone: ZoneInfo) -> datetime:
    """The next time that it is three o'clock there, after `now`."""
    local = now.astimezone(zone)
    at = local.replace(hour=NIGHT_HOUR, minute=0, second=0, microsecond=0)
    return at if at > local else at + timedelta(days=1)
