"""Files of chats, for the person they belong to and for agents."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, Response

from console.ids import FileId
from console.staff import is_agent
from console.visitors import address_in
from console.web import Here, Web
from crm_store.queries.files import FileRow, stored
from support.files import DOCUMENT, safe_name

router = APIRouter()

KEPT_SECONDS = 300


@router.get("/files/{file_id}")
async def show_file(request: Request, web: Here, file_id: FileId) -> Response:
    """A picture is shown, all else saved; its own bytes decide, never what it was called. Others get 404."""
    async with web.desk.store.read() as session:
        row = await stored(session, file_id)
    if row is None or row.path is None or not await _may_read(request, web, row):
        raise HTTPException(404)
    found = await web.files.find(row.path)
    if found is None:
        raise HTTPException(404)
    path, kind = found
    is_picture = kind.kind == "photo"
    return FileResponse(
        path,
        media_type=kind.mime if is_picture else DOCUMENT.mime,
        filename=safe_name(row.name) or "file",
        content_disposition_type="inline" if is_picture else "attachment",
        headers={"Cache-Control": f"private, max-age={KEPT_SECONDS}"},
    )


async def _may_read(request: Request, web: Web, row: FileRow) -> bool:
    return (row.channel, row.address) == ("web", address_in(request, web)) or await is_agent(request, web)
