"""The fake Telegram of another process, with the methods of the one inside."""

from __future__ import annotations

import json
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

from tests.telegram.client import Telegram

PATIENCE_SECONDS = 60.0


class TelegramControl(Telegram):
    """Acts over HTTP, blocking: the server must run in another process, not in this event loop."""

    def __init__(self, url: str, token: str) -> None:
        self.url = url
        self.token = token
        place = urlsplit(url)
        self._line = HTTPConnection(place.hostname or "127.0.0.1", place.port, timeout=PATIENCE_SECONDS)

    def act(self, name: str, /, **args: Any) -> Any:
        self._line.request("POST", "/_control/act", json.dumps({"op": name, "args": args}))
        response = self._line.getresponse()
        answer = json.loads(response.read())
        if "error" in answer:
            raise AssertionError(answer["error"])
        return answer["result"]

    def close(self) -> None:
        self._line.close()
