"""One customer on many channels: merges, facts, consents, what agents saw; other programs: keys, links, mappings."""

import sqlalchemy as sa
from alembic import op

from crm_store import columns

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table("api_key",
    sa.Column("id", columns.BigInt, autoincrement=False, nullable=False),
    sa.Column("name", sa.Text(), nullable=False),
    sa.Column("key_hash", sa.Text(), nullable=False),
    sa.Column("scopes", columns.Json, nullable=False),
    sa.Column("created_at", columns.UtcDateTime(), nullable=False),
    sa.Column("last_used_at", columns.UtcDateTime(), nullable=True),
    sa.Column("revoked_at", columns.UtcDateTime(), nullable=True),
    sa.PrimaryKeyConstraint("id", name=op.f("pk_api_key")),
    sa.UniqueConstraint("key_hash", name=op.f("uq_api_key_key_hash")),
    sa.UniqueConstraint("name", name=op.f("uq_api_key_name"))
    )
    op.create_table("column_mapping",
    sa.Column("kind", sa.Text(), nullable=False),
    sa.Column("header", sa.Text(), nullable=False),
    sa.Column("columns", columns.Json, nullable=False),
    sa.Column("at", columns.UtcDateTime(), nullable=False),
    sa.PrimaryKeyConstraint("kind", "header", name=op.f("pk_column_mapping"))
    )
    op.create_table("idempotency_key",
    sa.Column("api_key_id", columns.BigInt, autoincrement=False, nullable=False),
    sa.Column("key", sa.Text(), nullable=False),
    sa.Column("body_hash", sa.Text(), nullable=False),
    sa.Column("status", columns.BigInt, nullable=False),
    sa.Column("response", columns.Json, nullable=False),
    sa.Column("at", columns.UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(["api_key_id"], ["api_key.id"], name=op.f("fk_idempotency_key_api_key_id"), initially="DEFERRED", deferrable=True),
    sa.PrimaryKeyConstraint("api_key_id", "key", name=op.f("pk_idempotency_key"))
    )
    with op.batch_alter_table("idempotency_key", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_idempotency_key_at"), ["at"], unique=False)

    op.create_table("duplicate_refusal",
    sa.Column("one_id", columns.BigInt, autoincrement=False, nullable=False),
    sa.Column("other_id", columns.BigInt, autoincrement=False, nullable=False),
    sa.Column("at", columns.UtcDateTime(), nullable=False),
    sa.Column("agent_id", columns.BigInt, nullable=True),
    sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("fk_duplicate_refusal_agent_id"), initially="DEFERRED", deferrable=True),
    sa.ForeignKeyConstraint(["one_id"], ["customer.id"], name=op.f("fk_duplicate_refusal_one_id"), initially="DEFERRED", deferrable=True),
    sa.ForeignKeyConstraint(["other_id"], ["customer.id"], name=op.f("fk_duplicate_refusal_other_id"), initially="DEFERRED", deferrable=True),
    sa.PrimaryKeyConstraint("one_id", "other_id", name=op.f("pk_duplicate_refusal"))
    )
    op.create_table("merge",
    sa.Column("id", columns.BigInt, autoincrement=False, nullable=False),
    sa.Column("kept_id", columns.BigInt, nullable=False),
    sa.Column("gone_id", columns.BigInt, nullable=False),
    sa.Column("at", columns.UtcDateTime(), nullable=False),
    sa.Column("agent_id", columns.BigInt, nullable=True),
    sa.Column("evidence", columns.Json, nullable=False),
    sa.Column("former", columns.Json, nullable=False),
    sa.Column("undone_at", columns.UtcDateTime(), nullable=True),
    sa.Column("undone_by_id", columns.BigInt, nullable=True),
    sa.Column("version", columns.BigInt, nullable=False),
    sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("fk_merge_agent_id"), initially="DEFERRED", deferrable=True),
    sa.ForeignKeyConstraint(["gone_id"], ["customer.id"], name=op.f("fk_merge_gone_id"), initially="DEFERRED", deferrable=True),
    sa.ForeignKeyConstraint(["kept_id"], ["customer.id"], name=op.f("fk_merge_kept_id"), initially="DEFERRED", deferrable=True),
    sa.ForeignKeyConstraint(["undone_by_id"], ["agent.id"], name=op.f("fk_merge_undone_by_id"), initially="DEFERRED", deferrable=True),
    sa.PrimaryKeyConstraint("id", name=op.f("pk_merge"))
    )
    with op.batch_alter_table("merge", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_merge_gone_id"), ["gone_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_merge_kept_id"), ["kept_id"], unique=False)

    op.create_table("contact_link",
    sa.Column("token_hash", sa.Text(), nullable=False),
    sa.Column("customer_id", columns.BigInt, nullable=False),
    sa.Column("created_at", columns.UtcDateTime(), nullable=False),
    sa.Column("expires_at", columns.UtcDateTime(), nullable=False),
    sa.Column("used_at", columns.UtcDateTime(), nullable=True),
    sa.Column("used_by_id", columns.BigInt, nullable=True),
    sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_contact_link_customer_id"), initially="DEFERRED", deferrable=True),
    sa.ForeignKeyConstraint(["used_by_id"], ["contact_point.id"], name=op.f("fk_contact_link_used_by_id"), initially="DEFERRED", deferrable=True),
    sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_contact_link"))
    )
    with op.batch_alter_table("contact_link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_contact_link_customer_id"), ["customer_id"], unique=False)

    op.create_table("merged_row",
    sa.Column("merge_id", columns.BigInt, autoincrement=False, nullable=False),
    sa.Column("table_name", sa.Text(), nullable=False),
    sa.Column("row_id", columns.BigInt, autoincrement=False, nullable=False),
    sa.ForeignKeyConstraint(["merge_id"], ["merge.id"], name=op.f("fk_merged_row_merge_id"), initially="DEFERRED", deferrable=True),
    sa.PrimaryKeyConstraint("merge_id", "table_name", "row_id", name=op.f("pk_merged_row"))
    )
    op.create_table("card_snapshot",
    sa.Column("touchpoint_id", columns.BigInt, autoincrement=False, nullable=False),
    sa.Column("customer_id", columns.BigInt, nullable=False),
    sa.Column("at", columns.UtcDateTime(), nullable=False),
    sa.Column("card", columns.Json, nullable=False),
    sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_card_snapshot_customer_id"), initially="DEFERRED", deferrable=True),
    sa.ForeignKeyConstraint(["touchpoint_id"], ["touchpoint.id"], name=op.f("fk_card_snapshot_touchpoint_id"), initially="DEFERRED", deferrable=True),
    sa.PrimaryKeyConstraint("touchpoint_id", name=op.f("pk_card_snapshot"))
    )
    with op.batch_alter_table("card_snapshot", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_card_snapshot_customer_id"), ["customer_id"], unique=False)

    op.create_table("consent",
    sa.Column("id", columns.BigInt, autoincrement=False, nullable=False),
    sa.Column("customer_id", columns.BigInt, nullable=False),
    sa.Column("purpose", sa.Text(), nullable=False),
    sa.Column("given", sa.Boolean(), nullable=False),
    sa.Column("at", columns.UtcDateTime(), nullable=False),
    sa.Column("source", sa.Text(), nullable=False),
    sa.Column("touchpoint_id", columns.BigInt, nullable=True),
    sa.Column("agent_id", columns.BigInt, nullable=True),
    sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("fk_consent_agent_id"), initially="DEFERRED", deferrable=True),
    sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_consent_customer_id"), initially="DEFERRED", deferrable=True),
    sa.ForeignKeyConstraint(["touchpoint_id"], ["touchpoint.id"], name=op.f("fk_consent_touchpoint_id"), initially="DEFERRED", deferrable=True),
    sa.PrimaryKeyConstraint("id", name=op.f("pk_consent"))
    )
    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_consent_customer_id_purpose_id"), ["customer_id", "purpose", "id"], unique=False)

    op.create_table("fact",
    sa.Column("id", columns.BigInt, autoincrement=False, nullable=False),
    sa.Column("customer_id", columns.BigInt, nullable=False),
    sa.Column("kind", sa.Text(), nullable=False),
    sa.Column("text", columns.Encrypted(), nullable=False),
    sa.Column("value", columns.Json, nullable=True),
    sa.Column("rule", sa.Text(), nullable=True),
    sa.Column("source_id", columns.BigInt, nullable=True),
    sa.Column("agent_id", columns.BigInt, nullable=True),
    sa.Column("state", sa.Text(), nullable=False),
    sa.Column("at", columns.UtcDateTime(), nullable=False),
    sa.Column("decided_at", columns.UtcDateTime(), nullable=True),
    sa.Column("decided_by_id", columns.BigInt, nullable=True),
    sa.Column("due_at", columns.UtcDateTime(), nullable=True),
    sa.Column("kept_at", columns.UtcDateTime(), nullable=True),
    sa.Column("version", columns.BigInt, nullable=False),
    sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("fk_fact_agent_id"), initially="DEFERRED", deferrable=True),
    sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_fact_customer_id"), initially="DEFERRED", deferrable=True),
    sa.ForeignKeyConstraint(["decided_by_id"], ["agent.id"], name=op.f("fk_fact_decided_by_id"), initially="DEFERRED", deferrable=True),
    sa.ForeignKeyConstraint(["source_id"], ["touchpoint.id"], name=op.f("fk_fact_source_id"), initially="DEFERRED", deferrable=True),
    sa.PrimaryKeyConstraint("id", name=op.f("pk_fact"))
    )
    with op.batch_alter_table("fact", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_fact_customer_id_state"), ["customer_id", "state"], unique=False)
        batch_op.create_index(batch_op.f("ix_fact_due_at"), ["due_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_fact_source_id"), ["source_id"], unique=False)

    with op.batch_alter_table("customer", schema=None) as batch_op:
        batch_op.add_column(sa.Column("merged_into_id", columns.BigInt, nullable=True))
        batch_op.add_column(sa.Column("erased_at", columns.UtcDateTime(), nullable=True))
        batch_op.create_index(batch_op.f("ix_customer_merged_into_id"), ["merged_into_id"], unique=False)
        batch_op.create_foreign_key(batch_op.f("fk_customer_merged_into_id"), "customer", ["merged_into_id"], ["id"], initially="DEFERRED", deferrable=True)

    with op.batch_alter_table("escalation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_escalation_customer_id"), ["customer_id"], unique=False)


    # consents are a history, so the database refuses to change them, as it does for the ledger (0002)
    for verb in ("UPDATE", "DELETE"):
        op.execute(trigger(verb, sqlite=op.get_bind().dialect.name == "sqlite"))


def downgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for verb in ("update", "delete"):
        op.execute(f"DROP TRIGGER consent_no_{verb}" + ("" if sqlite else " ON consent"))
    with op.batch_alter_table("escalation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_escalation_customer_id"))

    with op.batch_alter_table("customer", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_customer_merged_into_id"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_customer_merged_into_id"))
        batch_op.drop_column("erased_at")
        batch_op.drop_column("merged_into_id")

    with op.batch_alter_table("fact", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_fact_source_id"))
        batch_op.drop_index(batch_op.f("ix_fact_due_at"))
        batch_op.drop_index(batch_op.f("ix_fact_customer_id_state"))

    op.drop_table("fact")
    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_consent_customer_id_purpose_id"))

    op.drop_table("consent")
    with op.batch_alter_table("card_snapshot", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_card_snapshot_customer_id"))

    op.drop_table("card_snapshot")
    op.drop_table("merged_row")
    with op.batch_alter_table("contact_link", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_contact_link_customer_id"))

    op.drop_table("contact_link")
    with op.batch_alter_table("merge", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_merge_kept_id"))
        batch_op.drop_index(batch_op.f("ix_merge_gone_id"))

    op.drop_table("merge")
    op.drop_table("duplicate_refusal")
    with op.batch_alter_table("idempotency_key", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_idempotency_key_at"))

    op.drop_table("idempotency_key")
    op.drop_table("column_mapping")
    op.drop_table("api_key")


def trigger(verb: str, *, sqlite: bool) -> str:
    body = "BEGIN SELECT RAISE(ABORT, 'consents are append-only'); END" if sqlite else "EXECUTE FUNCTION touchdesk_refuse()"
    return f"CREATE TRIGGER consent_no_{verb.lower()} BEFORE {verb} ON consent FOR EACH ROW {body}"
