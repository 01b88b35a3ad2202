"""Telegram in, Telegram out: thin aiogram routers, keyboards, rendering."""
