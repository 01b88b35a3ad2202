"""The web application: customers' chat, agents' console, Telegram's webhook, other programs' API, health."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from fastapi import FastAPI
from starlette.responses import RedirectResponse, Response
from starlette.staticfiles import StaticFiles

from console import (
    chat,
    conversation_page,
    duplicates_page,
    entry,
    facts_page,
    file_page,
    queue_page,
    reasons_page,
    search_page,
    seen_page,
)
from console.api.app import PATH as API
from console.api.app import build_api
from console.body_limit import BodyLimit
from console.headers import SecurityHeaders
from console.health import Problems, health_router
from console.keys import VisitorKeys
from console.limits import Limiter
from console.metrics import metrics_router
from console.pages import STATIC, Pages
from console.problems import add_handlers
from console.streams import Streams
from console.web import Web
from console.webhook import Webhook, webhook_router
from support.desk import Desk
from support.files import FileStore
from support.watch import Watch


def build_app(
    desk: Desk,
    secret_key: str,
    *,
    public_url: str | None,
    files_dir: Path,
    ready: Problems,
    telegram_webhook: Webhook | None = None,
    metrics_token: str | None = None,
) -> FastAPI:
    """Puts the web together; without `metrics_token` there is no /metrics. Raises NoSecretError for a webhook without
    a secret.

    Whoever runs it calls `close_streams` when told to stop: a server waits for its open connections.
    """
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    web = Web(
        desk=desk,
        keys=VisitorKeys(secret_key),
        pages=Pages(desk),
        files=FileStore(files_dir),
        limiter=Limiter(),
        streams=Streams(desk.store.signals),
        public_origin=_origin(public_url),
    )
    app.state.web = web
    app.mount(API, build_api(web))
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.add_api_route("/", _to_chat, methods=["GET"])
    for part in (
        chat,
        file_page,
        entry,
        queue_page,
        conversation_page,
        duplicates_page,
        search_page,
        seen_page,
        facts_page,
        reasons_page,
    ):
        app.include_router(part.router)
    app.include_router(entry.way_out)
    if telegram_webhook:
        app.include_router(webhook_router(telegram_webhook))
    _add_watching(app, desk, ready, metrics_token)
    add_handlers(app)
    app.add_middleware(BodyLimit)
    app.add_middleware(SecurityHeaders)
    return app


def build_bare_app(desk: Desk, *, ready: Problems, metrics_token: str | None = None) -> FastAPI:
    """What a process without pages answers: whether it lives, whether it is ready, and its figures for the token."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    _add_watching(app, desk, ready, metrics_token)
    app.add_middleware(SecurityHeaders)
    return app


def _add_watching(app: FastAPI, desk: Desk, ready: Problems, metrics_token: str | None) -> None:
    app.include_router(health_router(ready))
    if metrics_token:
        app.include_router(metrics_router(Watch(desk.store, desk.meters), metrics_token))


def close_streams(app: FastAPI) -> None:
    """Ends all open event streams, so that the server can stop at once."""
    web: Web = app.state.web
    web.streams.close()


def _origin(public_url: str | None) -> str | None:
    if not public_url:
        return None
    parts = urlsplit(public_url)
    return f"{parts.scheme}://{parts.netloc}"


async def _to_chat() -> Response:
    return RedirectResponse("/chat", 303)
