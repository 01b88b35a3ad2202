"""What reaches us from a person, whatever the channel."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Sender:
    """A person as their channel names them. `address` is unique on the channel; `chat_id` is where Telegram answers."""

    channel: str
    address: str
    chat_id: int | None = None
    name: str | None = None
    username: str | None = None
    client_language: str | None = None


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came with a message. `kind` is photo, document, voice or video; `file_id` is a StoredFile's."""

    kind: str
    name: str | None = None
    mime: str | None = None
    size: int | None = None
    telegram_file_id: str | None = None
    telegram_unique_id: str | None = None
    file_id: int | None = None


@dataclass(frozen=True, slots=True)
class Inbound:
    """One message. `kind` is text, photo, document, voice, video, album, or the name of what cannot be used.

    `ref` is the channel's number of the message, `client_key` a web page's own, which makes a repeated post harmless.
    `details` holds what else is worth keeping (never shown to a customer). `start` is the word that a start link
    carried, `phone` a number that the channel vouches for as the sender's own; neither is kept in the ledger.
    """

    sender: Sender
    text: str = ""
    kind: str = "text"
    attachment: Attachment | None = None
    ref: int | None = None
    client_key: str | None = None
    details: dict[str, Any] = field(default_factory=dict)
    start: str = ""
    phone: str | None = None


@dataclass(frozen=True, slots=True)
class Press:
    """A button of ours that somebody pressed: the touchpoint that offered it and its place there.

    What the button does is read from our own ledger, so a forged press can only be one we offered to that person.
    """

    sender: Sender
    touchpoint_id: int
    index: int
