"""The API put together: an application of its own, so that its problems, its keys and its description are its own."""

from __future__ import annotations

from typing import Any

from fastapi import Depends, FastAPI
from fastapi.security import HTTPBearer

from console.api import batches, customers, judgement, links, reports, touchpoints
from console.api.guard import OPENAPI, KeyHolders
from console.api.problems import MEDIA_TYPE, add_handlers
from console.api.turns import Turns
from console.web import Web

PATH = "/api/v1"
ROUTERS = (batches.router, customers.router, judgement.router, links.router, reports.router, touchpoints.router)

PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "problems": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "problem"],
                "properties": {
                    "row": {"type": "integer", "description": "counts from 1"},
                    "field": {"type": "string"},
                    "problem": {"type": "string"},
                },
            },
        },
    },
}
IN_PROBLEMS = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
PROBLEMS = {
    400: "no body, or one that is not JSON",
    401: "no key that is good",
    403: "the key lacks the scope",
    404: "there is no such thing",
    409: "it conflicts with what is there, or with an earlier request of this Idempotency-Key",
    410: "the customer was erased",
    413: "the body is too large",
    422: "fields are wrong",
    429: "too many requests",
    503: "the database is busy, or too many batches come at once",
}


class Api(FastAPI):
    """Describes problems once."""

    def openapi(self) -> dict[str, Any]:
        described = super().openapi()
        described["components"]["schemas"]["Problem"] = PROBLEM
        return described


def build_api(web: Web) -> FastAPI:
    """To be mounted at PATH."""
    api = Api(
        title="Touchdesk",
        version="1",
        docs_url=None,
        redoc_url=None,
        openapi_url=OPENAPI,
        generate_unique_id_function=lambda route: route.name,
        dependencies=[Depends(HTTPBearer(auto_error=False, description="A key made by `touchdesk api-key add`"))],
        responses={status: {"description": words, "content": IN_PROBLEMS} for status, words in PROBLEMS.items()},
    )
    api.state.web = web
    api.state.turns = Turns()
    for router in ROUTERS:
        api.include_router(router)
    add_handlers(api)
    api.add_middleware(KeyHolders, web=web)
    return api
