"""An FAQ entry as a file shows it: plain lists and mappings, languages in their fixed order, nothing that is empty."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from faq.entry import LANGUAGES, FaqEntry

_T = TypeVar("_T")


def plain_entry(entry: FaqEntry) -> dict[str, Any]:
    plain: dict[str, Any] = {"id": entry.id}
    if entry.category:
        plain["category"] = entry.category
    plain["questions"] = {language: list(wordings) for language, wordings in in_order(entry.questions).items()}
    plain["answers"] = in_order(entry.answers)
    if entry.form:
        plain["form"] = plain_form(entry)
    if entry.variants:
        plain["variants"] = plain_variants(entry)
    return plain


def plain_form(entry: FaqEntry) -> list[dict[str, Any]]:
    return [
        {"slot": field.slot, "type": field.type, "required": field.required, "ask": in_order(field.ask)}
        | ({"choices": {key: list(texts) for key, texts in in_order(field.choices).items()}} if field.choices else {})
        for field in entry.form
    ]


def plain_variants(entry: FaqEntry) -> list[dict[str, Any]]:
    return [
        ({"tiers": list(variant.tiers)} if variant.tiers else {})
        | ({"stages": list(variant.stages)} if variant.stages else {})
        | {"answers": in_order(variant.answers)}
        for variant in entry.variants
    ]


def in_order(by_language: Mapping[str, _T]) -> dict[str, _T]:
    """Languages as files write them: the known ones in their order, then any other."""
    return {language: by_language[language] for language in ordered(by_language)}


def ordered(languages: Iterable[str]) -> list[str]:
    return sorted(
        set(languages), key=lambda name: (LANGUAGES.index(name) if name in LANGUAGES else len(LANGUAGES), name)
    )
