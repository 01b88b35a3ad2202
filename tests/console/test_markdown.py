"""The small Markdown: what it knows, and what it never lets through."""

from __future__ import annotations

import pytest

from console.markdown import render


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**bold** and *italic*", "<p><strong>bold</strong> and <em>italic</em></p>\n"),
        ("one\ntwo", "<p>one<br>\ntwo</p>\n"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n"),
        ("1. a", "<ol>\n<li>a</li>\n</ol>\n"),
        ("2 * 3 * 4", "<p>2 * 3 * 4</p>\n"),
        ("# no heading", "<p># no heading</p>\n"),
    ],
)
def test_what_it_knows(text: str, html: str) -> None:
    assert render(text) == html


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](data:text/html;base64,xx)",
        "[x](vbscript:x)",
        "<javascript:alert(1)>",
        "![x](https://evil.example/p.png)",
        "[x](//evil.example)",
        '[x](https://a.example/"onmouseover=alert(1))',
    ],
)
def test_what_it_never_lets_through(text: str) -> None:
    html = render(text)
    assert "<script" not in html
    assert "<img" not in html
    assert 'href="javascript' not in html.lower()
    assert 'href="data' not in html
    assert 'href="vbscript' not in html
    assert 'href="//' not in html
    assert '"onmouseover' not in html


def test_links_open_elsewhere_and_pass_nothing_on() -> None:
    assert 'rel="noopener nofollow" target="_blank"' in render("[x](https://a.example)")
