"""`touchdesk ask`: what the bot would answer, without a conversation."""

from __future__ import annotations

from time import perf_counter
from typing import Any

from bot.opening import build_desk
from bot.settings import Settings
from crm_store.store import Store
from faq.answers import answer_in
from faq.matcher import Decision, decide, suggestions
from support.language import detect


async def answer(settings: Settings, store: Store, text: str) -> dict[str, Any]:
    """decision, entry_id, confidence, answer, suggestions, language, ms (of matching alone)."""
    desk = build_desk(settings, store)
    await desk.faq.refresh(store)
    language = detect(text, chat=None, client=None, default=desk.default_language)
    begun = perf_counter()
    matches = desk.faq.matcher.match(text)
    decision = decide(matches, desk.faq.matcher.thresholds)
    milliseconds = (perf_counter() - begun) * 1000
    best = matches[0] if matches and decision is Decision.ANSWER else None
    found = answer_in(desk.faq.entries[best.entry_id], language, desk.default_language) if best else None
    offered = suggestions(matches, desk.faq.matcher.thresholds) if decision is Decision.SUGGEST else []
    return {
        "decision": decision.value,
        "entry_id": best.entry_id if best else None,
        "confidence": round(best.confidence, 4) if best else None,
        "answer": found[0] if found else None,
        "suggestions": [{"entry_id": m.entry_id, "confidence": round(m.confidence, 4)} for m in offered],
        "language": language,
        "ms": round(milliseconds, 3),
    }


def as_text(found: dict[str, Any]) -> str:
    """The same for a person at a terminal."""
    match found["decision"]:
        case "answer":
            return f"{found['answer']}\n({found['entry_id']}, {found['confidence']:.0%})"
        case "suggest":
            choices = "\n".join(f"  {s['entry_id']} ({s['confidence']:.0%})" for s in found["suggestions"])
            return f"It would ask which of these is meant:\n{choices}"
        case _:
            return "It would say that it does not know, and offer a colleague or a note."
