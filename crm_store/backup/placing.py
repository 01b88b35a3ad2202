"""A new file that has its name only when it is complete and on the disk, and never takes another file's place."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

Progress = Callable[[int, int], None]
"""Bytes written so far, and bytes of the database, which a copy without gaps or a packed one will not reach."""

NO_LINKS = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS)
"""What file systems say that know no second name for a file, such as those of USB sticks."""


class NotBackedUpError(RuntimeError):
    """No backup was made, and nothing is left of it."""


class BackupThereError(NotBackedUpError):
    """The backup would take the place of a file."""

    def __init__(self, file: Path) -> None:
        super().__init__(f"{file} exists already and is left as it is: name another file, or move it away first")


class BackupBegunError(NotBackedUpError):
    """Another backup is being written to the same place, or was killed while it was."""

    def __init__(self, part: Path) -> None:
        super().__init__(f"{part} is there: another backup is at work, or was broken off; then delete it and try again")


@contextmanager
def into_place(target: Path) -> Iterator[Path]:
    """A new file to write to, readable for its owner only; in the end it is on the disk and has the target's name.

    Whatever goes wrong, nothing is left of it. Raises BackupThereError and BackupBegunError.
    """
    part = target.with_name(f"{target.name}.part")
    if target.exists():
        raise BackupThereError(target)
    try:
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError as error:
        raise BackupBegunError(part) from error
    try:
        yield part
        _sync(part)
        _name(part, target)
    finally:
        part.unlink(missing_ok=True)
    _sync(target.parent)


def _name(part: Path, target: Path) -> None:
    """A second name and not another: a file of that name that came meanwhile is not replaced."""
    try:
        os.link(part, target)
    except FileExistsError as error:
        raise BackupThereError(target) from error
    except OSError as error:
        if error.errno not in NO_LINKS:
            raise
        if target.exists():
            raise BackupThereError(target) from error
        part.rename(target)


def _sync(path: Path) -> None:
    """Makes sure that a file's bytes, or a folder's names, are on the disk."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
