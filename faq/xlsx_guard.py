"""Lets only a workbook of sane size through to the reader.

A workbook is a zip of XML: a few kilobytes can stand for gigabytes, and two cells in opposite corners of a sheet for
17 billion, all of which the reader would lay out in memory. So the parts are unpacked and measured here, and the reader
gets a new zip of just these bytes: whatever tricks the first one had, nothing is read that was not measured.
"""

import re
import zlib
from io import BytesIO
from xml.parsers import expat
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from faq.problems import UnreadableError

MOST_ROWS = 200_000
"""Twice the phrasings that an FAQ is built for; other files may be longer as CSV, which is read line by line."""
MOST_COLUMNS = 100
"""An FAQ has seven; the rest leaves room for a clear word on unknown ones."""
MOST_CELLS = 2_000_000
"""Laid out at once by the reader: some 60 MB."""
MOST_UNPACKED = 100_000_000
"""Bytes of XML: what MOST_ROWS take with all their columns filled."""
MOST_PARTS = 1_000
"""Files in the zip; a workbook has a dozen, and a few for each sheet."""

ENCRYPTED_OR_OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How compound files begin: workbooks with a password, and those of Excel before 2007."""
_DIRECTORY_ENTRY = b"PK\x01\x02"
_CELL = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})")


def measured(content: bytes, advice: str = "an FAQ needs a file of its own") -> bytes:
    """A workbook with the same sheets and within the bounds above.

    Raises UnreadableError; one that is too large is answered with `advice`.
    """
    if content.startswith(ENCRYPTED_OR_OLD):
        raise UnreadableError(1, "encrypted, or of an old Excel; save it as .xlsx without a password")
    if content.count(_DIRECTORY_ENTRY) > MOST_PARTS:
        raise UnreadableError(1, f"holds more than {MOST_PARTS} parts; {advice}")
    out = BytesIO()
    try:
        with ZipFile(BytesIO(content)) as packed, ZipFile(out, "w", ZIP_STORED) as plain:
            for part in _parts(packed, advice):
                xml = packed.read(part)
                _measure(xml, advice)
                plain.writestr(part.filename, xml)
    except (BadZipFile, EOFError, NotImplementedError, OSError, ValueError, zlib.error, expat.ExpatError) as error:
        if isinstance(error, UnreadableError):
            raise
        raise UnreadableError(1, f"not a whole .xlsx file: {error}") from error
    return out.getvalue()


def _parts(packed: ZipFile, advice: str) -> list[ZipInfo]:
    """What the cells' texts come from: no pictures, no macros. The declared sizes bind, as no more is unpacked."""
    parts = [part for part in packed.infolist() if part.filename.endswith((".xml", ".rels"))]
    if len({part.filename for part in parts}) < len(parts):
        raise BadZipFile("a part stands there twice")
    if any(part.flag_bits & 1 or part.compress_type not in {ZIP_STORED, ZIP_DEFLATED} for part in parts):
        raise BadZipFile("parts are encrypted or packed in a way that no workbook is")
    if sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise UnreadableError(1, f"holds more than {MOST_UNPACKED // 1_000_000} MB; {advice}")
    return parts


def _measure(xml: bytes, advice: str) -> None:
    """Refuses a sheet that reaches too far, and any XML that defines entities of its own."""
    parser = expat.ParserCreate("UTF-8", " ")
    extent = _Extent(advice)
    parser.StartElementHandler = extent.start
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.Parse(xml, True)


def _refuse_doctype(*_: object) -> None:
    raise UnreadableError(1, "not a whole .xlsx file: its XML has a document type")


class _Extent:
    """Follows the cells of a sheet as the reader does: by their names, else one after the other."""

    def __init__(self, advice: str) -> None:
        self._advice = advice
        self._row = self._column = 0
        self._rows = self._columns = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        for promise in ("count", "uniqueCount"):
            if promise in attributes:
                _check_promise(attributes[promise])
        match name.rpartition(" ")[2]:
            case "row":
                self._row = int(attributes["r"]) if "r" in attributes else self._row + 1
                self._column = 0
            case "c":
                self._row, self._column = self._place(attributes.get("r"))
            case "v" | "is" | "f":
                self._fill()

    def _place(self, name: str | None) -> tuple[int, int]:
        if name is None:
            return self._row, self._column + 1
        place = _CELL.fullmatch(name)
        if not place:
            raise BadZipFile(f"no cell can be named {name!r}")
        return int(place[2]), _number(place[1].upper())

    def _fill(self) -> None:
        """Only cells that hold something are laid out."""
        self._rows, self._columns = max(self._rows, self._row), max(self._columns, self._column)
        if self._rows > MOST_ROWS:
            raise UnreadableError(MOST_ROWS, f"a sheet has more than {MOST_ROWS} rows; {self._advice}")
        if self._columns > MOST_COLUMNS:
            raise UnreadableError(max(self._row, 1), f"a sheet has more than {MOST_COLUMNS} columns; {self._advice}")
        if self._rows * self._columns > MOST_CELLS:
            raise UnreadableError(max(self._row, 1), f"a sheet has more than {MOST_CELLS} cells; {self._advice}")


def _check_promise(count: str) -> None:
    """The reader makes room for as many things as a part says it holds, and the program dies if there is none."""
    if count.isdecimal() and int(count) <= MOST_CELLS:
        return
    raise BadZipFile(f"a part says that it holds {count[:20]!r} things")


def _number(letters: str) -> int:
    """A is 1, Z is 26, AA is 27."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number
