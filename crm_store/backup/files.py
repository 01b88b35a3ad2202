"""The files that people sent, in one tar."""

from __future__ import annotations

import tarfile
from collections.abc import Callable
from pathlib import Path

from crm_store.backup.placing import Progress, into_place


def pack_files(folder: Path, target: Path, progress: Progress) -> int:
    """All files that people sent, in a tar; returns how many. What is erased in that very moment is left out.

    After the database: a file without a row does no harm, a row without its file does. Raises NotBackedUpError and
    OSError.
    """
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    with into_place(target) as part, tarfile.open(part, "w") as tar:
        return sum(_pack(tar, folder, path, lambda: progress(part.stat().st_size, 0)) for path in paths)


def _pack(tar: tarfile.TarFile, folder: Path, path: Path, look: Callable[[], None]) -> bool:
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return False
    with file:
        tar.addfile(tar.gettarinfo(arcname=str(path.relative_to(folder)), fileobj=file), file)
    look()
    return True
