"""Placeholders in answers: `{first_name|there}` is what the store knows, or the words after the bar where it does not.

Names are those of KNOWN. The words after the bar are the admin's own and may be Markdown; a value is a stranger's, one
line of plain text, and never read as Markdown. In a link's address a value is percent-encoded. A brace itself is
written `{{` or `}}`.

The words may be left out, `{first_name|}`; then the marks that led to the empty place go with it (faq.typesetting):
"Hello {first_name|}, welcome" becomes "Hello, welcome", and "{first_name|}，您好" becomes "您好".

A broken placeholder is a fault to whoever writes it. Read from the store it shows its value or its fallback, else
nothing, and never a brace.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from faq.typesetting import is_blank, leave_out, put, put_fallback

KNOWN: Mapping[str, str] = {
    "first_name": "there",
    "name": "there",
    "order_number": "your order",
    "order_date": "lately",
    "order_status": "being looked after",
    "order_product": "your order",
    "shop": "our shop",
}
"""Each name that may be asked for, and a fallback such as an admin might write."""

OF_AN_ORDER = frozenset(name for name in KNOWN if name.startswith("order_"))
"""The names that need the customer's last order."""

FaultCode = Literal["no_fallback", "unknown", "unpaired", "mistyped", "empty"]

_NAMES = "|".join(sorted(KNOWN, key=len, reverse=True))
_OPEN, _CLOSE = r"(?:\{\{?|｛)", r"(?:\}\}?|｝)"
_SIGN = re.compile(
    r"\{(?P<inside>[^{}｛｝\n]*)\}"
    rf"|{_OPEN}\s*(?P<mistyped>(?:{_NAMES})[^\S\n]*(?:[|｜][^{{}}｛｝\n]*)?){_CLOSE}"
    rf"|{_OPEN}\s*(?P<unclosed>{_NAMES})\b(?:[^\S\n]*(?P<bar>[|｜]))?"
    r"|(?P<literal>\{\{|\}\})"
    r"|[{}]"
)
_BAR = re.compile("[|｜]")
_TWO_BLANK_LINES = re.compile(r"\n{3,}")
_SHOWN_OF_A_FAULT = 40


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one placeholder; `written` is how it stands in the text, `name` the name it asks for."""

    code: FaultCode
    written: str = ""
    name: str = ""

    @property
    def example(self) -> str:
        """How it may be written."""
        return f"{{{self.name}|{KNOWN[self.name]}}}" if self.name in KNOWN else ""

    def __str__(self) -> str:
        match self.code:
            case "no_fallback":
                return f"{self.written} needs a fallback: {self.example}"
            case "unknown":
                return f"{self.written} is not known here; known are {', '.join(KNOWN)}"
            case "mistyped":
                return f"{self.written} is written with single braces: {self.example}"
            case "unpaired":
                return f"{self.written!r} has no partner; a brace itself is written {{{{ or }}}}"
            case _:
                return "says nothing to a customer of whom nothing is known"


def faults(text: str) -> list[Fault]:
    """Everything that an admin must mend, in the order of the text."""
    found = [fault for sign in _SIGN.finditer(text) if (fault := _fault(sign))]
    return found or ([Fault("empty")] if text.strip() and not fill(text, {}).strip() else [])


def problems(text: str) -> list[str]:
    """The same as messages for whoever mends a file."""
    return [str(fault) for fault in faults(text)]


def names_in(text: str) -> frozenset[str]:
    """What the text asks for, broken or not, of what there is to know."""
    return frozenset(name for sign in _SIGN.finditer(text) if (name := _parts(sign)[0]) in KNOWN)


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with the values that are known, by name, each in one line; perhaps nothing is left of it. Never raises
    over what stands in the text.
    """
    filled = [_fill_line(line, values) for line in text.split("\n")]
    kept = [line for line in filled if line is not None]
    whole = "\n".join(kept)
    return whole if len(kept) == len(filled) else _TWO_BLANK_LINES.sub("\n\n", whole).strip("\n")


def _fill_line(line: str, values: Mapping[str, str]) -> str | None:
    """None if nothing is left of it."""
    before, rest = "", line
    while sign := _SIGN.search(rest):
        before, rest = before + rest[: sign.start()], rest[sign.end() :]
        name, fallback = _parts(sign)
        if sign["literal"]:
            before += sign["literal"][0]
        elif value := values.get(name):
            before = put(before, value, rest)
        elif fallback:
            before, rest = put_fallback(before, fallback, rest)
        elif name or sign["inside"] is not None:
            before, rest = leave_out(before, rest)
    filled = before + rest
    return None if filled != line and is_blank(filled) else filled


def _fault(sign: re.Match[str]) -> Fault | None:
    if sign["literal"]:
        return None
    name, fallback = _parts(sign)
    written = sign[0].strip()[:_SHOWN_OF_A_FAULT]
    if sign["mistyped"]:
        return Fault("mistyped", written, name)
    if sign["inside"] is None:
        return Fault("unpaired", written, name)
    if name not in KNOWN:
        return Fault("unknown", written, name)
    return Fault("no_fallback", written, name) if fallback is None else None


def _parts(sign: re.Match[str]) -> tuple[str, str | None]:
    """(name, fallback); what was opened and never closed has no end, so its fallback stays in the text."""
    if sign["unclosed"]:
        return ("", None) if sign["bar"] else (sign["unclosed"], None)
    name, *fallback = _BAR.split(sign["mistyped"] or sign["inside"] or "", maxsplit=1)
    return name.strip(), fallback[0].strip() if fallback else None
