"""The acts by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from tests.telegram.world import World

Act = Callable[..., Any]
AnyAct = TypeVar("AnyAct", bound=Act)
ACTS: dict[str, Act] = {}


def act(function: AnyAct) -> AnyAct:
    ACTS[function.__name__] = function
    return function


def perform(world: World, name: str, args: Mapping[str, Any]) -> Any:
    """Raises AssertionError when no such thing can be done on Telegram's side."""
    if name not in ACTS:
        raise AssertionError(f"no act is called {name}; there are: {', '.join(sorted(ACTS))}")
    return ACTS[name](world, **args)
