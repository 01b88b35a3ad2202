"""`python -m bot` is the same as `touchdesk`."""

from bot.cli import main

main()
