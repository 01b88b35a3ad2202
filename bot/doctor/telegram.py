"""Telegram: is the token known, do updates come our way, and may the bot do its work in the agents' group?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp import ClientError, ClientSession

from bot.doctor.finding import Finding, error, ok, warning
from bot.settings import Settings
from workers.api import Answer, BotApi

SECONDS = 10
MANY_PENDING = 100


async def telegram(settings: Settings) -> list[Finding]:
    """Asks and changes nothing; a service that runs is not disturbed."""
    if settings.token is None:
        return [ok("no BOT_TOKEN: the web chat and the console only")]
    async with ClientSession() as session:
        api = BotApi(session, settings.token, settings.telegram_api_base)
        try:
            return await _asked(api, settings)
        except (ClientError, TimeoutError) as problem:
            return [
                error(
                    f"Telegram cannot be reached at {settings.telegram_api_base} ({type(problem).__name__})",
                    "no message comes or goes; none is lost for a day",
                    "look at the network, the firewall and TELEGRAM_API_BASE",
                )
            ]


async def _asked(api: BotApi, settings: Settings) -> list[Finding]:
    me = await api.call("getMe", {}, seconds=SECONDS)
    found = [_token(me)]
    if me.status != 200:
        return found
    found += _webhook(settings, _result(await api.call("getWebhookInfo", {}, seconds=SECONDS)))
    if settings.agent_chat_id is None:
        return [*found, ok("no AGENT_CHAT_ID: agents work in the console")]
    chat = await api.call("getChat", {"chat_id": settings.agent_chat_id}, seconds=SECONDS)
    if chat.status != 200:
        return [*found, _no_group(chat)]
    who = {"chat_id": settings.agent_chat_id, "user_id": api.bot_id}
    return [*found, _forum(_result(chat), _result(await api.call("getChatMember", who, seconds=SECONDS)))]


def _result(answer: Answer) -> Mapping[str, Any]:
    return (answer.body or {}).get("result") or {}


def _token(me: Answer) -> Finding:
    if me.status in (401, 404):
        return error("Telegram does not know BOT_TOKEN", "no message comes or goes", "copy it again from @BotFather")
    if me.status != 200:
        return error(
            f"Telegram answers {me.status} to getMe", "no message comes or goes", "wait; it is Telegram's own trouble"
        )
    return ok(f"Telegram knows the bot as @{_result(me).get('username', '')}")


def _webhook(settings: Settings, info: Mapping[str, Any]) -> list[Finding]:
    url, wanted = info.get("url", ""), settings.webhook_url or ""
    if url != wanted:
        return [
            warning(
                f"Telegram sends updates to {url or 'whoever polls'}, and WEBHOOK_URL is {wanted or 'not set'}",
                "they go to another program, or the service has not started since the setting was changed",
                "start the service, which tells Telegram; if it happens again another program has this token",
            )
        ]
    found = [ok(f"updates come by {'webhook' if wanted else 'long polling'}")]
    if wanted and info.get("last_error_message"):
        found.append(
            warning(
                f"Telegram's last trouble with the webhook: {info['last_error_message']}",
                "while it lasts messages come late",
                "open WEBHOOK_URL from outside: certificate, proxy, firewall; an old trouble may be over",
            )
        )
    if info.get("pending_update_count", 0) > MANY_PENDING:
        found.append(
            warning(
                f"{info['pending_update_count']} updates wait at Telegram",
                "the service does not fetch or take them; after a day they are gone",
                "start the service, or look at its /readyz",
            )
        )
    return found


def _no_group(answer: Answer) -> Finding:
    words = (answer.body or {}).get("description", f"status {answer.status}")
    return error(
        f"AGENT_CHAT_ID: the bot is not in that group ({words})",
        "agents see no customer there; in the console they do",
        "correct AGENT_CHAT_ID, or add the bot to the group again",
    )


def _forum(chat: Mapping[str, Any], member: Mapping[str, Any]) -> Finding:
    if not chat.get("is_forum"):
        return error(
            "the agents' group has no topics", "every customer gets a topic there", "switch Topics on in the group"
        )
    if member.get("status") != "administrator" or not member.get("can_manage_topics"):
        return error(
            "the bot may not manage topics in the agents' group",
            "no topic can be made for a customer; calls wait until it may",
            "make the bot an administrator who may manage topics",
        )
    return ok("the bot may manage topics in the agents' group")
