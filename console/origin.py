"""Posts come from our own pages only."""

from __future__ import annotations

from urllib.parse import urlsplit

from fastapi import Request
from starlette.exceptions import HTTPException

from console.web import Here, Web

SAFE = ("GET", "HEAD")


async def same_origin(request: Request, web: Here) -> None:
    """Raises 403 for a request that a browser says another site made.

    Browsers send Sec-Fetch-Site or Origin with every post; a client that sends neither is no browser that could be
    tricked, and has no cookies but its own.
    """
    if request.method not in SAFE and not _made_here(request, web):
        raise HTTPException(403)


def _made_here(request: Request, web: Web) -> bool:
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None:
        return site == "same-origin"
    return origin is None or origin == web.public_origin or urlsplit(origin).netloc == request.headers.get("host")
