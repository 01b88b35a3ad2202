"""Updates are written down before they are confirmed to Telegram; nothing is worked on here.

Whatever goes wrong in between, they are not confirmed, and Telegram brings them again.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, TypeVar

import structlog
from aiohttp import ClientError

from crm_store.repositories import inbox
from crm_store.store import CONFLICT_TRIES, CONFLICTS, Store, StoreUnavailableError
from support.meters import Meters
from workers.api import Answer, BotApi
from workers.gathering import Gathering

log = structlog.get_logger()

POLL_SECONDS = 25
SAY_SECONDS = 10
FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 60.0

KEEP_SECONDS = 10.0
"""A database that does not answer for so long is unavailable: Telegram waits a minute for us at most."""

ALLOWED_UPDATES = (
    "message edited_message channel_post edited_channel_post business_connection business_message "
    "edited_business_message deleted_business_messages message_reaction message_reaction_count inline_query "
    "chosen_inline_result callback_query shipping_query pre_checkout_query purchased_paid_media poll poll_answer "
    "my_chat_member chat_member chat_join_request chat_boost removed_chat_boost"
).split()
"""Everything: what we cannot use is recorded all the same."""


_Result = TypeVar("_Result")
Row = tuple[int, int, str]
"""An update's number, the chat that it is ordered by, and all of it as JSON."""


class BadUpdateError(ValueError):
    """What was posted is no update."""

    def __init__(self) -> None:
        super().__init__("that is no Telegram update: a JSON object with an update_id is expected")


class NotKeptError(StoreUnavailableError):
    """Updates could not be written down for a reason that is none of the database's: they are not confirmed either."""

    def __init__(self, cause: BaseException) -> None:
        RuntimeError.__init__(self, f"updates cannot be kept: {type(cause).__name__}")


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where Telegram is to post updates, and what it shows there to be let in."""

    url: str
    secret: str


class Intake:
    """Accepts updates of one bot, by webhook (`accept`) or by asking for them (`poll`).

    `problem` is for people to mend.
    """

    def __init__(self, store: Store, api: BotApi, meters: Meters | None = None) -> None:
        self._store, self._api = store, api
        self._meters = meters or Meters()
        self._posted: Gathering[Row] = Gathering(self._keep)
        self._pause = FIRST_PAUSE_SECONDS
        self._may_ask = True  # as far as is known no webhook is set
        self.problem: str | None = None

    async def accept(self, body: bytes) -> None:
        """Keeps a posted update, in one transaction with others that are posted at the same time.

        Raises BadUpdateError and StoreUnavailableError; then it is not accepted.
        """
        try:
            update = json.loads(body)
        except (ValueError, RecursionError) as error:
            raise BadUpdateError from error
        _checked(update)
        async with _keeping():
            await self._posted.add(_row(update))

    async def receive(self, webhook: Webhook | None) -> None:
        """Tells Telegram by which way updates come, and asks for them if that is the way, until cancelled."""
        self._pause, self._may_ask = FIRST_PAUSE_SECONDS, False
        try:
            if webhook:
                await self._set(webhook)
            else:
                await self.poll()
        finally:
            self.problem = None  # whoever receives from now on has problems of their own

    async def _set(self, webhook: Webhook) -> None:
        payload = {"url": webhook.url, "secret_token": webhook.secret, "allowed_updates": ALLOWED_UPDATES}
        while not await self._patiently(self._say("setWebhook", payload)):
            pass

    async def poll(self) -> None:
        """Asks Telegram for updates until cancelled; asking for the next ones confirms those written down."""
        offset: int | None = None
        while True:
            updates = await self._patiently(self._ask(offset))
            if updates:
                offset = updates[-1]["update_id"] + 1

    async def _ask(self, offset: int | None) -> list[dict[str, Any]]:
        """The next updates, already kept. Raises what `_patiently` bears."""
        if not self._may_ask:
            await self._say("deleteWebhook", {})
            self._may_ask = True
        payload: dict[str, Any] = {"timeout": POLL_SECONDS, "allowed_updates": ALLOWED_UPDATES}
        if offset is not None:
            payload["offset"] = offset
        updates = _updates(await self._api.call("getUpdates", payload, seconds=POLL_SECONDS + 10))
        if updates:
            await self._keep(map(_row, updates))
        return updates

    async def _say(self, method: str, payload: Mapping[str, Any]) -> bool:
        """True. Raises RefusedError unless Telegram agrees."""
        answer = await self._api.call(method, payload, seconds=SAY_SECONDS)
        if not (answer.body and answer.body.get("ok")):
            raise RefusedError(answer)
        return True

    async def _patiently(self, attempt: Awaitable[_Result]) -> _Result | None:
        """What comes of it; None after a problem, which is logged once, and a pause."""
        pause = self._pause
        try:
            result = await attempt
        except RefusedError as error:
            self._trouble(str(error))
            self._may_ask = self._may_ask and not error.is_conflict  # somebody may have set a webhook
            pause = max(pause, error.retry_after)
        except (ClientError, TimeoutError) as error:
            self._trouble(f"Telegram cannot be reached ({type(error).__name__})")
        except (StoreUnavailableError, BadUpdateError) as error:
            self._trouble(str(error))
        else:
            self._trouble(None)
            self._pause = FIRST_PAUSE_SECONDS
            return result
        self._pause = min(LONGEST_PAUSE_SECONDS, self._pause * 2)
        await asyncio.sleep(pause)
        return None

    def _trouble(self, problem: str | None) -> None:
        """Logs a change for the worse or the better, not every repetition of it."""
        if problem and problem != self.problem:
            log.error("intake.problem", problem=problem)
        if self.problem and not problem:
            log.info("intake.recovered")
        self.problem = problem

    async def _keep(self, rows: Iterable[Row]) -> None:
        """Returns when they are on the disk. Raises StoreUnavailableError."""
        async with _keeping():
            await self._write(list(rows))
        self._store.signals.send(["inbox"])

    async def _write(self, rows: Sequence[Row]) -> None:
        """In a transaction of its own, and once more with other ids if somebody drew the same."""
        for _ in range(CONFLICT_TRIES - 1):
            with suppress(*CONFLICTS):
                return await self._write_once(rows)
        return await self._write_once(rows)

    async def _write_once(self, rows: Sequence[Row]) -> None:
        async with self._store.write() as connection:
            new = await inbox.accept(connection, self._api.bot_id, rows, self._store.clock())
        self._meters.accepted.inc(new)
        self._meters.duplicates.inc(len(rows) - new)


@asynccontextmanager
async def _keeping() -> AsyncIterator[None]:
    """Raises StoreUnavailableError, whatever it was that kept us from it: that it took too long, or a fault of ours,
    which must neither end the intake nor confirm what is not kept.
    """
    try:
        async with asyncio.timeout(KEEP_SECONDS):
            yield
    except StoreUnavailableError:
        raise
    except TimeoutError as error:
        raise StoreUnavailableError(TimeoutError(f"no answer within {KEEP_SECONDS:g} seconds")) from error
    except Exception as error:
        raise NotKeptError(error) from error


class RefusedError(RuntimeError):
    """Telegram refuses to hand out updates. `retry_after`: seconds that it wants to be left alone."""

    def __init__(self, answer: Answer) -> None:
        body = answer.body or {}
        unknown = "BOT_TOKEN is not good"
        hints = {"401": unknown, "404": unknown, "409": "another program polls this bot"}
        words = str(body.get("description") or f"HTTP {answer.status}")
        code = str(body.get("error_code", answer.status))
        hint = hints.get(code)
        self.is_conflict = code == "409"
        self.retry_after = _retry_after(body)
        super().__init__(f"Telegram refuses updates: {words}" + (f" ({hint})" if hint else ""))


def _retry_after(body: Mapping[str, Any]) -> int:
    parameters = body.get("parameters")
    seconds = parameters.get("retry_after") if isinstance(parameters, Mapping) else None
    return seconds if isinstance(seconds, int) else 0


def _updates(answer: Answer) -> list[dict[str, Any]]:
    if not (answer.body and answer.body.get("ok")):
        raise RefusedError(answer)
    result = answer.body.get("result")
    if not isinstance(result, list):
        raise RefusedError(answer)
    return [_checked(update) for update in result]


def _checked(update: Any) -> dict[str, Any]:
    """Raises BadUpdateError for what is none."""
    if not isinstance(update, dict) or not _is_id(update.get("update_id")):
        raise BadUpdateError
    return update


def _row(update: Mapping[str, Any]) -> Row:
    return int(update["update_id"]), chat_of(update), json.dumps(update)


def chat_of(update: Mapping[str, Any]) -> int:
    """What an update is ordered by: its chat, else its person, else 0."""
    for key, content in update.items():
        if key == "update_id" or not isinstance(content, Mapping):
            continue
        message = content.get("message")
        chat = (
            content.get("chat")
            or (message.get("chat") if isinstance(message, Mapping) else None)
            or content.get("from")
            or content.get("user")
            or content.get("voter_chat")
        )
        if isinstance(chat, Mapping) and _is_id(chat.get("id")):
            return int(chat["id"])
    return 0


def _is_id(value: Any) -> bool:
    """A whole number that the store can hold."""
    return isinstance(value, int) and not isinstance(value, bool) and -(2**63) <= value < 2**63
