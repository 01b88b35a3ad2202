"""The search index of the ledger: its rows, and over them FTS5 on SQLite or a GIN index on PostgreSQL.

It is empty at first; the service fills it from the ledger (support.search).
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from crm_store import columns

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# Terms come folded and with spaces between them: nothing is left for a tokenizer but to split there. Its prefixes of
# one character find a single Chinese character.
WORDS = """
CREATE VIRTUAL TABLE search_words USING fts5(
    terms, content='search_entry', content_rowid='place', tokenize='ascii', prefix='1', columnsize=0
)
"""
# Written in bulk and off the message path, so nothing is gained by a list of what is still to be sorted in.
GIN = "CREATE INDEX ix_search_entry_terms ON search_entry USING gin (terms) WITH (fastupdate = off)"


def upgrade() -> None:
    op.create_table("search_entry",
    sa.Column("place", columns.BigInt, autoincrement=False, nullable=False),
    sa.Column("touchpoint_id", columns.BigInt, nullable=False),
    sa.Column("terms", sa.Text().with_variant(postgresql.TSVECTOR(), "postgresql"), nullable=False),
    sa.ForeignKeyConstraint(["touchpoint_id"], ["touchpoint.id"], name=op.f("fk_search_entry_touchpoint_id"), initially="DEFERRED", deferrable=True),
    sa.PrimaryKeyConstraint("place", name=op.f("pk_search_entry"))
    )
    with op.batch_alter_table("search_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_search_entry_touchpoint_id"), ["touchpoint_id"], unique=True)
    op.execute(WORDS if op.get_bind().dialect.name == "sqlite" else GIN)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE search_words")
    op.drop_table("search_entry")
