"""The header Idempotency-Key: what a request that is sent again is recognised by."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from hashlib import sha256
from typing import Annotated

from fastapi import Depends, Header, Request
from starlette.responses import JSONResponse, Response

from console.web import Here
from support.api_keys import Caller
from support.idempotency import Answer, Asked, Keep, once

Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        pattern=r"^[!-~]{1,255}$",
        description="Your own name for this request: sent again under it, it takes effect once. Kept for 24 hours.",
    ),
]
Once = Callable[[Callable[[Keep], Awaitable[Answer]]], Awaitable[Response]]


async def _once(request: Request, web: Here, idempotency_key: Key = None) -> Once:
    """Runs a route's work unless it ran under this key; a repetition has the header Idempotency-Replayed."""
    asked = await _asked(request, idempotency_key) if idempotency_key else None

    async def answer(work: Callable[[Keep], Awaitable[Answer]]) -> Response:
        told, again = await once(web.desk.store, asked, work)
        return JSONResponse(told.body, told.status, headers={"Idempotency-Replayed": "true"} if again else None)

    return answer


async def _asked(request: Request, key: str) -> Asked:
    caller: Caller = request.state.caller
    head = f"{request.method} {request.url.path}?{request.url.query}\n"
    return Asked(caller.key_id, key, sha256(head.encode() + await request.body()).hexdigest())


AtMostOnce = Annotated[Once, Depends(_once)]
