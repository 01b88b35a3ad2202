"""`touchdesk score`: everybody judged now, beside a running service too."""

from __future__ import annotations

import sys
from datetime import date
from functools import partial
from zoneinfo import ZoneInfo

from bot.settings import Settings
from crm_store.store import Store
from support.judging.evaluating import ask_if_due
from support.scoring import rescore
from support.scoring.days import check_day, day_to_judge

WAITING = "customers are being scored by the running service or another command; waiting until that is done"


async def scored(settings: Settings, store: Store, as_of: date | None) -> str:
    """As of a day, else today in the shop. Raises AsOfError, JudgedLaterError and StoreUnavailableError."""
    today = store.clock().astimezone(ZoneInfo(settings.timezone)).date()
    if as_of:
        await check_day(store, as_of, today)
    day = as_of or await day_to_judge(store, today)
    count = await rescore(store, day, partial(print, WAITING, file=sys.stderr))
    await store.run(partial(ask_if_due, today=day))
    return f"{count} customers scored as of {day.isoformat()}"
