"""Who may work here, and for how long a link or a log-in is good."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from crm_store.models import Agent, AgentSession, Audit, LoginLink
from crm_store.repositories import agents
from crm_store.store import Store
from crm_store.unit import Unit
from support import access
from support.access import IDLE_LIMIT, LINK_LIFE, SESSION_LIFE, UnknownAgentError
from tests.support.shop import Shop, open_shop

SECOND = timedelta(seconds=1)


@pytest.fixture
async def shop(sqlite_store: Store) -> Shop:
    return await _with_bob(sqlite_store)


@pytest.fixture
async def any_shop(store: Store) -> Shop:
    """On each database."""
    return await _with_bob(store)


async def _with_bob(store: Store) -> Shop:
    shop = await open_shop(store)
    await shop.staff("Bob")
    return shop


async def link(shop: Shop, *, reusable: bool = False) -> str:
    return await shop.run(lambda unit: access.login_link(unit, "Bob", reusable=reusable))


async def enter(shop: Shop, token: str) -> str | None:
    return await shop.run(lambda unit: access.enter(unit, token))


async def logged_in(shop: Shop, token: str) -> str | None:
    found = await shop.run(lambda unit: access.session_of(unit, token))
    return found[0].name if found else None


async def set_active(shop: Shop, active: bool) -> None:
    async def change(unit: Unit) -> None:
        bob = await agents.by_name(unit, "Bob")
        assert bob
        bob.active = active

    await shop.run(change)


async def test_a_link_opens_once(any_shop: Shop) -> None:
    shop = any_shop
    token = await link(shop)
    session = await enter(shop, token)
    assert session
    assert await logged_in(shop, session) == "Bob"
    assert await enter(shop, token) is None
    assert [row.action for row in await shop.rows(Audit)].count("login") == 1


async def test_two_who_open_a_link_at_once_do_not_both_come_in(any_shop: Shop) -> None:
    shop = any_shop
    token = await link(shop)
    ready = asyncio.Barrier(2)
    tried: set[int] = set()

    async def come_in(n: int) -> str | None:
        async def work(unit: Unit) -> str | None:
            assert await access.whose_link(unit, token) or tried
            if n not in tried:
                tried.add(n)
                await ready.wait()
            return await access.enter(unit, token)

        return await shop.run(work)

    sessions = await asyncio.gather(come_in(1), come_in(2))
    assert len([session for session in sessions if session]) == 1
    assert len(await shop.rows(AgentSession)) == 1


async def test_looking_at_a_link_does_not_use_it_up(shop: Shop) -> None:
    token = await link(shop)
    for _ in range(2):
        found = await shop.run(lambda unit: access.whose_link(unit, token))
        assert found
        assert found.name == "Bob"
    assert await enter(shop, token)


async def test_a_link_is_good_for_minutes(shop: Shop) -> None:
    token = await link(shop)
    shop.now += LINK_LIFE + SECOND
    assert await enter(shop, token) is None
    assert await shop.run(lambda unit: access.whose_link(unit, token)) is None


async def test_a_reusable_link_opens_again(shop: Shop) -> None:
    token = await link(shop, reusable=True)
    assert await enter(shop, token)
    assert await enter(shop, token)


async def test_no_secret_is_kept_as_it_is(shop: Shop) -> None:
    token = await link(shop)
    unused = await link(shop)
    session = await enter(shop, token)
    assert session
    kept = [*(row.token_hash for row in await shop.rows(LoginLink)), *(
        value for row in await shop.rows(AgentSession) for value in (row.token_hash, row.csrf)
    )]  # fmt: skip
    assert not {token, unused, session} & set(kept)
    assert all(len(secret) >= 43 for secret in (token, unused, session)), "256 bits"


@pytest.mark.parametrize("guess", ["", "x", "0" * 43, "ü"])
async def test_what_was_never_given_out_opens_nothing(shop: Shop, guess: str) -> None:
    assert await enter(shop, guess) is None
    assert await logged_in(shop, guess) is None


async def test_a_session_ends_when_idle(any_shop: Shop) -> None:
    shop = any_shop
    session = await enter(shop, await link(shop)) or ""
    for _ in range(3):
        shop.now += IDLE_LIMIT
        assert await logged_in(shop, session) == "Bob", "being seen keeps it alive"
    shop.now += IDLE_LIMIT + SECOND
    assert await logged_in(shop, session) is None


async def test_a_session_ends_after_a_week_however_busy(shop: Shop) -> None:
    session, end = await enter(shop, await link(shop)) or "", shop.now + SESSION_LIFE
    while shop.now + IDLE_LIMIT <= end:
        shop.now += IDLE_LIMIT
        assert await logged_in(shop, session)
    shop.now = end + SECOND
    assert await logged_in(shop, session) is None


async def test_leaving_ends_a_session(shop: Shop) -> None:
    session = await enter(shop, await link(shop)) or ""
    for _ in range(2):
        await shop.run(lambda unit: access.leave(unit, session))
    assert await logged_in(shop, session) is None


async def test_whoever_works_here_no_longer_is_out_at_once(shop: Shop) -> None:
    session, unused = await enter(shop, await link(shop)) or "", await link(shop)
    await set_active(shop, False)
    assert await logged_in(shop, session) is None
    assert await enter(shop, unused) is None
    with pytest.raises(UnknownAgentError, match="no active agent named 'Bob'"):
        await link(shop)
    await set_active(shop, True)
    assert await logged_in(shop, session) == "Bob"


async def test_nobody_gets_a_link_for_a_stranger(shop: Shop) -> None:
    with pytest.raises(UnknownAgentError, match="touchdesk agent add"):
        await shop.run(lambda unit: access.login_link(unit, "Eve"))


# Who is staff


async def staff(shop: Shop) -> set[tuple[str, str, int | None, bool]]:
    return {(row.name, row.role, row.telegram_id, row.active) for row in await shop.rows(Agent)}


def appointing(*ids: int, role: str = "agent") -> Callable[[Unit], Awaitable[None]]:
    return lambda unit: access.appoint(unit, ids, role)


async def test_settings_appoint_once_and_promote_but_never_demote(any_shop: Shop) -> None:
    shop = any_shop
    for _ in range(2):
        await shop.run(appointing(900, 901))
    await shop.run(appointing(901, role="admin"))
    await shop.run(appointing(900, 901))
    assert await staff(shop) == {
        ("Bob", "agent", None, True),
        ("agent 900", "agent", 900, True),
        ("agent 901", "admin", 901, True),
    }


async def test_settings_do_not_bring_back_whoever_was_let_go(shop: Shop) -> None:
    await shop.staff("Bob", telegram_id=900)
    await set_active(shop, False)
    await shop.run(appointing(900))
    assert await staff(shop) == {("Bob", "agent", 900, False)}


async def test_adding_somebody_again_brings_them_back(any_shop: Shop) -> None:
    shop = any_shop
    await shop.staff("Bob", telegram_id=900)
    await set_active(shop, False)
    await shop.staff("Robert", "admin", 900)
    assert await staff(shop) == {("Bob", "admin", 900, True)}
    await shop.staff("Bob", "agent")
    assert await staff(shop) == {("Bob", "agent", 900, True)}


async def test_a_name_is_learnt_once_and_stays_unlike_others(shop: Shop) -> None:
    await shop.run(appointing(900, 901))

    async def write(unit: Unit, telegram_id: int, name: str) -> None:
        agent = await agents.by_telegram(unit, telegram_id)
        assert agent
        await access.learn_name(unit, agent, name)

    await shop.run(lambda unit: write(unit, 900, "Bob"))
    await shop.run(lambda unit: write(unit, 901, "Ida"))
    await shop.run(lambda unit: write(unit, 901, "Somebody else"))
    assert {name for name, *_ in await staff(shop)} == {"Bob", "Bob (900)", "Ida"}
