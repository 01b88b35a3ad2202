"""One call of a Bot API method: its parameters and files, whichever way they were encoded."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from aiohttp import BodyPartReader
from aiohttp.web import BaseRequest
from multidict import MultiDictProxy
from yarl import URL

from tests.telegram.errors import bad_request


@dataclass(frozen=True, slots=True)
class Upload:
    name: str
    mime: str
    content: bytes


@dataclass(slots=True)
class Call:
    method: str
    """In lower case: Telegram's method names are case-insensitive."""
    params: dict[str, Any]
    files: dict[str, Upload] = field(default_factory=dict)

    def text(self, name: str) -> str:
        value = self.params.get(name)
        return "" if value is None else str(value)

    def integer(self, name: str, default: int = 0) -> int:
        value = self.params.get(name)
        if value is None or value == "":
            return default
        try:
            return int(value)
        except (TypeError, ValueError):
            raise bad_request(f"invalid {name} specified") from None

    def flag(self, name: str) -> bool:
        return str(self.params.get(name, "")).lower() in {"true", "1", "yes"}

    def structure(self, name: str) -> Any:
        """A JSON value, or None if it was not given. Raises ApiError 400 if it is not JSON."""
        value = self.params.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return json.loads(value)
        except ValueError:
            raise bad_request(f"can't parse {name} JSON object") from None


async def read_call(request: BaseRequest, method: str) -> Call:
    call = Call(method.lower(), dict(request.query) if request.query_string else {})
    if request.method != "POST":
        return call
    if request.content_type == "multipart/form-data":
        await _read_parts(request, call)
    elif request.content_type == "application/json":
        call.params.update(_read_json(await request.read()))
    else:
        call.params.update(_read_form((await request.read()).decode()))
    return call


def _read_form(body: str) -> MultiDictProxy[str]:
    """By way of yarl, whose compiled reader takes a quarter of the time of urllib's."""
    return URL.build(query_string=body, encoded=True).query


def _read_json(body: bytes) -> dict[str, Any]:
    try:
        params = json.loads(body or b"{}")
    except ValueError:
        raise bad_request("can't parse JSON object") from None
    if not isinstance(params, dict):
        raise bad_request("JSON object expected")
    return params


async def _read_parts(request: BaseRequest, call: Call) -> None:
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader) or part.name is None:
            raise bad_request("nested multipart bodies are not supported")
        content = bytes(await part.read())
        if part.filename is None:
            call.params[part.name] = content.decode()
        else:
            mime = part.headers.get("Content-Type", "application/octet-stream")
            call.files[part.name] = Upload(part.filename, mime, content)
