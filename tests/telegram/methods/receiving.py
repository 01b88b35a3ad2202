"""Webhook settings. getUpdates is answered where it may wait: in front.py."""

from __future__ import annotations

import re

from tests.telegram.calls import Call
from tests.telegram.errors import bad_request, conflict
from tests.telegram.methods.registry import method
from tests.telegram.world import Webhook, World

SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
WEBHOOK_ACTIVE = "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"


@method("setWebhook")
def set_webhook(world: World, call: Call) -> object:
    """Unlike the real one it takes plain http, as a Bot API server of one's own does."""
    url, secret = call.text("url"), call.text("secret_token")
    if secret and not SECRET.fullmatch(secret):
        raise bad_request("secret token contains unallowed characters")
    if url and not url.startswith(("http://", "https://")):
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    take_allowed_updates(world, call)
    if call.flag("drop_pending_updates"):
        world.queue.drop_all()
    world.queue.end_poll(conflict("terminated by setWebhook request"))
    world.webhook = Webhook(url, secret, call.integer("max_connections", 40)) if url else None
    world.webhook_error = None
    return True


@method("deleteWebhook")
def delete_webhook(world: World, call: Call) -> object:
    if call.flag("drop_pending_updates"):
        world.queue.drop_all()
    world.webhook = None
    return True


@method("getWebhookInfo")
def get_webhook_info(world: World, call: Call) -> object:
    info: dict[str, object] = {
        "url": world.webhook.url if world.webhook else "",
        "has_custom_certificate": False,
        "pending_update_count": len(world.queue),
    }
    if world.webhook:
        info["max_connections"] = world.webhook.max_connections
    if world.webhook_error:
        info["last_error_date"], info["last_error_message"] = world.webhook_error
    if world.queue.allowed:
        info["allowed_updates"] = world.queue.allowed
    return info


def take_allowed_updates(world: World, call: Call) -> None:
    """Not given: stays as it was. An empty list: all kinds but the silent ones."""
    allowed = call.structure("allowed_updates")
    if allowed is not None:
        world.queue.allowed = list(allowed)
