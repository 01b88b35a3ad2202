"""Many merges at once: gives what crm_store.repositories.merges.give gives in one, by statements over all of them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Table, text

from crm_store.imports.staging import Staging
from crm_store.models import Merge
from crm_store.repositories.merges import MOVING


async def prepare(staged: Staging) -> None:
    await staged.run(
        "CREATE TEMP TABLE joined (gone_id BIGINT PRIMARY KEY, kept_id BIGINT NOT NULL, merge_id BIGINT NOT NULL)"
    )


async def give(staged: Staging, merges: Sequence[Merge]) -> None:
    """`merges` are in the store already; no record is in two of them, and the gone ones have no id in the shop."""
    await staged.run("DELETE FROM joined")
    rows = [{"gone": row.gone_id, "kept": row.kept_id, "merge": row.id} for row in merges]
    await staged.connection.execute(text("INSERT INTO joined VALUES (:gone, :kept, :merge)"), rows)
    for table, owner in MOVING.items():
        await _give(staged, table, owner)
    has_one = "EXISTS (SELECT 1 FROM score AS own WHERE own.customer_id = j.kept_id)"
    await staged.run(
        "UPDATE score SET customer_id = j.kept_id FROM joined AS j"
        f" WHERE score.customer_id = j.gone_id AND NOT {has_one}"
    )
    await staged.run("DELETE FROM score WHERE customer_id IN (SELECT gone_id FROM joined)")


async def _give(staged: Staging, table: Table, owner: str) -> None:
    (key,) = table.primary_key
    await staged.run(
        f"INSERT INTO merged_row (merge_id, table_name, row_id) SELECT j.merge_id, '{table.name}', k.{key.name}"
        f" FROM joined AS j JOIN {table.name} AS k ON k.{owner} = j.gone_id"
    )
    version = ", version = k.version + 1" if "version" in table.c else ""
    await staged.run(
        f"UPDATE {table.name} AS k SET {owner} = j.kept_id{version} FROM joined AS j WHERE k.{owner} = j.gone_id"
    )
