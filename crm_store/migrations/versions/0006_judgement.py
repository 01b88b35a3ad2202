"""Judgement: what one more order is added to, changes of place, rules that an admin sets, referrals, account managers.

Scores from before keep their figures; the next night fills in the rest.
"""

import sqlalchemy as sa
from alembic import op

from crm_store import columns

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table("shop_model",
    sa.Column("id", columns.BigInt, autoincrement=False, nullable=False),
    sa.Column("as_of", columns.UtcDateTime(), nullable=False),
    sa.Column("model", columns.Json, nullable=False),
    sa.Column("evaluation", columns.Json, nullable=True),
    sa.PrimaryKeyConstraint("id", name=op.f("pk_shop_model"))
    )
    op.create_table("house_rule",
    sa.Column("id", columns.BigInt, autoincrement=False, nullable=False),
    sa.Column("key", sa.Text(), nullable=False),
    sa.Column("value", columns.Json, nullable=False),
    sa.Column("at", columns.UtcDateTime(), nullable=False),
    sa.Column("agent_id", columns.BigInt, nullable=True),
    sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("fk_house_rule_agent_id"), initially="DEFERRED", deferrable=True),
    sa.PrimaryKeyConstraint("id", name=op.f("pk_house_rule"))
    )
    with op.batch_alter_table("house_rule", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_house_rule_key_id"), ["key", "id"], unique=False)

    op.create_table("score_change",
    sa.Column("id", columns.BigInt, autoincrement=False, nullable=False),
    sa.Column("customer_id", columns.BigInt, nullable=False),
    sa.Column("at", columns.UtcDateTime(), nullable=False),
    sa.Column("former_tier", sa.Text(), nullable=True),
    sa.Column("former_stage", sa.Text(), nullable=True),
    sa.Column("former_at_risk", sa.Boolean(), nullable=True),
    sa.Column("former_segment", sa.Text(), nullable=True),
    sa.Column("tier", sa.Text(), nullable=True),
    sa.Column("stage", sa.Text(), nullable=False),
    sa.Column("at_risk", sa.Boolean(), nullable=False),
    sa.Column("segment", sa.Text(), nullable=True),
    sa.Column("cause", columns.Json, nullable=False),
    sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_score_change_customer_id"), initially="DEFERRED", deferrable=True),
    sa.PrimaryKeyConstraint("id", name=op.f("pk_score_change"))
    )
    with op.batch_alter_table("score_change", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_score_change_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_score_change_customer_id_at"), ["customer_id", "at"], unique=False)

    op.create_table("reason_verdict",
    sa.Column("escalation_id", columns.BigInt, autoincrement=False, nullable=False),
    sa.Column("code", sa.Text(), nullable=False),
    sa.Column("agent_id", columns.BigInt, nullable=True),
    sa.Column("at", columns.UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("fk_reason_verdict_agent_id"), initially="DEFERRED", deferrable=True),
    sa.ForeignKeyConstraint(["escalation_id"], ["escalation.id"], name=op.f("fk_reason_verdict_escalation_id"), initially="DEFERRED", deferrable=True),
    sa.PrimaryKeyConstraint("escalation_id", "code", name=op.f("pk_reason_verdict"))
    )
    with op.batch_alter_table("customer", schema=None) as batch_op:
        batch_op.add_column(sa.Column("referred_by_id", columns.BigInt, nullable=True))
        batch_op.add_column(sa.Column("manager_id", columns.BigInt, nullable=True))
        batch_op.create_index(batch_op.f("ix_customer_manager_id"), ["manager_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_customer_referred_by_id"), ["referred_by_id"], unique=False)
        batch_op.create_foreign_key(batch_op.f("fk_customer_manager_id"), "agent", ["manager_id"], ["id"], initially="DEFERRED", deferrable=True)
        batch_op.create_foreign_key(batch_op.f("fk_customer_referred_by_id"), "customer", ["referred_by_id"], ["id"], initially="DEFERRED", deferrable=True)

    with op.batch_alter_table("customer_order", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_customer_order_customer_id_date"))
        batch_op.create_index(batch_op.f("ix_customer_order_customer_id_date_currency_amount_cost"), ["customer_id", "date", "currency", "amount", "cost"], unique=False)

    with op.batch_alter_table("score", schema=None) as batch_op:
        batch_op.add_column(sa.Column("spend_percentile", sa.Double(), nullable=True))
        batch_op.add_column(sa.Column("expected_orders", sa.Double(), nullable=True))
        batch_op.add_column(sa.Column("rank", columns.BigInt, nullable=True))
        batch_op.add_column(sa.Column("r", columns.BigInt, nullable=True))
        batch_op.add_column(sa.Column("f", columns.BigInt, nullable=True))
        batch_op.add_column(sa.Column("m", columns.BigInt, nullable=True))
        batch_op.add_column(sa.Column("segment", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("order_days", columns.BigInt, nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("first_order", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("total", sa.Double(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("cost", sa.Double(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("uncosted", sa.Double(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("left_out", columns.BigInt, nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("decayed", sa.Double(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("brought", columns.BigInt, nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("ideas", columns.BigInt, nullable=False, server_default="0"))
        batch_op.alter_column("percentile",
               existing_type=sa.Double(),
               nullable=True)
        batch_op.alter_column("tier",
               existing_type=sa.Text(),
               nullable=True)
        batch_op.alter_column("last_order",
               existing_type=sa.Date(),
               nullable=True)
        batch_op.alter_column("days_silent",
               existing_type=columns.BigInt,
               nullable=True)


def downgrade() -> None:
    op.execute("DELETE FROM score WHERE tier IS NULL")  # who has not ordered had no score before
    with op.batch_alter_table("score", schema=None) as batch_op:
        batch_op.alter_column("days_silent",
               existing_type=columns.BigInt,
               nullable=False)
        batch_op.alter_column("last_order",
               existing_type=sa.Date(),
               nullable=False)
        batch_op.alter_column("tier",
               existing_type=sa.Text(),
               nullable=False)
        batch_op.alter_column("percentile",
               existing_type=sa.Double(),
               nullable=False)
        batch_op.drop_column("ideas")
        batch_op.drop_column("brought")
        batch_op.drop_column("decayed")
        batch_op.drop_column("left_out")
        batch_op.drop_column("uncosted")
        batch_op.drop_column("cost")
        batch_op.drop_column("total")
        batch_op.drop_column("first_order")
        batch_op.drop_column("order_days")
        batch_op.drop_column("segment")
        batch_op.drop_column("m")
        batch_op.drop_column("f")
        batch_op.drop_column("r")
        batch_op.drop_column("rank")
        batch_op.drop_column("expected_orders")
        batch_op.drop_column("spend_percentile")

    with op.batch_alter_table("customer_order", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_customer_order_customer_id_date_currency_amount_cost"))
        batch_op.create_index(batch_op.f("ix_customer_order_customer_id_date"), ["customer_id", "date"], unique=False)

    with op.batch_alter_table("customer", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_customer_referred_by_id"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_customer_manager_id"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_customer_referred_by_id"))
        batch_op.drop_index(batch_op.f("ix_customer_manager_id"))
        batch_op.drop_column("manager_id")
        batch_op.drop_column("referred_by_id")

    op.drop_table("reason_verdict")
    with op.batch_alter_table("score_change", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_score_change_customer_id_at"))
        batch_op.drop_index(batch_op.f("ix_score_change_at"))

    op.drop_table("score_change")
    with op.batch_alter_table("house_rule", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_house_rule_key_id"))

    op.drop_table("house_rule")
    op.drop_table("shop_model")
