"""The FAQ that is matched right now: swapped as a whole, kept over restarts, renewed at once when it is large."""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from datetime import datetime

import pytest
from sqlalchemy import select, update

from crm_store.models import FaqIndex
from crm_store.store import Store
from faq.entry import FaqEntry
from faq.matcher import Match, Matcher
from support.knowledge.importing import import_entries
from support.knowledge.live_faq import LiveFaq

SHOP = [
    FaqEntry("returns", {"en": ["How do I return an item?", "Can I send it back?"]}, {"en": "Within 30 days."}),
    FaqEntry("hours", {"en": ["When are you open?"], "zh-Hans": ["几点开门"]}, {"en": "Nine to six."}),
]


async def written(store: Store, entries: list[FaqEntry]) -> None:
    await store.run(lambda unit: import_entries(unit, entries))


async def kept(store: Store) -> list[tuple[str, datetime]]:
    async with store.read() as session:
        return [(row.fingerprint, row.built_at) for row in await session.scalars(select(FaqIndex))]


async def test_an_empty_faq_answers_nobody(store: Store) -> None:
    faq = LiveFaq()
    assert not faq.matcher.match("when are you open")
    assert await faq.refresh(store)
    assert not await faq.refresh(store), "nothing has changed"
    assert not faq.matcher.match("when are you open")


async def test_an_empty_faq_loads_neither_words_nor_encoder() -> None:
    """In a process of its own: here others have loaded them."""
    start = "from support.knowledge.live_faq import LiveFaq; LiveFaq().matcher.match('when are you open')"
    count = "print(load_words.cache_info().currsize, sentence_encoder.cache_info().misses)"
    program = f"{start}; from faq.words import load_words; from faq.semantic import sentence_encoder; {count}"
    python = await asyncio.create_subprocess_exec(sys.executable, "-c", program, stdout=asyncio.subprocess.PIPE)
    assert (await python.communicate())[0].split() == [b"0", b"0"]


async def test_a_change_is_matched_and_what_was_trained_is_kept_once(store: Store) -> None:
    faq = LiveFaq()
    await written(store, SHOP)
    await faq.refresh(store)
    assert faq.matcher.match("几点开门")[0] == Match("hours", 1.0)
    first = await kept(store)
    await written(store, [FaqEntry("hours", {"en": ["Opening times?"]}, {"en": "Ten to six."})])
    assert await faq.refresh(store)
    assert faq.matcher.match("opening times")[0] == Match("hours", 1.0)
    assert "几点开门" not in faq.entries["hours"].wordings
    second = await kept(store)
    assert (len(first), len(second)) == (1, 1)
    assert first[0][0] != second[0][0]


async def test_a_restart_does_not_train_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    await written(store, SHOP)
    await LiveFaq().refresh(store)
    before = await kept(store)
    trained: list[object] = []
    restarted = LiveFaq()
    monkeypatch.setattr(Matcher, "build", trained.append)
    assert await restarted.refresh(store)
    assert restarted.matcher.match("can i send it back")[0] == Match("returns", 1.0)
    assert not trained
    assert await kept(store) == before


async def test_of_many_processes_one_trains(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    await written(store, SHOP)
    processes = [LiveFaq() for _ in range(3)]
    trainings, build = [], Matcher.build

    def slow(entries: list[FaqEntry]) -> Matcher:
        trainings.append(len(entries))
        time.sleep(0.3)
        return build(entries)

    monkeypatch.setattr(Matcher, "build", slow)
    assert all(await asyncio.gather(*(faq.refresh(store) for faq in processes)))
    assert trainings == [len(SHOP)]
    assert {faq.matcher.match("几点开门")[0] for faq in processes} == {Match("hours", 1.0)}


async def test_another_answer_needs_no_training_either(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    faq = LiveFaq()
    await written(store, SHOP)
    await faq.refresh(store)
    monkeypatch.setattr(Matcher, "build", None)
    await written(store, [FaqEntry("hours", SHOP[1].phrasings, {"en": "Ten to six."})])
    assert await faq.refresh(store)
    assert faq.entries["hours"].answers["en"] == "Ten to six."


async def test_a_large_faq_is_renewed_before_it_is_trained(
    sqlite_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("faq.index.MOST_TRAINED", 100)
    large = [
        FaqEntry(f"part-{n}", {"en": [f"part {n} is missing", f"where is part {n}"]}, {"en": "?"}) for n in range(51)
    ]
    await written(sqlite_store, large)
    faq = LiveFaq()
    await faq.refresh(sqlite_store)
    await written(sqlite_store, [FaqEntry("hose", {"en": ["the blue hose leaks"]}, {"en": "Turn it off."})])
    seen: list[Match] = []

    def build(entries: list[FaqEntry]) -> Matcher:
        seen.append(faq.matcher.match("the blue hose leaks")[0])
        return faq.matcher

    monkeypatch.setattr(Matcher, "build", build)
    await faq.refresh(sqlite_store)
    assert seen == [Match("hose", 1.0)], "customers are answered while the whole is trained"


async def test_a_large_faq_that_could_not_be_trained_is_trained_the_next_time(
    sqlite_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("faq.index.MOST_TRAINED", 100)
    large = [FaqEntry(f"part-{n}", {"en": [f"part {n} is missing"]}, {"en": "?"}) for n in range(101)]
    await written(sqlite_store, large)
    faq = LiveFaq()
    await faq.refresh(sqlite_store)
    await written(sqlite_store, [FaqEntry("hose", {"en": ["the blue hose leaks"]}, {"en": "Turn it off."})])
    with monkeypatch.context() as patch, pytest.raises(MemoryError):
        patch.setattr(Matcher, "build", out_of_memory)
        await faq.refresh(sqlite_store)
    assert faq.matcher.match("the blue hose leaks")[0] == Match("hose", 1.0), "as far as it goes without training"
    assert await faq.refresh(sqlite_store)
    assert not await faq.refresh(sqlite_store)


def out_of_memory(_: list[FaqEntry]) -> Matcher:
    raise MemoryError


async def test_an_older_faq_never_takes_the_place_of_a_newer_one(
    sqlite_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first training is slow, and an entry changes meanwhile."""
    await written(sqlite_store, SHOP)
    faq, build, began, enough, at_once, most = LiveFaq(), Matcher.build, threading.Event(), threading.Event(), [0], [0]

    def slowly(entries: list[FaqEntry]) -> Matcher:
        at_once[0] += 1
        most[0] = max(most[0], at_once[0])
        if not began.is_set():
            began.set()
            enough.wait(5)
        at_once[0] -= 1
        return build(entries)

    monkeypatch.setattr(Matcher, "build", slowly)
    async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
        first = tasks.create_task(faq.refresh(sqlite_store))
        await asyncio.to_thread(began.wait, 5)
        await written(sqlite_store, [FaqEntry("hours", {"en": ["Opening times?"]}, {"en": "Ten to six."})])
        others = [tasks.create_task(faq.refresh(sqlite_store)) for _ in range(2)]
        await asyncio.sleep(0.1)
        enough.set()
    assert faq.entries["hours"].answers["en"] == "Ten to six."
    assert [first.result(), *(other.result() for other in others)] == [True, True, False], "nothing is trained twice"
    assert most == [1]
    restarted = LiveFaq()
    monkeypatch.setattr(Matcher, "build", None)
    assert await restarted.refresh(sqlite_store), "what is kept is the newest"


@pytest.mark.parametrize("content", [b"", b"junk", b"PK\x03\x04" + bytes(100)])
async def test_what_cannot_be_read_is_trained_anew(store: Store, content: bytes) -> None:
    await written(store, SHOP)
    await LiveFaq().refresh(store)
    async with store.write() as connection:
        await connection.execute(update(FaqIndex).values(content=content))
    restarted = LiveFaq()
    assert await restarted.refresh(store)
    assert restarted.matcher.match("几点开门")[0] == Match("hours", 1.0)
    async with store.read() as session:
        assert await session.scalar(select(FaqIndex.content)) != content


async def test_an_admin_may_set_the_thresholds(sqlite_store: Store) -> None:
    await written(sqlite_store, SHOP)
    faq = LiveFaq({"answer": 0.9, "margin": 0.3})
    await faq.refresh(sqlite_store)
    assert (faq.matcher.thresholds.answer, faq.matcher.thresholds.margin) == (0.9, 0.3)
    learned = LiveFaq()
    await learned.refresh(sqlite_store)
    assert learned.matcher.thresholds.answer != 0.9
    assert faq.matcher.thresholds.suggest == learned.matcher.thresholds.suggest


async def test_a_rehearsed_faq_has_the_admins_thresholds_and_is_not_live() -> None:
    faq = LiveFaq({"answer": 0.9})
    rehearsed = await faq.rehearsed([FaqEntry("tea", {"en": ("Do you sell tea?",)}, {"en": "No."})])
    assert rehearsed.thresholds.answer == 0.9
    assert [entry.id for entry in rehearsed.entries] == ["tea"]
    assert not faq.entries
