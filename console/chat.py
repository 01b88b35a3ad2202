"""The customer's web chat."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import APIRouter, Depends, File, Form, Request, UploadFile
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, RedirectResponse, Response

from console.bubbles import bubble, bubbles
from console.chat_events import chat_events
from console.ids import TouchpointId, row_id
from console.origin import same_origin
from console.receiving import Upload, Words, receive
from console.referred import brought_by, come_by_referral, forget_referral
from console.streams import event_stream
from console.visitors import AVisitor, Visitor, not_too_fast, set_cookie
from console.web import Here, Web
from crm_store.models import Touchpoint
from crm_store.queries.chat import Said, contact_of, said
from support.agents.work import LONGEST_MESSAGE
from support.files import LARGEST_FILE
from support.talk.conversation import press
from support.talk.inbound import Press

router = APIRouter(prefix="/chat", dependencies=[Depends(same_origin)])

HISTORY = 200
MOST_BUTTONS = 100
_CLIENT_KEY = re.compile(r"[A-Za-z0-9-]{8,64}")


@router.get("")
async def show_chat(request: Request, web: Here, visitor: AVisitor) -> Response:
    """The page with what was said so far; a link's token is swapped for a cookie and leaves the address bar."""
    if token := request.query_params.get("as"):
        return _enter_by_link(web, visitor, token)
    if code := request.query_params.get("ref"):
        return come_by_referral(request, web, code)
    async with web.desk.store.read() as session:
        contact_id = await contact_of(session, "web", visitor.address)
        rows = await said(session, contact_id, limit=HISTORY) if contact_id else []
    page = web.pages.page(
        "chat.html",
        visitor.language,
        bubbles=bubbles(rows),
        newest=rows[-1].id if rows else 0,
        longest=LONGEST_MESSAGE,
        largest=LARGEST_FILE,
    )
    set_cookie(page, web, visitor.address)
    return page


def _enter_by_link(web: Web, visitor: Visitor, token: str) -> Response:
    address = web.keys.address_of(token, web.desk.store.clock())
    if address is None:
        return web.pages.page("message.html", visitor.language, 410, key="customer.expired_link")
    answer = RedirectResponse("/chat", 303)
    set_cookie(answer, web, address)
    return answer


@router.get("/events")
async def follow(request: Request, web: Here, visitor: AVisitor, after: str = "0") -> Response:
    """New words from `after`, or from where the browser's connection broke off."""
    newest = row_id(request.headers.get("last-event-id") or after)
    return event_stream(chat_events(web, visitor, newest))


@router.post("/messages", dependencies=[Depends(not_too_fast)])
async def post_message(
    request: Request,
    web: Here,
    visitor: AVisitor,
    client_key: Annotated[str, Form()],
    text: Annotated[str, Form()] = "",
    file: Annotated[UploadFile | None, File()] = None,
) -> Response:
    """Takes words, a file or both; the answer follows on the page's own connection."""
    if not _CLIENT_KEY.fullmatch(client_key):
        raise HTTPException(400)
    words = Words(plain(text), client_key, await _upload(file), start=brought_by(request, web))
    if len(words.text) > LONGEST_MESSAGE:
        message = web.desk.texts.say(visitor.language, "customer.too_long")
        return JSONResponse({"error": message}, 422)
    answer = _shown(web, visitor, await receive(web, visitor, words))
    if visitor.is_new:
        set_cookie(answer, web, visitor.address)
    if words.start:
        forget_referral(answer, web)
    return answer


def plain(text: str) -> str:
    """A form's text as it was typed: forms turn line breaks into CR LF, and no database keeps NUL."""
    return text.replace("\r\n", "\n").replace("\x00", "")


async def _upload(file: UploadFile | None) -> Upload | None:
    if file is None:
        return None
    data = await file.read(LARGEST_FILE + 1)
    if len(data) > LARGEST_FILE:
        raise HTTPException(413)
    return Upload(file.filename, data)


def _shown(web: Web, visitor: Visitor, heard: Touchpoint) -> JSONResponse:
    row = Said(
        heard.id,
        heard.at,
        heard.direction,
        heard.author,
        heard.kind,
        heard.text,
        heard.payload,
        heard.client_key,
        heard.about_id,
        None,
    )
    return JSONResponse(
        {"id": str(heard.id), "html": web.pages.text("bubble.html", visitor.language, bubble=bubble(row))}
    )


@router.post("/press", dependencies=[Depends(not_too_fast)])
async def press_button(
    web: Here, visitor: AVisitor, touchpoint_id: TouchpointId, index: Annotated[str, Form()]
) -> Response:
    """Presses a button that we offered to this visitor; anything else does nothing and says so."""
    place = min(row_id(index), MOST_BUTTONS)
    async with web.desk.store.read() as session:
        known = await contact_of(session, "web", visitor.address)
    if known is None:
        return JSONResponse({"notice": web.desk.texts.say(visitor.language, "customer.button.stale")})
    pressed = Press(visitor.sender, touchpoint_id, place)
    notice = await web.desk.store.run(lambda unit: press(web.desk, unit, pressed))
    return JSONResponse({"notice": notice})
