"""What the ledger is searched by: a row of terms for every touchpoint that has not been erased."""

from __future__ import annotations

from sqlalchemy import Index, Text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from crm_store.columns import BigInt, ref
from crm_store.models.base import Base


class SearchEntry(Base):
    """A touchpoint's terms (crm_store.search_terms), written some seconds after the touchpoint.

    `place` grows with the touchpoint's moment (crm_store.search_places), so that the newest hits are found first and
    a stretch of time is a stretch of places. `terms` stand with spaces between them on SQLite, where the FTS5 table
    `search_words` has this one as its content, and as a tsvector with its own index on PostgreSQL.
    """

    __tablename__ = "search_entry"
    __table_args__ = (Index(None, "touchpoint_id", unique=True),)

    place: Mapped[int] = mapped_column(BigInt, primary_key=True, autoincrement=False)
    touchpoint_id: Mapped[int] = mapped_column(ref("touchpoint.id"))
    terms: Mapped[str] = mapped_column(Text().with_variant(TSVECTOR(), "postgresql"), info={"pii": "words"})
