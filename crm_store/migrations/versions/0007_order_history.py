"""What only orders change is apart from what every night changes, which takes few bytes; and the erased are found at once.

The names of tiers and stages become their places in the lists below; a segment follows from the three quintiles.
"""

import sqlalchemy as sa
from alembic import op

from crm_store import columns

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TIERS = ("vip", "major", "ordinary", "small")
STAGES = ("awareness", "consideration", "purchase", "use", "loyalty", "churn")
SAME = "customer_id, value, percentile, spend_percentile, risk, rank, at_risk, brought, ideas"
COUNTED = "currency, order_count, order_days, first_order, last_order, usual_gap_days, total, cost, uncosted, left_out"


def upgrade() -> None:
    is_erased = sa.text("erased_at IS NOT NULL")
    op.create_index("ix_customer_erased_at", "customer", ["erased_at"], sqlite_where=is_erased, postgresql_where=is_erased)
    was_brought = sa.text("referrer IS NOT NULL")
    op.create_index("ix_customer_referrer", "customer", ["referrer"], sqlite_where=was_brought, postgresql_where=was_brought)
    op.create_index("ix_escalation_opened_at", "escalation", ["opened_at"])
    op.create_table("order_history",
    sa.Column("customer_id", columns.BigInt, autoincrement=False, nullable=False),
    sa.Column("currency", sa.Text(), nullable=True),
    sa.Column("order_count", columns.BigInt, nullable=False),
    sa.Column("order_days", columns.BigInt, nullable=False),
    sa.Column("first_order", sa.Date(), nullable=False),
    sa.Column("last_order", sa.Date(), nullable=False),
    sa.Column("usual_gap_days", sa.Double(), nullable=True),
    sa.Column("total", sa.Double(), nullable=False),
    sa.Column("cost", sa.Double(), nullable=False),
    sa.Column("uncosted", sa.Double(), nullable=False),
    sa.Column("left_out", columns.BigInt, nullable=False),
    sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_order_history_customer_id"), initially="DEFERRED", deferrable=True),
    sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_order_history"))
    )
    op.execute(
        f"INSERT INTO order_history (customer_id, {COUNTED}) SELECT customer_id, {COUNTED} FROM score"
        " WHERE order_count > 0 AND first_order IS NOT NULL AND last_order IS NOT NULL"
    )
    day = "date(as_of)" if op.get_bind().dialect.name == "sqlite" else "CAST(as_of AT TIME ZONE 'UTC' AS DATE)"
    names = f"{_code('tier', TIERS, 'NULL')}, {_code('stage', STAGES, '1')}"
    op.execute(
        f"CREATE TABLE score_kept AS SELECT {SAME}, {day} AS as_of, {names}, r * 100 + f * 10 + m AS rfm FROM score"
    )
    op.drop_table("score")
    op.create_table("score", *_same(),
    sa.Column("as_of", sa.Date(), nullable=False),
    sa.Column("tier", sa.SmallInteger(), nullable=True),
    sa.Column("stage", sa.SmallInteger(), nullable=False),
    sa.Column("rfm", sa.SmallInteger(), nullable=True),
    *_keys()
    )
    _put_back(f"{SAME}, as_of, tier, stage, rfm")
    others = sa.text("brought <> 0 OR ideas <> 0")
    op.create_index("ix_score_others_figures", "score", ["customer_id"], sqlite_where=others, postgresql_where=others)


def _code(column: str, names: tuple[str, ...], unknown: str) -> str:
    whens = " ".join(f"WHEN '{name}' THEN {code}" for code, name in enumerate(names, 1))
    return f"CASE {column} {whens} ELSE {unknown} END AS {column}"


def _same() -> list[sa.Column]:
    return [
        sa.Column("customer_id", columns.BigInt, autoincrement=False, nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("percentile", sa.Double(), nullable=True),
        sa.Column("spend_percentile", sa.Double(), nullable=True),
        sa.Column("risk", sa.Double(), nullable=True),
        sa.Column("rank", columns.BigInt, nullable=True),
        sa.Column("at_risk", sa.Boolean(), nullable=False),
        sa.Column("brought", columns.BigInt, nullable=False, server_default="0"),
        sa.Column("ideas", columns.BigInt, nullable=False, server_default="0"),
    ]


def _keys() -> list[sa.Constraint]:
    return [
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_score_customer_id"), initially="DEFERRED", deferrable=True),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_score")),
    ]


def _put_back(names: str) -> None:
    op.execute(f"INSERT INTO score ({names}) SELECT {names} FROM score_kept")
    if op.get_bind().dialect.name == "postgresql":  # which changes no table while references are still to be checked
        op.execute("SET CONSTRAINTS ALL IMMEDIATE")
        op.execute("SET CONSTRAINTS ALL DEFERRED")
    op.drop_table("score_kept")


def downgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    moment = "as_of || ' 00:00:00.000000'" if is_sqlite else "CAST(as_of AS TIMESTAMP) AT TIME ZONE 'UTC'"
    silent = "CAST(julianday(as_of) - julianday(last_order) AS INTEGER)" if is_sqlite else "as_of - last_order"
    names = f"{_name('tier', TIERS)}, {_name('stage', STAGES)}"
    counted = "currency, coalesce(order_count, 0) AS order_count, coalesce(order_days, 0) AS order_days, first_order, last_order, usual_gap_days"
    sums = ", ".join(f"coalesce({name}, 0) AS {name}" for name in ("total", "cost", "uncosted", "left_out"))
    rfm = "rfm / 100 AS r, rfm / 10 % 10 AS f, rfm % 10 AS m"
    op.execute(
        f"CREATE TABLE score_kept AS SELECT {SAME.replace('customer_id', 'score.customer_id')}, {moment} AS as_of,"
        f" {names}, {counted}, {sums}, {silent} AS days_silent, {rfm}"
        " FROM score LEFT JOIN order_history ON order_history.customer_id = score.customer_id"
    )
    op.drop_table("score")
    op.drop_table("order_history")
    op.create_table("score", *_same(),
    sa.Column("as_of", columns.UtcDateTime(), nullable=False),
    sa.Column("tier", sa.Text(), nullable=True),
    sa.Column("stage", sa.Text(), nullable=False),
    sa.Column("segment", sa.Text(), nullable=True),
    sa.Column("expected_orders", sa.Double(), nullable=True),
    sa.Column("currency", sa.Text(), nullable=True),
    sa.Column("order_count", columns.BigInt, nullable=False),
    sa.Column("order_days", columns.BigInt, nullable=False, server_default="0"),
    sa.Column("first_order", sa.Date(), nullable=True),
    sa.Column("last_order", sa.Date(), nullable=True),
    sa.Column("days_silent", columns.BigInt, nullable=True),
    sa.Column("usual_gap_days", sa.Double(), nullable=True),
    sa.Column("r", columns.BigInt, nullable=True),
    sa.Column("f", columns.BigInt, nullable=True),
    sa.Column("m", columns.BigInt, nullable=True),
    sa.Column("total", sa.Double(), nullable=False, server_default="0"),
    sa.Column("cost", sa.Double(), nullable=False, server_default="0"),
    sa.Column("uncosted", sa.Double(), nullable=False, server_default="0"),
    sa.Column("left_out", columns.BigInt, nullable=False, server_default="0"),
    sa.Column("decayed", sa.Double(), nullable=False, server_default="0"),
    *_keys()
    )
    _put_back(f"{SAME}, as_of, tier, stage, {COUNTED}, days_silent, r, f, m")
    op.drop_index("ix_escalation_opened_at", "escalation")
    op.drop_index("ix_customer_referrer", "customer")
    op.drop_index("ix_customer_erased_at", "customer")


def _name(column: str, names: tuple[str, ...]) -> str:
    whens = " ".join(f"WHEN {code} THEN '{name}'" for code, name in enumerate(names, 1))
    return f"CASE {column} {whens} END AS {column}"
