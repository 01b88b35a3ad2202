"""`touchdesk report`: figures over many customers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated

import typer

from bot.settings import Settings
from bot.tables import short, table
from crm_store.store import Store
from support.customers.contact_report import (
    LEAST_ANSWERS,
    LEAST_CUSTOMERS,
    LEAST_RATINGS,
    LEAST_WITHIN,
    MOST_WITHIN,
    USUAL_WITHIN,
    After,
    Answered,
    Comparison,
    ContactReport,
    KindReport,
    Rated,
    Wanted,
    contact_report,
)

report_app = typer.Typer(help="Figures over many customers.", no_args_is_help=True)

DAY = ["%Y-%m-%d"]
Since = Annotated[datetime | None, typer.Option("--from", formats=DAY, help="a day, itself included")]
Until = Annotated[datetime | None, typer.Option("--to", formats=DAY, help="a day, itself included; today")]
Within = Annotated[int, typer.Option(min=LEAST_WITHIN, max=MOST_WITHIN, help="days that followed")]
AsJson = Annotated[bool, typer.Option("--json", help="one JSON document, as the API gives it")]
NAMES = ("contact", "on", "by")
SPEED = (*NAMES, "contacts", "customers", "answered", "half within", "9 in 10", "by agents", "half", "9 in 10", "stars")
AFTER = (*NAMES, "with", "without", "order", "silence", "complaint")


@report_app.callback()
def report() -> None:
    """Keeps the name of the only command so far."""


@report_app.command("contacts")
def contacts(since: Since = None, until: Until = None, within: Within = USUAL_WITHIN, json_: AsJson = False) -> None:
    """Which contacts matter: how often each kind was, how fast answered, how rated, and what followed."""
    from bot.opening import with_store

    wanted = Wanted(since.date() if since else None, until.date() if until else None, within)
    print(with_store(lambda settings, store: _report(settings, store, wanted, as_json=json_)))


async def _report(settings: Settings, store: Store, wanted: Wanted, *, as_json: bool) -> str:
    from bot.opening import build_desk
    from console.api.reports import Contacts

    report = await contact_report(build_desk(settings, store), wanted, store.clock())
    return Contacts.of(report).model_dump_json(indent=2, by_alias=True) if as_json else "\n".join(_page(report))


def _page(report: ContactReport) -> Iterator[str]:
    yield f"Contacts from {report.since} to {report.until}"
    if not report.kinds:
        yield "there were none: try other days"
        return
    yield ""
    yield from table([SPEED, *map(_speed_row, report.kinds)], right=range(3, len(SPEED)))
    yield f"“few”: fewer than {LEAST_ANSWERS} answers, or {LEAST_RATINGS} rated tickets"
    yield ""
    yield f"What followed within {report.within} days: customers with such a contact, against those with others only"
    yield ""
    yield from table([AFTER, *(_after_row(each) for each in report.kinds)], right=(3, 4))
    yield from _explained(report)


def _speed_row(report: KindReport) -> tuple[str, ...]:
    return (
        *_names(report),
        f"{report.contacts:,}",
        f"{report.customers:,}",
        *_speed(report.answered),
        *_speed(report.answered_by_agent),
        _stars(report.rated),
    )


def _names(report: KindReport) -> tuple[str, ...]:
    """Kinds and channels may be other programs' own words."""
    return tuple(short(word, 24) for word in (report.kind.kind, report.kind.channel, report.kind.author))


def _speed(speed: Answered | None) -> tuple[str, str, str]:
    if speed is None:
        return "", "", ""
    if speed.median is None or speed.p90 is None:
        return f"{speed.answered:,}", "few", "few"
    return f"{speed.answered:,}", _duration(speed.median), _duration(speed.p90)


def _duration(seconds: int) -> str:
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds} s" if seconds else "at once"


def _stars(rated: Rated) -> str:
    if not rated.tickets:
        return ""
    return f"few ({rated.tickets})" if rated.mean is None else f"{rated.mean:.1f} ({rated.tickets:,})"


def _after_row(report: KindReport) -> tuple[str, ...]:
    after = report.after
    head = (*_names(report), f"{after.having:,}", f"{after.lacking:,}")
    if after.is_too_few:
        return (*head, _too_few(after), "", "")
    return (*head, *map(_compared, (after.order, after.silence, after.complaint)))


def _too_few(after: After) -> str:
    return f"too few {'with' if after.having < LEAST_CUSTOMERS else 'without'} it"


def _compared(compared: Comparison) -> str:
    apart = compared.difference
    if compared.having_share is None or compared.lacking_share is None or apart is None:
        return "too few"
    shares = f"{compared.having_share:.0%} : {compared.lacking_share:.0%}"
    points = f"{apart.value * 100:+.0f} ({apart.low * 100:+.0f} … {apart.high * 100:+.0f})"
    return f"{shares}, {points}{' *' if apart.is_clear else ''}"


def _explained(report: ContactReport) -> Iterator[str]:
    yield "share with : share without, difference in points (95 % interval); * the interval leaves out zero, as one in"
    yield "twenty does by chance. What followed was observed, not caused."
    yield f"Customers count once, by their first day of contact in the period, if the {report.within} days after it are"
    yield f"over; fewer than {LEAST_CUSTOMERS} are too few. Silence is no order and no word in those days."
    if report.left_out:
        yield f"{report.left_out:,} rarer kinds are not shown"
