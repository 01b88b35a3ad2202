"""Telegram's door: nothing without the secret, nothing confirmed that is not stored."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from console.outage import Outage, pause_after
from console.webhook import NoSecretError, Webhook
from crm_store.store import StoreUnavailableError
from support.desk import Desk
from tests.console.shop import browser, build

SECRET = "a-webhook-secret"
HEADER = "X-Telegram-Bot-Api-Secret-Token"


class Intake:
    """Remembers what it took; fails when told to."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []
        self.error: Exception | None = None

    async def accept(self, body: bytes) -> None:
        if self.error:
            raise self.error
        self.taken.append(body)


@pytest.fixture
def intake() -> Intake:
    return Intake()


@pytest.fixture
async def telegram(desk: Desk, tmp_path: Path, intake: Intake) -> httpx.AsyncClient:
    app = build(desk, tmp_path, telegram_webhook=Webhook(SECRET, intake.accept))
    client = browser(app)
    client.headers = httpx.Headers()
    return client


async def deliver(
    client: httpx.AsyncClient, secret: str | bytes | None = SECRET, body: bytes = b"{}"
) -> httpx.Response:
    given = secret.encode() if isinstance(secret, str) else secret
    headers = {HEADER.encode(): given} if given is not None else {}
    return await client.post("/telegram/webhook", content=body, headers=headers)


async def test_an_update_is_taken(telegram: httpx.AsyncClient, intake: Intake) -> None:
    assert (await deliver(telegram, body=b'{"update_id": 1}')).status_code == 200
    assert intake.taken == [b'{"update_id": 1}']


@pytest.mark.parametrize("secret", [None, "", "wrong", SECRET + "x", "sécret".encode("latin-1"), "密".encode()])
async def test_without_the_secret_nothing_is_stored(
    telegram: httpx.AsyncClient, intake: Intake, secret: str | bytes | None
) -> None:
    assert (await deliver(telegram, secret)).status_code == 401
    assert not intake.taken


async def test_no_json_is_refused(telegram: httpx.AsyncClient, intake: Intake) -> None:
    intake.error = ValueError("no update")
    answer = await deliver(telegram, body=b"{")
    assert answer.status_code == 400
    assert "no update" not in answer.text


async def test_an_unavailable_store_asks_for_delivery_again(telegram: httpx.AsyncClient, intake: Intake) -> None:
    intake.error = StoreUnavailableError(OSError("disk full"))
    answer = await deliver(telegram)
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0


def test_the_pause_grows_with_the_outage_and_is_never_long() -> None:
    assert [pause_after(seconds) for seconds in (0, 8, 12, 60, 120, 86_400)] == [2, 2, 3, 15, 30, 30]


async def test_an_outage_lasts_from_the_first_refusal_to_the_next_success() -> None:
    times = iter([100.0, 140.0, 500.0])
    outage = Outage(lambda: next(times))
    assert [outage.goes_on(), outage.goes_on()] == [2, 10]
    outage.is_over()
    assert outage.goes_on() == 2


async def test_a_huge_body_is_refused_announced_or_not(telegram: httpx.AsyncClient, intake: Intake) -> None:
    huge = b"x" * (1024 * 1024 + 1)
    assert (await deliver(telegram, body=huge)).status_code == 413

    async def in_pieces() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b"x" * 100_000

    answer = await telegram.post("/telegram/webhook", content=in_pieces(), headers={HEADER: SECRET})
    assert answer.status_code == 413
    assert not intake.taken


async def test_there_is_no_door_without_a_webhook(desk: Desk, tmp_path: Path) -> None:
    async with browser(build(desk, tmp_path)) as client:
        assert (await deliver(client)).status_code == 404


def test_a_webhook_without_a_secret_is_not_built(desk: Desk, tmp_path: Path, intake: Intake) -> None:
    with pytest.raises(NoSecretError, match="WEBHOOK_SECRET"):
        build(desk, tmp_path, telegram_webhook=Webhook("", intake.accept))
