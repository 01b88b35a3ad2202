"""The strategies of a shop that has set none: only what every shop has, and little of it.

Who is choosing is offered a person; who has bought is asked now and then whether all is well; who keeps coming is
thanked. Whoever we do not know yet is left in peace, and so is whoever may be leaving: a colleague meets them.
"""

from __future__ import annotations

from functools import cache

from support.judging.strategies import Answer, Ask, Language, Offer, Strategies, Strategy
from support.words.texts import Texts

MONTH, QUARTER, HALF_YEAR = 30, 90, 180  # days
LANGUAGES: tuple[Language, ...] = ("en", "zh-Hans", "zh-Hant")


@cache
def usual() -> Strategies:
    """Put together once, from the texts of the catalogues."""
    all_well = Strategy(
        ask=Ask(
            text=_said("customer.strategy.all_well"),
            answers=(
                Answer(label=_said("button.strategy.well")),
                Answer(label=_said("button.strategy.wrong"), deed="note"),
            ),
        ),
        every_days=QUARTER,
    )
    in_peace = Strategy(leave=("offer", "ask"))
    return Strategies(
        consideration=Strategy(offer=Offer(text=_said("customer.strategy.choosing"), deed="person"), every_days=MONTH),
        purchase=all_well,
        use=all_well,
        loyalty=Strategy(offer=Offer(text=_said("customer.strategy.loyal")), every_days=HALF_YEAR),
        churn=in_peace,
        at_risk=in_peace,
    )


def _said(key: str) -> dict[Language, str]:
    return {language: Texts.load().say(language, key) for language in LANGUAGES}
