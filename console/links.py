"""Links that the command line prints: into one customer's chat, and into the console."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from console.keys import VisitorKeys

CHAT_LINK_LIFE = timedelta(days=7)


def chat_link(
    secret_key: str, address: str, *, base: str = "", now: datetime | None = None, life: timedelta = CHAT_LINK_LIFE
) -> str:
    """Opens the web chat as the contact point `address`; `base` is the site's address without a final slash."""
    token = VisitorKeys(secret_key).link_token(address, (now or datetime.now(UTC)) + life)
    return f"{base}/chat?as={quote(token)}"


def enter_link(token: str, *, base: str = "") -> str:
    """Opens the console with a token of support.access.login_link."""
    return f"{base}/console/enter?token={quote(token)}"
