"""The Bot API over HTTP, as little of it as the intake and the sender need: a call, its status, its JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from aiohttp import ClientError, ClientSession, ClientTimeout, FormData

TELEGRAM = "https://api.telegram.org"


_BROKEN_OFF = re.compile(rb'\{"ok":\s*true,\s*"result":\s*\{"message_(?:thread_)?id":\s*(\d+),')


class DownloadError(ClientError):
    """The file server has trouble of its own. The address holds the token and is not told."""

    def __init__(self, status: int) -> None:
        super().__init__(f"the file server answered {status}")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `body` is None where it was no JSON object (a proxy's error page, say)."""

    status: int
    body: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Upload:
    """A file to send along: where it is, and the name and type the receiver sees."""

    path: Path
    name: str
    mime: str


class BotApi:
    """Calls methods of one bot. Network errors are aiohttp's; none of them carries the token."""

    def __init__(self, session: ClientSession, token: str, base: str = TELEGRAM) -> None:
        self.bot_id = bot_id_of(token)
        self._session = session
        self._base = f"{base.rstrip('/')}/bot{token}"
        self._files = f"{base.rstrip('/')}/file/bot{token}"

    async def call(
        self,
        method: str,
        payload: Mapping[str, Any],
        uploads: Mapping[str, Upload] | None = None,
        *,
        seconds: float,
    ) -> Answer:
        """One POST, given up after `seconds`. Raises aiohttp.ClientError and TimeoutError."""
        body = {"data": _form(payload, uploads)} if uploads else {"json": payload}
        async with self._session.post(f"{self._base}/{method}", timeout=_at_most(seconds), **body) as response:
            return Answer(response.status, _object(await response.read()))

    async def download(self, file_path: str, limit: int, *, seconds: float) -> bytes | None:
        """A file's bytes; None if it is gone or larger than `limit`. Raises aiohttp.ClientError and TimeoutError.

        The address holds the token and stays in here.
        """
        async with self._session.get(f"{self._files}/{file_path}", timeout=_at_most(seconds)) as response:
            if response.status >= 500:
                raise DownloadError(response.status)
            if response.status != 200 or (response.content_length or 0) > limit:
                return None
            data = await response.content.read(limit + 1)
            while len(data) <= limit and (chunk := await response.content.read(limit + 1 - len(data))):
                data += chunk
            return data if len(data) <= limit else None


@cache
def _at_most(seconds: float) -> ClientTimeout:
    return ClientTimeout(total=seconds, sock_connect=min(seconds, 10))


def bot_id_of(token: str) -> int:
    """The number before the colon. Raises ValueError for anything that is no token."""
    number, _, secret = token.partition(":")
    if not (number.isdecimal() and secret):
        raise ValueError("BOT_TOKEN must look like 123456:ABC… as @BotFather gives it")
    return int(number)


def _form(payload: Mapping[str, Any], uploads: Mapping[str, Upload]) -> FormData:
    form = FormData()
    for name, value in payload.items():
        form.add_field(name, value if isinstance(value, str) else json.dumps(value))
    for name, upload in uploads.items():
        form.add_field(name, upload.path.read_bytes(), filename=upload.name, content_type=upload.mime)
    return form


def _object(raw: bytes) -> dict[str, Any] | None:
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        return _salvaged(raw)
    return body if isinstance(body, dict) else None


def _salvaged(raw: bytes) -> dict[str, Any] | None:
    """An answer that broke off: it stands at its beginning that all is well, and which message it was."""
    found = _BROKEN_OFF.match(raw)
    return {"ok": True, "result": {"message_id": int(found[1])}} if found else None
