"""As of which day customers are judged: today in the shop, and never a day before one that was judged already.

Judged by a clock that was set back, customers would lose their newest orders, and with them their judgements.
"""

from __future__ import annotations

from datetime import date

import structlog

from crm_store.store import Store
from support.scoring.nightly import newest_model

log = structlog.get_logger()


class AsOfError(ValueError):
    """A day that nothing can be known of yet."""

    def __init__(self, as_of: date, today: date) -> None:
        super().__init__(f"{as_of} is yet to come; today is {today}")


class JudgedLaterError(ValueError):
    """A day before the one that customers were last judged as of."""

    def __init__(self, as_of: date, last: date) -> None:
        super().__init__(f"{as_of} is before {last}, as of which customers were judged already")


async def day_to_judge(store: Store, today: date) -> date:
    """Today, or the day of the newest judgements where the clock was set back. Raises StoreUnavailableError."""
    last = await _last(store)
    if last is None or last <= today:
        return today
    log.warning("scoring.clock", last=last.isoformat(), today=today.isoformat())
    return last


async def check_day(store: Store, as_of: date, today: date) -> None:
    """Whether somebody may have customers judged as of that day; a last one that is yet to come was a clock's mistake,
    which this mends. Raises AsOfError, JudgedLaterError and StoreUnavailableError.
    """
    if as_of > today:
        raise AsOfError(as_of, today)
    last = await _last(store)
    if last is not None and as_of < last <= today:
        raise JudgedLaterError(as_of, last)


async def _last(store: Store) -> date | None:
    model = await newest_model(store)
    return model.as_of if model else None
