"""The audit log: what staff and the system did to which object."""

from __future__ import annotations

from typing import Any

from crm_store.ids import new_id
from crm_store.models import Audit
from crm_store.unit import Unit


def audit(
    unit: Unit,
    action: str,
    object_kind: str,
    object_id: object,
    *,
    agent_id: int | None = None,
    data: dict[str, Any] | None = None,
) -> None:
    """Adds a line; the database lets nobody change it."""
    unit.add(
        Audit(
            id=new_id(),
            at=unit.now,
            agent_id=agent_id,
            action=action,
            object_kind=object_kind,
            object_id=str(object_id),
            data=data,
        )
    )
