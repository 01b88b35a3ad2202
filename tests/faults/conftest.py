"""The shop of the dialogues, for tests of what Telegram can do to it."""

from tests.dialogues.conftest import filled, shop, shop_store, tg

__all__ = ["filled", "shop", "shop_store", "tg"]
