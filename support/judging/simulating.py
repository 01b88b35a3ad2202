"""`policy simulate`: what a policy would have done with the history that there is, before it is switched on.

Every message of the period is judged again, with what the FAQ decided then, with what is read of its words, and with
the customer's place as it stood; support.judging.replaying says what is taken as given. It changes nothing, and the
same history gives the same figures.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter
from statistics import median

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.queries import policy_history as history
from crm_store.queries.policy_history import Escalated, Move, Place, Question, Said
from support.desk import Desk
from support.judging.house_rules import Policy
from support.judging.queue_replay import Arrival, TooFewAgentsError, Waited, replay_queue, waited
from support.judging.replaying import Message, Opened, Replay, Usual, first_reasons
from support.policy import Standing

FEWEST_HANDLED = 20
"""With fewer helped customers in the period nothing is said about how long others would have waited."""

FEWEST_MESSAGES = 100
"""With fewer messages in the period the figures are told with a warning."""

EXAMPLES = 10
HELPED = "resolved"


@dataclass(frozen=True, slots=True)
class Period:
    """From a moment up to another, not itself included."""

    since: datetime
    until: datetime

    @property
    def days(self) -> float:
        return (self.until - self.since) / timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Staffing:
    """Who takes the queue. What is None is taken from the history: as many agents as claimed somebody, their times."""

    agents: int | None = None
    handling: timedelta | None = None


@dataclass(frozen=True, slots=True)
class World:
    """Who came before a human: really, or under a policy. `decided` of them by the policy, the others by a button, a
    request or an agent; what really happened does not say it (None). `waits` is None where nothing can be said,
    `overrun` says that the agents could not keep up.
    """

    count: int
    decided: int | None
    reasons: Mapping[str, int]
    waits: Waited | None = None
    overrun: TooFewAgentsError | None = None


@dataclass(frozen=True, slots=True)
class Example:
    """A customer for whom two policies differ at a moment: `gained` before a human, or no longer."""

    customer_id: int
    at: datetime
    gained: bool
    codes: tuple[str, ...]


@dataclass(slots=True)
class Simulation:
    """What really happened, what the present policy would do, and what another would. `places` counts by which
    knowledge a writer's place was told: `then` from the history of changes, `now` from today's judgement, `none`.
    """

    period: Period
    messages: int
    agents: int
    handled: int
    really: World
    present: World
    proposed: World | None
    examples: list[Example] = field(default_factory=list)
    places: Counter[str] = field(default_factory=Counter)

    @property
    def is_small(self) -> bool:
        return self.messages < FEWEST_MESSAGES

    @property
    def is_too_small_for_waits(self) -> bool:
        return self.handled < FEWEST_HANDLED


Progress = Callable[[int, int], None]


async def simulate(
    desk: Desk,
    period: Period,
    present: Policy,
    proposed: Policy | None = None,
    staffing: Staffing = Staffing(),
    progress: Progress = lambda _done, _total: None,
) -> Simulation:
    """Replays the period under the present policy and, if there is one, under another. Raises StoreUnavailableError."""
    async with desk.store.read() as session:
        really = await history.escalated(session, period.since, period.until)
        pace = _Pace.of(desk, really, period, staffing)
        replays = _Replays([present] if proposed is None else [present, proposed], pace.usual, really)
        await replays.run(session, period, progress)
        arriving = await _arriving(session, really, replays.opened)
    opened = [[each for each in world if each.at >= period.since] for world in replays.opened]
    policies = replays.policies
    worlds = [
        _world(each, pace.waits(desk, arriving, each, policy)) for each, policy in zip(opened, policies, strict=True)
    ]
    return Simulation(
        period=period,
        messages=replays.messages,
        agents=pace.agents,
        handled=pace.handled,
        really=_as_it_was(desk, [each for each in really if each.opened_at >= period.since], present, arriving),
        present=worlds[0],
        proposed=worlds[1] if proposed else None,
        examples=_examples(opened[0], opened[1]) if proposed else [],
        places=replays.places,
    )


class _Replays:
    """Each policy's replays, contact by contact, in one pass over the history."""

    def __init__(self, policies: Sequence[Policy], usual: Usual, really: Sequence[Escalated]) -> None:
        self.policies, self.messages = policies, 0
        self.opened: list[list[Opened]] = [[] for _ in policies]
        self.places: Counter[str] = Counter()
        self._usual = usual
        self._really: dict[int, list[Escalated]] = {}
        for each in really:
            self._really.setdefault(each.contact_id, []).append(each)
        self._current: list[Replay] = []
        self._contact_id: int | None = None

    async def run(self, session: AsyncSession, period: Period, progress: Progress) -> None:
        total, done = await history.count_said(session, period.since, period.until), 0
        async for page in history.said(session, period.since, period.until):
            for message in await self._read(session, page):
                self._hear(message)
            done += len(page)
            progress(done, total)
        self._end_contact()
        for contact_id in list(self._really):
            self._begin_contact(contact_id)
            self._end_contact()
        for world in self.opened:
            world.sort(key=lambda each: (each.at, each.contact_id))

    async def _read(self, session: AsyncSession, page: list[Said]) -> list[Message]:
        asked: dict[int, list[Question]] = {}
        for question in await history.questions(session, page):
            asked.setdefault(question.touchpoint_id, []).append(question)
        customers = {each.customer_id for each in page}
        places, moves = await history.places(session, customers), await history.moves(session, customers)
        return [
            Message(said, tuple(asked.get(said.id, ())), self._place(said, moves.get(said.customer_id, []), places))
            for said in page
        ]

    def _place(self, said: Said, moves: Sequence[Move], places: Mapping[int, Place]) -> Standing:
        place = places.get(said.customer_id)
        standing, known = standing_at(said.at, moves, place)
        self.places[known] += 1
        return standing

    def _hear(self, message: Message) -> None:
        said = message.said
        if said.contact_id != self._contact_id:
            self._end_contact()
            self._begin_contact(said.contact_id)
        self.messages += said.kind == "text"
        for replay in self._current:
            replay.hear(message)

    def _begin_contact(self, contact_id: int) -> None:
        self._contact_id = contact_id
        really = self._really.pop(contact_id, [])
        self._current = [Replay(policy, self._usual, really) for policy in self.policies]

    def _end_contact(self) -> None:
        for world, replay in zip(self.opened, self._current, strict=False):
            replay.finish()
            world.extend(replay.opened)
        self._current = []


def standing_at(at: datetime, moves: Sequence[Move], place: Place | None) -> tuple[Standing, str]:
    """Where a customer stood: after the newest move until then, else before the first one after it, else as they stand
    now; and which of these it was: then, now, or none. Risk is told as it is now; its history is not kept.
    """
    risk = place.risk if place else None
    before = bisect_right(moves, at, key=attrgetter("at"))
    if before:
        move = moves[before - 1]
        return Standing(move.tier, move.stage, move.at_risk, risk), "then"
    if moves:
        move = moves[0]
        return Standing(move.former_tier, move.former_stage, bool(move.former_at_risk), risk), "then"
    if place:
        return Standing(place.tier, place.stage, place.at_risk, risk), "now"
    return Standing(), "none"


@dataclass(frozen=True, slots=True)
class _Pace:
    """How fast the shop is: working times from claim to end, and how many take the queue."""

    agents: int
    handling: tuple[timedelta, ...]
    handled: int
    usual: Usual

    @classmethod
    def of(cls, desk: Desk, really: Sequence[Escalated], period: Period, staffing: Staffing) -> _Pace:
        helped = [
            (each.opened_at, each.claimed_at, each.ended_at)
            for each in really
            if each.claimed_at and each.ended_at and each.outcome == HELPED and each.opened_at >= period.since
        ]
        minutes = sorted(desk.hours.minutes_between(claimed, ended) for _, claimed, ended in helped)
        handling = tuple(timedelta(minutes=each) for each in minutes)
        agents = staffing.agents or len({each.agent_id for each in really if each.agent_id}) or 1
        usual = Usual()
        if helped:
            usual = Usual(
                _middle(claimed - opened for opened, claimed, _ in helped),
                _middle(ended - claimed for _, claimed, ended in helped),
            )
        enough = (staffing.handling,) if staffing.handling else handling if len(helped) >= FEWEST_HANDLED else ()
        return cls(agents, enough, len(helped), usual)

    def waits(
        self, desk: Desk, arriving: _Arriving, opened: Sequence[Opened], policy: Policy
    ) -> Waited | TooFewAgentsError | None:
        if not self.handling:
            return None
        try:
            arrivals = [arriving.of(each) for each in opened]
            return replay_queue(arrivals, self.agents, desk.hours, self.handling, policy)
        except TooFewAgentsError as error:
            return error


def _middle(times: Iterable[timedelta]) -> timedelta:
    return timedelta(minutes=median(time / timedelta(minutes=1) for time in times))


@dataclass(frozen=True, slots=True)
class _Arriving:
    """Whoever comes into the queue: in the tier they were in, with worth and risk as they are judged today."""

    places: Mapping[int, Place]
    moves: Mapping[int, Sequence[Move]]

    def of(self, opened: Opened) -> Arrival:
        place = self.places.get(opened.customer_id)
        key = opened.contact_id + int(opened.at.timestamp())
        return Arrival(
            key,
            opened.at,
            self.tier(opened.customer_id, opened.at),
            place.percentile if place else None,
            place.risk if place else None,
            opened.service_risk,
            urgent=opened.urgent,
        )

    def tier(self, customer_id: int, at: datetime) -> str | None:
        standing, _ = standing_at(at, self.moves.get(customer_id, ()), self.places.get(customer_id))
        return standing.tier


async def _arriving(
    session: AsyncSession, really: Sequence[Escalated], worlds: Sequence[Sequence[Opened]]
) -> _Arriving:
    came = {each.customer_id for world in worlds for each in world} | {each.customer_id for each in really}
    customers = sorted(came)
    places: dict[int, Place] = {}
    moves: dict[int, list[Move]] = {}
    for start in range(0, len(customers), history.PAGE):
        page = customers[start : start + history.PAGE]
        places |= await history.places(session, page)
        moves |= await history.moves(session, page)
    return _Arriving(places, moves)


def _world(opened: Sequence[Opened], waits: Waited | TooFewAgentsError | None) -> World:
    return World(
        count=len(opened),
        decided=sum(each.by_policy for each in opened),
        reasons=Counter(code for each in opened for code in each.codes),
        waits=waits if isinstance(waits, Waited) else None,
        overrun=waits if isinstance(waits, TooFewAgentsError) else None,
    )


def _as_it_was(desk: Desk, really: Sequence[Escalated], present: Policy, arriving: _Arriving) -> World:
    """What the rows say: no policy is asked."""
    waits, late = [], 0
    for each in really:
        if each.claimed_at:
            waits.append(desk.hours.minutes_between(each.opened_at, each.claimed_at))
            late += waits[-1] > present.serves(arriving.tier(each.customer_id, each.opened_at)).first_answer_minutes
    reasons = Counter(code for each in really for code in first_reasons(each))
    return World(len(really), None, reasons, waited(waits, late))


def _examples(present: Sequence[Opened], proposed: Sequence[Opened]) -> list[Example]:
    """The first customers of the period with whom the two differ, each once."""
    now = {(each.contact_id, each.at) for each in present}
    then = {(each.contact_id, each.at) for each in proposed}
    gained = [each for each in proposed if (each.contact_id, each.at) not in now]
    lost = [each for each in present if (each.contact_id, each.at) not in then]
    found = [
        *(Example(each.customer_id, each.at, True, tuple(each.codes)) for each in gained),
        *(Example(each.customer_id, each.at, False, tuple(each.codes)) for each in lost),
    ]
    by_customer = sorted(found, key=lambda each: (each.customer_id, each.at))
    firsts = [next(group) for _, group in groupby(by_customer, key=attrgetter("customer_id"))]
    return sorted(firsts, key=lambda each: (each.at, each.customer_id))[:EXAMPLES]
