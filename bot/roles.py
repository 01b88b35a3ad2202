"""What a process is there for: everything, or with PostgreSQL one part of it beside others."""

from __future__ import annotations

from enum import StrEnum

from crm_store.store import Store


class Role(StrEnum):
    """`run` is everything in one process, `web` the pages and the webhook, `worker` all that is done behind them."""

    RUN = "run"
    WEB = "web"
    WORKER = "worker"

    @property
    def has_pages(self) -> bool:
        return self is not Role.WORKER

    @property
    def works(self) -> bool:
        """Lets updates take effect, sends, and does what the timetable says."""
        return self is not Role.WEB


class RoleNeedsPostgresError(ValueError):
    """Several processes were to share a SQLite file."""

    def __init__(self, role: Role) -> None:
        super().__init__(
            f"DATABASE_URL: touchdesk {role} is one of several processes and needs PostgreSQL; with SQLite,"
            " touchdesk run is everything in one"
        )


def check_role(role: Role, store: Store) -> None:
    """Raises RoleNeedsPostgresError."""
    if store.is_sqlite and role is not Role.RUN:
        raise RoleNeedsPostgresError(role)
