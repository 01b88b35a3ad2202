"""Several processes share the work: who lives, who has taken which update, and which call goes before which.

Only adds, so that a release that does not know of it may run beside this one while it is put out.
"""

import sqlalchemy as sa
from alembic import op

from crm_store import columns

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table("process",
    sa.Column("number", sa.SmallInteger(), autoincrement=False, nullable=False),
    sa.Column("token", columns.BigInt, nullable=False),
    sa.Column("role", sa.Text(), nullable=False),
    sa.Column("host", sa.Text(), nullable=False),
    sa.Column("pid", columns.BigInt, nullable=False),
    sa.Column("version", sa.Text(), nullable=False),
    sa.Column("started_at", columns.UtcDateTime(), nullable=False),
    sa.Column("seen_at", columns.UtcDateTime(), nullable=False),
    sa.PrimaryKeyConstraint("number", name=op.f("pk_process")),
    sa.UniqueConstraint("token", name=op.f("uq_process_token"))
    )
    op.add_column("inbox", sa.Column("lease", columns.BigInt, nullable=True))
    is_leased = sa.text("state = 'waiting' AND lease IS NOT NULL")
    op.create_index("ix_inbox_leased", "inbox", ["chat_id"], unique=True, sqlite_where=is_leased, postgresql_where=is_leased)
    is_begun = sa.text("state = 'waiting' AND attempts > 0")
    op.create_index("ix_inbox_begun", "inbox", ["id"], sqlite_where=is_begun, postgresql_where=is_begun)
    op.add_column("outbox", sa.Column("lane", sa.SmallInteger(), nullable=False, server_default="1"))
    op.add_column("outbox", sa.Column("expires_at", columns.UtcDateTime(), nullable=True))
    is_waiting = sa.text("state = 'waiting'")
    op.create_index("ix_outbox_lane", "outbox", ["bot_id", "lane", "id", "chat_id"], sqlite_where=is_waiting, postgresql_where=is_waiting)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE SEQUENCE inbox_order")
        for table in ("inbox", "outbox"):
            op.execute(f"ALTER TABLE {table} SET (autovacuum_vacuum_scale_factor = 0.02)")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for table in ("inbox", "outbox"):
            op.execute(f"ALTER TABLE {table} RESET (autovacuum_vacuum_scale_factor)")
        op.execute("DROP SEQUENCE inbox_order")
    op.drop_index("ix_outbox_lane", "outbox")
    op.drop_column("outbox", "expires_at")
    op.drop_column("outbox", "lane")
    op.drop_index("ix_inbox_begun", "inbox")
    op.drop_index("ix_inbox_leased", "inbox")
    op.drop_column("inbox", "lease")
    op.drop_table("process")
