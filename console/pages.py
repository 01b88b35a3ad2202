"""Rendering: Jinja2 with autoescape on, our texts at hand, and static files by name."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from console.markdown import render as markdown
from support.desk import Desk

FOLDER = Path(__file__).parent
STATIC = FOLDER / "static"


class Pages:
    """Renders a template in a language; `t("key", …)` in it says a text of locales/."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._environment = Environment(
            loader=FileSystemLoader(FOLDER / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters["markdown"] = markdown

    def text(self, template: str, language: str, /, **values: object) -> str:
        say: Callable[..., str] = partial(self._desk.texts.say, language)
        return self._environment.get_template(template).render(
            t=say, language=language, languages=self._desk.texts.languages, shop=self._desk.shop, **values
        )

    def page(self, template: str, language: str, /, status: int = 200, **values: object) -> HTMLResponse:
        return HTMLResponse(self.text(template, language, **values), status_code=status)
