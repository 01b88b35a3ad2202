"""`touchdesk api-key`: made and shown once, listed, revoked."""

from __future__ import annotations

import pytest

from tests.bot.conftest import Run


@pytest.mark.parametrize(
    "words",
    [
        ["api-key"],
        ["api-key", "add"],
        ["api-key", "add", "till"],
        ["api-key", "add", "till", "--scope", "everything"],
        ["api-key", "revoke"],
    ],
)
def test_wrong_usage_is_told(run: Run, words: list[str]) -> None:
    assert run(*words).code == 2


def test_a_key_from_its_first_day_to_its_last(run: Run) -> None:
    assert "no program has a key yet" in run("api-key", "list").out
    made = run("api-key", "add", "the till", "--scope", "orders:write", "--scope", "customers:write")
    secret = made.out.strip()
    assert (made.code, secret[:3], len(secret)) == (0, "td_", 46)
    listed = run("api-key", "list").out
    assert "the till" in listed
    assert "customers:write orders:write" in listed
    assert "never" in listed
    assert secret not in listed
    assert run("api-key", "revoke", "the till").out == "the till is revoked\n"
    assert len(run("api-key", "list").out.splitlines()[1].split()) > len(listed.splitlines()[1].split())


def test_what_cannot_be_done_is_told_and_ends_with_1(run: Run) -> None:
    run("api-key", "add", "till", "--scope", "orders:write")
    again = run("api-key", "add", "till", "--scope", "orders:write")
    assert (again.code, "choose another name" in again.err) == (1, True)
    unknown = run("api-key", "revoke", "nobody")
    assert (unknown.code, "api-key list" in unknown.err) == (1, True)
