"""A question that somebody once asked: what the laboratory learns from."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

Progress = Callable[[int, int], None]
"""Called with (done, of how many) while long work goes on; may be called from another thread."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A past question, what was decided, and what became of it.

    `person` tells different customers apart and says nothing else. `decision`, `entry_id`, `outcome` and
    `outcome_entry_id` are as FaqQuestion keeps them; `agent_answer` holds the words of the agent who answered it.
    """

    text: str
    language: str
    person: int
    at: datetime
    decision: str
    entry_id: str | None = None
    outcome: str | None = None
    outcome_entry_id: str | None = None
    agent_answer: str | None = None

    @property
    def known_right(self) -> str | None:
        """The entry that the customer is known to have meant: the one picked, or the answer that helped."""
        return self.outcome_entry_id or self.entry_id if self.outcome in {"picked", "helped"} else None

    @property
    def known_wrong(self) -> str | None:
        """The entry that is known not to have been meant: it was told or offered, and in vain."""
        match self.outcome:
            case "not_helped":
                return self.outcome_entry_id or self.entry_id
            case "none" | "agent" if self.decision != "refuse":
                return self.entry_id
            case _:
                return None
