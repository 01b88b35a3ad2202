"""A customer's copy holds everything of theirs, readable, and nothing of anybody else."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from sqlalchemy import delete

from crm_store.models import Base, Merge, MergedRow
from crm_store.privacy.register import HOLDINGS
from crm_store.store import Store
from support.customers.copying import copy_bytes, write_copy
from support.customers.erasing import erase
from support.customers.errors import ErasedCustomerError, UnknownCustomerError
from support.customers.finding import named
from support.customers.merging import merge, unmerge
from support.files import FileStore
from tests.support.canaries import Seeded, sow
from tests.support.found import everything_in, found_in
from tests.support.shop import Shop, open_shop

NOT_COPIED = {holding.name for holding in HOLDINGS if holding.not_copied}
HIDDEN = {f"{holding.name}.{column}" for holding in HOLDINGS for column in holding.hidden}
ONLY_FOR_AGENTS = {"inbox.forum", "inbox.done", "outbox.topic", "outbox.told", "outbox.edited", "outbox.fetch"}


@pytest.fixture
async def shop(store: Store) -> Shop:
    return await open_shop(store)


@pytest.fixture
def files(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "files")


async def copied(shop: Shop, files: FileStore, customer_id: int) -> tuple[dict[str, Any], ZipFile]:
    out = BytesIO()
    await write_copy(shop.store, files, customer_id, out)
    archive = ZipFile(out)
    return json.loads(archive.read("data.json")), archive


def promised(seeded: Seeded) -> dict[str, str]:
    return {
        place: word
        for place, word in seeded.all.items()
        if place.split(".")[0] not in NOT_COPIED and place not in HIDDEN | ONLY_FOR_AGENTS
    }


async def test_every_personal_column_is_in_it_and_nobody_else(shop: Shop, files: FileStore) -> None:
    await sow(shop.store, files, "bystander")
    one = await sow(shop.store, files, "canary")
    data, archive = await copied(shop, files, one.customer_id)
    text = json.dumps(data, ensure_ascii=False)
    assert {place for place, word in promised(one).items() if word not in text} == set()
    assert "bystander" not in text
    (name,) = [name for name in archive.namelist() if name != "data.json"]
    assert archive.read(name) == f"%PDF {one.file}".encode()


async def test_every_table_is_there_or_named_as_left_out(shop: Shop, files: FileStore) -> None:
    one = await sow(shop.store, files, "canary")
    data, _ = await copied(shop, files, one.customer_id)
    left_out = data["about"]["left_out"]
    named_there = left_out["tables"].keys() | left_out["nothing_of_customers"].keys()
    assert (data.keys() - {"about", "files"}) | named_there == set(Base.metadata.tables)
    assert all(reason for part in left_out.values() for reason in part.values())


async def test_records_that_became_one_are_in_one_copy_and_apart_again_after_it(shop: Shop, files: FileStore) -> None:
    kept, gone = await sow(shop.store, files, "keptone"), await sow(shop.store, files, "goneone")
    async with shop.store.write() as connection:  # the seed's own merges, of nobody with nobody
        await connection.execute(delete(MergedRow))
        await connection.execute(delete(Merge))
    row = await shop.run(lambda unit: merge(unit, kept.customer_id, gone.customer_id, None))
    for record in (kept, gone):
        data, _ = await copied(shop, files, record.customer_id)
        text = json.dumps(data)
        assert all(word in text for word in [promised(kept)["touchpoint.text"], promised(gone)["touchpoint.text"]])
        assert promised(gone)["customer.phone"] in text
    await shop.run(lambda unit: unmerge(unit, row.id, None))
    data, _ = await copied(shop, files, kept.customer_id)
    assert "goneone" not in json.dumps([data[name] for name in ("touchpoint", "contact_point", "customer", "fact")])


async def test_records_that_became_one_are_erased_as_one(shop: Shop, files: FileStore) -> None:
    kept, gone = await sow(shop.store, files, "keptone"), await sow(shop.store, files, "goneone")
    await shop.run(lambda unit: merge(unit, kept.customer_id, gone.customer_id, None))
    await erase(shop.desk, files, gone.customer_id)
    after = await everything_in(shop.store)
    assert found_in(after, kept) | found_in(after, gone) == set()


async def test_files_that_are_too_large_are_named(shop: Shop, files: FileStore) -> None:
    one = await sow(shop.store, files, "canary")
    data, made = await copy_bytes(shop.store, files, one.customer_id, most_bytes=3)
    assert (made.files, len(made.missing)) == (0, 1)
    assert json.loads(ZipFile(BytesIO(data)).read("data.json"))["files"].popitem()[1] is None


async def test_nobody_has_no_copy(shop: Shop, files: FileStore) -> None:
    with pytest.raises(UnknownCustomerError):
        await write_copy(shop.store, files, 5, BytesIO())
    one = await sow(shop.store, files, "canary")
    await erase(shop.desk, files, one.customer_id)
    with pytest.raises(ErasedCustomerError):
        await write_copy(shop.store, files, one.customer_id, BytesIO())


@pytest.mark.parametrize("unknown", ["", "x", "5", "٣", "9" * 40, "9" * 5000, "C-canary "], ids=lambda name: name[:9])
async def test_a_customer_is_named_by_the_shops_number_or_ours(shop: Shop, files: FileStore, unknown: str) -> None:
    one = await sow(shop.store, files, "canary")
    async with shop.store.read() as session:
        assert await named(session, "C-canary") == await named(session, str(one.customer_id)) == one.customer_id
        with pytest.raises(UnknownCustomerError):
            await named(session, unknown)
