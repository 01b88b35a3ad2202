"""The four kinds of a customer's value, as lines of their card."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from analytics.four_values import Loyalty, Money, Referral, four_values
from crm_store.card import CustomerCard
from support.agents.voice import Voice


def values(say: Voice, known: CustomerCard) -> tuple[str, ...]:
    """A line for each that says something; what is expected and the orders' sum have lines of their own."""
    four = four_values(known.standing, known.came)
    return (
        *_margin(say, four.money),
        *_loyalty(say, four.loyalty),
        *_referral(say, four.referral),
        *([say("card.innovation", ideas=four.ideas)] if four.ideas else []),
    )


def _margin(say: Voice, money: Money | None) -> Iterator[str]:
    if money and money.margin is not None:
        amount, margin = (say.money(Decimal(f"{sum_:.2f}"), money.currency) for sum_ in (money.costed, money.margin))
        yield say("card.margin", amount=amount, margin=margin)


def _loyalty(say: Voice, loyalty: Loyalty | None) -> Iterator[str]:
    if loyalty:
        yield say("card.loyalty", days=loyalty.days, orders=loyalty.order_days, rate=f"{loyalty.rate:.1f}")


def _referral(say: Voice, referral: Referral | None) -> Iterator[str]:
    if referral:
        yield say("card.referral", came=referral.came, buyers=referral.buyers)
