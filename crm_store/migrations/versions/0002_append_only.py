"""The ledger and the audit log are append-only, by order of the database.

A touchpoint may lose its words once (erasure), and nothing else of it may change.
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

KEPT = (
    "id contact_point_id conversation_id ticket_id agent_id at channel direction author kind channel_ref about_id client_key"
).split()
REFUSED = "the ledger is append-only"

POSTGRES_FUNCTION = f"""
CREATE FUNCTION touchdesk_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '{REFUSED}: %', TG_TABLE_NAME; END $$
"""


def upgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    if not sqlite:
        op.execute(POSTGRES_FUNCTION)
    for table, unless in (("touchpoint", erasure(sqlite)), ("audit", "")):
        for verb, condition in (("UPDATE", unless), ("DELETE", "")):
            op.execute(trigger(table, verb, condition, sqlite=sqlite))


def downgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for table in ("touchpoint", "audit"):
        for verb in ("UPDATE", "DELETE"):
            op.execute(f"DROP TRIGGER {table}_no_{verb.lower()}" + ("" if sqlite else f" ON {table}"))
    if not sqlite:
        op.execute("DROP FUNCTION touchdesk_refuse()")


def erasure(sqlite: bool) -> str:
    """The one change that is allowed."""
    same = "IS" if sqlite else "IS NOT DISTINCT FROM"
    kept = " AND ".join(f"NEW.{column} {same} OLD.{column}" for column in KEPT)
    return f"OLD.redacted_at IS NULL AND NEW.redacted_at IS NOT NULL AND NEW.text IS NULL AND NEW.payload IS NULL AND {kept}"


def trigger(table: str, verb: str, unless: str, *, sqlite: bool) -> str:
    when = f"WHEN (NOT ({unless}))" if unless else ""
    body = f"BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END" if sqlite else "EXECUTE FUNCTION touchdesk_refuse()"
    return f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} FOR EACH ROW {when} {body}"
