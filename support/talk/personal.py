"""Answers made personal: the variant that fits a customer, and what the store knows of them in its placeholders."""

from __future__ import annotations

from collections.abc import Set

from crm_store.models import Order, Score
from crm_store.person import Person
from crm_store.repositories import orders
from crm_store.unit import Unit
from faq.answers import answer_in
from faq.entry import FaqEntry, Variant
from faq.placeholders import OF_AN_ORDER, fill, names_in
from support.desk import Desk
from support.talk.turn import Turn
from support.words.names import clean_name, first_name
from support.words.order_words import order_day, order_status
from support.words.shortening import shortened

AT_RISK = "at-risk"
"""The overlay that a variant may name among its stages."""

LONGEST_VALUE = 60
"""Characters of a value that are told; a sentence must stay a sentence around it."""


async def answer_for(turn: Turn, entry: FaqEntry) -> str | None:
    """The answer as this customer reads it, in Markdown; None where nothing can be told."""
    variant = variant_for(entry.variants, turn.person.score)
    found = answer_in(entry, turn.language, turn.desk.default_language, variant)
    if found is None:
        return None
    text, language = found
    facts = await facts_of(turn.desk, turn.unit, turn.person, names_in(text), language)
    return fill(text, facts).strip() or None


def is_about_an_order(turn: Turn, entry: FaqEntry) -> bool:
    """Whether its answer tells something of an order to those whose orders we know."""
    found = answer_in(entry, turn.language, turn.desk.default_language, None)
    return found is not None and bool(names_in(found[0]) & OF_AN_ORDER)


def answer_for_anybody(desk: Desk, entry: FaqEntry, language: str) -> str | None:
    """The same for somebody of whom nothing is known."""
    found = answer_in(entry, language, desk.default_language, variant_for(entry.variants, None))
    return filled_for_anybody(desk, found[0]) if found else None


def filled_for_anybody(desk: Desk, text: str) -> str | None:
    """An answer's text with what is known without knowing the reader."""
    return fill(text, {"shop": desk.shop}).strip() or None


def variant_for(variants: tuple[Variant, ...], score: Score | None) -> Variant | None:
    """The first that fits: of one of its tiers and one of its stages, where it names any."""
    return next((variant for variant in variants if _fits(variant, score)), None)


def _fits(variant: Variant, score: Score | None) -> bool:
    tiers = {score.tier} if score else set()
    stages = {score.stage, *([AT_RISK] if score.at_risk else [])} if score else set()
    return all(
        not asked or not standing.isdisjoint(asked)
        for asked, standing in ((variant.tiers, tiers), (variant.stages, stages))
    )


async def facts_of(desk: Desk, unit: Unit, person: Person, asked: Set[str], language: str) -> dict[str, str]:
    """What is known of the person by the names of faq.placeholders, each one line, in `language` where we have its
    texts. The store is read only if something of an order is asked for.
    """
    if not asked:
        return {}
    language = language if language in desk.texts.languages else desk.default_language
    name = person.customer.name or person.contact.display_name or ""
    facts = {"name": name, "first_name": first_name(name, language), "shop": desk.shop}
    if asked & OF_AN_ORDER and (order := await orders.last(unit, person.customer.id)):
        facts |= _of_order(desk, unit, order, language)
    return {key: line for key, value in facts.items() if (line := _line(value or ""))}


def _of_order(desk: Desk, unit: Unit, order: Order, language: str) -> dict[str, str | None]:
    return {
        "order_number": order.external_id,
        "order_date": order_day(order, language, desk.timezone, unit.now),
        "order_status": order_status(desk.texts, order, language),
        "order_product": order.product,
    }


def _line(value: str) -> str | None:
    line = clean_name(value)
    return shortened(line, LONGEST_VALUE) if line else None
