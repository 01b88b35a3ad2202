"""Every sentence that a person reads, by key and language.

The sentences live in locales/<language>/LC_MESSAGES/touchdesk.po; a msgid is a key such as `customer.thanks`, and
parameters stand in braces. A hole never reaches a reader: what is unknown or missing raises.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path
from string import Formatter
from typing import Self

from babel.messages.catalog import Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from faq.han import HAN

LOCALES = Path(__file__).resolve().parents[2] / "locales"
"""Beside support/ in a checkout and in an installed package alike."""

COUNTERS = ("minutes", "count", "days")
"""The parameters that choose between plural forms."""

_AFTER_HAN = re.compile(rf"[{HAN}]\{{(\w+)\}}")
_LATIN_OR_DIGIT = re.compile(r"[A-Za-z0-9]")


class TextError(Exception):
    """A text cannot be said as asked."""


class CataloguesMissingError(TextError):
    def __init__(self, folder: Path) -> None:
        super().__init__(f"no text catalogue under {folder}")


class UnknownLanguageError(TextError):
    def __init__(self, language: str) -> None:
        super().__init__(f"no text catalogue for language {language!r}")


class UnknownTextError(TextError):
    def __init__(self, language: str, key: str) -> None:
        super().__init__(f"no text {key!r} in {language}")


class CounterMissingError(TextError):
    def __init__(self, key: str) -> None:
        super().__init__(f"text {key!r} has plural forms but none of the parameters {', '.join(COUNTERS)}")


class TextParameterError(TextError):
    def __init__(self, language: str, key: str, parameter: str) -> None:
        super().__init__(f"text {key!r} in {language} needs the parameter {parameter!r}")


class Texts:
    """The catalogues of all languages; immutable, so one instance serves the whole process."""

    def __init__(self, catalogues: Mapping[str, "_Catalogue"]) -> None:
        self._catalogues = catalogues
        self.languages = tuple(catalogues)

    @classmethod
    @cache
    def load(cls, folder: Path | None = None) -> Self:
        """Read each catalogue under `folder` (default: ours), once per process. Raises CataloguesMissingError."""
        folder = folder or LOCALES
        files = sorted(folder.glob("*/LC_MESSAGES/touchdesk.po"))
        if not files:
            raise CataloguesMissingError(folder)
        catalogues = [_Catalogue.read(file) for file in files]
        return cls({catalogue.language: catalogue for catalogue in catalogues})

    def say(self, language: str, key: str, /, **parameters: object) -> str:
        """The text `key` in `language` (BCP 47, such as zh-Hant), filled with `parameters`.

        A text with plural forms chooses by its counter (see COUNTERS), which must be a whole number. Values are put in
        as they are: braces in a stranger's words mean nothing. None counts as missing; what the text does not use is
        ignored. Raises UnknownLanguageError, UnknownTextError or TextParameterError.
        """
        if language not in self._catalogues:
            raise UnknownLanguageError(language)
        known = {name: value for name, value in parameters.items() if value is not None}
        return self._catalogues[language].say(key, known)

    def labels(self, key: str, /) -> frozenset[str]:
        """The text `key` in every language, so that a button's label is recognised when typed. Raises as `say` does."""
        return frozenset(self.say(language, key) for language in self.languages)


@dataclass(frozen=True, slots=True)
class _Shape:
    counter: str | None
    """The parameter that chooses the plural form; None for a text without plural forms."""
    after_han: tuple[str, ...]
    """Parameters that follow a Han character directly, as in 最晚{when}: only some values need a space before them."""


@dataclass(frozen=True, slots=True)
class _Catalogue:
    language: str
    translations: GNUTranslations
    shapes: Mapping[str, _Shape]

    @classmethod
    def read(cls, file: Path) -> Self:
        with file.open("rb") as source:
            catalogue = read_po(source)
        compiled = BytesIO()
        write_mo(compiled, catalogue)
        compiled.seek(0)
        language = file.parent.parent.name.replace("_", "-")
        return cls(language, GNUTranslations(compiled), dict(_shapes(catalogue)))

    def say(self, key: str, parameters: dict[str, object]) -> str:
        if key not in self.shapes:
            raise UnknownTextError(self.language, key)
        shape = self.shapes[key]
        template = self._template(key, shape, parameters)
        try:
            return template.format_map(_spaced(parameters, shape) if shape.after_han else parameters)
        except KeyError as error:
            raise TextParameterError(self.language, key, error.args[0]) from error

    def _template(self, key: str, shape: _Shape, parameters: Mapping[str, object]) -> str:
        if shape.counter is None:
            return self.translations.gettext(key)
        number = parameters.get(shape.counter)
        if not isinstance(number, int):
            raise TextParameterError(self.language, key, shape.counter)
        return self.translations.ngettext(key, key, number)


def _shapes(catalogue: Iterable[Message]) -> Iterable[tuple[str, _Shape]]:
    """The shape of each finished text; an empty or a fuzzy one counts as not there."""
    for message in catalogue:
        key, *plural = _as_tuple(message.id)
        template = _as_tuple(message.string)[-1]
        if key and template and not message.fuzzy:
            yield key, _Shape(_counter(key, template) if plural else None, tuple(_AFTER_HAN.findall(template)))


def _as_tuple(text: str | Sequence[str] | None) -> tuple[str, ...]:
    return (text or "",) if isinstance(text, str | None) else tuple(text)


def _counter(key: str, template: str) -> str:
    used = {field for _, field, _, _ in Formatter().parse(template)}
    for counter in COUNTERS:
        if counter in used:
            return counter
    raise CounterMissingError(key)


def _spaced(parameters: Mapping[str, object], shape: _Shape) -> dict[str, object]:
    """A space before a Latin letter or digit that would touch a Han character: 最晚周四 12:00, but 最晚 11 月 3 日."""
    return {
        name: f" {value}" if name in shape.after_han and _LATIN_OR_DIGIT.match(str(value)) else value
        for name, value in parameters.items()
    }
