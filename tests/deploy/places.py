"""The files of deploy/, and what they may name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer
from ruamel.yaml import YAML

from bot.cli import app
from bot.settings import Settings

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
COMPOSE: dict[str, Any] = YAML(typ="safe").load((DEPLOY / "compose.yaml").read_text("utf-8"))
SETTINGS = {name.upper() for name in Settings.model_fields}
COMMANDS = set(getattr(typer.main.get_command(app), "commands", {}))
"""What may stand after `touchdesk`."""
STOP_SECONDS = 60
"""How long a process may take to finish what is in hand, everywhere the same."""


def read(name: str) -> str:
    return (DEPLOY / name).read_text("utf-8")
