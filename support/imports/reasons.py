"""The words for what is wrong with a row in the light of the others and of the store."""

from __future__ import annotations

from crm_store.imports.bad_rows import BadRow
from faq.problems import Problem
from support.imports.kinds import KindOfRows

_WORDS = {
    "repeated id": "{value!r} stands in line {other} already, and says something else there",
    "repeated telegram": "{value!r} stands in line {other} already",
    "telegram of another": "{value} belongs to customer {other!r} already",
    "unknown customer": "there is no customer {value!r}; import the customers first",
    "erased customer": "customer {value!r} was erased, and does not come back by an import",
    "unclear date": "may be {value} or {other}; write the year first, or say the order of day and month",
    "other date": "other dates of this column are written in another order; write the year first",
}


def worded(kind: KindOfRows, bad: BadRow) -> Problem:
    return Problem(bad.line, _field(kind, bad.reason), _WORDS[bad.reason].format(value=bad.value, other=bad.other))


def _field(kind: KindOfRows, reason: str) -> str:
    match reason:
        case "repeated id":
            return kind.id
        case "unclear date" | "other date":
            return kind.date or ""
        case "repeated telegram" | "telegram of another":
            return "telegram_id"
        case _:
            return "customer_id"
