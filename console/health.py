"""Is the process alive, and may it be given work?"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

Problems = Callable[[], Awaitable[list[str]]]
"""Names what is not ready, in plain words that a stranger may read."""


def health_router(ready: Problems) -> APIRouter:
    router = APIRouter()

    @router.get("/healthz")
    async def alive() -> Response:
        return JSONResponse({"status": "ok"})

    @router.get("/readyz")
    async def ready_for_work() -> Response:
        problems = await ready()
        return JSONResponse(
            {"status": "not ready" if problems else "ok", "problems": problems}, 503 if problems else 200
        )

    return router
