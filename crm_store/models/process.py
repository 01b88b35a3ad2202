"""The processes that share this database, as long as they live."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from crm_store.models.base import Base


class Process(Base):
    """One running process. `number`, 0 to 1,023, makes its ids its own; `seen_at` is its last sign of life by the
    database's clock.

    Whatever it has taken carries its `token`. Once the row is gone, the token is worth nothing and what carried it is
    anybody's: so the token is lease and fence in one.
    """

    __tablename__ = "process"

    number: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    token: Mapped[int] = mapped_column(unique=True)
    role: Mapped[str]
    host: Mapped[str]
    pid: Mapped[int]
    version: Mapped[str]
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]
