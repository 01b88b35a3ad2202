"""The FAQ as it is matched right now: read from the store, swapped as a whole, renewed when somebody edits it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from crm_store.repositories import faq as faq_store
from crm_store.store import Store
from faq.entry import FaqEntry
from faq.keeping import fingerprint, from_bytes, to_bytes
from faq.matcher import Matcher
from support.knowledge.rows import entry_of


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

    @property
    def matcher(self) -> Matcher:
        return self._now.matcher

    @property
    def entries(self) -> Mapping[str, FaqEntry]:
        return self._now.entries

    async def refresh(self, store: Store) -> bool:
        """Renews the FAQ if an entry has changed since; says whether it did.

        A large FAQ is renewed at once by what changed, and again when it is trained as a whole. What was trained is
        kept in the store for the next start and for other processes.
        """
        async with store.read() as session:
            revision = await faq_store.revision(session)
            if revision == self._now.revision:
                return False
            entries = [entry_of(row) for row in await faq_store.published(session)]
            kept = await faq_store.kept_index(session, fingerprint(entries))
        if kept is None and not self.matcher.index.is_small:
            await self._swap(await asyncio.to_thread(self.matcher.changed, entries), revision)
        if kept is not None:
            await self._swap(await asyncio.to_thread(from_bytes, kept, entries), revision)
        else:
            trained = await asyncio.to_thread(Matcher.build, entries)
            await self._swap(trained, revision)
            await self._keep(store, trained)
        return True

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

    async def _keep(self, store: Store, matcher: Matcher) -> None:
        content = await asyncio.to_thread(to_bytes, matcher)
        await store.run(lambda unit: faq_store.keep_index(unit, fingerprint(matcher.entries), content))
