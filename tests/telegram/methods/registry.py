"""The Bot API's methods by name."""

from __future__ import annotations

from collections.abc import Callable

from tests.telegram.calls import Call
from tests.telegram.world import World

Method = Callable[[World, Call], object]
METHODS: dict[str, Method] = {}


def method(name: str) -> Callable[[Method], Method]:
    def register(function: Method) -> Method:
        METHODS[name.lower()] = function
        return function

    return register
