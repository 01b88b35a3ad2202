"""`backup` and `doctor`: what is found, told and left alone."""

from __future__ import annotations

import json
import sqlite3
import sys
import time
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from bot import upkeep_commands
from bot.doctor import database
from bot.doctor.finding import Level
from tests.bot.conftest import Run

CUSTOMERS = "customer_id,name,phone,email\nC-1,Anna,+493012345678,anna@canary.example\n"


@pytest.fixture
def filled(shop: Path, run: Run) -> Path:
    (shop / "customers.csv").write_text(CUSTOMERS, "utf-8")
    assert run("import", "customers", "customers.csv").code == 0
    return shop


def change(shop: Path, *statements: str) -> None:
    with closing(sqlite3.connect(shop / "shop.db")) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def found(run: Run, level: str, words: str) -> Mapping[str, str]:
    """The one finding of the level with these words; each of its kind says why, and what to do."""
    done = run("doctor", "--json")
    findings: list[dict[str, str]] = json.loads(done.out)
    (finding,) = [each for each in findings if each["level"] == level and words in each["what"]]
    assert done.code == int(any(each["level"] == "error" for each in findings))
    assert all(bool(each["why"]) == bool(each["mend"]) == (each["level"] != "ok") for each in findings)
    return finding


# Backup


def test_a_backup_is_made_and_can_be_worked_with(filled: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    done = run("backup", "backup.db")
    assert (done.code, done.err) == (0, "")
    assert "backup.db: " in done.out
    assert "read back without a fault" in done.out
    assert "files/, is not in it" in done.out
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{filled / 'backup.db'}")
    assert "C-1" in run("customer", "show", "C-1").out


def test_an_older_schema_is_backed_up_as_it_is(filled: Path, run: Run) -> None:
    change(filled, "UPDATE alembic_version SET version_num = '0003'")
    assert run("backup", "backup.db").code == 0
    with closing(sqlite3.connect(filled / "backup.db")) as copy:
        assert copy.execute("SELECT version_num FROM alembic_version").fetchall() == [("0003",)]


def test_with_files_both_are_made_or_neither(filled: Path, run: Run) -> None:
    (filled / "files/ab").mkdir(parents=True)
    (filled / "files/ab/ab1").write_bytes(b"photo")
    done = run("backup", "backup.db", "--with-files")
    assert done.code == 0
    assert "backup.db.files.tar: 1 file, " in done.out
    (filled / "backup.db").unlink()
    again = run("backup", "backup.db", "--with-files")
    assert (again.code, "backup.db.files.tar exists already" in again.err) == (1, True)
    assert not (filled / "backup.db").exists()


def test_a_backup_needs_no_secret_and_makes_no_database(shop: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SECRET_KEY")
    done = run("backup", "backup.db")
    assert (done.code, done.out) == (1, "")
    assert "no database to back up" in done.err
    assert list(shop.iterdir()) == []


def test_how_far_it_is_is_told_on_a_terminal_only(capsys: pytest.CaptureFixture[str]) -> None:
    upkeep_commands._progress(1_000_000, 2_000_000)
    assert capsys.readouterr().err == ""


# Doctor


def test_a_sound_shop_has_no_errors(filled: Path, run: Run) -> None:
    done = run("doctor")
    assert done.code == 0, done.out
    assert "error " not in done.out
    assert "ok       SECRET_KEY opens what is encrypted" in done.out
    assert "→ touchdesk faq import FILE" in done.out, "the FAQ is empty, which is a warning"


def test_settings_that_cannot_be_read_are_findings(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIMEZONE", "Mars")
    assert "Mars" in found(run, "error", "TIMEZONE")["what"]


def test_no_secret_is_a_finding_and_the_rest_is_looked_at(
    filled: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SECRET_KEY")
    assert "former key" in found(run, "error", "SECRET_KEY is not set")["mend"]
    assert found(run, "ok", "the database answers")


def test_another_secret_is_noticed(filled: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "another")
    assert "SECRET_KEY=new,former" in found(run, "error", "SECRET_KEY does not open")["mend"]
    monkeypatch.setenv("SECRET_KEY", "another,a secret for tests")
    assert found(run, "ok", "SECRET_KEY opens")


def test_no_database_is_made_by_looking(shop: Path, run: Run) -> None:
    assert found(run, "error", "there is no database")["mend"] == "touchdesk migrate"
    assert list(shop.iterdir()) == []


def test_a_database_out_of_reach_does_not_hide_the_rest(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    assert found(run, "error", "the database is unavailable")
    assert found(run, "ok", "files can be kept")


@pytest.mark.parametrize("page", [0, 40])
def test_a_damaged_database_is_noticed(filled: Path, run: Run, page: int) -> None:
    """In the middle, or where every look at it begins."""
    change(filled, "PRAGMA wal_checkpoint(TRUNCATE)")
    for log in filled.glob("shop.db-*"):
        log.unlink()
    with (filled / "shop.db").open("r+b") as file:
        file.seek(page * 4096)
        file.write(b"\xff" * 4096 * 20)
    assert "restore the last backup" in found(run, "error", "the database is damaged")["mend"]


@pytest.mark.parametrize(
    ("version", "level", "words"),
    [
        ("0003", "error", "older than this release"),
        ("9999", "warning", "newer release's"),
        ("abcdef", "error", "none of Touchdesk's"),
    ],
)
def test_the_schema_is_looked_at_and_left_alone(filled: Path, run: Run, version: str, level: str, words: str) -> None:
    change(filled, f"UPDATE alembic_version SET version_num = '{version}'")
    assert found(run, level, words)
    with closing(sqlite3.connect(filled / "shop.db")) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [(version,)]


def moment(**ago: float) -> str:
    return f"{datetime.now(UTC) - timedelta(**ago):%Y-%m-%d %H:%M:%S.%f}"


def update(number: int, state: str, received_at: str) -> str:
    return (
        "INSERT INTO inbox (id, bot_id, update_id, chat_id, received_at, body, state, attempts)"
        f" VALUES ({number}, 42, {number}, 7, '{received_at}', '{{}}', '{state}', 0)"
    )


def call(number: int, state: str, created_at: str, error: str = "", not_before: str = "") -> str:
    return (
        "INSERT INTO outbox (id, bot_id, chat_id, method, payload, repeat, joinable, attempts, repeated, state,"
        f" created_at, error, not_before) VALUES ({number}, 42, 7, 'sendMessage', '{{}}', 'once', 0, 0, 0, '{state}',"
        f" '{created_at}', nullif('{error}', ''), nullif('{not_before}', ''))"
    )


def test_what_waits_too_long_is_an_error(filled: Path, run: Run) -> None:
    change(
        filled,
        update(1, "waiting", moment(minutes=3)),
        update(2, "waiting", moment(seconds=1)),
        call(1, "waiting", moment(hours=5)),
        call(2, "waiting", moment(hours=9), not_before=moment(hours=-1)),
        "INSERT INTO schedule (id, key, job, payload, next_run_at, attempts)"
        f" VALUES (1, 'k', 'throw_away', '{{}}', '{moment(hours=1)}', 0)",
    )
    assert "2 messages of customers wait, the oldest for 3 min" in found(run, "error", "messages of")["what"]
    assert "1 call to Telegram wait, the oldest for 5 h" in found(run, "error", "to Telegram wait")["what"]
    assert "throw_away" in found(run, "error", "timetable")["what"]


def test_what_was_given_up_is_a_warning_with_its_reasons(filled: Path, run: Run) -> None:
    change(
        filled,
        update(1, "failed", moment(days=2)),
        update(2, "failed", moment(days=9)),
        call(1, "failed", moment(days=1), "Forbidden: bot was blocked by the user"),
        call(2, "failed", moment(days=2), "Forbidden: bot was blocked by the user"),
        call(3, "failed", moment(days=2), "Bad Request: chat not found"),
        call(4, "uncertain", moment(days=1), "the process ended during the call"),
        call(5, "uncertain", moment(days=8), "too long ago"),
    )
    assert found(run, "warning", "1 message of the last 7 days could not be worked on")
    assert found(run, "warning", "3 calls of the last 7 days were refused")["why"] == (
        "2 × Forbidden: bot was blocked by the user; 1 × Bad Request: chat not found"
    )
    assert "the process ended" in found(run, "warning", "1 call of the last 7 days may have arrived")["why"]


def test_what_is_put_off_again_and_again_is_a_warning(filled: Path, run: Run) -> None:
    later = moment(seconds=-50)
    change(
        filled,
        call(1, "waiting", moment(hours=3), "Bad Request: not enough rights", not_before=later),
        call(2, "waiting", moment(seconds=9), "Too Many Requests", not_before=later),
    )
    words = "1 call to Telegram could not be made for more than 5 minutes"
    assert found(run, "warning", words)["why"] == "1 × Bad Request: not enough rights"
    assert found(run, "ok", "0 calls to Telegram wait")


def test_rows_from_the_future_are_noticed(filled: Path, run: Run) -> None:
    hour = (int(time.time() * 1000) + 3_600_000 - 1_704_067_200_000) << 22
    change(filled, call(hour, "sent", moment(days=1)))
    assert "36" in found(run, "warning", "by a clock that was ahead")["what"]


def test_a_full_disk_and_a_folder_that_cannot_be_written_are_errors(
    filled: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "LEAST_ROOM", 2**62)
    monkeypatch.setenv("FILES_DIR", "/proc/nothing/files")
    assert found(run, "error", "are free where the database is")
    assert "/proc" in found(run, "error", "FILES_DIR")["what"]


@pytest.mark.parametrize("off", sorted(database.DURABLE))
def test_a_server_that_forgets_is_an_error(off: str) -> None:
    settings = dict.fromkeys(database.DURABLE, "on")
    assert [finding.level for finding in database._durable(settings)] == [Level.OK]
    (finding,) = database._durable(settings | {off: "off"})
    assert (finding.level, off in finding.what) == (Level.ERROR, True)


@pytest.mark.parametrize(
    ("findings", "level"),
    [
        (database._connections(100, 2), Level.OK),
        (database._connections(100, 3), Level.WARNING),
        (database._connections(20, 0), Level.WARNING),
        (database._pooled(False), Level.OK),
        (database._pooled(True), Level.ERROR),
        (database._clocks(0.2), Level.OK),
        (database._clocks(-3), Level.WARNING),
        (database._server(18), Level.OK),
        (database._server(12), Level.ERROR),
        (database._sqlite_durable("delete", "2"), Level.ERROR),
        (database._sqlite_durable("wal", "1"), Level.ERROR),
    ],
)
def test_figures_are_judged(findings: Any, level: Level) -> None:
    assert [finding.level for finding in findings] == [level]


def test_postgresql_is_looked_at(postgres: str, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests' server keeps nothing through a power cut, and the doctor says so."""
    monkeypatch.setenv("DATABASE_URL", postgres)
    assert found(run, "ok", "PostgreSQL 18")
    assert found(run, "ok", "both clocks agree")
    assert found(run, "error", "older than this release"), "there is nothing in it"


# Restored


@pytest.mark.parametrize(
    ("answer", "code", "state"), [("y\n", 0, "sending"), ("n\n", 1, "waiting"), ("", 1, "waiting")]
)
def test_whether_to_send_again_is_asked(
    filled: Path, run: Run, monkeypatch: pytest.MonkeyPatch, answer: str, code: int, state: str
) -> None:
    change(filled, call(1, "waiting", moment(days=1)), call(2, "sent", moment(days=1)))
    monkeypatch.setattr(sys, "stdin", StringIO(answer))
    done = run("restored")
    assert (done.code, "1 call to Telegram waited" in done.out) == (code, True)
    with closing(sqlite3.connect(filled / "shop.db")) as connection:
        assert connection.execute("SELECT state FROM outbox ORDER BY id").fetchall() == [(state,), ("sent",)]


def test_nothing_is_asked_where_nothing_waits(filled: Path, run: Run) -> None:
    assert run("restored") == (0, "no call to Telegram waits\n", "")
