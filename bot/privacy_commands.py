"""`customer export`, `erase` and `consent`: what is kept of a customer, given out, deleted, and what they agreed to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from bot.settings import Settings
from bot.tables import count, table
from crm_store.models import Consent, Customer
from crm_store.store import Store
from support.customers.copying import CopyMade
from support.customers.erasing import Erased
from support.desk import Desk

privacy_app = typer.Typer()

CustomerId = Annotated[str, typer.Argument(metavar="ID", help="the shop's number of the customer, or ours")]
HEAD = ("when", "purpose", "agreed", "said by")


class FileThereError(FileExistsError):
    """The copy would take the place of a file."""

    def __init__(self, file: Path) -> None:
        super().__init__(f"{file} exists already and is left as it is: name another file, or move it away first")


@privacy_app.command("export")
def export(
    customer: CustomerId,
    file: Annotated[Path | None, typer.Argument(help="a new ZIP file; customer-ID.zip")] = None,
) -> None:
    """Everything that is kept of a customer: JSON in a ZIP, with their files."""
    from bot.opening import with_store

    target = file or Path(f"customer-{customer.replace('/', '_')}.zip")
    if target.exists():
        raise FileThereError(target)
    made = with_store(lambda settings, store: _export(settings, store, customer, target))
    tables = [name for name, rows in made.rows.items() if rows]
    print(f"{target}: {sum(made.rows.values())} rows of {len(tables)} tables, {count(made.files, 'file')}")
    if made.missing:
        print(f"{count(len(made.missing), 'file')} could not be put in, because the bytes are not here (see data.json)")


async def _export(settings: Settings, store: Store, customer: str, target: Path) -> CopyMade:
    from support.audit import audit
    from support.customers.copying import write_copy
    from support.customers.finding import named
    from support.files import FileStore

    async with store.read() as session:
        customer_id = await named(session, customer)
    beginning = target.with_name(f"{target.name}.part")
    try:
        with beginning.open("wb") as out:
            made = await write_copy(store, FileStore(settings.files_dir), customer_id, out)
        beginning.rename(target)
    finally:
        beginning.unlink(missing_ok=True)
    async with store.unit() as unit:
        audit(unit, "customer.exported", "customer", customer_id)
    return made


@privacy_app.command("erase")
def erase(
    customer: CustomerId,
    yes: Annotated[bool, typer.Option("--yes", help="without asking, for scripts")] = False,
) -> None:
    """Deletes everything personal of a customer, for good; orders stay, without a person."""
    from bot.opening import with_store

    if not yes:
        who = with_store(lambda _, store: _who(store, customer))
        typer.confirm(f"Delete everything personal of {who}? It cannot be brought back", abort=True)
    done = with_store(lambda settings, store: _erase(settings, store, customer))
    rows = ", ".join(f"{name} {number}" for name, number in done.rows.items())
    print(f"customer {customer} is erased: {count(done.files, 'file')}, and rows of {rows}")


async def _who(store: Store, customer: str) -> str:
    """The number and, where we know one, the name."""
    from crm_store.models import Customer
    from support.customers.finding import named

    async with store.read() as session:
        row = await session.get_one(Customer, await named(session, customer))
    return f"{customer} ({row.name})" if row.name else f"customer {customer}"


async def _erase(settings: Settings, store: Store, customer: str) -> Erased:
    from support.customers.erasing import erase as erase_customer
    from support.customers.erasing import forget
    from support.customers.finding import named
    from support.files import FileStore

    async with store.read() as session:
        customer_id = await named(session, customer)
    desk = _desk(settings, store)
    done = await erase_customer(desk, FileStore(settings.files_dir), customer_id)
    await forget(desk, thoroughly=True)
    return done


def _desk(settings: Settings, store: Store) -> Desk:
    """With the agents' group, where there is one: what it knows of the customer goes as soon as the service runs."""
    from bot.opening import build_desk

    desk = build_desk(settings, store)
    if settings.token and settings.agent_chat_id is not None:
        from handlers.forum.room import ForumRoom
        from handlers.recording import make_bot

        ForumRoom(make_bot(settings.token), settings.agent_chat_id).serve(desk)
    return desk


@privacy_app.command("consent")
def consent(
    customer: CustomerId,
    give: Annotated[str, typer.Option(metavar="PURPOSE", help="note that they agreed, such as to: marketing")] = "",
    withdraw: Annotated[str, typer.Option(metavar="PURPOSE", help="note that they took it back")] = "",
) -> None:
    """What a customer agreed to or took back, the newest first; the newest of a purpose counts."""
    from bot.opening import with_store

    said = {purpose: given for purpose, given in ((give.strip(), True), (withdraw.strip(), False)) if purpose}
    if said:
        with_store(lambda _, store: _note(store, customer, said))
    found = with_store(lambda _, store: _history(store, customer))
    print("\n".join(table([HEAD, *map(_row, found)])) if found else "they were never asked, so nothing was agreed to")


async def _note(store: Store, customer: str, said: Mapping[str, bool]) -> None:
    from crm_store.unit import Unit
    from support.audit import audit
    from support.customers.consents import note
    from support.customers.errors import ErasedCustomerError
    from support.customers.finding import named

    async def work(unit: Unit) -> None:
        customer_id = await named(unit.session, customer)
        if (await unit.session.get_one(Customer, customer_id)).erased_at:
            raise ErasedCustomerError(customer_id)
        for purpose, given in said.items():
            note(unit, customer_id, purpose, "agent", given=given)
        audit(unit, "customer.consent", "customer", customer_id, data=dict(said))

    await store.run(work)


async def _history(store: Store, customer: str) -> Sequence[Consent]:
    from support.customers.consents import history
    from support.customers.finding import named

    async with store.read() as session:
        return await history(session, await named(session, customer))


def _row(row: Consent) -> tuple[str, ...]:
    return f"{row.at:%Y-%m-%d %H:%M} UTC", row.purpose, "yes" if row.given else "no", row.source
