"""A peer that vanishes without a word: a host that lost its power, a firewall that forgot the connection."""

from __future__ import annotations

import socket
from typing import Final

IDLE_SECONDS: Final = 5
PROBES: Final = 2
UNANSWERED_MS: Final = 15_000
"""Then a statement fails instead of waiting for ever: as long as others take to miss a process (workers.membership)."""

OPTIONS: Final = {
    "TCP_KEEPIDLE": IDLE_SECONDS,
    "TCP_KEEPINTVL": IDLE_SECONDS,
    "TCP_KEEPCNT": PROBES,
    "TCP_USER_TIMEOUT": UNANSWERED_MS,
}
"""The first three are for who waits for an answer, the last for who sends. See tcp(7); not every system has all."""


def keep_alive(connection: socket.socket) -> None:
    """Lets the system ask whether the other end of a TCP connection still lives; others end with their process."""
    if connection.family not in (socket.AF_INET, socket.AF_INET6):
        return
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in OPTIONS.items():
        if hasattr(socket, name):
            connection.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
