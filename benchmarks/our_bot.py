"""`touchdesk ROLE` as most shops run it: without the extra `semantic`, whether it is installed here or not."""

from __future__ import annotations

from faq import semantic


def _is_installed() -> bool:
    return False


if __name__ == "__main__":
    semantic.is_installed = _is_installed
    from bot import cli

    cli.main()
