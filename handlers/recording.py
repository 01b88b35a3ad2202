"""Handlers call the Bot as usual; inside a unit of work the call becomes a row of the outbox.

The returned message has minus the row's id as its own, so that editing, answering or deleting it can be recorded too;
the sender replaces such numbers when the row has been sent. Outside a unit a call raises: nothing is sent by the way.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

from aiogram import Bot
from aiogram.client.session.base import BaseSession
from aiogram.methods import TelegramMethod
from aiogram.methods.base import TelegramType
from aiogram.types import ForumTopic, InputFile, Message, MessageId

from crm_store.ids import Ids, new_id
from crm_store.models import OutboxRow
from crm_store.repositories.lanes import Lane
from crm_store.unit import Unit
from support.words.blank import is_blank

FLEETING = frozenset({"answerCallbackQuery", "sendChatAction"})


class OutsideUnitError(RuntimeError):
    """A Bot method was called where no unit of work could keep it."""

    def __init__(self, method: str) -> None:
        super().__init__(f"{method} was called outside a unit of work, or after its end; it would have been lost")


class CannotRecordError(TypeError):
    """A Bot method's result is needed at once, which a queue cannot give."""

    def __init__(self, method: str, why: str) -> None:
        super().__init__(f"{method} cannot be queued: {why}")


class EmptyTextError(ValueError):
    """Telegram would refuse a text in which there is nothing to see, and its chat would have waited for that."""

    def __init__(self, method: str, chat_id: int) -> None:
        super().__init__(f"{method} to {chat_id}: a text without a visible character cannot be sent")


@dataclass(frozen=True, slots=True)
class Recording:
    """The unit that keeps calls, and what is said of them (see OutboxRow). `ids` gives them their places.

    Whoever says nothing of a lane is in nobody's way. After `wanted_for` they are not sent any more; None: at any time.
    """

    unit: Unit
    touchpoint_id: int | None = None
    lane: Lane = Lane.NOTICE
    wanted_for: timedelta | None = None
    repeat: str = "once"
    joinable: bool = False
    continuation: str | None = None
    ids: Ids = new_id


_current: ContextVar[Recording] = ContextVar("recording")


@contextmanager
def recording(unit: Unit, **details: Any) -> Iterator[None]:
    """Calls made within belong to this unit; `details` are the other fields of Recording."""
    token = _current.set(Recording(unit, **details))
    try:
        yield
    finally:
        _current.reset(token)


class StoredInput(InputFile):
    """A file of FILES_DIR, sent by its StoredFile's id."""

    def __init__(self, file_id: int, name: str) -> None:
        super().__init__(filename=name)
        self.file_id = file_id

    async def read(self, bot: Bot) -> AsyncGenerator[bytes, None]:
        raise CannotRecordError("upload", "the sender reads the file itself")
        yield b""  # a generator by signature


class RecordingSession(BaseSession):
    """aiogram's way out, led into the outbox."""

    async def make_request(
        self,
        bot: Bot,
        method: TelegramMethod[TelegramType],
        timeout: int | None = None,  # noqa: ASYNC109 - aiogram's
    ) -> TelegramType:
        name = method.__api_method__
        now = _now(name)
        files: dict[str, InputFile] = {}
        payload = self._payload(bot, method, files)
        if name in FLEETING:
            now.unit.ephemeral.append((name, payload))
            return cast(TelegramType, True)
        row_id = now.ids()
        result = _stand_in(bot, method, payload, row_id)
        _keep(bot.id, name, payload, now, row_id, {key: _file_id(name, file) for key, file in files.items()})
        return cast(TelegramType, result)

    def _payload(self, bot: Bot, method: TelegramMethod[Any], files: dict[str, InputFile]) -> dict[str, Any]:
        fields = method.model_dump(warnings=False)
        prepared = {k: self.prepare_value(v, bot=bot, files=files, _dumps_json=False) for k, v in fields.items()}
        return {key: value for key, value in prepared.items() if value is not None}

    async def stream_content(self, *_: Any, **__: Any) -> AsyncGenerator[bytes, None]:
        raise CannotRecordError("download", "files are fetched by the sender")
        yield b""  # a generator by signature

    async def close(self) -> None:
        """Holds no connection."""


def enqueue(bot_id: int, method: str, payload: dict[str, Any], *, file: tuple[str, int] | None = None) -> None:
    """Records a call that is a payload already: what the Bot would do, without its cost on the message path.

    `file` is (field, StoredFile's id) of a file to send along. Raises EmptyTextError and OutsideUnitError.
    """
    files = {}
    if file:
        payload[file[0]], files = f"attach://{file[0]}", {file[0]: file[1]}
    now = _now(method)
    _keep(bot_id, method, payload, now, now.ids(), files)


def _now(method: str) -> Recording:
    now = _current.get(None)
    if now is None or now.unit.closed:
        raise OutsideUnitError(method)
    return now


def _keep(
    bot_id: int, method: str, payload: dict[str, Any], now: Recording, row_id: int, files: dict[str, int]
) -> None:
    chat_id = int(payload.get("chat_id", 0))
    if is_blank(payload.get("text", "-")):
        raise EmptyTextError(method, chat_id)
    now.unit.touch("outbox")
    now.unit.insert(
        OutboxRow,
        id=row_id,
        bot_id=bot_id,
        chat_id=chat_id,
        method=method,
        payload=payload,
        files=files or None,
        touchpoint_id=now.touchpoint_id,
        lane=now.lane,
        repeat=now.repeat,
        joinable=now.joinable,
        continuation=now.continuation,
        created_at=now.unit.now,
        expires_at=now.unit.now + now.wanted_for if now.wanted_for else None,
    )


def _file_id(method: str, file: InputFile) -> int:
    if not isinstance(file, StoredInput):
        raise CannotRecordError(method, "only stored files can be sent along")
    return file.file_id


def _stand_in(bot: Bot, method: TelegramMethod[Any], payload: dict[str, Any], row_id: int) -> Any:
    """What the handler gets: decided by the method's return type before anything is kept."""
    wanted = method.__returning__
    if wanted is bool or method.__api_method__.startswith("edit"):
        return True
    if wanted is MessageId:
        return MessageId(message_id=-row_id)
    if wanted is ForumTopic:
        return ForumTopic(message_thread_id=-row_id, name=payload["name"], icon_color=0)
    if wanted is Message:
        chat = {"id": payload["chat_id"], "type": "private" if int(payload["chat_id"]) > 0 else "supergroup"}
        stand_in = {"message_id": -row_id, "date": 0, "chat": chat, "text": payload.get("text")}
        return Message.model_validate(stand_in, context={"bot": bot})
    raise CannotRecordError(method.__api_method__, f"it returns {wanted}")


def make_bot(token: str) -> Bot:
    """A Bot whose calls are recorded; it never touches the network."""
    return Bot(token, session=RecordingSession())
