"""Updates carried to the bot's webhook: in order per lane, again and again until it answers 2xx."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from http import HTTPStatus

from aiohttp import ClientError, ClientResponse, ClientSession, ClientTimeout

from tests.telegram.calls import Call
from tests.telegram.updates import Pending
from tests.telegram.world import Webhook, World

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
ANSWER_TIMEOUT = ClientTimeout(total=60)
LONGEST_RETRY_AFTER_SECONDS = 3600.0


@dataclass
class Courier:
    """Retries at once, then after `first_pause_seconds`, doubling up to `longest_pause_seconds`.

    Telegram itself doubles up to a minute or two; tests have no time for that.
    """

    world: World
    tasks: asyncio.TaskGroup
    session: ClientSession
    carry_out: Callable[[Call], object]
    """Does what the webhook answered with; how that ends nobody learns, as with Telegram."""
    first_pause_seconds: float = 0.05
    longest_pause_seconds: float = 1.0
    _lanes: dict[Hashable, deque[Pending]] = field(default_factory=dict)
    _running: set[asyncio.Task[None]] = field(default_factory=set)
    _webhook: Webhook | None = None

    def follow(self) -> None:
        """Turns to the webhook that is set now, if it has changed."""
        if self._webhook is self.world.webhook:
            return
        self.stop()
        self._webhook = webhook = self.world.webhook
        if webhook is None:
            return
        slots = asyncio.Semaphore(webhook.max_connections)
        self.world.queue.listener = lambda pending: self._offer(pending, webhook, slots)
        for pending in self.world.queue.waiting():
            self._offer(pending, webhook, slots)

    def stop(self) -> None:
        self.world.queue.listener = None
        for task in self._running:
            task.cancel()
        self._lanes.clear()

    def _offer(self, pending: Pending, webhook: Webhook, slots: asyncio.Semaphore) -> None:
        lane = self._lanes.get(pending.lane)
        if lane is not None:
            lane.append(pending)
            return
        lane = self._lanes[pending.lane] = deque([pending])
        task = self.tasks.create_task(self._run(pending.lane, lane, webhook, slots))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _run(self, name: Hashable, lane: deque[Pending], webhook: Webhook, slots: asyncio.Semaphore) -> None:
        failures = 0
        while lane:
            async with slots:
                retry_after = await self._attempt(lane[0], webhook)
            if retry_after is None:
                self.world.queue.settle(lane.popleft().number)
                failures = 0
            else:
                await asyncio.sleep(max(retry_after, self._pause(failures)))
                failures += 1
        del self._lanes[name]

    def _pause(self, failures: int) -> float:
        doubled = self.first_pause_seconds * 2 ** (failures - 1) if failures else 0.0
        return min(doubled, self.longest_pause_seconds)

    async def _attempt(self, pending: Pending, webhook: Webhook) -> float | None:
        """None if it was delivered, else the seconds that the other side asked for."""
        self.world.queue.hand_out(pending)
        headers = {"Content-Type": "application/json"}
        if webhook.secret:
            headers[SECRET_HEADER] = webhook.secret
        try:
            async with self.session.post(
                webhook.url, data=pending.raw, headers=headers, timeout=ANSWER_TIMEOUT
            ) as response:
                return await self._outcome(response)
        except (ClientError, TimeoutError) as error:
            self._note("Connection refused" if not isinstance(error, TimeoutError) else "Read timeout expired")
            return 0.0

    async def _outcome(self, response: ClientResponse) -> float | None:
        if HTTPStatus.OK <= response.status < HTTPStatus.MULTIPLE_CHOICES:
            self._obey(await response.text())
            return None
        self._note(f"Wrong response from the webhook: {response.status} {response.reason}")
        asked = response.headers.get("Retry-After", "")
        return min(float(asked), LONGEST_RETRY_AFTER_SECONDS) if asked.isdigit() else 0.0

    def _obey(self, answer: str) -> None:
        """A JSON object with a `method` is a call; any other answer just means that the update has arrived."""
        try:
            body = json.loads(answer)
        except ValueError:
            return
        if isinstance(body, dict) and "method" in body:
            self.carry_out(Call(str(body["method"]).lower(), body))

    def _note(self, trouble: str) -> None:
        self.world.webhook_error = (int(self.world.clock()), trouble)
