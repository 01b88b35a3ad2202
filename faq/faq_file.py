"""What an FAQ file says."""

from collections.abc import Sequence
from dataclasses import dataclass

from faq.entry import FaqEntry
from faq.problems import Problem


@dataclass(frozen=True, slots=True)
class FaqFile:
    """The entries of a file; they count only if there are no problems.

    `silent` names the fields of an entry (category, form, variants) of which the file says nothing at all, because it
    is a sheet without that column. Taking the file over leaves them as they are.
    """

    entries: Sequence[FaqEntry]
    problems: Sequence[Problem] = ()
    silent: frozenset[str] = frozenset()
