"""Which of a file's columns is which of ours: by our own name, by what somebody said, or by the usual names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256

from faq.problems import Problem
from support.imports.aliases import ALIASES, plain_name
from support.imports.kinds import KINDS, Kind
from support.imports.table import Names


class UnknownColumnError(ValueError):
    """`--map` names a column that the file or the store does not have."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        super().__init__(f"there is no column {name!r}; there are {', '.join(known)}")


def fingerprint(header: Sequence[str]) -> str:
    """The same for files with the same columns, in whatever order."""
    return sha256("\n".join(sorted(header)).encode()).hexdigest()


def names_of(kind: Kind, header: Sequence[str], said: Mapping[str, str]) -> Names:
    """What each column of the header shall be called.

    `said` maps theirs to ours; a column said to be "" is left out. Of the others, one with our own name is ours; then
    one with a usual name, if no other column is that already. The rest keep their names. Raises UnknownColumnError.
    """
    _check_said(kind, header, said)
    names: dict[str, str | None] = {theirs: ours or None for theirs, ours in said.items()}
    for guess in (_own_name, _usual_name):
        taken = set(names.values())
        guessed = {theirs: guess(kind, theirs) for theirs in header if theirs not in names}
        names |= {theirs: ours for theirs, ours in guessed.items() if ours and ours not in taken}
    return {theirs: names.get(theirs, theirs) for theirs in header}


def _check_said(kind: Kind, header: Sequence[str], said: Mapping[str, str]) -> None:
    ours = list(KINDS[kind].fields)
    for theirs, name in said.items():
        if theirs not in header:
            raise UnknownColumnError(theirs, header)
        if name and name not in ours:
            raise UnknownColumnError(name, ours)


def _own_name(kind: Kind, theirs: str) -> str | None:
    plain = plain_name(theirs)
    return next((ours for ours in KINDS[kind].fields if plain_name(ours) == plain), None)


def _usual_name(kind: Kind, theirs: str) -> str | None:
    plain = plain_name(theirs)
    return next((ours for ours, usual in ALIASES[kind].items() if plain and plain in usual.split()), None)


def problems_of(kind: Kind, header: Sequence[str], names: Names) -> Iterator[Problem]:
    """What is wrong with a file's columns, before any of its rows."""
    if not any(header):
        yield Problem(1, "", "the first line must name the columns")
        return
    for theirs in dict.fromkeys(filter(None, header)):
        if header.count(theirs) > 1:
            yield Problem(1, theirs, "this column stands here twice")
    for ours in KINDS[kind].fields:
        claims = [theirs for theirs, name in names.items() if name == ours]
        if len(claims) > 1:
            told = " and ".join(map(repr, claims))
            yield Problem(1, ours, f"may be {told}; say which by --map")
        if not claims and ours in KINDS[kind].needed:
            yield Problem(1, ours, "this column is missing; if it has another name here, say it by --map")
