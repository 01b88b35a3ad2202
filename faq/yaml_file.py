"""FAQ files in YAML: a list of entries. Read as bare text with line numbers, never as objects.

Values are what stands in the file, so `no` is the word no. Anchors, aliases and deep nesting are refused: an FAQ needs
none of them, and a few lines of aliases can stand for gigabytes.
"""

import re
from collections.abc import Iterable
from io import StringIO
from textwrap import dedent
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.composer import Composer, ComposerError, MaxDepthExceededError
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode
from ruamel.yaml.nodes import Node as YamlNode
from ruamel.yaml.reader import ReaderError
from ruamel.yaml.representer import RoundTripRepresenter

from faq.entry import FaqEntry
from faq.entry_reader import EntryReader
from faq.faq_file import FaqFile
from faq.plain import plain_entry
from faq.problems import UnreadableError
from faq.tree import Fields, Items, Node, Text

MAX_DEPTH = 10
"""Levels of nesting; a form's question is the sixth."""
MOST_NODES = 500_000
"""Texts, lists and mappings: an FAQ of 100,000 phrasings has some 250,000. Each takes a tenth of a millisecond."""

_RARE_LINE_END = re.compile("[\r\x85\u2028\u2029]")
_NO_CHARACTER = re.compile(r"\\U(?!00(?:0[0-9A-Fa-f]|10)[0-9A-Fa-f]{4})")


def parse_yaml(text: str) -> FaqFile:
    """The entries and everything that is wrong."""
    try:
        root = read_tree(text)
    except UnreadableError as error:
        return FaqFile([], [error.problem])
    reader = EntryReader()
    entries = reader.entries(root)
    return FaqFile(entries, reader.problems)


def read_tree(text: str) -> Node | None:
    """Any file's content with its lines; None for an empty one. Raises UnreadableError."""
    try:
        root = _yaml().compose(text)
    except YAMLError as error:
        raise _syntax_error(error, text) from error
    except (ValueError, OverflowError) as error:  # of chr(), which the library leaves to us
        found = _NO_CHARACTER.search(text)
        line = text.count("\n", 0, found.start()) + 1 if found else 1
        raise UnreadableError(line, "not YAML: \\U names a character that does not exist") from error
    return None if root is None else _node(root)


def format_yaml(entries: Iterable[FaqEntry]) -> str:
    """The entries as a file, the same text for the same entries."""
    return write_tree([plain_entry(entry) for entry in entries])


def write_tree(content: object) -> str:
    """Plain lists and mappings as a file."""
    out = StringIO()
    writer = YAML()
    writer.Representer = _Representer
    writer.width = 4096
    writer.allow_unicode = True
    writer.indent(mapping=2, sequence=4, offset=2)
    writer.dump(content, out, transform=dedent)
    return out.getvalue()


class _Representer(RoundTripRepresenter):
    """Escapes the rarer line ends, which reading a plain text would turn into spaces."""

    def represent_str(self, data: str) -> ScalarNode:
        return self.represent_scalar("tag:yaml.org,2002:str", data, style='"' if _RARE_LINE_END.search(data) else None)


_Representer.add_representer(str, _Representer.represent_str)


class _PlainComposer(Composer):
    """Refuses anchors, aliases and endless files where they stand."""

    def __init__(self, loader: Any = None) -> None:
        super().__init__(loader)
        self._nodes = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        event = self.parser.peek_event()
        self._nodes += 1
        if self._nodes > MOST_NODES:
            raise ComposerError(None, None, f"more than {MOST_NODES} texts", event.start_mark)
        if event.anchor is not None:
            raise ComposerError(None, None, "anchors (&) and aliases (*) are not allowed", event.start_mark)
        return super().compose_node(parent, index)


def _yaml() -> YAML:
    yaml = YAML(typ="safe", pure=True)
    yaml.Composer = _PlainComposer
    yaml.max_depth = MAX_DEPTH
    return yaml


def _syntax_error(error: YAMLError, text: str) -> UnreadableError:
    if isinstance(error, MaxDepthExceededError) and error.problem_mark:
        return UnreadableError(error.problem_mark.line + 1, "nested more deeply than an FAQ can be")
    if isinstance(error, MarkedYAMLError):
        mark = error.problem_mark or error.context_mark
        return UnreadableError(mark.line + 1 if mark else 1, f"not YAML: {error.problem or error.context}")
    if isinstance(error, ReaderError):
        line = text.count("\n", 0, error.position) + 1
        return UnreadableError(line, f"a character that YAML forbids: {chr(error.character)!r}")
    return UnreadableError(1, f"not YAML: {error}")


def _node(node: YamlNode) -> Node:
    line = node.start_mark.line + 1
    if isinstance(node, MappingNode):
        return Fields(line, [(_node(key), _node(value)) for key, value in node.value])
    if isinstance(node, SequenceNode):
        return Items(line, list(map(_node, node.value)))
    return Text(line, "" if str(node.tag).endswith(":null") else str(node.value))
