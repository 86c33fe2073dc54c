"""Dictionary-encoded and numeric columns, one value per document, for filters, facets, ranking and tie-breaking.

The file `columns.data` is a u32 (length of the header), the header as JSON, then the little-endian arrays, each at a
multiple of 8 bytes. The header has, for each array, type code, offset and length; and the dictionaries of values.

Each segment has such a file, with its own document numbers from 0. That of a generation is composed of them (see
compose_columns.py): the documents of all segments, deleted ones included, in the order of the segments. Its header
lists the segments, with the number of the first document and the first block of positions of each.
"""

from __future__ import annotations

import json
import mmap
import struct
from bisect import bisect_left
from collections.abc import Collection, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Literal

from corpus.fields import FIELDS
from corpus.value import Value
from indexer.errors import IndexDamaged

FILE: Final = "columns.data"

#: Positions per block of each text field (see postings/format.py). Larger blocks make the table of blocks smaller and
#: waste more positions at the ends of texts. Measured on 100,000 texts of 1,100 characters: 128 instead of 64 saved
#: 3.4 MB.
BLOCK_SIZES: Final[dict[str, int]] = {"title": 8, "heading": 8, "body": 128, "set_aside": 32}
#: The text fields that rank; what is set aside is only matched, and its lengths do not count.
RANKED_FIELDS: Final = ("title", "heading", "body")
#: Text fields whose words are indexed; the words of headings are counted in the body.
WORD_FIELDS: Final = ("title", "body")

#: Dictionary-encoded columns. Single-valued: the ordinal of the value in sorted order; 0 is the empty string, no value.
#: Multi-valued: the ordinal of the combination of values; `combinations[ordinal]` lists the ordinals of its members.
ENCODED_FIELDS: Final = {name: spec for name, spec in FIELDS.items() if spec.values}
#: The similarity of a document to the earliest of its cluster is stored as a whole number of such parts.
SIMILARITY_PARTS: Final = 10_000

HEADER: Final = struct.Struct("<I")
ALIGNMENT: Final = 8
_ID_BYTES: Final = 8


class SegmentEntry(Value, kw_only=True):
    """A segment of a generation.

    `name` is its folder in that of the generation, `prefix` the name that Whoosh's files begin with, `fields` the
    number of each field in the term table. `first_document` and `first_block` say where its `documents` document
    numbers and, for each text field, its blocks of positions begin in the generation.
    """

    name: str
    prefix: str
    fields: Mapping[str, int]
    first_document: int
    documents: int
    first_block: Mapping[str, int]


class ColumnReader:
    """A file of columns, mapped into memory: `columns["days"]` is a memoryview with a number per document.

    `dictionaries` has the values of each dictionary-encoded column, sorted; `combinations` has, for each multi-valued
    column, the ordinals of the members of each combination; `header` has the further entries that the writer was given.

    `documents` counts the live documents, `max_document` also those that were deleted since their segment was written:
    each array of values has so many places.
    """

    def __init__(self, directory: Path) -> None:
        """Raises IndexDamaged."""
        path = directory / FILE
        try:
            with path.open("rb") as file:
                self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            (length,) = HEADER.unpack_from(self._map)
            self.header: dict[str, Any] = json.loads(self._map[HEADER.size : HEADER.size + length])
            self.dictionaries: dict[str, list[str]] = self.header["dictionaries"]
            self.combinations: dict[str, list[list[int]]] = self.header["combinations"]
            self._arrays: dict[str, tuple[Literal["B", "H", "I", "Q"], int, int]] = self.header["arrays"]
            self._start = HEADER.size + length
            self.documents: int = self.header["documents"]
            self.max_document: int = self._arrays["ids"][2]
        except (OSError, ValueError, KeyError, struct.error) as error:
            raise IndexDamaged(f"{directory.name}/{FILE} cannot be read ({error})") from error

    @cached_property
    def segments(self) -> tuple[SegmentEntry, ...]:
        """The segments of a generation, in the order of their document numbers. Cached with the open file."""
        return tuple(SegmentEntry(**entry) for entry in self.header["segments"])

    def __contains__(self, name: str) -> bool:
        return name in self._arrays

    def __getitem__(self, name: str) -> memoryview[int]:
        typecode, start, length = self._arrays[name]
        start += self._start
        return memoryview(self._map)[start : start + length * struct.calcsize(typecode)].cast(typecode)

    @property
    def live(self) -> memoryview[int] | None:
        """A byte for each document, 1 if it is live and 0 if it was deleted; None if all are live."""
        return self["live"] if "live" in self._arrays else None

    def number_of(self, id: int) -> int | None:
        """The number of the live document with an id, None if there is none."""
        raw, wanted, live = bytes(self["ids"]), id.to_bytes(_ID_BYTES, "little"), self.live
        at = raw.find(wanted)
        while at >= 0:
            number, offset = divmod(at, _ID_BYTES)
            if not offset and (live is None or live[number]):
                return number
            at = raw.find(wanted, at + 1)
        return None

    def ordinal(self, column: str, value: str) -> int | None:
        """The ordinal of a value, None if no document has it."""
        values = self.dictionaries[column]
        at = bisect_left(values, value)
        return at if at < len(values) and values[at] == value else None

    def array_values_with(self, column: str, ordinals: Collection[int]) -> Collection[int]:
        """The numbers in the column's array that stand for one of these ordinals or a combination with one of them."""
        if column not in self.combinations:
            return ordinals
        wanted = set(ordinals)
        return [number for number, members in enumerate(self.combinations[column]) if not wanted.isdisjoint(members)]

    def close(self) -> None:
        """Release the file, unless an array of it is still in use; then the memory goes with the last array."""
        try:
            self._map.close()
        except BufferError:
            return
