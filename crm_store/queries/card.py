"""Reads a customer's card: one statement, whatever there is to tell."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields
from functools import cache
from itertools import chain
from operator import attrgetter
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from crm_store.card import Contacted, CustomerCard, Standing
from crm_store.lists import Query, listed, unpacked
from crm_store.models import Agent, Customer, OrderHistory, Organisation, Score
from crm_store.queries.card_lists import CUSTOMER_ID, card_lists
from crm_store.repositories.referrals import came_by_link
from crm_store.repositories.shop_models import newest_evaluation

_Manager = aliased(Agent)

_WHO = (
    Customer.id,
    Customer.external_id,
    Customer.name,
    Customer.phone,
    Customer.email,
    Customer.language,
    Customer.organisation_id,
    Organisation.name.label("organisation"),
    Customer.source,
    Customer.referrer,
    Customer.created_at,
    Customer.erased_at,
    _Manager.name.label("manager"),
    came_by_link(CUSTOMER_ID).label("came"),
    newest_evaluation().label("evaluation"),
)
_NAMES = tuple(column.key for column in _WHO)
_JUDGED, _COUNTED = (
    tuple(getattr(model, field.name) for field in fields(Standing) if field.name in model.__table__.columns)
    for model in (Score, OrderHistory)
)
_STANDING = (*_JUDGED, *_COUNTED)
_HEAD = len(_WHO) + len(_STANDING)


async def read(session: AsyncSession, customer_id: int) -> CustomerCard | None:
    """The card of a customer as committed; None if there is no such customer."""
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    row = (await session.execute(_card(is_sqlite=is_sqlite), {"customer_id": customer_id})).one_or_none()
    if row is None:
        return None
    who, standing, packed = row[: len(_WHO)], row[len(_WHO) : _HEAD], row[_HEAD:]
    lists: dict[str, Any] = {
        name: unpacked(each.make, each.query, rows)
        for (name, each), rows in zip(card_lists(is_sqlite=is_sqlite).items(), packed, strict=True)
    }
    contacts = lists.pop("contacts")
    return CustomerCard(
        **dict(zip(_NAMES, who, strict=True)),
        standing=_standing(standing),
        contacts=tuple(way for way, _ in contacts),
        touchpoints=_newest_first(chain.from_iterable(touchpoints for _, touchpoints in contacts)),
        **lists,
    )


def _standing(columns: Sequence[Any]) -> Standing | None:
    """None of somebody who was never judged."""
    judged, counted = columns[: len(_JUDGED)], columns[len(_JUDGED) :]
    if judged[0] is None:
        return None
    found = zip(_COUNTED, counted, strict=True)
    return Standing(*judged, **{column.key: value for column, value in found if value is not None})


def _newest_first(touchpoints: Iterable[Contacted]) -> tuple[Contacted, ...]:
    return tuple(sorted(touchpoints, key=attrgetter("id"), reverse=True))


@cache
def _card(*, is_sqlite: bool) -> Query:
    """Built once: putting a statement of this size together takes longer than running it."""
    lists = [listed(each.query, is_sqlite=is_sqlite) for each in card_lists(is_sqlite=is_sqlite).values()]
    return (
        select(*_WHO, *_STANDING, *lists)
        .outerjoin(Organisation, Organisation.id == Customer.organisation_id)
        .outerjoin(_Manager, _Manager.id == Customer.manager_id)
        .outerjoin(Score, Score.customer_id == Customer.id)
        .outerjoin(OrderHistory, OrderHistory.customer_id == Customer.id)
        .where(Customer.id == CUSTOMER_ID)
    )
