"""`touchdesk ask`: what the bot would answer somebody of whom nothing is known, without a conversation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.lab import NOTHING_ALIKE, explanation_text
from bot.opening import build_desk
from bot.settings import Settings
from crm_store.store import Store
from faq.explain import Explanation
from faq.matcher import Decision, Match, suggestions
from faq.occlusion import explain
from support.knowledge.live_faq import LiveFaq
from support.knowledge.trial import try_question

EXPLAINED = 3
"""The best matches that are explained."""


async def answer(settings: Settings, store: Store, text: str, *, explained: bool = False) -> dict[str, Any]:
    """decision, entry_id, confidence, answer, suggestions, language, ms (of matching alone); where asked for,
    `explanation` as well: why each of the best matches is as sure as it is.
    """
    desk = build_desk(settings, store)
    await desk.faq.refresh(store)
    tried = try_question(desk, text)
    best = tried.matches[0] if tried.decision is Decision.ANSWER else None
    thresholds = desk.faq.matcher.thresholds
    offered = suggestions(tried.matches, thresholds) if tried.decision is Decision.SUGGEST else []
    result = {
        "decision": tried.decision.value,
        "entry_id": best.entry_id if best else None,
        "confidence": round(best.confidence, 4) if best else None,
        "answer": tried.answer,
        "suggestions": [{"entry_id": m.entry_id, "confidence": round(m.confidence, 4)} for m in offered],
        "language": tried.language,
        "ms": round(tried.milliseconds, 3),
    }
    return result | {"explanation": _explanation(desk.faq, tried.matches, text)} if explained else result


def _explanation(faq: LiveFaq, matches: Sequence[Match], text: str) -> list[Explanation]:
    return [explain(faq.matcher, match.entry_id, text) for match in matches[:EXPLAINED]]


def as_text(found: dict[str, Any]) -> str:
    """The same for a person at a terminal."""
    told = _decision_text(found)
    if "explanation" not in found:
        return told
    return "\n\n".join(
        [told, *(map(explanation_text, found["explanation"]) if found["explanation"] else [NOTHING_ALIKE])]
    )


def _decision_text(found: dict[str, Any]) -> str:
    match found["decision"]:
        case "answer":
            return f"{found['answer']}\n({found['entry_id']}, {found['confidence']:.0%})"
        case "suggest":
            choices = "\n".join(f"  {s['entry_id']} ({s['confidence']:.0%})" for s in found["suggestions"])
            return f"It would ask which of these is meant:\n{choices}"
        case _:
            return "It would say that it does not know, and offer a colleague or a note."
