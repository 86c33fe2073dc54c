"""The byte format of posting lists, and its decoding with the standard library alone.

*Gaps* hold n ascending numbers as their differences (the first one as it is), in the layout of Lemire's StreamVByte:
ceil(n / 4) control bytes, two bits for each number (its bytes less one, lowest bits first), then the numbers' bytes,
little-endian. A number takes one to four bytes, so values are below 2^32.

A *word list* is `<IBBxx`: first document, bytes of an id gap, bytes of a frequency (0: all are 1); then df - 1 id gaps
and df frequencies as plain arrays.

A *gram list* belongs to a first character: `<IBB xx`: number of second characters, bytes of their codes, bytes of
their counts; three arrays (codes ascending, counts, u32 starts in the data that follows); then for each second
character the gaps of the places where the pair stands.

A *place* is a number over all documents: each begins at a multiple of a block, so that place // block tells the
document by one look into a table.
"""

from __future__ import annotations

import struct
from itertools import accumulate
from typing import Final, NamedTuple

WORD_HEADER: Final = struct.Struct("<IBBxx")
GRAM_HEADER: Final = struct.Struct("<IBBxx")

#: Second characters that are none: the end of the text, and the edge of a letter or digit run (see analysis.EDGE).
END_CODE: Final = 0
EDGE_CODE: Final = 1

TYPECODES: Final = {1: "B", 2: "H", 4: "I"}

Buffer = memoryview


class GramList(NamedTuple):
    """Where in a postings file the places of one pair lie."""

    count: int
    start: int


def width(largest: int) -> int:
    """Bytes per number of a plain array that must hold this one."""
    return 1 if largest < 1 << 8 else 2 if largest < 1 << 16 else 4


def decode_words(buffer: Buffer, start: int, count: int) -> tuple[list[int], list[int]]:
    """Documents, ascending, and the word's frequency in each."""
    first, id_width, frequency_width = WORD_HEADER.unpack_from(buffer, start)
    at = start + WORD_HEADER.size
    end = at + id_width * (count - 1)
    ids = list(accumulate((first, *_array(buffer, at, end, id_width))))
    if not frequency_width:
        return ids, [1] * count
    return ids, list(_array(buffer, end, end + frequency_width * count, frequency_width))


def decode_gaps(buffer: Buffer, start: int, count: int) -> list[int]:
    """The ascending numbers of a gaps stream."""
    at = start + (count + 3) // 4
    numbers = []
    number = 0
    for index in range(count):
        size = (buffer[start + (index >> 2)] >> (2 * (index & 3)) & 3) + 1
        number += int.from_bytes(buffer[at : at + size], "little")
        at += size
        numbers.append(number)
    return numbers


def gram_lists(buffer: Buffer, start: int) -> dict[int, GramList]:
    """Second character (as a code point) → where its list lies, for the gram list of a first character."""
    number, code_width, count_width = GRAM_HEADER.unpack_from(buffer, start)
    at = start + GRAM_HEADER.size
    codes = _array(buffer, at, at + code_width * number, code_width)
    at += code_width * number
    counts = _array(buffer, at, at + count_width * number, count_width)
    at += count_width * number
    starts = _array(buffer, at, at + 4 * number, 4)
    data = at + 4 * number
    return {code: GramList(count, data + offset) for code, count, offset in zip(codes, counts, starts, strict=True)}


def _array(buffer: Buffer, start: int, end: int, size: int) -> tuple[int, ...]:
    return struct.unpack_from(f"<{(end - start) // size}{TYPECODES[size]}", buffer, start)
