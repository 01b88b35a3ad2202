"""The bare thing: an aiogram bot that echoes, keeps nothing and loses what it was working on when it dies.

With ECHO_FILE it writes both directions to the end of that file and waits for the disk (fsync), one line at a time.
"""

from __future__ import annotations

import asyncio
import os

from aiogram import Bot, Dispatcher
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import Message


async def main() -> None:
    session = AiohttpSession(api=TelegramAPIServer.from_base(os.environ["TELEGRAM_API_BASE"]))
    bot = Bot(os.environ["BOT_TOKEN"], session=session)
    dispatcher = Dispatcher()
    path = os.environ.get("ECHO_FILE")
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600) if path else None

    @dispatcher.message()
    async def echo(message: Message) -> None:
        if file is not None:
            keep(file, message)
        answer = await message.answer(message.text or "?")
        if file is not None:
            keep(file, answer)

    await dispatcher.start_polling(bot, handle_signals=True)


def keep(file: int, message: Message) -> None:
    os.write(file, message.model_dump_json(exclude_none=True).encode() + b"\n")
    os.fsync(file)


if __name__ == "__main__":
    asyncio.run(main())
