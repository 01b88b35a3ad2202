"""What every answer has in common: headers, health, honest errors, files of others."""

from __future__ import annotations

import re
from hashlib import sha256
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from console.app import close_streams
from console.pages import FOLDER, STATIC
from support.desk import Desk
from tests.console.shop import browser, build


@pytest.mark.parametrize(
    "path",
    ["/chat", "/console/login", "/healthz", "/nothing", "/console/nothing", "/static/site.css", "/static/no", "/"],
)
async def test_every_answer_carries_the_headers(visitor: httpx.AsyncClient, path: str) -> None:
    headers = (await visitor.get(path)).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cache-control"] == ("no-cache" if path.startswith("/static/") else "no-store")


async def test_a_bug_shows_nothing_of_itself(app: FastAPI) -> None:
    async def break_down() -> None:
        raise RuntimeError("the secret inside")

    app.add_api_route("/console/broken", break_down)
    async with browser(app) as client:
        answer = await client.get("/console/broken")
    assert answer.status_code == 500
    assert "secret inside" not in answer.text
    assert "Something went wrong on our side" in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json", "/static/../app.py", "/static/%2e%2e/app.py"])
async def test_what_is_not_meant_for_strangers_is_not_there(visitor: httpx.AsyncClient, path: str) -> None:
    assert (await visitor.get(path)).status_code == 404


async def test_health_and_readiness(desk: Desk, tmp_path: Path) -> None:
    problems: list[str] = []

    async def ready() -> list[str]:
        return problems

    async with browser(build(desk, tmp_path, ready=ready)) as client:
        assert (await client.get("/readyz")).json() == {"status": "ok", "problems": []}
        problems.append("the database is not at its newest schema")
        answer = await client.get("/readyz")
        assert answer.status_code == 503
        assert answer.json()["problems"] == problems
        assert (await client.get("/healthz")).status_code == 200


def test_files_of_others_are_what_the_manifest_says() -> None:
    manifest = (STATIC / "MANIFEST.md").read_text("utf-8")
    listed = dict(re.findall(r"^\| (vendor/\S+) .* \| ([0-9a-f]{64}) \|$", manifest, re.MULTILINE))
    vendored = {f"vendor/{file.name}": file for file in (STATIC / "vendor").iterdir() if file.suffix != ".md"}
    assert listed == {name: sha256(file.read_bytes()).hexdigest() for name, file in vendored.items()}


def test_templates_hold_no_inline_script_style_or_foreign_address() -> None:
    for file in (FOLDER / "templates").glob("*.html"):
        html = file.read_text("utf-8")
        assert not re.search(
            r"<style|\sstyle=|\son\w+=|javascript:|https?://|hx-on|<script(?! src=\"/static/)", html
        ), file


async def test_closing_ends_streams_that_are_open_and_those_to_come(app: FastAPI, visitor: httpx.AsyncClient) -> None:
    close_streams(app)
    answer = await visitor.get("/chat/events")
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.text == "retry: 2000\n\n"
