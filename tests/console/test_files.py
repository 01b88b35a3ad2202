"""Files of the chat: judged by their bytes, kept under our names, shown to nobody else."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select, update

from crm_store.models import StoredFile
from support.desk import Desk
from support.files import LARGEST_FILE, FileStore, FilesUnavailableError, file_type, safe_name
from tests.console.shop import browser, key, write

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(1)</script>"


async def send(
    client: httpx.AsyncClient, data: bytes, name: str = "a.png", mime: str = "image/png", **more: str
) -> httpx.Response:
    return await write(client, more.pop("text", ""), files={"file": (name, data, mime)}, **more)


async def stored(desk: Desk) -> list[StoredFile]:
    async with desk.store.read() as session:
        return list((await session.scalars(select(StoredFile))).all())


async def only(desk: Desk) -> StoredFile:
    (row,) = await stored(desk)
    return row


def on_disk(folder: Path) -> list[Path]:
    return [path for path in (folder / "files").rglob("*") if path.is_file()]


@contextmanager
def disk_with_room_for(size: int) -> Iterator[None]:
    """Of every file that this process writes; a larger one is cut there, as on a disk that fills up."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def test_a_picture_is_kept_and_shown(desk: Desk, visitor: httpx.AsyncClient, tmp_path: Path) -> None:
    answer = await send(visitor, PNG, "leak.png", text="it leaks")
    row = await only(desk)
    assert (row.kind, row.mime, row.size, row.sha256) == ("photo", "image/png", len(PNG), sha256(PNG).hexdigest())
    assert [path.name for path in on_disk(tmp_path)] == [str(row.path).split("/")[1]]
    assert "leak" not in str(row.path)
    assert f'<img src="/files/{row.id}"' in answer.json()["html"]
    shown = await visitor.get(f"/files/{row.id}")
    assert shown.content == PNG
    assert shown.headers["content-type"] == "image/png"
    assert shown.headers["content-disposition"].startswith("inline")
    assert "request #" in (await visitor.get("/chat")).text.lower()


@pytest.mark.parametrize(
    ("data", "name", "mime"),
    [
        (SVG, "a.svg", "image/svg+xml"),
        (SVG, "a.png", "image/png"),
        (HTML, "a.html", "text/html"),
        (HTML, "a.jpg", "image/jpeg; x"),
        (b"<?xml version='1.0'?><x/>", "a.xml", "application/xml"),
        (b"", "empty.png", "image/png"),
    ],
)
async def test_whatever_is_no_picture_is_only_saved(
    desk: Desk, visitor: httpx.AsyncClient, data: bytes, name: str, mime: str
) -> None:
    await send(visitor, data, name, mime)
    row = await only(desk)
    assert row.kind == "document"
    saved = await visitor.get(f"/files/{row.id}")
    assert saved.headers["content-disposition"].startswith("attachment")
    assert saved.headers["content-type"] == "application/octet-stream"
    assert saved.headers["x-content-type-options"] == "nosniff"
    assert "<img" not in (await visitor.get("/chat")).text


async def test_the_bytes_decide_again_when_shown(desk: Desk, visitor: httpx.AsyncClient) -> None:
    await send(visitor, HTML, "a.html")
    async with desk.store.write() as connection:
        await connection.execute(update(StoredFile).values(kind="photo", mime="image/svg+xml"))
    row = await only(desk)
    assert (await visitor.get(f"/files/{row.id}")).headers["content-type"] == "application/octet-stream"


async def test_files_are_nobody_elses(
    desk: Desk, app: FastAPI, visitor: httpx.AsyncClient, agent: httpx.AsyncClient
) -> None:
    await send(visitor, PNG)
    path = f"/files/{(await only(desk)).id}"
    async with browser(app) as other:
        assert (await other.get(path)).status_code == 404
        await write(other, "hello")
        assert (await other.get(path)).status_code == 404
    assert (await agent.get(path)).status_code == 200


@pytest.mark.parametrize("bad", ["1abc", "9223372036854775808", "-1", "0", "%2e%2e", "1.0"])
async def test_ids_that_are_none_are_not_found(visitor: httpx.AsyncClient, bad: str) -> None:
    assert (await visitor.get(f"/files/{bad}")).status_code == 404


@pytest.mark.parametrize("path", ["../test.db", "/etc/passwd", "", "nothing"])
async def test_a_path_outside_the_folder_is_not_found(desk: Desk, visitor: httpx.AsyncClient, path: str) -> None:
    await send(visitor, PNG)
    async with desk.store.write() as connection:
        await connection.execute(update(StoredFile).values(path=path))
    assert (await visitor.get(f"/files/{(await only(desk)).id}")).status_code == 404


async def test_a_full_folder_asks_to_come_again_and_keeps_nothing(
    desk: Desk, visitor: httpx.AsyncClient, tmp_path: Path
) -> None:
    picture = PNG + b"x" * 600_000
    with disk_with_room_for(500_000):
        with pytest.raises(FilesUnavailableError, match="the folder of files cannot be written: File too large"):
            await FileStore(tmp_path / "files").keep(picture)
        answer = await send(visitor, picture)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert answer.json() == {"error": desk.texts.say("en", "customer.chat.unavailable")}
    assert on_disk(tmp_path) == []
    assert (await send(visitor, picture)).status_code == 200


async def test_a_repeated_upload_is_kept_once(desk: Desk, visitor: httpx.AsyncClient, tmp_path: Path) -> None:
    same = key()
    first, second = await send(visitor, PNG, client_key=same), await send(visitor, PNG, client_key=same)
    assert first.json() == second.json()
    assert len(await stored(desk)) == len(on_disk(tmp_path)) == 1


async def test_a_file_that_is_too_large_leaves_nothing(desk: Desk, visitor: httpx.AsyncClient, tmp_path: Path) -> None:
    for size in (LARGEST_FILE + 1, LARGEST_FILE + 200_000):
        answer = await send(visitor, b"x" * size)
        assert answer.status_code == 413
    assert not await stored(desk)
    assert not on_disk(tmp_path)


async def test_a_hostile_name_is_plain_text(desk: Desk, visitor: httpx.AsyncClient) -> None:
    answer = await send(visitor, b"data", '<img src=x onerror=alert(1)>"\r\nSet-Cookie: a=b.pdf')
    assert "<img src=x" not in answer.json()["html"]
    shown = await visitor.get(f"/files/{(await only(desk)).id}")
    assert "set-cookie" not in shown.headers


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\x\\report.pdf", "report.pdf"),
        ("\u202egpj.exe", "gpj.exe"),
        ("照片 1.jpg", "照片 1.jpg"),
        ("..", None),
        (None, None),
    ],
)
def test_names_lose_what_is_not_a_name(name: str | None, plain: str | None) -> None:
    assert safe_name(name) == plain


@pytest.mark.parametrize(
    ("head", "kind", "mime"),
    [
        (b"\xff\xd8\xff\xe0", "photo", "image/jpeg"),
        (b"GIF89a", "photo", "image/gif"),
        (b"RIFF\0\0\0\0WEBP", "photo", "image/webp"),
        (b"RIFF\0\0\0\0WAVE", "document", "application/octet-stream"),
        (b"OggS", "voice", "audio/ogg"),
        (b"\0\0\0\x20ftypM4A ", "voice", "audio/mp4"),
        (b"\0\0\0\x20ftypisom", "video", "video/mp4"),
        (b"%PDF-1.7", "document", "application/pdf"),
        (b"", "document", "application/octet-stream"),
    ],
)
def test_bytes_tell_what_a_file_is(head: bytes, kind: str, mime: str) -> None:
    assert (file_type(head).kind, file_type(head).mime) == (kind, mime)


async def test_two_files_of_the_same_bytes_have_their_own_names(tmp_path: Path) -> None:
    files = FileStore(tmp_path)
    one, two = await files.keep(PNG), await files.keep(PNG)
    await files.discard(one)
    assert await files.find(one.path) is None
    assert await files.find(two.path)
