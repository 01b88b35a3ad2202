"""parse_mode MarkdownV2 and Markdown: markup to plain text and entities, refusing what Telegram refuses."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.telegram.errors import ApiError, bad_request
from tests.telegram.texts import Entity, units

MARKS_V2 = {
    "```": "pre", "`": "code", "||": "spoiler", "__": "underline", "*": "bold", "_": "italic",
    "~": "strikethrough",
}  # fmt: skip
MARKS_V1 = {"```": "pre", "`": "code", "*": "bold", "_": "italic"}
RESERVED_V2 = frozenset("_*[]()~`>#+-=|{}.!")
VERBATIM = ("pre", "code")


def parse_markdown_v2(markup: str) -> tuple[str, list[Entity]]:
    """Plain text and its entities. Raises ApiError 400 "can't parse entities" on broken markup."""
    return _Reader(markup, MARKS_V2, RESERVED_V2).read()


def parse_markdown(markup: str) -> tuple[str, list[Entity]]:
    """The old dialect: fewer marks, nothing reserved."""
    return _Reader(markup, MARKS_V1, frozenset()).read()


@dataclass
class _Reader:
    markup: str
    marks: dict[str, str]
    reserved: frozenset[str]
    position: int = 0
    length: int = 0
    plain: list[str] = field(default_factory=list)
    opened: list[tuple[str, int, int]] = field(default_factory=list)
    """(mark, start in units, byte offset) of what still waits for its end."""
    entities: list[Entity] = field(default_factory=list)

    def read(self) -> tuple[str, list[Entity]]:
        while self.position < len(self.markup):
            if not (self._escape() or self._mark() or self._link() or self._quote()):
                self._literal()
        if self.opened:
            mark, _, offset = self.opened[-1]
            kind = "TextUrl" if mark == "[" else self.marks[mark].title()
            raise _unparsable(f"Can't find end of {kind} entity at byte offset {offset}")
        return "".join(self.plain), sorted(self.entities, key=lambda entity: (entity["offset"], -entity["length"]))

    def _escape(self) -> bool:
        following = self.markup[self.position + 1 : self.position + 2]
        if self.markup[self.position] != "\\" or not following or not following.isascii():
            return False
        self._put(following, 2)
        return True

    def _mark(self) -> bool:
        inside = self.opened[-1][0] if self.opened else ""
        verbatim = self.marks.get(inside) in VERBATIM
        for mark in [inside] if verbatim else self.marks:
            if self.markup.startswith(mark, self.position):
                self._turn(mark, inside)
                return True
        return False

    def _turn(self, mark: str, inside: str) -> None:
        if mark == inside:
            self._close({"type": self.marks[mark]})
        else:
            self.opened.append((mark, self.length, self._offset()))
        self.position += len(mark)

    def _link(self) -> bool:
        inside = self.opened[-1][0] if self.opened else ""
        sign = self.markup[self.position]
        if self.marks.get(inside) in VERBATIM:
            return False
        if sign == "[" and inside != "[":
            self.opened.append(("[", self.length, self._offset()))
            self.position += 1
            return True
        if sign == "]" and inside == "[":
            end = self.markup.find(")", self.position)
            if self.markup[self.position + 1 : self.position + 2] != "(" or end < 0:
                raise _unparsable(f"Can't find end of a URL at byte offset {self._offset()}")
            self._close({"type": "text_link", "url": self.markup[self.position + 2 : end].replace("\\", "")})
            self.position = end + 1
            return True
        return False

    def _quote(self) -> bool:
        """A `>` at the head of a line is a quotation; its entity is not kept."""
        heads_line = self.position == 0 or self.markup[self.position - 1] == "\n"
        if not (self.reserved and heads_line and self.markup[self.position] == ">"):
            return False
        self.position += 1
        return True

    def _literal(self) -> None:
        sign = self.markup[self.position]
        verbatim = bool(self.opened) and self.marks.get(self.opened[-1][0]) in VERBATIM
        if sign in self.reserved and not verbatim:
            raise _unparsable(f"Character '{sign}' is reserved and must be escaped with the preceding '\\'")
        self._put(sign, 1)

    def _put(self, text: str, consumed: int) -> None:
        self.plain.append(text)
        self.length += units(text)
        self.position += consumed

    def _close(self, entity: Entity) -> None:
        _, start, _ = self.opened.pop()
        if self.length > start:
            self.entities.append({**entity, "offset": start, "length": self.length - start})

    def _offset(self) -> int:
        return len(self.markup[: self.position].encode())


def _unparsable(words: str) -> ApiError:
    return bad_request(f"can't parse entities: {words}")
