"""What a process told the kernel, in order, from strace's own words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

_LINE = re.compile(r"(?P<pid>\d+) +(?P<rest>.*)")
_RESUMED = re.compile(r"<\.\.\. (\w+) resumed>")


def steps(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    """("begun" or "done", the call with its arguments) of each call; threads take turns, so a call may break off."""
    waiting: dict[str, str] = {}
    for line in lines:
        if not (found := _LINE.match(line)):
            continue
        pid, rest = found["pid"], found["rest"]
        if rest.endswith("<unfinished ...>"):
            waiting[pid] = rest
            yield "begun", rest
        elif _RESUMED.match(rest):
            yield "done", waiting.pop(pid, rest)
        else:
            yield "begun", rest
            yield "done", rest


def answers(lines: Iterable[str], log: str) -> Iterator[bool]:
    """Of each HTTP 200: whether all that was written to this file since the last one is on the disk."""
    written = synced = False
    for when, call in steps(lines):
        if log in call and call.startswith("pwrite64"):
            written, synced = True, False
        if log in call and call.startswith("fdatasync"):
            synced = written and when == "done"
        if when == "begun" and '"HTTP/1.1 200' in call:
            yield synced
            written = synced = False
