"""`touchdesk evaluate`, `migration`, `upgrades`, `winback`: how customers are judged, and how far to trust that."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

judgement_app = typer.Typer()

DAY = ["%Y-%m-%d"]
Since = Annotated[
    datetime | None, typer.Option("--from", formats=DAY, help="a day, as of its end; 90 days before --to")
]
Until = Annotated[datetime | None, typer.Option("--to", formats=DAY, help="a day, as of its end; today")]
By = Annotated[str, typer.Option(help="tier, stage or segment")]
AsOf = Annotated[datetime | None, typer.Option("--as-of", formats=DAY, help="the day to judge from; today")]
Limit = Annotated[int, typer.Option(min=1, max=1000, help="how many lines")]
Offset = Annotated[int, typer.Option(min=0, max=100_000, help="lines to leave out first")]
AsJson = Annotated[bool, typer.Option("--json", help="one JSON document, as the API gives it")]


@judgement_app.command("evaluate")
def evaluate(as_of: AsOf = None, json_: AsJson = False) -> None:
    """How far to trust value, risk and stages: a back-test on the shop's own orders. Today's is kept for the cards."""
    from bot.judgement_pages import evaluation_page
    from bot.opening import with_store

    day = as_of.date() if as_of else None
    print(with_store(lambda settings, store: evaluation_page(settings, store, day, as_json=json_)))


@judgement_app.command("migration")
def migration(since: Since = None, until: Until = None, by: By = "tier", json_: AsJson = False) -> None:
    """Who moved between tiers, stages or segments from one day to another, and what distinguishes those who did."""
    from bot.judgement_pages import migration_page
    from bot.opening import with_store
    from support.judging.migrating import Wanted

    wanted = Wanted(since.date() if since else None, until.date() if until else None, by)
    print(with_store(lambda settings, store: migration_page(settings, store, wanted, as_json=json_)))


@judgement_app.command("upgrades")
def upgrades(limit: Limit = 50, offset: Offset = 0, json_: AsJson = False) -> None:
    """Customers close below the next tier, how far it is, and what those who climbed did differently."""
    from bot.judgement_pages import upgrades_page
    from bot.opening import with_store
    from support.judging.climbing import Page

    page = Page(limit, offset)
    print(with_store(lambda settings, store: upgrades_page(settings, store, page, as_json=json_)))


@judgement_app.command("winback")
def winback(limit: Limit = 50, offset: Offset = 0, json_: AsJson = False) -> None:
    """Customers at risk or gone who may be approached, the highest value × risk first."""
    from bot.judgement_pages import winback_page
    from bot.opening import with_store
    from support.judging.climbing import Page

    page = Page(limit, offset)
    print(with_store(lambda settings, store: winback_page(settings, store, page, as_json=json_)))
