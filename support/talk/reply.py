"""What we say to a person, whatever the channel."""

from __future__ import annotations

from dataclasses import dataclass

from support.talk.inbound import Attachment

MOST_BUTTONS = 4
"""Of one message: more are not read on a phone."""


@dataclass(frozen=True, slots=True)
class Button:
    """A label and what it does: an action of support.talk.actions, never shown to the customer."""

    label: str
    action: str


@dataclass(frozen=True, slots=True)
class Reply:
    """One message; buttons in reading order. `markdown` marks an admin's text: strangers' words are never markup.

    `asks_contact` is the label of the channel's own button that shares the customer's number, and stands without other
    buttons; `ends_asking` takes it away. `strategy` is what the customer's stage had us say, "use.offer" or such.
    """

    text: str
    buttons: tuple[Button, ...] = ()
    markdown: bool = False
    kind: str = "text"
    reply_to_ref: int | None = None
    attachment: Attachment | None = None
    asks_contact: str | None = None
    ends_asking: bool = False
    strategy: str | None = None
