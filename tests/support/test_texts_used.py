"""Every text of the catalogue is said somewhere: what nobody says, nobody translates in vain."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.support.test_texts import BUTTON_CALL, CATALOGUES, LANGUAGES, ROOT

FOLDERS = ("bot", "handlers", "console", "workers", "support", "analytics", "crm_store", "faq")
BUILT = re.compile(r"""f["']((?:\w+\.)+[^"'\s]*\{[^"'\s]*)["']""")
"""A key with holes: f"customer.{manner}.closed"."""
JOINED = re.compile(r"""["']((?:\w+\.)+)["'] ?~""")
"""The same in a template: "channel." ~ each.channel."""
HOLE = re.compile(r"\{[^}]*\}")
GENERIC = {"button.{key}"}
"""Turn.button: its callers name the button (see BUTTON_CALL)."""


def code() -> str:
    files = [f for folder in FOLDERS for end in ("py", "html", "js") for f in (ROOT / folder).rglob(f"*.{end}")]
    return "\n".join(file.read_text("utf-8") for file in files)


def patterns(source: str) -> Iterator[re.Pattern[str]]:
    """What keys that the code puts together may look like; a hole is filled by one word."""
    for built in set(BUILT.findall(source)) - GENERIC:
        yield re.compile(r"([\w-]*)".join(re.escape(piece) for piece in HOLE.split(built)))
    for prefix in set(JOINED.findall(source)):
        yield re.compile(re.escape(prefix) + r"([\w-]+)")


def words(source: str) -> set[str]:
    """Everything that stands in quotes, whole or as one of several words: what may fill a hole."""
    quoted = re.findall(r"""["']([^"'\n]*)["']""", source)
    return {word for text in quoted for word in re.split(r"[^\w-]+", text)} | set(
        re.findall(r"""^\s+([a-z_]+)[:=]""", source, re.MULTILINE)
    )


def unused(keys: set[str], source: str) -> set[str]:
    quoted = set(re.findall(r"""["']([\w.-]+)["']""", source))
    buttons = {f"button.{name}" for name in BUTTON_CALL.findall(source)}
    filling, built = words(source), list(patterns(source))

    def is_built(key: str) -> bool:
        return any(found and set(found.groups()) <= filling for found in (p.fullmatch(key) for p in built))

    return {key for key in keys - quoted - buttons if not is_built(key)}


def test_every_text_is_said_somewhere() -> None:
    for language in LANGUAGES:
        assert not unused(set(CATALOGUES[language]), code())


def test_a_text_that_nobody_says_is_found() -> None:
    source = """
        say("customer.thanks"); turn.button("repair", "repair"); say(f"customer.{manner}.closed"); manner = "human"
        {{ t("channel." ~ each.channel) }} channel="web"
    """
    said = {"customer.thanks", "button.repair", "customer.human.closed", "channel.web"}
    unsaid = {"customer.goodbye", "button.undo", "customer.stranger.closed", "customer.human.place", "channel.fax"}
    assert unused(said | unsaid, source) == unsaid
