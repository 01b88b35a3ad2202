"""Where Telegram delivers updates: taken only with its secret, confirmed only once they are stored."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.responses import Response

from console.outage import Outage
from crm_store.store import StoreUnavailableError

SECRET_HEADER = b"x-telegram-bot-api-secret-token"


@dataclass(frozen=True, slots=True)
class Webhook:
    """`accept` stores a raw update; it raises ValueError for what is none and StoreUnavailableError."""

    secret: str
    accept: Callable[[bytes], Awaitable[None]]


class NoSecretError(ValueError):
    """A webhook without a secret would take updates from anybody."""

    def __init__(self) -> None:
        super().__init__("the webhook needs a secret: set WEBHOOK_SECRET")


def webhook_router(webhook: Webhook) -> APIRouter:
    """POST /telegram/webhook. Raises NoSecretError."""
    if not webhook.secret:
        raise NoSecretError
    router, outage = APIRouter(), Outage()

    @router.post("/telegram/webhook")
    async def take_update(request: Request) -> Response:
        if not _knows_secret(request, webhook.secret):
            return Response(status_code=401)
        try:
            await webhook.accept(await request.body())
        except StoreUnavailableError:
            return Response(status_code=503, headers={"Retry-After": str(outage.goes_on())})
        except ValueError:
            return Response(status_code=400)
        outage.is_over()
        return Response(status_code=200)

    return router


def _knows_secret(request: Request, secret: str) -> bool:
    """Compared as bytes: a header may hold any."""
    given = dict(request.scope["headers"]).get(SECRET_HEADER, b"")
    return hmac.compare_digest(given, secret.encode())
