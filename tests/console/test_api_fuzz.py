"""Whatever a program sends to any route that the API describes: never a fault of ours, and only what is described."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from itertools import count
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from support.desk import Desk
from support.imports.kinds import KINDS
from tests.console.programs import new_key, program

EXAMPLES = 60
NAMES = sorted({name for kind in KINDS.values() for name in kind.fields})
HOSTILE = ["", "1abc", "\0", "\ud800", "=1+1", "' OR 1=1 --", "../..", "%00", "𠮷", "2026-13-01", "9" * 40, "a\u202eb"]

cells = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20), st.sampled_from(HOSTILE), st.just(2**63)
)
anything = st.recursive(
    cells, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
)
rows = st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=5), cells | anything, max_size=8)
bodies = st.fixed_dictionaries({"rows": st.lists(rows, max_size=4)}) | anything
queries = st.dictionaries(st.sampled_from(["keep_good", "q", "limit", "after", "x"]), st.text(max_size=8), max_size=2)
words = (st.text(max_size=10) | st.sampled_from(HOSTILE)).filter(lambda word: "\n" not in word)
"""A path with a line break is none of the API's: the mount does not match it, and the pages' own 404 answers."""
keys = st.none() | st.sampled_from(["k1", "k2", "", "a b"])


def operations(described: dict[str, Any]) -> Iterator[tuple[str, str, set[int]]]:
    """Method, path and the answers that are described."""
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, {int(status) for status in operation["responses"]}


def filled(path: str, word: str) -> str:
    return "".join(
        part if number % 2 == 0 else quote(word.encode("utf-8", "surrogatepass"), safe="") or "x"
        for number, part in enumerate(path.replace("}", "{").split("{"))
    )


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=bodies, word=words, query=queries, key=keys)
async def test_nothing_that_is_sent_breaks_a_route(
    app: FastAPI, desk: Desk, body: object, word: str, query: dict[str, str], key: str | None
) -> None:
    app.state.web.limiter._clock = count(step=60).__next__  # nobody sends so fast
    secret = await new_key(desk, name=secrets.token_hex(8))
    headers = {"Content-Type": "application/json", **({"Idempotency-Key": key} if key is not None else {})}
    async with program(app, secret) as till:
        described = (await till.get("openapi.json")).json()
        for method, path, statuses in operations(described):
            content = json.dumps(body) if method in ("POST", "PUT", "PATCH") else None
            answer = await till.request(method, filled(path, word), params=query, content=content, headers=headers)
            assert answer.status_code in statuses, (method, path, answer.text)
            assert answer.status_code < 500
            is_problem = answer.headers["content-type"] == "application/problem+json"
            assert is_problem == (answer.status_code >= 400)
            assert answer.json()["status"] == answer.status_code if is_problem else answer.json() is not None
