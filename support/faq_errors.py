"""What an admin may ask of the FAQ that cannot be done."""

from __future__ import annotations

from support.errors import DeskError


class UnknownEntryError(DeskError):
    """There is no entry of this id, not even a withdrawn one."""

    key = "faq.unknown"

    def __init__(self, entry_id: str) -> None:
        super().__init__(f"no FAQ entry {entry_id!r}", id=entry_id)


class BadEntryIdError(DeskError):
    """The text cannot be an entry's id."""

    key = "faq.bad_id"

    def __init__(self, value: str) -> None:
        super().__init__(f"{value!r} cannot be the id of an FAQ entry", value=value)


class EntryExistsError(DeskError):
    """The id is taken, perhaps by a withdrawn entry."""

    key = "faq.exists"

    def __init__(self, entry_id: str) -> None:
        super().__init__(f"an FAQ entry {entry_id!r} exists already", id=entry_id)


class NeedsTextError(DeskError):
    """A question or an answer without anything to read."""

    key = "faq.needs_text"

    def __init__(self, what: str) -> None:
        super().__init__(f"the {what} of an FAQ entry is empty")


class UnknownFaqLanguageError(DeskError):
    """The FAQ is not kept in this language."""

    def __init__(self, language: str) -> None:
        super().__init__(f"the FAQ is not kept in {language!r}")
