"""A small faithful Telegram for tests: the Bot API over real HTTP, and the people on its other side.

`tests.telegram.server.FakeTelegram` runs inside the test's process; `tests.telegram.process.telegram_process`
runs it in one of its own and gives a `TelegramControl` with the same methods.
"""
