"""Where a touchpoint stands among all others in time: its place, by which search results are ordered and paged.

A place has 63 bits: the touchpoint's moment in milliseconds since 1970 (42), and what tells those of one moment apart
(21): how long after the moment its id was made, and the id's counter, so that what one unit wrote stays in order.
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta

from crm_store.ids import made_at_ms

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LAST_PLACE = 2**63 - 1
_TIE_BITS = 21
_COUNTER_BITS = 10
_LAST_MOMENT = LAST_PLACE >> _TIE_BITS
_MILLISECOND = timedelta(milliseconds=1)


def place_of(at: datetime, touchpoint_id: int) -> int:
    """The place of a touchpoint, unless another has it already."""
    moment = first_place(at)
    after = made_at_ms(touchpoint_id) - (moment >> _TIE_BITS)
    return moment | (after % (1 << _TIE_BITS - _COUNTER_BITS) << _COUNTER_BITS) | touchpoint_id % (1 << _COUNTER_BITS)


def first_place(at: datetime) -> int:
    """The first place of a moment: everything before it has a smaller one."""
    return min(max(0, (at - EPOCH) // _MILLISECOND), _LAST_MOMENT) << _TIE_BITS


def another_place(place: int) -> int:
    """Some other place of the same moment, of which a file of past days may bring many touchpoints."""
    return place >> _TIE_BITS << _TIE_BITS | secrets.randbelow(1 << _TIE_BITS)
