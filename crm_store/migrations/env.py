"""Alembic's environment: runs over the connection that crm_store.migrate hands in."""

from typing import Any, Literal

from alembic import context

from crm_store.columns import BigInt, Encrypted, Json, UtcDateTime
from crm_store.migrate import is_ours
from crm_store.models import Base


def render_item(kind: str, item: Any, autogen: Any) -> str | Literal[False]:
    """Names our column types as the models do, so that a migration reads like one."""
    if kind != "type":
        return False
    named = {id(BigInt): "columns.BigInt", id(Json): "columns.Json"}
    known = {UtcDateTime: "columns.UtcDateTime()", Encrypted: "columns.Encrypted()"}
    return named.get(id(item)) or known.get(type(item)) or False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    compare_type=True,
    include_name=is_ours,
    render_item=render_item,
)
with context.begin_transaction():
    context.run_migrations()
