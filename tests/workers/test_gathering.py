"""What many bring at the same time is written together, and each hears what became of it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from workers.gathering import GATHER_SECONDS, Gathering


class BrokenError(Exception):
    """The disk says no."""


@dataclass
class Disk:
    """Remembers the groups that it was given; what `broken` names fails."""

    groups: list[list[str]] = field(default_factory=list)
    broken: str = ""
    go_on: asyncio.Event = field(default_factory=asyncio.Event)

    async def write(self, things: Sequence[str]) -> None:
        self.groups.append(list(things))
        await self.go_on.wait()
        if self.broken in things:
            raise BrokenError


@pytest.fixture
def disk() -> Disk:
    return Disk()


async def begin(gathering: Gathering[str], *things: str) -> list[asyncio.Task[None]]:
    """Each in a task of its own; after a moment in which a group may begin to be written."""
    tasks = [asyncio.ensure_future(gathering.add(thing)) for thing in things]
    await asyncio.sleep(5 * GATHER_SECONDS)
    return tasks


async def test_those_who_come_while_a_group_is_written_are_the_next_one(disk: Disk) -> None:
    gathering = Gathering(disk.write)
    first = await begin(gathering, "a", "b")
    second = await begin(gathering, "c")
    second += await begin(gathering, "d", "e")
    assert disk.groups == [["a", "b"]], "one group at a time"
    assert not any(task.done() for task in [*first, *second])
    disk.go_on.set()
    await asyncio.gather(*first, *second)
    assert disk.groups == [["a", "b"], ["c", "d", "e"]]


async def test_a_failure_is_that_of_its_group_only(disk: Disk) -> None:
    disk.broken = "b"
    gathering = Gathering(disk.write)
    first, second = await begin(gathering, "a", "b"), await begin(gathering, "c")
    disk.go_on.set()
    ends = await asyncio.gather(*first, *second, return_exceptions=True)
    assert [type(end) for end in ends] == [BrokenError, BrokenError, type(None)]
    await gathering.add("d")
    assert disk.groups[-1] == ["d"]


async def test_who_goes_away_does_not_end_the_group(disk: Disk) -> None:
    gathering = Gathering(disk.write)
    impatient, patient = await begin(gathering, "a", "b")
    impatient.cancel()
    disk.go_on.set()
    await patient
    assert impatient.cancelled()
    assert disk.groups == [["a", "b"]]


async def test_if_all_go_away_the_others_go_on(disk: Disk) -> None:
    disk.broken = "a"
    gathering = Gathering(disk.write)
    (task,) = await begin(gathering, "a")
    task.cancel()
    await asyncio.wait([task])
    disk.go_on.set()
    await gathering.add("b")
    assert disk.groups == [["a"], ["b"]]
