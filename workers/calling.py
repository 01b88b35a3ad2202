"""Making one call: its files are brought along, its answer is read, and a file that it asks for is fetched."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from aiohttp import ClientError

from crm_store.store import StoreUnavailableError
from workers.api import BotApi, Upload
from workers.calls import Call, in_right_topic
from workers.outcomes import Fate, Outcome, backoff, of_reading, read_answer, read_error

CALL_SECONDS = 20.0
FETCH = "getFile"
LARGEST_DOWNLOAD = 20 * 1024 * 1024


class Files(Protocol):
    """Where stored files are."""

    async def uploads(self, wanted: Mapping[str, int]) -> dict[str, Upload]:
        """Stored files by the names under which they are attached. Raises FileNotFoundError."""

    async def keep(self, data: bytes) -> dict[str, Any]:
        """Keeps fetched bytes; returns path, size, sha256 and mime."""


class Caller:
    """Calls Telegram for the sender; whatever happens has an outcome."""

    def __init__(self, api: BotApi, files: Files) -> None:
        self._api, self._files = api, files

    async def make(self, call: Call) -> Outcome:
        """What came of it, at most some CALL_SECONDS later."""
        attempts = call.row.attempts + 1
        try:
            outcome = await self._tried(call)
        except FileNotFoundError:
            outcome = Outcome(Fate.FAILED, "the file to send along is not here")
        except StoreUnavailableError as error:  # where the file is could not be read: nothing was sent
            outcome = Outcome(Fate.RETRY, str(error), delay=backoff(attempts))
        except (ClientError, TimeoutError, OSError) as error:
            outcome = read_error(error, attempts)
        return of_reading(outcome, attempts) if call.row.method == FETCH else outcome

    async def _tried(self, call: Call) -> Outcome:
        row = call.row
        if row.method == FETCH:
            return await self._fetched(call)
        uploads = await self._files.uploads(row.files) if row.files else None
        answer = await self._api.call(row.method, call.payload, uploads, seconds=CALL_SECONDS)
        return in_right_topic(call, read_answer(answer, row.attempts + 1))

    async def _fetched(self, call: Call) -> Outcome:
        """Asks where a file is and fetches it; reading is harmless to repeat."""
        outcome = read_answer(await self._api.call(FETCH, call.payload, seconds=CALL_SECONDS), call.row.attempts + 1)
        if outcome.fate is not Fate.SENT or not isinstance(outcome.result, dict):
            return outcome
        path = str(outcome.result.get("file_path", ""))
        data = await self._api.download(path, LARGEST_DOWNLOAD, seconds=CALL_SECONDS)
        if data is None:
            return Outcome(Fate.FAILED, "the file is gone or too large")
        return Outcome(Fate.SENT, result=await self._files.keep(data))
