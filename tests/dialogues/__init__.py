"""Whole dialogues: real HTTP to a fake Telegram, the whole service behind it."""
