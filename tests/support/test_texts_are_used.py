"""No text is kept that nobody reads: each key stands in the code, whole or as the beginning that the code completes."""

import re
from pathlib import Path

from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2]
PARTS = ("bot", "handlers", "console", "workers", "support")
COMPLETED = re.compile(r"[\"']([a-z_]+\.[a-z_.]*)(?:\{|[\"'] ~)")


def test_every_text_is_used() -> None:
    sources = [file for part in PARTS for kind in ("*.py", "*.html", "*.js") for file in (ROOT / part).rglob(kind)]
    code = "\n".join(file.read_text() for file in sources)
    beginnings = (*COMPLETED.findall(code), "button.")  # turn.button("ask") says button.ask
    with (ROOT / "locales/en/LC_MESSAGES/touchdesk.po").open("rb") as catalogue:
        keys = [message.id if isinstance(message.id, str) else message.id[0] for message in read_po(catalogue)]
    unused = [key for key in keys if key and key not in code and not key.startswith(beginnings)]
    assert unused == []
