"""`touchdesk reasons` at a terminal."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

from crm_store.models import ReasonVerdict
from crm_store.store import Store
from crm_store.unit import Unit
from crm_store.vault import open_vault
from tests.bot.conftest import Run
from tests.databases import SECRET
from tests.support.shop import open_shop


def test_the_table_tells_how_often_a_reason_was_wrong(run: Run, shop: Path) -> None:
    assert run("migrate").code == 0
    assert "nobody was put before a human within 90 days" in run("reasons").out

    async def happen() -> None:
        open_vault(SECRET)
        store = Store(f"sqlite:///{shop / 'shop.db'}")
        clock = store.clock
        desk = await open_shop(store)
        desk.now = clock() - timedelta(days=3)
        first = await desk.queue_up("nia", "vip", "urgent")
        await desk.queue_up("ann", "vip")

        async def verdict(unit: Unit) -> None:
            unit.add(ReasonVerdict(escalation_id=first, code="vip", agent_id=None, at=unit.now))

        await desk.run(verdict)
        await store.close()

    asyncio.run(happen())
    lines = [" ".join(line.split()) for line in run("reasons").out.splitlines()[-3:]]
    assert lines[0] == "reason escalations wrong share 95 % interval"
    assert lines[1:] == ["vip 2 1 50% 9% to 91%", "urgent 1 0 0% 0% to 79%"]
    assert "nobody" in run("reasons", "--days", "1").out
