"""The byte format of posting lists, and decoders that use the standard library alone.

Numbers are varints: seven bits a byte, low bits first, with the high bit set on all bytes of a number but its last.
Ascending numbers are delta-encoded: the first number as it is, then gaps.

A *word list* has for each document of a word its gap times two, plus one if the word occurs more than once in it; then
the frequencies of those documents in which the word occurs more than once.

A *gram block* has the positions of all bigrams with the same first character. It begins with `<IBBBx`: the number of
second characters, and the bytes per element of the three arrays that follow: code points of the second characters
(ascending), numbers of positions, and sizes of the lists in bytes. Then come the lists, each the delta-encoded
positions of one bigram.

A *position* identifies one character of one text field across all documents. The positions of each document begin at a
multiple of the field's block size, so that a table maps position // block size to the document.
"""

from __future__ import annotations

import struct
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Final, Literal, NamedTuple, TypeAlias

GRAM_HEADER: Final = struct.Struct("<IBBBx")

#: Codes in place of a second character: the end of the text, and the boundary of a run (see tokens.RUN_BOUNDARY).
#: A boundary at the beginning of a run has this code in place of the first character.
TEXT_END_CODE: Final = 0
RUN_BOUNDARY_CODE: Final = 1

_TYPECODES: Final[dict[int, Literal["B", "H", "I"]]] = {1: "B", 2: "H", 4: "I"}

Buffer: TypeAlias = "memoryview[int]"


class GramList(NamedTuple):
    """The posting list of one bigram: its number of positions and its byte range in the postings file."""

    length: int
    start: int
    end: int


class ListPart(NamedTuple):
    """What one segment has of a posting list: the bytes, the length, and what is added to its numbers.

    Lists that follow one another in the postings file may be one part; `lengths` then has the length of each.
    """

    raw: Buffer
    lengths: Sequence[int]
    base: int


def bytes_per_number(largest: int) -> int:
    """Bytes per element of a plain array whose largest number this is."""
    return 1 if largest < 1 << 8 else 2 if largest < 1 << 16 else 4


def decode_numbers(raw: Buffer) -> list[int]:
    """Decode consecutive varints."""
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
    """Decode the positions of one bigram, ascending."""
    return list(accumulate(decode_numbers(raw)))


def decode_word_list(raw: Buffer, documents: int, base: int = 0) -> tuple[list[int], list[int]]:
    """Decode the documents of a word list, ascending, with `base` added, and the frequency in each.

    `documents` is the number of documents.
    """
    numbers = decode_numbers(raw)
    ids = list(accumulate((number >> 1 for number in numbers[:documents]), initial=base))[1:]
    frequencies = iter(numbers[documents:])
    return ids, [next(frequencies) if number & 1 else 1 for number in numbers[:documents]]


def gram_list(buffer: Buffer, start: int, code: int) -> GramList | None:
    """The list of the bigram with this second character, None if absent; the gram block begins at `start`."""
    codes, counts, sizes, data = _directory(buffer, start)
    at = bisect_left(codes, code)
    if at == len(codes) or codes[at] != code:
        return None
    first = data + sum(sizes[:at])
    return GramList(counts[at], first, first + sizes[at])


def gram_lists(buffer: Buffer, start: int) -> Iterator[tuple[int, GramList]]:
    """The code point of each second character in a gram block, with the list of the bigram."""
    codes, counts, sizes, data = _directory(buffer, start)
    for code, count, size in zip(codes, counts, sizes, strict=True):
        yield code, GramList(count, data, data + size)
        data += size


def list_runs(buffer: Buffer, start: int) -> Iterator[tuple[Buffer, Buffer]]:
    """The lists of all bigrams in a gram block as runs of lists without a gap: the bytes, and the length of each list.

    The list of boundaries, which is none of a bigram, lies between two runs.
    """
    codes, counts, sizes, data = _directory(buffer, start)
    at = bisect_left(codes, RUN_BOUNDARY_CODE)
    after = bisect_left(codes, RUN_BOUNDARY_CODE + 1, at)
    for low, high in ((0, at), (after, len(codes))) if after > at else ((0, len(codes)),):
        if low < high:
            first = data + sum(sizes[:low])
            yield buffer[first : first + sum(sizes[low:high])], counts[low:high]


def gram_counts(buffer: Buffer, start: int) -> dict[int, int]:
    """The code point of each second character in a gram block, with the number of positions of the bigram."""
    codes, counts, _, _ = _directory(buffer, start)
    return dict(zip(codes.tolist(), counts.tolist(), strict=True))


def _directory(buffer: Buffer, start: int) -> tuple[Buffer, Buffer, Buffer, int]:
    """Second characters, numbers of positions, sizes of the lists in bytes, and the offset of the first list."""
    number, *widths = GRAM_HEADER.unpack_from(buffer, start)
    at = start + GRAM_HEADER.size
    arrays = []
    for size in widths:
        arrays.append(_array(buffer, at, at + size * number, size))
        at += size * number
    return arrays[0], arrays[1], arrays[2], at


def _array(buffer: Buffer, start: int, end: int, size: int) -> Buffer:
    return buffer[start:end].cast("B").cast(_TYPECODES[size])
