"""`touchdesk ledger`: finding what was said, and what an agent saw when she said it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

import typer

from bot.settings import Settings
from bot.tables import short, table
from crm_store.queries.chat import Said
from crm_store.queries.point_in_time import Then, as_it_stood
from crm_store.store import Store
from support.ledger_search import Hit, Hits, Question

ledger_app = typer.Typer(help="The ledger: everything that was said and done.", no_args_is_help=True)

HEAD = ("when", "id", "customer", "who", "kind", "words")
From = Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="the first day")]
To = Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="the last day")]
AsJson = Annotated[bool, typer.Option("--json", help="one JSON document")]
Shown = Annotated[int, typer.Option(min=1, max=100, help="how many are shown")]


class UnknownTouchpointError(LookupError):
    """There is no such touchpoint."""

    def __init__(self, touchpoint_id: int) -> None:
        super().__init__(f"there is no touchpoint {touchpoint_id}; find one with: touchdesk ledger search")


@ledger_app.command("search")
def search(
    text: Annotated[str, typer.Argument(help='words and "phrases"; none: all that the options leave')] = "",
    customer: Annotated[str | None, typer.Option(help="the shop's number of the customer, or ours")] = None,
    channel: Annotated[str | None, typer.Option(help="telegram, web, phone, email …")] = None,
    kind: Annotated[str | None, typer.Option(help="text, answer, note, call, complaint …")] = None,
    direction: Annotated[Literal["in", "out", "internal"] | None, typer.Option(help="seen from the shop")] = None,
    agent: Annotated[str | None, typer.Option(help="a name")] = None,
    since: From = None,
    until: To = None,
    limit: Shown = 20,
    before: Annotated[int | None, typer.Option(min=1, help="where the page before ended")] = None,
    json_: AsJson = False,
) -> None:
    """Finds what was said to or by anybody, the newest first."""
    from bot.opening import build_desk, with_store
    from support.ledger_search import search_ledger

    question = Question(
        words=text,
        customer=customer,
        channel=channel,
        kind=kind,
        direction=direction,
        agent=agent,
        since=since.date() if since else None,
        until=until.date() if until else None,
        before=before,
    )

    async def find(settings: Settings, store: Store) -> str:
        desk = build_desk(settings, store)
        hits = await search_ledger(desk, question, limit)
        return _json(hits) if json_ else "\n".join(_page(hits, desk.timezone))

    print(with_store(find))


@ledger_app.command("show")
def show(touchpoint_id: int, shown: Shown = 20, json_: AsJson = False) -> None:
    """The conversation up to a touchpoint and, if an agent wrote it, the card that she had before her."""
    from bot.opening import build_desk, with_store

    async def read(settings: Settings, store: Store) -> str:
        async with store.read() as session:
            then = await as_it_stood(session, touchpoint_id, shown)
        if then is None:
            raise UnknownTouchpointError(touchpoint_id)
        return _then_json(then) if json_ else "\n".join(_then(then, build_desk(settings, store).timezone))

    print(with_store(read))


def _page(hits: Hits, zone: ZoneInfo) -> Iterator[str]:
    if not hits.items:
        yield "nothing found: try fewer words, or leave an option out"
        return
    yield from table([HEAD, *(_row(hit, zone) for hit in hits.items)], right=(1,))
    if hits.before:
        yield f"more: the same with --before {hits.before}"


def _row(hit: Hit, zone: ZoneInfo) -> tuple[str, ...]:
    found = hit.found
    words = "".join(f"[{part}]" if is_hit else part for part, is_hit in hit.excerpt.parts)
    customer = short(f"{found.customer} ({found.external_id or found.customer_id})", 40)
    return (
        _minute(found.at, zone),
        str(found.id),
        customer,
        found.agent or found.author,
        found.kind,
        short(words, 160),
    )


def _json(hits: Hits) -> str:
    items = [
        _plain(hit.found._asdict()) | {"excerpt": hit.excerpt.text, "hits": hit.excerpt.hits} for hit in hits.items
    ]
    return json.dumps({"items": items, "before": hits.before}, ensure_ascii=False)


def _then(then: Then, zone: ZoneInfo) -> Iterator[str]:
    yield f"{short(then.customer)} as of {_minute(then.said.at, zone)}"
    yield ""
    yield from _card(then.card) if then.card else ("no card was kept: it is kept with what agents write",)
    yield ""
    yield from table([_line(said, zone) for said in then.ledger])


def _card(card: dict[str, Any]) -> Iterator[str]:
    yield " · ".join(filter(None, (card["title"], card["tier"], card["state"])))
    for section in card["sections"]:
        yield f"{section['heading']}:"
        yield from (f"  {short(line, 160)}" for line in section["lines"])


def _line(said: Said, zone: ZoneInfo) -> tuple[str, ...]:
    return (_minute(said.at, zone), said.agent or said.author, said.kind, short(said.text or "", 160))


def _then_json(then: Then) -> str:
    document = {
        "said": _plain(then.said._asdict()),
        "customer": then.customer,
        "card": then.card,
        "ledger": [_plain(said._asdict()) for said in then.ledger],
    }
    return json.dumps(document, ensure_ascii=False)


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"at": row["at"].isoformat()}


def _minute(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"
