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
from bisect import bisect_left
from collections.abc import Iterator
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


def gram_list(buffer: Buffer, start: int, code: int) -> GramList | None:
    """The list of one second character, None when the pair does not occur."""
    codes, counts, starts, data = _directory(buffer, start)
    at = bisect_left(codes, code)
    if at == len(codes) or codes[at] != code:
        return None
    return GramList(counts[at], data + starts[at])


def gram_lists(buffer: Buffer, start: int) -> Iterator[tuple[int, GramList]]:
    """All second characters (as code points) of a first one, with their lists."""
    codes, counts, starts, data = _directory(buffer, start)
    for code, count, offset in zip(codes, counts, starts, strict=True):
        yield code, GramList(count, data + offset)


def _directory(buffer: Buffer, start: int) -> tuple[Buffer, Buffer, Buffer, int]:
    """Codes, counts, starts of the lists, and where the data begins that starts count from."""
    number, code_width, count_width = GRAM_HEADER.unpack_from(buffer, start)
    codes = start + GRAM_HEADER.size
    counts = codes + code_width * number
    starts = counts + count_width * number
    data = starts + 4 * number
    return (
        _array(buffer, codes, counts, code_width),
        _array(buffer, counts, starts, count_width),
        _array(buffer, starts, data, 4),
        data,
    )


def _array(buffer: Buffer, start: int, end: int, size: int) -> Buffer:
    return buffer[start:end].cast("B").cast(TYPECODES[size])
