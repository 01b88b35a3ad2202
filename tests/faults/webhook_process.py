"""The webhook over a store, in a process that another can watch: python -m tests.faults.webhook_process DATABASE_URL.

Says its own number and its port on stdout, and serves until it is asked to end.
"""

from __future__ import annotations

import asyncio
import os
import sys
from typing import cast

import uvicorn
from fastapi import FastAPI

from console.webhook import Webhook, webhook_router
from crm_store.store import Store
from tests.faults.doors import SECRET, Telegram
from workers.api import BotApi
from workers.intake import Intake


async def serve(url: str) -> None:
    store, app = Store(url), FastAPI()
    app.include_router(webhook_router(Webhook(SECRET, Intake(store, cast(BotApi, Telegram())).accept)))
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, lifespan="off", access_log=False))
    serving = asyncio.ensure_future(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    sys.stdout.write(f"{os.getpid()} {server.servers[0].sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await serving
    await store.close()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1]))
