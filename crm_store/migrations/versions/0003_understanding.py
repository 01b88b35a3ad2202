"""What the FAQ learns from its questions: drafts, asked questions, proposals, the trained index; forms fill tickets."""

import sqlalchemy as sa
from alembic import op

from crm_store import columns

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table("faq_index",
    sa.Column("fingerprint", sa.Text(), nullable=False),
    sa.Column("built_at", columns.UtcDateTime(), nullable=False),
    sa.Column("content", sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint("fingerprint", name=op.f("pk_faq_index"))
    )
    op.create_table("faq_draft",
    sa.Column("entry_id", sa.Text(), nullable=False),
    sa.Column("content", columns.Json, nullable=False),
    sa.Column("at", columns.UtcDateTime(), nullable=False),
    sa.Column("agent_id", columns.BigInt, nullable=True),
    sa.Column("version", columns.BigInt, nullable=False),
    sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("fk_faq_draft_agent_id"), initially="DEFERRED", deferrable=True),
    sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_faq_draft"))
    )
    op.create_table("faq_proposal",
    sa.Column("id", columns.BigInt, autoincrement=False, nullable=False),
    sa.Column("entry_id", sa.Text(), nullable=False),
    sa.Column("language", sa.Text(), nullable=False),
    sa.Column("text", sa.Text(), nullable=False),
    sa.Column("normal", sa.Text(), nullable=False),
    sa.Column("state", sa.Text(), nullable=False),
    sa.Column("at", columns.UtcDateTime(), nullable=False),
    sa.Column("decided_at", columns.UtcDateTime(), nullable=True),
    sa.Column("agent_id", columns.BigInt, nullable=True),
    sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("fk_faq_proposal_agent_id"), initially="DEFERRED", deferrable=True),
    sa.PrimaryKeyConstraint("id", name=op.f("pk_faq_proposal")),
    sa.UniqueConstraint("entry_id", "normal", name=op.f("uq_faq_proposal_entry_id_normal"))
    )
    with op.batch_alter_table("faq_proposal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_faq_proposal_state_id"), ["state", "id"], unique=False)

    op.create_table("faq_question",
    sa.Column("id", columns.BigInt, autoincrement=False, nullable=False),
    sa.Column("contact_point_id", columns.BigInt, nullable=False),
    sa.Column("touchpoint_id", columns.BigInt, nullable=False),
    sa.Column("at", columns.UtcDateTime(), nullable=False),
    sa.Column("language", sa.Text(), nullable=False),
    sa.Column("text", sa.Text(), nullable=True),
    sa.Column("normal", sa.Text(), nullable=True),
    sa.Column("decision", sa.Text(), nullable=False),
    sa.Column("entry_id", sa.Text(), nullable=True),
    sa.Column("confidence", sa.Double(), nullable=True),
    sa.Column("outcome", sa.Text(), nullable=True),
    sa.Column("outcome_at", columns.UtcDateTime(), nullable=True),
    sa.Column("outcome_entry_id", sa.Text(), nullable=True),
    sa.Column("outcome_touchpoint_id", columns.BigInt, nullable=True),
    sa.ForeignKeyConstraint(["contact_point_id"], ["contact_point.id"], name=op.f("fk_faq_question_contact_point_id"), initially="DEFERRED", deferrable=True),
    sa.ForeignKeyConstraint(["touchpoint_id"], ["touchpoint.id"], name=op.f("fk_faq_question_touchpoint_id"), initially="DEFERRED", deferrable=True),
    sa.PrimaryKeyConstraint("id", name=op.f("pk_faq_question"))
    )
    with op.batch_alter_table("faq_question", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_faq_question_contact_point_id_id"), ["contact_point_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_faq_question_decision_at"), ["decision", "at"], unique=False)
        batch_op.create_index(batch_op.f("ix_faq_question_entry_id_outcome"), ["entry_id", "outcome"], unique=False)
        batch_op.create_index(batch_op.f("ix_faq_question_outcome_entry_id_normal"), ["outcome_entry_id", "normal"], unique=False)

    op.add_column("faq_entry", sa.Column("variants", columns.Json, nullable=False, server_default="[]"))
    op.add_column("ticket", sa.Column("details", columns.Json, nullable=False, server_default="{}"))



def downgrade() -> None:
    with op.batch_alter_table("ticket", schema=None) as batch_op:
        batch_op.drop_column("details")

    with op.batch_alter_table("faq_entry", schema=None) as batch_op:
        batch_op.drop_column("variants")

    with op.batch_alter_table("faq_question", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_faq_question_outcome_entry_id_normal"))
        batch_op.drop_index(batch_op.f("ix_faq_question_entry_id_outcome"))
        batch_op.drop_index(batch_op.f("ix_faq_question_decision_at"))
        batch_op.drop_index(batch_op.f("ix_faq_question_contact_point_id_id"))

    op.drop_table("faq_question")
    with op.batch_alter_table("faq_proposal", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_faq_proposal_state_id"))

    op.drop_table("faq_proposal")
    op.drop_table("faq_draft")
    op.drop_table("faq_index")
