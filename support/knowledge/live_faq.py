"""The FAQ as it is matched right now: read from the store, swapped as a whole, renewed when somebody edits it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import structlog

from crm_store.alone import alone
from crm_store.repositories import faq as faq_store
from crm_store.store import Store
from faq.entry import FaqEntry
from faq.keeping import KeptIndexError, fingerprint, from_bytes, to_bytes
from faq.matcher import Matcher
from support.knowledge.rows import entry_of

log = structlog.get_logger()

WORK = "faq"
"""What only one process trains at a time."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """An index and the entries it was built from; never changed, only replaced."""

    matcher: Matcher = field(default_factory=lambda: Matcher.build(()))
    entries: Mapping[str, FaqEntry] = field(default_factory=dict)
    revision: int = -1


class LiveFaq:
    """Holds the present snapshot. Building happens in a thread, so the loop goes on answering.

    `thresholds` (answer, suggest, margin) are set by the admin; those that are not are learned from the FAQ.
    """

    def __init__(self, thresholds: Mapping[str, float] | None = None) -> None:
        self._now = Snapshot()
        self._thresholds = thresholds or {}
        self._renewing = asyncio.Lock()

    @property
    def matcher(self) -> Matcher:
        return self._now.matcher

    @property
    def entries(self) -> Mapping[str, FaqEntry]:
        return self._now.entries

    async def look_ahead(self, texts: Sequence[str]) -> None:
        """Finds now, all together, what will be asked one by one; for a large FAQ in a thread, so the loop goes on."""
        if self.matcher.index.is_small:
            self.matcher.look_ahead(texts)
        else:
            await asyncio.to_thread(self.matcher.look_ahead, texts)

    async def refresh(self, store: Store) -> bool:
        """Renews the FAQ if an entry has changed since; says whether it did. Raises StoreUnavailableError.

        A large FAQ is renewed at once by what changed, and again when it is trained as a whole. What was trained is
        kept in the store for the next start and for other processes. Whoever comes while it is being renewed waits
        for it: an older FAQ never takes the place of a newer one, and nothing is trained twice.
        """
        async with self._renewing:
            return await self._renew(store)

    async def _renew(self, store: Store) -> bool:
        async with store.read() as session:
            revision = await faq_store.revision(session)
            if revision == self._now.revision:
                return False
            entries = [entry_of(row) for row in await faq_store.published(session)]
        known = await _kept(store, entries)
        if not known and not self.matcher.index.is_small:  # not the whole renewal yet: the revision stays what it was
            await self._swap(await asyncio.to_thread(self.matcher.changed, entries), self._now.revision)
        await self._swap(known or await self._train(store, entries), revision)
        return True

    async def _train(self, store: Store, entries: Sequence[FaqEntry]) -> Matcher:
        """Or takes what another process has trained and kept: of many that see a change, one trains."""
        async with alone(store, WORK):
            if known := await _kept(store, entries):
                return known
            trained = await asyncio.to_thread(Matcher.build, entries)
            content = await asyncio.to_thread(to_bytes, trained)
            await store.run(lambda unit: faq_store.keep_index(unit, fingerprint(entries), content))
            return trained

    async def rehearsed(self, entries: Sequence[FaqEntry]) -> Matcher:
        """An FAQ that is not live, as it would match if it were."""
        return await asyncio.to_thread(lambda: self._as_set(Matcher.build(entries)))

    def _as_set(self, trained: Matcher) -> Matcher:
        """With the admin's thresholds, and asked once: what the first question makes takes a second in a large FAQ."""
        matcher = replace(trained, thresholds=replace(trained.thresholds, **self._thresholds))
        if matcher.phrasings:
            matcher.match(matcher.phrasings[0].text)
        return matcher

    async def _swap(self, trained: Matcher, revision: int) -> None:
        matcher = await asyncio.to_thread(self._as_set, trained)
        self._now = Snapshot(matcher, {entry.id: entry for entry in matcher.entries}, revision)


async def _kept(store: Store, entries: Sequence[FaqEntry]) -> Matcher | None:
    """What was trained of these entries before; None if nothing was or it cannot be read: it is only a copy."""
    async with store.read() as session:
        kept = await faq_store.kept_index(session, fingerprint(entries))
    if kept is None:
        return None
    try:
        return await asyncio.to_thread(from_bytes, kept, entries)
    except KeptIndexError as error:
        log.error("faq.kept_index", problem=str(error), will="train anew")
        return None
