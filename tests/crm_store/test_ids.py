"""Ids in blocks, for rows that a statement numbers itself: nobody else gets them, and they grow."""

import sqlite3

from crm_store.ids import IdMaker, in_block


def numbered(first: int, count: int) -> list[int]:
    query = f"SELECT {in_block(':first', 'value')} FROM json_each(:numbers)"
    numbers = str(list(range(1, count + 1)))
    return [row for (row,) in sqlite3.connect(":memory:").execute(query, {"first": first, "numbers": numbers})]


def test_blocks_and_single_ids_never_meet() -> None:
    make = IdMaker(process=7)
    ids: list[int] = [make()]
    for count in (1, 4_095, 4_096, 10_000):
        ids += [*numbered(make.block(count), count), make(), make()]
    assert ids == sorted(set(ids))
    assert {row >> 12 & 1023 for row in ids} == {7}
