"""`faq check`, `faq replay`, `faq gaps` and `ask --explain` at work: from the options to what is printed."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import typer

from bot import lab
from bot.lab_findings import findings_json, findings_text
from bot.opening import build_desk
from bot.settings import Settings
from crm_store.repositories import faq_drafts
from crm_store.store import Store
from faq.asked import Progress
from faq.files import open_faq
from faq.findings import Severity
from faq.gaps import drafts_of
from faq.matcher import Matcher
from faq.yaml_file import format_yaml
from support.knowledge import laboratory
from support.knowledge.live_faq import LiveFaq

BAR_FROM = 1_000
"""Questions, or wordings, from which on the work takes long enough to show how far it is."""

DRAFTS_HEAD = """\
# Drafts from customers' own questions, those that most people asked first. Before importing:
# fill in every answer or delete its line, take out names and numbers, delete what needs no entry.
"""


class DraftsFileExistsError(RuntimeError):
    """--drafts names a file that is there, perhaps with answers that somebody has begun to fill in."""

    def __init__(self, file: Path) -> None:
        super().__init__(f"{file} exists already and is left as it is: name another file, or move it away first")


class NoDraftsError(RuntimeError):
    """--drafts, and nobody has drafted anything."""

    def __init__(self) -> None:
        super().__init__("there are no drafts: make some in Telegram with /faq, or name a file")


async def check(settings: Settings, store: Store, file: Path | None, drafts: bool, as_json: bool) -> bool:
    """Prints the findings; says whether the FAQ is free of errors. Raises FaqFileError and NoDraftsError."""
    live = await _live(settings, store)
    edited = await _edited(store, live, file, drafts)
    entries = len((edited or live.matcher).entries)
    with bar("checking") as progress:
        found = await laboratory.check_faq(store, live, edited, progress)
    _show(
        as_json,
        findings_json(found, entries),
        findings_text(found, entries),
        None if entries else lab.EMPTY_FAQ,
    )
    return not any(finding.severity is Severity.ERROR for finding in found)


async def replay(
    settings: Settings,
    store: Store,
    file: Path | None,
    drafts: bool,
    days: int | None,
    thresholds: Mapping[str, float],
    limit: int,
    as_json: bool,
) -> None:
    """Prints the comparison. Raises FaqFileError and NoDraftsError."""
    live = await _live(settings, store)
    edited = await _edited(store, live, file, drafts)
    with bar("replaying") as progress:
        result = await laboratory.replay_faq(store, live, edited, thresholds, _since(store, days), limit, progress)
    hint = lab.EMPTY_FAQ if not (edited or live.matcher).entries else None if result.questions else lab.NO_QUESTIONS
    _show(as_json, lab.replay_json(result), lab.replay_text(result), hint)


async def gaps(
    settings: Settings, store: Store, days: int | None, limit: int, drafts: Path | None, as_json: bool
) -> None:
    """Prints the gaps; writes them to `drafts` as entries that lack their answers. Raises DraftsFileExistsError."""
    live = await _live(settings, store)
    with bar("looking") as progress:
        found = (await laboratory.find_gaps(store, live, _since(store, days), progress=progress))[:limit]
    if drafts and found:
        async with store.read() as session:
            taken = await faq_drafts.taken_ids(session)
        _write_new(drafts, DRAFTS_HEAD + format_yaml(drafts_of(found, taken)))
        print(
            f"{drafts}: {len(found)} drafts; fill in the answers, then: touchdesk faq import {drafts}", file=sys.stderr
        )
    hint = None if found else lab.NO_GAPS if live.entries else lab.EMPTY_FAQ
    _show(as_json, lab.gaps_json(found), lab.gaps_text(found), hint)


def _write_new(file: Path, text: str) -> None:
    try:
        with file.open("x", encoding="utf-8") as out:
            out.write(text)
    except FileExistsError as error:
        raise DraftsFileExistsError(file) from error


async def _live(settings: Settings, store: Store) -> LiveFaq:
    live = build_desk(settings, store).faq
    await live.refresh(store)
    return live


async def _edited(store: Store, live: LiveFaq, file: Path | None, drafts: bool) -> Matcher | None:
    """The FAQ that is looked at instead of the published one, if any."""
    if file:
        return await live.rehearsed(laboratory.imported(live, open_faq(file)))
    if not drafts:
        return None
    async with store.read() as session:
        if not await faq_drafts.exist(session):
            raise NoDraftsError
        entries = await laboratory.drafted(session)
    return await live.rehearsed(entries)


def _since(store: Store, days: int | None) -> datetime | None:
    return store.clock() - timedelta(days=days) if days else None


def _show(as_json: bool, plain: Any, text: str, hint: str | None) -> None:
    """A hint takes the place of an empty text, and stands beside JSON, which is read by a program."""
    if as_json:
        print(json.dumps(plain, ensure_ascii=False))
    if hint:
        print(hint, file=sys.stderr if as_json else sys.stdout)
    elif not as_json:
        print(text)


@contextmanager
def bar(label: str) -> Iterator[Progress]:
    """A bar on stderr for work of more than BAR_FROM parts."""
    with ExitStack() as stack:
        bars: list[Any] = []

        def progress(done: int, total: int) -> None:
            if total <= BAR_FROM:
                return
            if not bars:
                bars.append(stack.enter_context(typer.progressbar(length=total, label=label, file=sys.stderr)))
            bars[0].update(done - bars[0].pos)

        yield progress
