"""Files that people and the bot have uploaded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.telegram.calls import Upload
from tests.telegram.errors import ApiError, bad_request

DOWNLOAD_LIMIT = 20 * 1024 * 1024
UPLOAD_LIMIT = 50 * 1024 * 1024
SIDES = {"width": 640, "height": 480}
SHAPES: dict[str, dict[str, Any]] = {
    "photo": SIDES,
    "document": {},
    "voice": {"duration": 3},
    "audio": {"duration": 3},
    "video": {**SIDES, "duration": 3},
    "animation": {**SIDES, "duration": 3},
    "video_note": {"length": 240, "duration": 3},
    "sticker": {"width": 512, "height": 512, "type": "regular", "is_animated": False, "is_video": False},
}
"""What each kind of media carries on the wire beside its ids."""


@dataclass(frozen=True, slots=True)
class File:
    id: str
    kind: str
    upload: Upload
    size: int

    @property
    def unique_id(self) -> str:
        return f"u{self.id}"

    @property
    def path(self) -> str:
        return f"{self.kind}s/{self.id}"

    def media(self) -> Any:
        """The message field: a list of sizes for a photo, an object for the rest."""
        wire = {"file_id": self.id, "file_unique_id": self.unique_id, "file_size": self.size, **SHAPES[self.kind]}
        if self.kind == "photo":
            return [{**wire, "width": 90, "height": 67}, wire]
        if self.kind not in {"sticker", "video_note"}:
            wire["mime_type"] = self.upload.mime
        if self.kind == "document":
            wire["file_name"] = self.upload.name
        return wire


class FileStore:
    def __init__(self) -> None:
        self._files: dict[str, File] = {}

    def add(self, kind: str, upload: Upload, size: int | None = None) -> File:
        """Keeps a file. `size` overrides the true one, for files too big to hold in a test."""
        file = File(f"{kind}-{len(self._files) + 1}", kind, upload, len(upload.content) if size is None else size)
        if file.size > UPLOAD_LIMIT:
            raise ApiError(413, "Request Entity Too Large")
        self._files[file.id] = file
        return file

    def find(self, file_id: str) -> File | None:
        return self._files.get(file_id)

    def to_download(self, file_id: str) -> File:
        file = self.find(file_id)
        if file is None:
            raise bad_request("wrong file_id or the file is temporarily unavailable")
        if file.size > DOWNLOAD_LIMIT:
            raise bad_request("file is too big")
        return file

    def at(self, path: str) -> File | None:
        file = self.find(path.rpartition("/")[2])
        return file if file is not None and file.path == path else None
