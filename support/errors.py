"""Errors that a person may read: one text for the log, and a key of locales/ for the person."""

from __future__ import annotations


class DeskError(Exception):
    """Something that staff asked for cannot be done; `key` and `params` word it for them."""

    key = "console.failed"

    def __init__(self, log: str, **params: object) -> None:
        super().__init__(log)
        self.params = params


class TakenError(DeskError):
    """Another agent holds this customer."""

    key = "agent.taken"

    def __init__(self, agent: str) -> None:
        super().__init__(f"held by {agent}", agent=agent)


class NothingOpenError(DeskError):
    """There is nothing in the queue for this customer."""

    key = "agent.no_item"

    def __init__(self) -> None:
        super().__init__("no escalation is open for this contact point")


class EmptyWordsError(DeskError):
    """A message without anything to read."""

    key = "console.error.empty"

    def __init__(self) -> None:
        super().__init__("the message is empty")


class TooLongError(DeskError):
    """More than a messenger carries in one message."""

    key = "console.error.too_long"

    def __init__(self, length: int) -> None:
        super().__init__(f"the message has {length} characters")
