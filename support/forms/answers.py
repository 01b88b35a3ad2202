"""Answers to a form between the customer and the store: read, offered, and shown again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

import phonenumbers
from babel.numbers import format_decimal

from crm_store.models import Customer, Order
from crm_store.repositories import orders
from faq.answers import text_in
from faq.entry import FormField
from support.desk import Desk
from support.forms import slots
from support.forms.state import FormAnswer
from support.talk.turn import Turn
from support.words.order_words import NOON, order_label
from support.words.times import day

RECENT = timedelta(days=90)
OFFERED_ORDERS = 2
"""More than two recent orders are not guessed among: the customer names one."""
ON_RECORD = "record"
"""The token of a button that means the customer's own phone or e-mail."""


async def read_answer(turn: Turn, field: FormField, text: str) -> FormAnswer | slots.Problem:
    """What was typed, as a value; an order's number only if it is one of the customer's own."""
    found = slots.read(field.type, text, _circumstances(turn, field))
    if isinstance(found, slots.Problem):
        return found
    if field.type != "order_number":
        return FormAnswer(value=found)
    order = await own_order(turn, found)
    return FormAnswer(value=order.external_id) if order else slots.Problem("customer.form.wrong.unknown_order")


def _circumstances(turn: Turn, field: FormField) -> slots.Circumstances:
    zone = turn.desk.timezone
    return slots.Circumstances(
        turn.language, turn.unit.now.astimezone(zone).date(), slots.territories(turn.language, zone), field.choices
    )


async def own_order(turn: Turn, text: str) -> Order | None:
    """The customer's own order that a text names; whether somebody else has such an order is never looked at."""
    own = await orders.numbered(turn.unit, turn.person.customer.id, slots.order_numbers(text))
    return own[0] if len(own) == 1 else None


async def offers(turn: Turn, field: FormField) -> list[tuple[str, str]]:
    """(label, token) of answers that need not be typed: choices, yes and no, and what the store knows."""
    customer = turn.person.customer
    match field.type:
        case "choice":
            labels = choices_in(field, turn.language, turn.desk.default_language)
            return [(label, str(place)) for place, label in enumerate(labels)]
        case "yes_no":
            return [(turn.text("button.yes"), "yes"), (turn.text("button.no"), "no")]
        case "order_number":
            return [(order_label(order), order.external_id) for order in await _recent_orders(turn)]
        case "phone" if customer.phone:
            return [(masked_phone(customer.phone), ON_RECORD)]
        case "email" if customer.email:
            return [(masked_email(customer.email), ON_RECORD)]
        case _:
            return []


async def _recent_orders(turn: Turn) -> Sequence[Order]:
    since = (turn.unit.now - RECENT).date()
    recent = await orders.since(turn.unit, turn.person.customer.id, since, OFFERED_ORDERS + 1)
    return recent if len(recent) <= OFFERED_ORDERS else ()


def from_button(token: str) -> FormAnswer:
    """What a button of `offers` means."""
    return FormAnswer(on_record=True) if token == ON_RECORD else FormAnswer(value=token)


def choices_in(field: FormField, language: str, default: str) -> list[str]:
    """The choices' words, in their order, in the best language at hand."""
    count = max(map(len, field.choices.values()), default=0)
    found = [text_in(_words(field, place), language, default) for place in range(count)]
    return [words[0] if words else "…" for words in found]


def _words(field: FormField, place: int) -> dict[str, str]:
    return {language: words[place] for language, words in field.choices.items() if place < len(words)}


def asked_in(field: FormField, language: str, default: str) -> str:
    """The question; the slot's name where nobody wrote one."""
    found = text_in(field.ask, language, default)
    return found[0] if found else field.slot


def shown(desk: Desk, field: FormField, answer: FormAnswer, language: str, now: datetime) -> str:
    """An answer in words of a language; words that could not be read stand as they are."""
    words = answer.value
    match field.type if answer.sure else "text":
        case "number":
            words = format_decimal(Decimal(words), locale=language.replace("-", "_"), decimal_quantization=False)
        case "date":
            noon = datetime.combine(date.fromisoformat(words), NOON, desk.timezone)
            words = day(noon, language, desk.timezone, now)
        case "phone":
            words = international(words)
        case "choice":
            words = choices_in(field, language, desk.default_language)[int(words)]
        case "yes_no":
            words = desk.texts.say(language, f"button.{words}")
    return words


def shown_to(turn: Turn, field: FormField, answer: FormAnswer) -> str:
    """An answer for the customer's own eyes; what is on record stays masked."""
    if answer.on_record:
        return masked(turn.person.customer, field)
    return shown(turn.desk, field, answer, turn.language, turn.unit.now)


def international(phone: str) -> str:
    """+886 912 345 678 for +886912345678; what is no phone number stays as it is."""
    try:
        number = phonenumbers.parse(phone, None)
    except phonenumbers.NumberParseException:
        return phone
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def masked(customer: Customer, field: FormField) -> str:
    return masked_phone(customer.phone or "") if field.type == "phone" else masked_email(customer.email or "")


def masked_phone(phone: str) -> str:
    """Enough to know one's own number by: ••• 678."""
    return f"••• {''.join(filter(str.isdigit, phone))[-3:]}"


def masked_email(email: str) -> str:
    """n•••@example.com."""
    name, _, host = email.partition("@")
    return f"{name[:1]}•••@{host}"
