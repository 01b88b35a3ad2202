"""What a shop under test is told by its settings, and an FAQ whose questions each have one answer."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

from bot.sample_shop import SAMPLE
from faq.entry import FaqEntry
from faq.files import read_faq, write_faq
from handlers.rendering import parts
from support.talk.reply import Reply
from tests.databases import SECRET
from tests.telegram.client import TOKEN

FORUM = -100_1001
AGENT = 900


def environment(telegram_url: str, database_url: str, folder: Path) -> dict[str, str]:
    """Settings without pacing; each process takes any free port."""
    return {
        "BOT_TOKEN": TOKEN,
        "TELEGRAM_API_BASE": telegram_url,
        "DATABASE_URL": database_url,
        "SECRET_KEY": SECRET,
        "FAQ_FILE": str(folder / "faq.yaml"),
        "FILES_DIR": str(folder / "files"),
        "AGENT_CHAT_ID": str(FORUM),
        "AGENT_IDS": str(AGENT),
        "HTTP_PORT": "0",
        "SEND_RATE": "0",
        "SEND_RATE_CHAT": "0",
        "SEND_RATE_GROUP": "0",
    }


def write_entries(folder: Path, count: int, seed: int) -> list[FaqEntry]:
    """Some entries of the sample shop, the same for the same seed."""
    entries = [entry for entry in read_faq(SAMPLE / "faq.yaml") if entry.questions.get("en") and _is_simple(entry)]
    chosen = random.Random(seed).sample(entries, count)  # noqa: S311 - the same ones in every run
    write_faq(folder / "faq.yaml", chosen)
    return chosen


def _is_simple(entry: FaqEntry) -> bool:
    """Everybody gets the same answer, and no form follows."""
    return not entry.form and "{" not in entry.answers["en"]


def questions(entries: Sequence[FaqEntry]) -> list[tuple[str, str]]:
    """Each in the FAQ's own words, and the answer that Telegram shows."""
    return [(entry.questions["en"][0], parts(Reply(entry.answers["en"], markdown=True))[0][0]) for entry in entries]
