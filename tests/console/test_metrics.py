"""Who may read /metrics: whoever shows the token, wherever the request comes from."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from support.desk import Desk
from tests.console.shop import ORIGIN, browser, build

TOKEN = "a-token-for-figures"


async def status(desk: Desk, folder: Path, token: str | None, **headers: str) -> httpx.Response:
    async with browser(build(desk, folder, metrics_token=token)) as client:
        return await client.get("/metrics", headers=headers)


async def test_whoever_shows_the_token_reads_the_figures(desk: Desk, tmp_path: Path) -> None:
    answer = await status(desk, tmp_path, TOKEN, authorization=f"Bearer {TOKEN}")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert "touchdesk_database_up 1.0" in answer.text


@pytest.mark.parametrize(
    "shown",
    ["", "Bearer", "Bearer ", f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}", f"Basic {TOKEN}", TOKEN, "Bearer \xff"],
)
async def test_nobody_else_does(desk: Desk, tmp_path: Path, shown: str) -> None:
    async with browser(build(desk, tmp_path, metrics_token=TOKEN)) as client:
        answer = await client.get("/metrics", headers={b"authorization": shown.encode("latin-1")})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert "touchdesk" not in answer.text


async def test_next_door_is_no_token(desk: Desk, tmp_path: Path) -> None:
    """A proxy on the same machine makes everybody come from there."""
    app = build(desk, tmp_path, metrics_token=TOKEN)
    transport = httpx.ASGITransport(app=app, client=("127.0.0.1", 1))
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
        assert (await client.get("/metrics")).status_code == 401


async def test_without_a_token_there_is_no_such_page(desk: Desk, tmp_path: Path) -> None:
    assert (await status(desk, tmp_path, None, authorization="Bearer ")).status_code == 404
