"""The small Markdown of FAQ answers as safe HTML: bold, italics, links, lists."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import OptionsDict
from typing_extensions import override

_RULES = ["emphasis", "link", "autolink", "list", "newline", "escape", "entity"]


def render(text: str) -> str:
    """HTML in which only http and https links lead anywhere; whatever is not small Markdown is shown as text."""
    html: str = _markdown.render(text)
    return html


class _Markdown(MarkdownIt):
    @override
    def validateLink(self, url: str) -> bool:
        return url.lower().startswith(("http://", "https://"))


def _open_link(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: Any) -> str:
    tokens[index].attrSet("rel", "noopener nofollow")
    tokens[index].attrSet("target", "_blank")
    return renderer.renderToken(tokens, index, options, env)


def _build() -> MarkdownIt:
    markdown = _Markdown("zero", {"html": False, "breaks": True}).enable(_RULES)
    markdown.add_render_rule("link_open", _open_link)
    return markdown


_markdown = _build()
