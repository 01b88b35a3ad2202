"""Two records of one customer: what was joined, so that it can be taken apart again, and what was found to differ."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from crm_store.columns import Id, ref
from crm_store.models.base import Base, Versioned


class Merge(Versioned, Base):
    """The customer `gone_id` became part of `kept_id`; `undone_at` says that they were taken apart again.

    `evidence` is what spoke for it, a list of {"code", …}. `former` holds the columns of the kept customer that the
    merge filled or changed, as they were, by name.
    """

    __tablename__ = "merge"
    __table_args__ = (Index(None, "kept_id"), Index(None, "gone_id"))

    id: Mapped[Id]
    kept_id: Mapped[int] = mapped_column(ref("customer.id"))
    gone_id: Mapped[int] = mapped_column(ref("customer.id"))
    at: Mapped[datetime]
    agent_id: Mapped[int | None] = mapped_column(ref("agent.id"))
    evidence: Mapped[list[Any]] = mapped_column(default=list)
    former: Mapped[dict[str, Any]] = mapped_column(default=dict, info={"pii": "attributes"})
    undone_at: Mapped[datetime | None]
    undone_by_id: Mapped[int | None] = mapped_column(ref("agent.id"))


class MergedRow(Base):
    """A row that a merge gave to the kept customer; `table_name` and `row_id` say which."""

    __tablename__ = "merged_row"

    merge_id: Mapped[int] = mapped_column(ref("merge.id"), primary_key=True, autoincrement=False)
    table_name: Mapped[str] = mapped_column(primary_key=True)
    row_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class DuplicateRefusal(Base):
    """Two customers of whom somebody said that they are not the same; `one_id` is the smaller id."""

    __tablename__ = "duplicate_refusal"

    one_id: Mapped[int] = mapped_column(ref("customer.id"), primary_key=True, autoincrement=False)
    other_id: Mapped[int] = mapped_column(ref("customer.id"), primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    agent_id: Mapped[int | None] = mapped_column(ref("agent.id"))
