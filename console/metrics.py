"""Figures for whoever watches the service. They tell how busy the shop is, so they are shown for a token only."""

from __future__ import annotations

import hmac

from fastapi import APIRouter, Request
from starlette.responses import Response

from support.meters import CONTENT_TYPE
from support.watch import Watch

BEARER = b"bearer "


def metrics_router(watch: Watch, token: str) -> APIRouter:
    """GET /metrics. No address is trusted instead of the token: behind a proxy every request comes from next door."""
    router = APIRouter()

    @router.get("/metrics")
    async def metrics(request: Request) -> Response:
        if not _knows(request, token):
            return Response(status_code=401, headers={"WWW-Authenticate": "Bearer"})
        return Response(await watch.text(), media_type=CONTENT_TYPE)

    return router


def _knows(request: Request, token: str) -> bool:
    """Compared as bytes: a header may hold any."""
    given = dict(request.scope["headers"]).get(b"authorization", b"")
    is_bearer = given[: len(BEARER)].lower() == BEARER
    return is_bearer and hmac.compare_digest(given[len(BEARER) :].strip(), token.encode())
