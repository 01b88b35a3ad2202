"""FAQ files in YAML: a list of entries. Read as bare text with line numbers, never as objects.

Values are what stands in the file, so `no` is the word no. Anchors, aliases and deep nesting are refused: an FAQ needs
none of them, and a few lines of aliases can stand for gigabytes.
"""

from collections.abc import Callable, Iterable
from io import StringIO
from textwrap import dedent
from typing import Any, TypeVar

from ruamel.yaml import YAML
from ruamel.yaml.composer import Composer, ComposerError, MaxDepthExceededError
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from faq.entry import LANGUAGES, FaqEntry, FormField, is_entry_id
from faq.problems import Problem

MAX_DEPTH = 10
"""Levels of nesting; a form's question is the sixth."""

ENTRY_FIELDS = ("id", "category", "questions", "answers", "form")
FORM_FIELDS = ("slot", "type", "required", "ask")

_T = TypeVar("_T")


def parse_yaml(text: str) -> tuple[list[FaqEntry], list[Problem]]:
    """The entries and everything that is wrong; the entries count only if nothing is."""
    try:
        root = _yaml().compose(text)
    except YAMLError as error:
        return [], [_syntax_problem(error, text)]
    reader = _Reader()
    return reader.entries(root), reader.problems


def format_yaml(entries: Iterable[FaqEntry]) -> str:
    """The entries as a file, the same text for the same entries."""
    out = StringIO()
    writer = YAML()
    writer.width = 4096
    writer.allow_unicode = True
    writer.indent(mapping=2, sequence=4, offset=2)
    writer.dump([_plain(entry) for entry in entries], out, transform=dedent)
    return out.getvalue()


class _PlainComposer(Composer):
    """Refuses anchors and aliases where they stand."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        event = self.parser.peek_event()
        if event.anchor is not None:
            raise ComposerError(None, None, "anchors (&) and aliases (*) are not allowed", event.start_mark)
        return super().compose_node(parent, index)


def _yaml() -> YAML:
    yaml = YAML(typ="safe", pure=True)
    yaml.Composer = _PlainComposer
    yaml.max_depth = MAX_DEPTH
    return yaml


def _syntax_problem(error: YAMLError, text: str) -> Problem:
    if isinstance(error, MaxDepthExceededError) and error.problem_mark:
        return Problem(error.problem_mark.line + 1, "", "nested more deeply than an FAQ can be")
    if isinstance(error, MarkedYAMLError):
        mark = error.problem_mark or error.context_mark
        return Problem(mark.line + 1 if mark else 1, "", f"not YAML: {error.problem or error.context}")
    if isinstance(error, ReaderError):
        return Problem(
            text.count("\n", 0, error.position) + 1, "", f"a character that YAML forbids: {chr(error.character)!r}"
        )
    return Problem(1, "", f"not YAML: {error}")


class _Reader:
    """Walks the nodes of a file and notes every problem on its way."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self._ids: set[str] = set()

    def entries(self, root: Node | None) -> list[FaqEntry]:
        if root is None:
            self.problems.append(Problem(1, "", "the file is empty"))
            return []
        nodes = self._items(root, "")
        if isinstance(root, SequenceNode) and not nodes:
            self._note(root, "", "the list has no entries")
        return [self._entry(node) for node in nodes]

    def _entry(self, node: Node) -> FaqEntry:
        fields = self._fields(node, "", ENTRY_FIELDS, needed=("id", "questions", "answers"))
        return FaqEntry(
            id=self._id(fields["id"]) if "id" in fields else "",
            phrasings=self._by_language(fields.get("questions"), "questions", self._wordings),
            answers=self._by_language(fields.get("answers"), "answers", self._text),
            category=self._text(fields["category"], "category", empty=True) if "category" in fields else "",
            form=tuple(map(self._form_field, self._items(fields["form"], "form"))) if "form" in fields else (),
        )

    def _id(self, node: Node) -> str:
        text = self._text(node, "id")
        if text and not is_entry_id(text):
            self._note(node, "id", f"{text!r} may have small letters, digits and hyphens only, at most 40")
        elif text in self._ids:
            self._note(node, "id", f"{text!r} is taken by an entry above")
        elif text:
            self._ids.add(text)
        return text

    def _wordings(self, node: Node, field: str) -> tuple[str, ...]:
        nodes = [node] if isinstance(node, ScalarNode) else self._items(node, field)
        if isinstance(node, SequenceNode) and not nodes:
            self._note(node, field, "has no wording")
        return tuple(self._text(item, field) for item in nodes)

    def _form_field(self, node: Node) -> FormField:
        fields = self._fields(node, "form", FORM_FIELDS, needed=("slot", "ask"))
        return FormField(
            slot=self._text(fields["slot"], "form.slot") if "slot" in fields else "",
            type=self._text(fields["type"], "form.type") if "type" in fields else "text",
            required=self._yes(fields["required"], "form.required") if "required" in fields else False,
            ask=self._by_language(fields.get("ask"), "form.ask", self._text),
        )

    def _by_language(self, node: Node | None, field: str, read: Callable[[Node, str], _T]) -> dict[str, _T]:
        if node is None:
            return {}
        fields = self._fields(node, field, LANGUAGES)
        if isinstance(node, MappingNode) and not node.value:
            self._note(node, field, "has no language")
        return {language: read(value, f"{field}.{language}") for language, value in fields.items()}

    def _fields(self, node: Node, field: str, allowed: Iterable[str], needed: Iterable[str] = ()) -> dict[str, Node]:
        """The allowed keys of a mapping with their nodes."""
        fields: dict[str, Node] = {}
        if not isinstance(node, MappingNode):
            self._note(node, field, "must be a mapping (key: value)")
            return fields
        for key, value in node.value:
            name = self._text(key, field)
            if name not in allowed:
                self._note(key, _path(field, name), f"is not known here; known are {', '.join(allowed)}")
            elif name in fields:
                self._note(key, _path(field, name), "stands here twice")
            else:
                fields[name] = value
        for name in needed:
            if name not in fields:
                self._note(node, _path(field, name), "is missing")
        return fields

    def _items(self, node: Node, field: str) -> list[Node]:
        if isinstance(node, SequenceNode):
            return list(node.value)
        self._note(node, field, "must be a list")
        return []

    def _text(self, node: Node, field: str, *, empty: bool = False) -> str:
        if not isinstance(node, ScalarNode):
            self._note(node, field, "must be a text")
            return ""
        text = "" if str(node.tag).endswith(":null") else str(node.value)
        if not text.strip() and not empty:
            self._note(node, field, "is empty")
        return text

    def _yes(self, node: Node, field: str) -> bool:
        text = self._text(node, field)
        if text not in {"true", "false"}:
            self._note(node, field, "must be true or false")
        return text == "true"

    def _note(self, node: Node, field: str, message: str) -> None:
        self.problems.append(Problem(node.start_mark.line + 1, field, message))


def _path(field: str, name: str) -> str:
    return f"{field}.{name}" if field else name


def _plain(entry: FaqEntry) -> dict[str, Any]:
    """The entry as the file shows it; what is empty is left out."""
    plain: dict[str, Any] = {"id": entry.id}
    if entry.category:
        plain["category"] = entry.category
    plain["questions"] = {language: list(wordings) for language, wordings in entry.questions.items()}
    plain["answers"] = dict(entry.answers)
    if entry.form:
        plain["form"] = [
            {"slot": field.slot, "type": field.type, "required": field.required, "ask": dict(field.ask)}
            for field in entry.form
        ]
    return plain
