"""How far a figure on the card can be trusted."""

from __future__ import annotations

from analytics.evaluation import Trust
from support.agents.voice import Voice


def trusted(say: Voice, figure: str, grade: Trust | None) -> str:
    """The figure's line with its grade, where one is known."""
    return say("card.trusted", text=figure, trust=say(f"trust.{grade.value}")) if grade else figure
