"""Files that people send: judged by their own bytes, kept under names of ours."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

from crm_store.ids import new_id
from crm_store.models import StoredFile
from crm_store.store import StoreUnavailableError
from crm_store.unit import Unit
from support.talk.inbound import Attachment

LARGEST_FILE = 10 * 1024 * 1024
"""Bytes; Telegram takes photos up to this size, so whatever we accept can be passed on."""

HEAD = 16
"""As many bytes of a file as `file_type` looks at."""

NAME_LENGTH = 120
_NOT_IN_NAMES = re.compile(r'[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069"\\/:*?<>|]+')


class FilesUnavailableError(StoreUnavailableError):
    """The folder of files cannot be written: full, read-only or gone. It may be again, as a database may."""

    def __init__(self, cause: OSError) -> None:
        RuntimeError.__init__(self, f"the folder of files cannot be written: {cause.strerror or type(cause).__name__}")


@dataclass(frozen=True, slots=True)
class FileType:
    """`kind` is photo, voice, video or document. Only a photo may be shown in a page; the rest is for saving."""

    kind: str
    mime: str


DOCUMENT = FileType("document", "application/octet-stream")

_SIGNATURES: tuple[tuple[re.Pattern[bytes], FileType], ...] = tuple(
    (re.compile(pattern, re.DOTALL), FileType(kind, mime))
    for pattern, kind, mime in (
        (rb"\x89PNG\r\n\x1a\n", "photo", "image/png"),
        (rb"\xff\xd8\xff", "photo", "image/jpeg"),
        (rb"GIF8[79]a", "photo", "image/gif"),
        (rb"RIFF....WEBP", "photo", "image/webp"),
        (rb"OggS", "voice", "audio/ogg"),
        (rb"ID3", "voice", "audio/mpeg"),
        (rb"....ftypM4A", "voice", "audio/mp4"),
        (rb"....ftyp", "video", "video/mp4"),
        (rb"%PDF-", "document", "application/pdf"),
    )
)


def file_type(head: bytes) -> FileType:
    """What a file is, from its first bytes (the formats' own signatures); what is not known is a document."""
    return next((kind for signature, kind in _SIGNATURES if signature.match(head)), DOCUMENT)


def safe_name(name: str | None) -> str | None:
    """A stranger's file name as a plain word or two: no folders, control characters or changes of direction."""
    if not name:
        return None
    plain = _NOT_IN_NAMES.sub(" ", re.split(r"[\\/]", name)[-1]).strip(" .")
    return plain[-NAME_LENGTH:] or None


@dataclass(frozen=True, slots=True)
class Kept:
    """Bytes that are on the disk: where, how many, and their SHA-256."""

    path: str
    size: int
    sha256: str
    type: FileType


def _write(target: Path, data: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("xb") as file, ExitStack() as unless_done:
        unless_done.callback(target.unlink)
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
        unless_done.pop_all()


def _place_for(data: bytes) -> Kept:
    name = uuid4().hex
    return Kept(f"{name[:2]}/{name}", len(data), sha256(data).hexdigest(), file_type(data[:HEAD]))


class FileStore:
    """A folder of files whose names say nothing: two letters of a random name, then the name."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()

    async def keep(self, data: bytes) -> Kept:
        """Writes the bytes and makes sure that they are on the disk. Raises FilesUnavailableError."""
        kept = await self.place_for(data)
        await self.write(kept, data)
        return kept

    async def place_for(self, data: bytes) -> Kept:
        """Where the bytes will be: for whoever must write that down first."""
        return await asyncio.to_thread(_place_for, data)

    async def write(self, kept: Kept, data: bytes) -> None:
        """The bytes at their place, and sure to be on the disk; else none of them. Raises FilesUnavailableError."""
        try:
            await asyncio.to_thread(_write, self._folder / kept.path, data)
        except OSError as error:
            raise FilesUnavailableError(error) from error

    async def discard(self, kept: Kept) -> None:
        """Takes back bytes that no row tells of."""
        await asyncio.to_thread((self._folder / kept.path).unlink, missing_ok=True)

    async def remove(self, paths: Iterable[str]) -> None:
        """Deletes files by where their rows say they are; one that is gone already is no mistake."""
        await asyncio.to_thread(self._remove, list(paths))

    def _remove(self, paths: Iterable[str]) -> None:
        for target in ((self._folder / path).resolve() for path in paths):
            if target.is_relative_to(self._folder):
                target.unlink(missing_ok=True)

    async def find(self, path: str) -> tuple[Path, FileType] | None:
        """Where a file is and what its bytes say it is; None if it is not there or lies outside the folder."""
        return await asyncio.to_thread(self._find, path)

    def _find(self, path: str) -> tuple[Path, FileType] | None:
        target = (self._folder / path).resolve()
        if not target.is_relative_to(self._folder) or not target.is_file():
            return None
        with target.open("rb") as file:
            return target, file_type(file.read(HEAD))


def record(unit: Unit, contact_point_id: int, kept: Kept, name: str | None) -> Attachment:
    """The file's row, and the attachment that tells of it."""
    row = unit.add(
        StoredFile(
            id=new_id(),
            contact_point_id=contact_point_id,
            kind=kept.type.kind,
            name=safe_name(name),
            mime=kept.type.mime,
            size=kept.size,
            sha256=kept.sha256,
            path=kept.path,
            created_at=unit.now,
        )
    )
    return Attachment(kind=row.kind, name=row.name, mime=row.mime, size=row.size, file_id=row.id)
