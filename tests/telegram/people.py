"""A person with a Telegram account, so that tests read like a dialogue."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from dataclasses import dataclass, field
from typing import Any

from tests.telegram.group import Group
from tests.telegram.seen import Seen
from tests.telegram.stage import Stage, heard_in, messages

PICTURE = b"\xff\xd8\xff\xe0 a picture \xff\xd9"


@dataclass
class Person:
    """Writes in private by `say` and its kin, in groups by those ending in `_in`. Message ids come back."""

    stage: Stage
    id: int
    name: str
    _heard: int = 0
    _albums: int = field(default=0)

    def start(self, payload: str = "") -> int:
        return self.say(f"/start {payload}".strip())

    def say(self, text: str, reply_to: int | None = None) -> int:
        return self.send({"text": text}, reply_to)

    def send(self, body: dict[str, Any], reply_to: int | None = None) -> int:
        """A message of any kind, its content as the Bot API words it."""
        return int(self.stage.act("say", chat_id=self.id, sender=self.id, body=body, reply_to=reply_to))

    def photo(self, caption: str | None = None, content: bytes = PICTURE) -> int:
        return self.send(_captioned({"photo": self.file("photo", content)}, caption))

    def voice(self, content: bytes = b"OggS a voice") -> int:
        return self.send({"voice": self.file("voice", content)})

    def document(
        self,
        name: str = "receipt.pdf",
        content: bytes = b"%PDF-1.7",
        caption: str | None = None,
        size: int | None = None,
    ) -> int:
        """`size` pretends a size, for files too big to hold in a test."""
        return self.send(_captioned({"document": self.file("document", content, name, size)}, caption))

    def sticker(self) -> int:
        return self.send({"sticker": self.file("sticker", b"RIFF a sticker")})

    def location(self, latitude: float = 52.52, longitude: float = 13.4) -> int:
        return self.send({"location": {"latitude": latitude, "longitude": longitude}})

    def contact(self, phone: str = "+491701234567", user_id: int | None = None) -> int:
        """Shares a contact: one's own unless `user_id` is another's."""
        shared = {"phone_number": phone, "first_name": self.name, "user_id": user_id or self.id}
        return self.send({"contact": shared})

    def album(self, n: int, caption: str | None = None) -> list[int]:
        """`n` photos that share a media_group_id; each comes as an update of its own, the first with the caption."""
        self._albums += 1
        album = f"{self.id}{self._albums:03}"
        photos = [{"photo": self.file("photo", PICTURE), "media_group_id": album} for _ in range(n)]
        return [self.send(_captioned(body, None if i else caption)) for i, body in enumerate(photos)]

    def file(self, kind: str, content: bytes, name: str = "file.jpg", size: int | None = None) -> Any:
        """Uploads a file; returns the message field that carries it."""
        mime = {"voice": "audio/ogg", "document": "application/pdf"}.get(kind, "image/jpeg")
        encoded = b64encode(content).decode()
        return self.stage.act("upload", kind=kind, name=name, mime=mime, content=encoded, size=size)

    def edit(self, message_id: int, text: str) -> None:
        self.stage.act("edit", chat_id=self.id, message_id=message_id, body={"text": text})

    def delete(self, message_id: int) -> None:
        """Bots are not told."""
        self.stage.act("erase", chat_id=self.id, message_id=message_id)

    def press(self, label: str) -> str | int:
        """Presses the newest button with this label. Raises AssertionError listing the labels if there is none."""
        pressed: str | int = self.stage.act("press", chat_id=self.id, sender=self.id, label=label)
        return pressed

    def press_data(self, data: str, message_id: int | None = None) -> str:
        """A forged press, or one on an old button whose keyboard is gone."""
        return str(self.stage.act("press_data", chat_id=self.id, sender=self.id, data=data, message_id=message_id))

    def block(self) -> None:
        self.stage.act("standing", chat_id=self.id, status="blocked")

    def unblock(self) -> None:
        self.stage.act("standing", chat_id=self.id, status="member")

    def deactivate(self) -> None:
        """Deletes the account."""
        self.stage.act("standing", chat_id=self.id, status="deactivated")

    def say_in(self, group: Group, topic: int | None, text: str, reply_to: int | None = None) -> int:
        return self.send_in(group, topic, {"text": text}, reply_to)

    def photo_in(self, group: Group, topic: int | None, caption: str | None = None, content: bytes = PICTURE) -> int:
        return self.send_in(group, topic, _captioned({"photo": self.file("photo", content)}, caption))

    def voice_in(self, group: Group, topic: int | None, content: bytes = b"OggS a voice") -> int:
        return self.send_in(group, topic, {"voice": self.file("voice", content)})

    def document_in(
        self,
        group: Group,
        topic: int | None,
        name: str = "label.pdf",
        content: bytes = b"%PDF-1.7",
        caption: str | None = None,
    ) -> int:
        return self.send_in(group, topic, _captioned({"document": self.file("document", content, name)}, caption))

    def send_in(self, group: Group, topic: int | None, body: dict[str, Any], reply_to: int | None = None) -> int:
        """`topic` is a thread id; None: the General topic."""
        said = self.stage.act("say", chat_id=group.id, sender=self.id, body=body, topic=topic, reply_to=reply_to)
        return int(said)

    def edit_in(self, group: Group, message_id: int, text: str) -> None:
        self.stage.act("edit", chat_id=group.id, message_id=message_id, body={"text": text})

    def press_in(self, group: Group, topic: int | None, label: str) -> str | int:
        pressed: str | int = self.stage.act("press", chat_id=group.id, sender=self.id, label=label, topic=topic or 0)
        return pressed

    def press_data_in(self, group: Group, data: str, message_id: int | None = None) -> str:
        args = {"chat_id": group.id, "sender": self.id, "data": data, "message_id": message_id}
        return str(self.stage.act("press_data", **args))

    async def hears(self, n: int = 1, timeout: float = 15.0) -> list[Seen]:  # noqa: ASYNC109 - names the test's patience
        """The next `n` messages of the bot that this person has not heard yet. Raises AssertionError in vain."""
        heard = await heard_in(self.stage, self.id, n, timeout, after=self._heard)
        self._heard = heard[-1].id
        return heard

    async def hears_nothing(self, seconds: float = 0.3) -> None:
        """Raises AssertionError if the bot writes within that time."""
        await asyncio.sleep(seconds)
        unheard = [seen.text for seen in self.unheard()]
        if unheard:
            raise AssertionError(f"the bot was to be silent, but it said: {unheard}")

    def unheard(self) -> list[Seen]:
        return messages(self.stage, self.id, after=self._heard, bot_only=True)

    async def last(self) -> Seen:
        """The newest message of the bot that is not deleted. Raises AssertionError if there is none."""
        shown = [seen for seen in messages(self.stage, self.id, bot_only=True) if not seen.deleted]
        if not shown:
            raise AssertionError(f"the bot has not written to {self.name}")
        return shown[-1]

    def messages(self) -> list[Seen]:
        """The whole private chat, both sides, deleted messages too."""
        return messages(self.stage, self.id)

    def pinned(self) -> list[int]:
        return list(self.stage.act("pinned", chat_id=self.id))

    def answers(self) -> list[dict[str, Any]]:
        """What this person's presses were answered: text, alert, url."""
        return list(self.stage.act("answers", user_id=self.id))


def _captioned(body: dict[str, Any], caption: str | None) -> dict[str, Any]:
    return body if caption is None else {**body, "caption": caption}
