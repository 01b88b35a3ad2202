"""How far each figure of a customer can be trusted, by what support.judging.evaluating last kept. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from analytics.evaluation import Trust
from analytics.stages import Stage

WORST_LAST = (Trust.GOOD, Trust.SOME, Trust.TOO_LITTLE, Trust.NONE)
"""What is known to be wrong is worse than what nobody could test."""
REPEATING = (Stage.USE, Stage.LOYALTY)
"""The stages against which those who left are tested."""


@dataclass(frozen=True, slots=True)
class Grades:
    """Of the value, of the risk as a percentage, of who is said to have `left` (and so of who is not), and of who is
    said to be at risk.
    """

    value: Trust
    risk: Trust
    left: Trust
    at_risk: Trust

    def of_stage(self, stage: str, *, at_risk: bool) -> Trust | None:
        """That of the stage with the mark that lies upon it; None for stages that no test speaks of."""
        if stage == Stage.CHURN:
            return self.left
        if at_risk:
            return self.at_risk
        return self.left if stage in REPEATING else None


def grades(evaluation: Mapping[str, Any] | None) -> Grades | None:
    """None in a shop whose scores were never put to the test.

    A percentage needs both: that the endangered are told from the others, and that the figure itself is right.
    """
    if evaluation is None:
        return None
    tested = evaluation["back_test"]
    if tested is None:
        return Grades(*[Trust.TOO_LITTLE] * 4)
    return Grades(
        value=Trust(tested["value"]["trust"]),
        risk=worse(Trust(tested["risk"]["trust"]), Trust(tested["calibration"]["trust"])),
        left=Trust(tested["stages"]["trust"]),
        at_risk=Trust(tested["stages"]["at_risk"]),
    )


def worse(one: Trust, other: Trust) -> Trust:
    return max(one, other, key=WORST_LAST.index)
