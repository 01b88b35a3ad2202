"""`touchdesk api-key`: which programs may call the API, and what each may do."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from bot.settings import Settings
from bot.tables import short, table
from crm_store.models import ApiKey
from crm_store.store import Store
from support import api_keys
from support.api_keys import Scope

api_key_app = typer.Typer(help="Keys of other programs to the API.", no_args_is_help=True)

NONE_YET = "no program has a key yet: touchdesk api-key add NAME --scope …"
HEAD = ("name", "may", "made", "last used", "revoked")


@api_key_app.command("add")
def add(
    name: Annotated[str, typer.Argument(help="what the program is called")],
    scope: Annotated[list[Scope], typer.Option("--scope", help="what it may do; may be given several times")],
) -> None:
    """Makes a key and shows it once: only its hash is kept."""
    from bot.opening import with_store

    print(with_store(lambda _, store: store.run(lambda unit: api_keys.add_key(unit, name, scope))))


@api_key_app.command("list")
def list_() -> None:
    """All keys, the newest first."""
    from bot.opening import with_store

    async def rows(_: Settings, store: Store) -> list[tuple[str, ...]]:
        async with store.read() as session:
            return [_row(key) for key in await api_keys.list_keys(session)]

    found = with_store(rows)
    print("\n".join(table([HEAD, *found])) if found else NONE_YET)


@api_key_app.command("revoke")
def revoke(name: str) -> None:
    """From now on the key opens nothing; that cannot be taken back."""
    from bot.opening import with_store

    with_store(lambda _, store: store.run(lambda unit: api_keys.revoke_key(unit, name)))
    print(f"{name} is revoked")


def _row(key: ApiKey) -> tuple[str, ...]:
    return (
        short(key.name),
        " ".join(key.scopes),
        _minute(key.created_at),
        _minute(key.last_used_at) or "never",
        _minute(key.revoked_at),
    )


def _minute(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if moment else ""
