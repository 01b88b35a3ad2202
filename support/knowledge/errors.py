"""What an admin may ask of the FAQ that cannot be done."""

from __future__ import annotations

from faq.placeholders import KNOWN, Fault
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
    """The id is taken, perhaps by a withdrawn entry or a draft."""

    key = "faq.exists"

    def __init__(self, entry_id: str) -> None:
        super().__init__(f"an FAQ entry {entry_id!r} exists already", id=entry_id)


class NeedsTextError(DeskError):
    """A question or an answer without anything to read."""

    key = "faq.needs_text"

    def __init__(self, what: str) -> None:
        super().__init__(f"the {what} of an FAQ entry is empty")


class LongCategoryError(DeskError):
    """A category is a name, not a text."""

    key = "faq.long_category"

    def __init__(self, longest: int) -> None:
        super().__init__(f"the category of an FAQ entry has more than {longest} characters", number=longest)


class BrokenPlaceholderError(DeskError):
    """A placeholder in an answer that could not be filled for everybody (faq.placeholders)."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(
            f"a placeholder is broken: {fault}",
            written=fault.written,
            example=f"{{{fault.name}|…}}",
            known=", ".join(KNOWN),
            open="{{",
            close="}}",
        )
        self.key = f"faq.placeholder.{fault.code}"


class UnknownFaqLanguageError(DeskError):
    """The FAQ is not kept in this language."""

    def __init__(self, language: str) -> None:
        super().__init__(f"the FAQ is not kept in {language!r}")


class NoDraftError(DeskError):
    """The draft was published or discarded meanwhile, or there never was one."""

    key = "faq.no_draft"

    def __init__(self, entry_id: str) -> None:
        super().__init__(f"there is no draft of FAQ entry {entry_id!r}", id=entry_id)


class DraftExistsError(DeskError):
    """A draft is under way, and another would overwrite it."""

    key = "faq.draft_exists"

    def __init__(self, entry_id: str) -> None:
        super().__init__(f"there is a draft of FAQ entry {entry_id!r} already", id=entry_id)


class ChangedMeanwhileError(DeskError):
    """What the admin saw is no longer what is there: somebody else was faster."""

    key = "faq.changed_meanwhile"

    def __init__(self, entry_id: str) -> None:
        super().__init__(f"FAQ entry {entry_id!r} or its draft was changed meanwhile", id=entry_id)


class UnfinishedDraftError(DeskError):
    """A draft without a question or without an answer in any language, which could answer nobody."""

    key = "faq.unfinished"

    def __init__(self, entry_id: str) -> None:
        super().__init__(f"the draft of FAQ entry {entry_id!r} lacks a question or an answer", id=entry_id)


class UnknownRevisionError(DeskError):
    """The history has no such line."""

    key = "faq.unknown_revision"

    def __init__(self, revision_id: int) -> None:
        super().__init__(f"no FAQ revision {revision_id}")


class GapGoneError(DeskError):
    """The questions are answered meanwhile, or their words were erased."""

    key = "faq.gap_gone"

    def __init__(self) -> None:
        super().__init__("no gap holds this question any more")
