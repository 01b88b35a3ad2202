"""What holds of what an admin set: the newest state that can be read. Nobody's service stops for one that cannot."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import structlog

from crm_store.models import HouseRule
from support.judging.house_rules import BrokenRulesError

log = structlog.get_logger()

T = TypeVar("T")

LOOKED_BACK = 20
"""As many former states are tried where the newest ones cannot be read."""


def last_good(rows: Iterable[HouseRule], read: Callable[[Any], T], otherwise: T) -> T:
    """The first of the rows, newest first, that `read` does not refuse with a BrokenRulesError."""
    for row in rows:
        try:
            return read(row.value)
        except BrokenRulesError as error:
            log.error(
                "house_rules.broken", key=row.key, rule=row.id, problem=str(error), will="keep the last good ones"
            )
    return otherwise
