"""The byte format of posting lists, and its decoding with the standard library alone.

Numbers are *varints*: seven bits a byte, lowest first, the high bit set on all bytes but a number's last. Ascending
numbers are written as gaps, the first one as it is.

A *word list* holds, for each document of a word, its gap times two, plus one where the word occurs more than once;
then, for those documents, how often.

A *gram list* belongs to a first character: `<IBBBx`: number of second characters, bytes of each of their codes, counts
and sizes; these three arrays (codes ascending, how many places, how many bytes these take); then for each second
character the gaps of the places where the pair stands.

A *place* is a number over all documents: each begins at a multiple of a block, so that place // block tells the
document by one look into a table.
"""

from __future__ import annotations

import struct
from bisect import bisect_left
from collections.abc import Iterator
from itertools import accumulate
from typing import Final, Literal, NamedTuple, TypeAlias

GRAM_HEADER: Final = struct.Struct("<IBBBx")

#: Second characters that are none: the end of the text, and the edge of a letter or digit run (see analysis.EDGE).
END_CODE: Final = 0
RUN_BOUNDARY_CODE: Final = 1

_TYPECODES: Final[dict[int, Literal["B", "H", "I"]]] = {1: "B", 2: "H", 4: "I"}

Buffer: TypeAlias = "memoryview[int]"


class GramList(NamedTuple):
    """How many places a pair has, and the bytes of the postings file that hold their gaps."""

    length: int
    start: int
    end: int


def width(largest: int) -> int:
    """Bytes per number of a plain array that must hold this one."""
    return 1 if largest < 1 << 8 else 2 if largest < 1 << 16 else 4


def decode_numbers(raw: Buffer) -> list[int]:
    """The varints of some bytes."""
    numbers = []
    number = shift = 0
    for byte in raw:
        if byte < 128:
            numbers.append(number | byte << shift)
            number = shift = 0
        else:
            number |= (byte & 127) << shift
            shift += 7
    return numbers


def decode_positions(raw: Buffer) -> list[int]:
    """The places of a gram list's bytes, ascending."""
    return list(accumulate(decode_numbers(raw)))


def decode_word_list(raw: Buffer, documents: int) -> tuple[list[int], list[int]]:
    """Documents of a word list, ascending, and the word's frequency in each."""
    numbers = decode_numbers(raw)
    ids = list(accumulate(number >> 1 for number in numbers[:documents]))
    several = iter(numbers[documents:])
    return ids, [next(several) if number & 1 else 1 for number in numbers[:documents]]


def gram_list(buffer: Buffer, start: int, code: int) -> GramList | None:
    """The list of one second character, None when the pair does not occur; the gram list begins at `start`."""
    codes, counts, sizes, data = _directory(buffer, start)
    at = bisect_left(codes, code)
    if at == len(codes) or codes[at] != code:
        return None
    first = data + sum(sizes[:at])
    return GramList(counts[at], first, first + sizes[at])


def gram_lists(buffer: Buffer, start: int) -> Iterator[tuple[int, GramList]]:
    """All second characters (as code points) of a first one, with their lists."""
    codes, counts, sizes, data = _directory(buffer, start)
    for code, count, size in zip(codes, counts, sizes, strict=True):
        yield code, GramList(count, data, data + size)
        data += size


def gram_counts(buffer: Buffer, start: int) -> dict[int, int]:
    """All second characters (as code points) of a first one, with how many places each pair has."""
    codes, counts, _, _ = _directory(buffer, start)
    return dict(zip(codes.tolist(), counts.tolist(), strict=True))


def _directory(buffer: Buffer, start: int) -> tuple[Buffer, Buffer, Buffer, int]:
    """Codes, counts, sizes of the lists, and where the first one begins."""
    number, *widths = GRAM_HEADER.unpack_from(buffer, start)
    at = start + GRAM_HEADER.size
    arrays = []
    for size in widths:
        arrays.append(_array(buffer, at, at + size * number, size))
        at += size * number
    return arrays[0], arrays[1], arrays[2], at


def _array(buffer: Buffer, start: int, end: int, size: int) -> Buffer:
    return buffer[start:end].cast("B").cast(_TYPECODES[size])
