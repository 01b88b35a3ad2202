"""Rows of other departments' systems: customers, orders and touchpoints, many at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel
from starlette.responses import Response

from console.api.cells import Batch, with_columns
from console.api.guard import needs
from console.api.repeats import AtMostOnce
from console.api.turns import InTurn
from console.web import Here
from support.idempotency import Answer, Keep
from support.imports.importing import import_rows
from support.imports.kinds import KINDS, Kind
from support.imports.result import ImportResult

router = APIRouter(tags=["batches"])

KeepGood = Annotated[bool, Query(description="keep the good rows even if others are bad; else nothing is kept")]


class RowProblem(BaseModel):
    """What is wrong with a row, which counts from 1."""

    row: int
    field: str
    problem: str


class Taken(BaseModel):
    """How many rows were new, said something else than before, or said the same again; `refused` ones were left out."""

    added: int
    changed: int
    unchanged: int
    refused: int
    problems: list[RowProblem]


class CustomerRows(Batch):
    model_config = with_columns(KINDS["customers"].fields, KINDS["customers"].needed)


class OrderRows(Batch):
    model_config = with_columns(KINDS["orders"].fields, KINDS["orders"].needed)


class TouchpointRows(Batch):
    model_config = with_columns(KINDS["touchpoints"].fields, KINDS["touchpoints"].needed)


@dataclass(frozen=True, slots=True)
class Taker:
    """Takes the rows of one request into the store, in one transaction with the note that they were taken."""

    web: Here
    once: AtMostOnce
    turns: InTurn
    keep_good: KeepGood = False

    async def take(self, kind: Kind, batch: Batch) -> Response:
        async def work(keep: Keep) -> Answer:
            async with self.turns.turn():
                taken = await import_rows(
                    self.web.desk.store,
                    kind,
                    enumerate(batch.rows, 1),
                    name="batch",
                    keep_good=self.keep_good,
                    zone=self.web.desk.timezone,
                    beside=lambda connection, result: keep(connection, Answer(200, _told(result))),
                )
            return Answer(200, _told(taken))

        return await self.once(work)


ATaker = Annotated[Taker, Depends()]


@router.post("/customers:batch", response_model=Taken, dependencies=[Depends(needs("customers:write"))])
async def take_customers(taker: ATaker, batch: CustomerRows) -> Response:
    """Adds and updates customers by `customer_id`."""
    return await taker.take("customers", batch)


@router.post("/orders:batch", response_model=Taken, dependencies=[Depends(needs("orders:write"))])
async def take_orders(taker: ATaker, batch: OrderRows) -> Response:
    """Adds and updates orders by `order_id`; their customers must be there."""
    return await taker.take("orders", batch)


@router.post("/touchpoints:batch", response_model=Taken, dependencies=[Depends(needs("touchpoints:write"))])
async def take_touchpoints(taker: ATaker, batch: TouchpointRows) -> Response:
    """Adds contacts that took place elsewhere, such as calls and visits; their customers must be there."""
    return await taker.take("touchpoints", batch)


def _told(result: ImportResult) -> dict[str, Any]:
    problems = [RowProblem(row=found.line, field=found.field, problem=found.message) for found in result.problems]
    return Taken(
        added=result.added,
        changed=result.changed,
        unchanged=result.unchanged,
        refused=result.refused,
        problems=problems,
    ).model_dump()
