"""The three kinds of rows that may be imported: their columns, and how a row's cells are staged."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Literal

from crm_store.ids import new_id
from crm_store.imports import customers, orders, owners, touchpoints
from crm_store.imports.staging import Staging
from crm_store.vault import vault
from support.imports import fields
from support.imports.contact_data import email_hash, phone_hash
from support.imports.days import from_staged
from support.imports.strangers import take_in
from support.scoring.asking import MOST_TOUCHED, ask_to_judge, ask_to_judge_all

Kind = Literal["customers", "orders", "touchpoints"]
Cells = Mapping[str, str]
"""A row's cells as they were read, by our column names; empty or not there where nothing is said."""
PLAIN = None
"""Anything may stand in such a cell."""
StagedCells = list[str | None]


@dataclass(frozen=True, slots=True)
class KindOfRows:
    """`fields` are the columns that mean something to us, with what reads each; `date` is read by the column instead.

    `staged`, `compared` and `alone` are columns of the staging table: all, those in which two rows of one id may not
    differ, and those that no two rows may share, with the reason to tell. `stage` makes the first of a row's cells and
    attributes. When all rows are staged, `prepare`, `check` and `sort` come once; at the head of a transaction `check`
    and `begin` for all its rows, and then `write` for some thousand at a time.
    """

    id: str
    fields: Mapping[str, Callable[[str], str] | None]
    needed: Sequence[str]
    date: str | None
    moments: bool
    staged: Sequence[str]
    compared: Sequence[str]
    alone: Mapping[str, str]
    stage: Callable[[Cells, Mapping[str, str]], StagedCells]
    prepare: Callable[[Staging], Awaitable[None]]
    check: Callable[[Staging, int, int], Awaitable[None]]
    sort: Callable[[Staging], Awaitable[None]]
    begin: Callable[[Staging, int, int, str], Awaitable[None]]
    write: Callable[[Staging, int, int, str], Awaitable[tuple[int, int]]]


def _stage_customer(cells: Cells, attributes: Mapping[str, str]) -> StagedCells:
    phone, email, telegram = cells.get("phone"), cells.get("email"), cells.get("telegram_id")
    made: dict[str, str | None] = {
        "external_id": cells["customer_id"],
        "phone": phone and vault().encrypt(phone),
        "phone_hash": phone and phone_hash(phone),
        "email": email and vault().encrypt(email),
        "email_hash": email and email_hash(email),
        "contact_id": telegram and str(new_id()),
        "attributes": _json(attributes),
    }
    return [made[name] if name in made else cells.get(name) or None for name in customers.COLUMNS]


async def _write_customers(staged: Staging, low: int, high: int, now: str) -> tuple[int, int]:
    written = await customers.write(staged, low, high, now)
    await take_in(staged, low, high, from_staged(now))
    return written


def _stage_order(cells: Cells, attributes: Mapping[str, str]) -> StagedCells:
    said = [cells.get(name) or None for name in orders.COLUMNS[1:-1]]
    return [cells["order_id"], *said, _json(attributes)]


async def _write_orders(staged: Staging, low: int, high: int, now: str) -> tuple[int, int]:
    """Whoever has other orders by it is judged again, which the rows' transaction asks for."""
    few = staged.rows <= MOST_TOUCHED
    touched = await orders.owners_of(staged, low, high) if few else set()
    added, changed = await orders.write(staged, low, high, now)
    if added or changed:
        async with staged.unit(from_staged(now)) as unit:
            await (ask_to_judge(unit, touched) if few else ask_to_judge_all(unit))
    return added, changed


def _stage_touchpoint(cells: Cells, attributes: Mapping[str, str]) -> StagedCells:
    direction = cells.get("direction") or ("internal" if cells["kind"] == "note" else "in")
    told = {name: cells[name] for name in ("agent", "outcome") if name in cells}
    content = [cells["kind"], direction, cells.get("text"), cells.get("agent"), _json({**attributes, **told})]
    made: dict[str, str | None] = {
        "direction": direction,
        "author": "customer" if direction == "in" else "agent",
        "payload": content[-1],
        "digest": sha256(json.dumps(content).encode()).hexdigest()[:16],
    }
    return [made[name] if name in made else cells.get(name) or None for name in touchpoints.COLUMNS]


def _json(values: Mapping[str, Any]) -> str:
    """As the store's own JSON columns are written, so that the same object is the same text."""
    return json.dumps(values) if values else "{}"


KINDS: Mapping[Kind, KindOfRows] = {
    "customers": KindOfRows(
        id="customer_id",
        fields={
            "customer_id": fields.identifier,
            "name": PLAIN,
            "phone": fields.phone,
            "email": fields.email,
            "telegram_id": fields.telegram_id,
            "language": fields.language,
            "organisation": fields.identifier,
            "source": PLAIN,
            "referrer": PLAIN,
        },
        needed=("customer_id",),
        date=None,
        moments=False,
        staged=customers.COLUMNS,
        compared=customers.COMPARED,
        alone={"telegram_id": "repeated telegram"},
        stage=_stage_customer,
        prepare=customers.prepare,
        check=customers.check,
        sort=customers.sort,
        begin=customers.begin,
        write=_write_customers,
    ),
    "orders": KindOfRows(
        id="order_id",
        fields={
            "order_id": fields.identifier,
            "customer_id": fields.identifier,
            "date": PLAIN,
            "amount": fields.amount,
            "currency": fields.currency,
            "cost": fields.amount,
            "product": PLAIN,
            "category": PLAIN,
            "source": PLAIN,
        },
        needed=("order_id", "customer_id", "date", "amount"),
        date="date",
        moments=False,
        staged=orders.COLUMNS,
        compared=orders.COMPARED,
        alone={},
        stage=_stage_order,
        prepare=owners.prepare,
        check=owners.check,
        sort=owners.sort,
        begin=owners.open_contacts,
        write=_write_orders,
    ),
    "touchpoints": KindOfRows(
        id="external_id",
        fields={
            "external_id": fields.identifier,
            "customer_id": fields.identifier,
            "at": PLAIN,
            "kind": fields.kind,
            "direction": fields.direction,
            "text": PLAIN,
            "agent": PLAIN,
            "outcome": PLAIN,
        },
        needed=("external_id", "customer_id", "at", "kind"),
        date="at",
        moments=True,
        staged=touchpoints.COLUMNS,
        compared=touchpoints.COMPARED,
        alone={},
        stage=_stage_touchpoint,
        prepare=owners.prepare,
        check=owners.check,
        sort=owners.sort,
        begin=owners.open_contacts,
        write=touchpoints.write,
    ),
}
