"""The first schema."""

import sqlalchemy as sa
from alembic import op

from crm_store import columns

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "agent",
        sa.Column("id", columns.BigInt, autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("telegram_id", columns.BigInt, nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", columns.UtcDateTime(), nullable=False),
        sa.Column("dialog", columns.Json, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agent")),
        sa.UniqueConstraint("name", name=op.f("uq_agent_name")),
        sa.UniqueConstraint("telegram_id", name=op.f("uq_agent_telegram_id")),
    )
    op.create_table(
        "faq_entry",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("form", columns.Json, nullable=False),
        sa.Column("position", columns.BigInt, nullable=False),
        sa.Column("withdrawn_at", columns.UtcDateTime(), nullable=True),
        sa.Column("changed_at", columns.UtcDateTime(), nullable=False),
        sa.Column("version", columns.BigInt, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_faq_entry")),
    )
    op.create_table(
        "inbox",
        sa.Column("id", columns.BigInt, autoincrement=False, nullable=False),
        sa.Column("bot_id", columns.BigInt, nullable=False),
        sa.Column("update_id", columns.BigInt, nullable=False),
        sa.Column("chat_id", columns.BigInt, nullable=False),
        sa.Column("received_at", columns.UtcDateTime(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", columns.BigInt, nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox")),
        sa.UniqueConstraint("bot_id", "update_id", name=op.f("uq_inbox_bot_id_update_id")),
    )
    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_inbox_state_received_at"), ["state", "received_at"], unique=False)
        batch_op.create_index(
            "ix_inbox_waiting",
            ["chat_id", "id"],
            unique=False,
            sqlite_where=sa.text("state = 'waiting'"),
            postgresql_where=sa.text("state = 'waiting'"),
        )

    op.create_table(
        "organisation",
        sa.Column("id", columns.BigInt, autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", columns.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
        sa.UniqueConstraint("name", name=op.f("uq_organisation_name")),
    )
    op.create_table(
        "outbox",
        sa.Column("id", columns.BigInt, autoincrement=False, nullable=False),
        sa.Column("bot_id", columns.BigInt, nullable=False),
        sa.Column("chat_id", columns.BigInt, nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("payload", columns.Json, nullable=False),
        sa.Column("files", columns.Json, nullable=True),
        sa.Column("touchpoint_id", columns.BigInt, nullable=True),
        sa.Column("repeat", sa.Text(), nullable=False),
        sa.Column("joinable", sa.Boolean(), nullable=False),
        sa.Column("continuation", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", columns.UtcDateTime(), nullable=False),
        sa.Column("not_before", columns.UtcDateTime(), nullable=True),
        sa.Column("attempts", columns.BigInt, nullable=False),
        sa.Column("repeated", sa.Boolean(), nullable=False),
        sa.Column("epoch", columns.BigInt, nullable=True),
        sa.Column("message_id", columns.BigInt, nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
    )
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_outbox_chat_id_message_id"), ["chat_id", "message_id"], unique=False)
        batch_op.create_index(
            "ix_outbox_sending",
            ["bot_id", "epoch"],
            unique=False,
            sqlite_where=sa.text("state = 'sending'"),
            postgresql_where=sa.text("state = 'sending'"),
        )
        batch_op.create_index(batch_op.f("ix_outbox_touchpoint_id"), ["touchpoint_id"], unique=False)
        batch_op.create_index(
            "ix_outbox_waiting",
            ["bot_id", "chat_id", "id"],
            unique=False,
            sqlite_where=sa.text("state = 'waiting'"),
            postgresql_where=sa.text("state = 'waiting'"),
        )

    op.create_table(
        "schedule",
        sa.Column("id", columns.BigInt, autoincrement=False, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("job", sa.Text(), nullable=False),
        sa.Column("payload", columns.Json, nullable=False),
        sa.Column("next_run_at", columns.UtcDateTime(), nullable=False),
        sa.Column("every_seconds", columns.BigInt, nullable=True),
        sa.Column("attempts", columns.BigInt, nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schedule")),
        sa.UniqueConstraint("key", name=op.f("uq_schedule_key")),
    )
    with op.batch_alter_table("schedule", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_schedule_next_run_at"), ["next_run_at"], unique=False)

    op.create_table(
        "setting",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", columns.BigInt, nullable=False),
        sa.Column("version", columns.BigInt, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_setting")),
    )
    op.create_table(
        "agent_session",
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("agent_id", columns.BigInt, nullable=False),
        sa.Column("csrf", sa.Text(), nullable=False),
        sa.Column("created_at", columns.UtcDateTime(), nullable=False),
        sa.Column("seen_at", columns.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agent.id"], name=op.f("fk_agent_session_agent_id"), initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_agent_session")),
    )
    with op.batch_alter_table("agent_session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_agent_session_agent_id"), ["agent_id"], unique=False)

    op.create_table(
        "audit",
        sa.Column("id", columns.BigInt, autoincrement=False, nullable=False),
        sa.Column("at", columns.UtcDateTime(), nullable=False),
        sa.Column("agent_id", columns.BigInt, nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("object_kind", sa.Text(), nullable=False),
        sa.Column("object_id", sa.Text(), nullable=False),
        sa.Column("data", columns.Json, nullable=True),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agent.id"], name=op.f("fk_audit_agent_id"), initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_object_kind_object_id"), ["object_kind", "object_id"], unique=False)

    op.create_table(
        "customer",
        sa.Column("id", columns.BigInt, autoincrement=False, nullable=False),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("phone", columns.Encrypted(), nullable=True),
        sa.Column("phone_hash", sa.Text(), nullable=True),
        sa.Column("email", columns.Encrypted(), nullable=True),
        sa.Column("email_hash", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("organisation_id", columns.BigInt, nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("referrer", sa.Text(), nullable=True),
        sa.Column("attributes", columns.Json, nullable=False),
        sa.Column("created_at", columns.UtcDateTime(), nullable=False),
        sa.Column("version", columns.BigInt, nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_customer_organisation_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer")),
        sa.UniqueConstraint("external_id", name=op.f("uq_customer_external_id")),
    )
    with op.batch_alter_table("customer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_customer_email_hash"), ["email_hash"], unique=False)
        batch_op.create_index(batch_op.f("ix_customer_organisation_id"), ["organisation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_customer_phone_hash"), ["phone_hash"], unique=False)

    op.create_table(
        "faq_answer",
        sa.Column("entry_id", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["faq_entry.id"], name=op.f("fk_faq_answer_entry_id"), initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("entry_id", "language", name=op.f("pk_faq_answer")),
    )
    op.create_table(
        "faq_phrasing",
        sa.Column("id", columns.BigInt, autoincrement=False, nullable=False),
        sa.Column("entry_id", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("position", columns.BigInt, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["faq_entry.id"], name=op.f("fk_faq_phrasing_entry_id"), initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_faq_phrasing")),
        sa.UniqueConstraint(
            "entry_id", "language", "position", name=op.f("uq_faq_phrasing_entry_id_language_position")
        ),
    )
    op.create_table(
        "faq_revision",
        sa.Column("id", columns.BigInt, autoincrement=False, nullable=False),
        sa.Column("entry_id", sa.Text(), nullable=False),
        sa.Column("at", columns.UtcDateTime(), nullable=False),
        sa.Column("agent_id", columns.BigInt, nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("snapshot", columns.Json, nullable=False),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agent.id"], name=op.f("fk_faq_revision_agent_id"), initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_faq_revision")),
    )
    with op.batch_alter_table("faq_revision", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_faq_revision_entry_id_id"), ["entry_id", "id"], unique=False)

    op.create_table(
        "login_link",
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("agent_id", columns.BigInt, nullable=False),
        sa.Column("expires_at", columns.UtcDateTime(), nullable=False),
        sa.Column("reusable", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agent.id"], name=op.f("fk_login_link_agent_id"), initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_login_link")),
    )
    op.create_table(
        "contact_point",
        sa.Column("id", columns.BigInt, autoincrement=False, nullable=False),
        sa.Column("customer_id", columns.BigInt, nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("chat_id", columns.BigInt, nullable=True),
        sa.Column("display_name", sa.Text(), nullable=True),
        sa.Column("username", sa.Text(), nullable=True),
        sa.Column("client_language", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("state_changed_at", columns.UtcDateTime(), nullable=True),
        sa.Column("created_at", columns.UtcDateTime(), nullable=False),
        sa.Column("version", columns.BigInt, nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
            name=op.f("fk_contact_point_customer_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_point")),
        sa.UniqueConstraint("channel", "address", name=op.f("uq_contact_point_channel_address")),
    )
    with op.batch_alter_table("contact_point", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_contact_point_customer_id"), ["customer_id"], unique=False)

    op.create_table(
        "customer_order",
        sa.Column("id", columns.BigInt, autoincrement=False, nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("customer_id", columns.BigInt, nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("cost", sa.Numeric(precision=18, scale=2), nullable=True),
        sa.Column("product", sa.Text(), nullable=True),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("attributes", columns.Json, nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
            name=op.f("fk_customer_order_customer_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_order")),
        sa.UniqueConstraint("external_id", name=op.f("uq_customer_order_external_id")),
    )
    with op.batch_alter_table("customer_order", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_customer_order_customer_id_date"), ["customer_id", "date"], unique=False)

    op.create_table(
        "score",
        sa.Column("customer_id", columns.BigInt, autoincrement=False, nullable=False),
        sa.Column("as_of", columns.UtcDateTime(), nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("percentile", sa.Double(), nullable=False),
        sa.Column("risk", sa.Double(), nullable=True),
        sa.Column("tier", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("at_risk", sa.Boolean(), nullable=False),
        sa.Column("order_count", columns.BigInt, nullable=False),
        sa.Column("last_order", sa.Date(), nullable=False),
        sa.Column("days_silent", columns.BigInt, nullable=False),
        sa.Column("usual_gap_days", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("fk_score_customer_id"), initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_score")),
    )
    op.create_table(
        "conversation",
        sa.Column("id", columns.BigInt, autoincrement=False, nullable=False),
        sa.Column("contact_point_id", columns.BigInt, nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("started_at", columns.UtcDateTime(), nullable=False),
        sa.Column("last_at", columns.UtcDateTime(), nullable=False),
        sa.Column("ended_at", columns.UtcDateTime(), nullable=True),
        sa.Column("version", columns.BigInt, nullable=False),
        sa.Column("dialog", columns.Json, nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_point_id"],
            ["contact_point.id"],
            name=op.f("fk_conversation_contact_point_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversation")),
    )
    with op.batch_alter_table("conversation", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_conversation_contact_point_id_started_at"), ["contact_point_id", "started_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_conversation_last_at"), ["last_at"], unique=False)
        batch_op.create_index(
            "uq_conversation_open",
            ["contact_point_id"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.create_table(
        "forum_topic",
        sa.Column("id", columns.BigInt, autoincrement=False, nullable=False),
        sa.Column("contact_point_id", columns.BigInt, nullable=False),
        sa.Column("chat_id", columns.BigInt, nullable=False),
        sa.Column("thread_id", columns.BigInt, nullable=False),
        sa.Column("card_message_id", columns.BigInt, nullable=True),
        sa.Column("card_at", columns.UtcDateTime(), nullable=True),
        sa.Column("created_at", columns.UtcDateTime(), nullable=False),
        sa.Column("version", columns.BigInt, nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_point_id"],
            ["contact_point.id"],
            name=op.f("fk_forum_topic_contact_point_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_forum_topic")),
        sa.UniqueConstraint("chat_id", "thread_id", name=op.f("uq_forum_topic_chat_id_thread_id")),
    )
    with op.batch_alter_table("forum_topic", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_forum_topic_contact_point_id"), ["contact_point_id"], unique=True)

    op.create_table(
        "stored_file",
        sa.Column("id", columns.BigInt, autoincrement=False, nullable=False),
        sa.Column("contact_point_id", columns.BigInt, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("mime", sa.Text(), nullable=True),
        sa.Column("size", columns.BigInt, nullable=True),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.Column("path", sa.Text(), nullable=True),
        sa.Column("telegram_file_id", sa.Text(), nullable=True),
        sa.Column("telegram_unique_id", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("created_at", columns.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_point_id"],
            ["contact_point.id"],
            name=op.f("fk_stored_file_contact_point_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stored_file")),
    )
    with op.batch_alter_table("stored_file", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_stored_file_telegram_unique_id"), ["telegram_unique_id"], unique=False)

    op.create_table(
        "ticket",
        sa.Column("id", columns.BigInt, autoincrement=False, nullable=False),
        sa.Column("number", columns.BigInt, nullable=False),
        sa.Column("customer_id", columns.BigInt, nullable=False),
        sa.Column("contact_point_id", columns.BigInt, nullable=False),
        sa.Column("order_id", columns.BigInt, nullable=True),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("priority", sa.Text(), nullable=False),
        sa.Column("opened_at", columns.UtcDateTime(), nullable=False),
        sa.Column("due_at", columns.UtcDateTime(), nullable=False),
        sa.Column("resolved_at", columns.UtcDateTime(), nullable=True),
        sa.Column("closed_at", columns.UtcDateTime(), nullable=True),
        sa.Column("rating", columns.BigInt, nullable=True),
        sa.Column("rating_asked_at", columns.UtcDateTime(), nullable=True),
        sa.Column("version", columns.BigInt, nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_point_id"],
            ["contact_point.id"],
            name=op.f("fk_ticket_contact_point_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("fk_ticket_customer_id"), initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["customer_order.id"], name=op.f("fk_ticket_order_id"), initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket")),
        sa.UniqueConstraint("number", name=op.f("uq_ticket_number")),
    )
    with op.batch_alter_table("ticket", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ticket_customer_id_status"), ["customer_id", "status"], unique=False)
        batch_op.create_index(batch_op.f("ix_ticket_status_resolved_at"), ["status", "resolved_at"], unique=False)

    op.create_table(
        "escalation",
        sa.Column("id", columns.BigInt, autoincrement=False, nullable=False),
        sa.Column("ticket_id", columns.BigInt, nullable=False),
        sa.Column("customer_id", columns.BigInt, nullable=False),
        sa.Column("contact_point_id", columns.BigInt, nullable=False),
        sa.Column("reasons", columns.Json, nullable=False),
        sa.Column("value_percentile", sa.Double(), nullable=False),
        sa.Column("risk", sa.Double(), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("agent_id", columns.BigInt, nullable=True),
        sa.Column("opened_at", columns.UtcDateTime(), nullable=False),
        sa.Column("claimed_at", columns.UtcDateTime(), nullable=True),
        sa.Column("ended_at", columns.UtcDateTime(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("place_told", columns.BigInt, nullable=True),
        sa.Column("version", columns.BigInt, nullable=False),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agent.id"], name=op.f("fk_escalation_agent_id"), initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(
            ["contact_point_id"],
            ["contact_point.id"],
            name=op.f("fk_escalation_contact_point_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
            name=op.f("fk_escalation_customer_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_escalation_ticket_id"), initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalation")),
    )
    with op.batch_alter_table("escalation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_escalation_claimed_at"), ["claimed_at"], unique=False)
        batch_op.create_index(
            "ix_escalation_queue",
            ["state", "opened_at"],
            unique=False,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
        batch_op.create_index(batch_op.f("ix_escalation_ticket_id"), ["ticket_id"], unique=False)
        batch_op.create_index(
            "uq_escalation_open",
            ["contact_point_id"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.create_table(
        "ticket_event",
        sa.Column("id", columns.BigInt, autoincrement=False, nullable=False),
        sa.Column("ticket_id", columns.BigInt, nullable=False),
        sa.Column("at", columns.UtcDateTime(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("agent_id", columns.BigInt, nullable=True),
        sa.Column("data", columns.Json, nullable=True),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agent.id"], name=op.f("fk_ticket_event_agent_id"), initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_ticket_event_ticket_id"), initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_event")),
    )
    with op.batch_alter_table("ticket_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ticket_event_ticket_id_id"), ["ticket_id", "id"], unique=False)

    op.create_table(
        "touchpoint",
        sa.Column("id", columns.BigInt, autoincrement=False, nullable=False),
        sa.Column("contact_point_id", columns.BigInt, nullable=False),
        sa.Column("conversation_id", columns.BigInt, nullable=True),
        sa.Column("ticket_id", columns.BigInt, nullable=True),
        sa.Column("agent_id", columns.BigInt, nullable=True),
        sa.Column("at", columns.UtcDateTime(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("payload", columns.Json, nullable=True),
        sa.Column("channel_ref", columns.BigInt, nullable=True),
        sa.Column("about_id", columns.BigInt, nullable=True),
        sa.Column("client_key", sa.Text(), nullable=True),
        sa.Column("redacted_at", columns.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agent.id"], name=op.f("fk_touchpoint_agent_id"), initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(
            ["contact_point_id"],
            ["contact_point.id"],
            name=op.f("fk_touchpoint_contact_point_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_touchpoint_conversation_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_touchpoint_ticket_id"), initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_touchpoint")),
    )
    with op.batch_alter_table("touchpoint", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_touchpoint_contact_point_id_channel_ref"), ["contact_point_id", "channel_ref"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_touchpoint_contact_point_id_id"), ["contact_point_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_touchpoint_conversation_id"), ["conversation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_touchpoint_ticket_id"), ["ticket_id"], unique=False)
        batch_op.create_index("uq_touchpoint_client_key", ["contact_point_id", "client_key"], unique=True)


def downgrade() -> None:
    with op.batch_alter_table("touchpoint", schema=None) as batch_op:
        batch_op.drop_index("uq_touchpoint_client_key")
        batch_op.drop_index(batch_op.f("ix_touchpoint_ticket_id"))
        batch_op.drop_index(batch_op.f("ix_touchpoint_conversation_id"))
        batch_op.drop_index(batch_op.f("ix_touchpoint_contact_point_id_id"))
        batch_op.drop_index(batch_op.f("ix_touchpoint_contact_point_id_channel_ref"))

    op.drop_table("touchpoint")
    with op.batch_alter_table("ticket_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ticket_event_ticket_id_id"))

    op.drop_table("ticket_event")
    with op.batch_alter_table("escalation", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_escalation_open", sqlite_where=sa.text("ended_at IS NULL"), postgresql_where=sa.text("ended_at IS NULL")
        )
        batch_op.drop_index(batch_op.f("ix_escalation_ticket_id"))
        batch_op.drop_index(
            "ix_escalation_queue",
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_escalation_claimed_at"))

    op.drop_table("escalation")
    with op.batch_alter_table("ticket", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ticket_status_resolved_at"))
        batch_op.drop_index(batch_op.f("ix_ticket_customer_id_status"))

    op.drop_table("ticket")
    with op.batch_alter_table("stored_file", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_stored_file_telegram_unique_id"))

    op.drop_table("stored_file")
    with op.batch_alter_table("forum_topic", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_forum_topic_contact_point_id"))

    op.drop_table("forum_topic")
    with op.batch_alter_table("conversation", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_conversation_open",
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_conversation_last_at"))
        batch_op.drop_index(batch_op.f("ix_conversation_contact_point_id_started_at"))

    op.drop_table("conversation")
    op.drop_table("score")
    with op.batch_alter_table("customer_order", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_customer_order_customer_id_date"))

    op.drop_table("customer_order")
    with op.batch_alter_table("contact_point", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_contact_point_customer_id"))

    op.drop_table("contact_point")
    op.drop_table("login_link")
    with op.batch_alter_table("faq_revision", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_faq_revision_entry_id_id"))

    op.drop_table("faq_revision")
    op.drop_table("faq_phrasing")
    op.drop_table("faq_answer")
    with op.batch_alter_table("customer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_customer_phone_hash"))
        batch_op.drop_index(batch_op.f("ix_customer_organisation_id"))
        batch_op.drop_index(batch_op.f("ix_customer_email_hash"))

    op.drop_table("customer")
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_object_kind_object_id"))

    op.drop_table("audit")
    with op.batch_alter_table("agent_session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_agent_session_agent_id"))

    op.drop_table("agent_session")
    op.drop_table("setting")
    with op.batch_alter_table("schedule", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_schedule_next_run_at"))

    op.drop_table("schedule")
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_outbox_waiting",
            sqlite_where=sa.text("state = 'waiting'"),
            postgresql_where=sa.text("state = 'waiting'"),
        )
        batch_op.drop_index(batch_op.f("ix_outbox_touchpoint_id"))
        batch_op.drop_index(
            "ix_outbox_sending",
            sqlite_where=sa.text("state = 'sending'"),
            postgresql_where=sa.text("state = 'sending'"),
        )
        batch_op.drop_index(batch_op.f("ix_outbox_chat_id_message_id"))

    op.drop_table("outbox")
    op.drop_table("organisation")
    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_inbox_waiting", sqlite_where=sa.text("state = 'waiting'"), postgresql_where=sa.text("state = 'waiting'")
        )
        batch_op.drop_index(batch_op.f("ix_inbox_state_received_at"))

    op.drop_table("inbox")
    op.drop_table("faq_entry")
    op.drop_table("agent")
