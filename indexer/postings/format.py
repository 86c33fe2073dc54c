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
    rest = iter(bytes(raw))
    for number in rest:
        if number > 127:
            number &= 127
            shift = 7
            for byte in rest:
                number |= (byte & 127) << shift
                if byte < 128:
                    break
                shift += 7
        numbers.append(number)
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


class GramBlock(NamedTuple):
    """The posting lists of all bigrams with the same first character.

    `codes` has the code points of the second characters, ascending; `rest` the numbers of positions and the sizes of
    the lists, at so many bytes each, and the lists. Most lookups end at the codes.
    """

    codes: Buffer
    count_bytes: int
    size_bytes: int
    rest: Buffer

    @classmethod
    def read(cls, buffer: Buffer, start: int, end: int) -> GramBlock:
        """The gram block in a range of bytes; nothing is copied."""
        number, code_bytes, count_bytes, size_bytes = GRAM_HEADER.unpack_from(buffer, start)
        start += GRAM_HEADER.size
        rest = start + number * code_bytes
        return cls(buffer[start:rest].cast(_TYPECODES[code_bytes]), count_bytes, size_bytes, buffer[rest:end])

    @property
    def counts(self) -> Buffer:
        """The number of positions of each bigram."""
        return self.rest[: len(self.codes) * self.count_bytes].cast(_TYPECODES[self.count_bytes])

    @property
    def sizes(self) -> Buffer:
        """The size of each list in bytes."""
        first = len(self.codes) * self.count_bytes
        return self.rest[first : first + len(self.codes) * self.size_bytes].cast(_TYPECODES[self.size_bytes])

    @property
    def lists(self) -> Buffer:
        """The bytes of all lists."""
        return self.rest[len(self.codes) * (self.count_bytes + self.size_bytes) :]

    def occurrences(self, code: int) -> int:
        """The number of positions of the bigram with this second character."""
        at = bisect_left(self.codes, code)
        return self.counts[at] if at < len(self.codes) and self.codes[at] == code else 0

    def find(self, code: int) -> tuple[Buffer, int] | None:
        """The list of the bigram with this second character, and its number of positions; None if there is none."""
        at = bisect_left(self.codes, code)
        if at == len(self.codes) or self.codes[at] != code:
            return None
        sizes = self.sizes
        first = sum(sizes[:at])
        return self.lists[first : first + sizes[at]], self.counts[at]

    def all(self) -> Iterator[tuple[int, Buffer]]:
        """The code point of each second character, with the list of the bigram."""
        lists, at = self.lists, 0
        for code, size in zip(self.codes, self.sizes, strict=True):
            yield code, lists[at : at + size]
            at += size

    def runs(self) -> Iterator[tuple[Buffer, Buffer]]:
        """The lists of all bigrams as runs of lists without a gap: the bytes, and the number of positions of each list.

        The list of boundaries, which is none of a bigram, lies between two runs.
        """
        counts, sizes, lists = self.counts, self.sizes, self.lists
        before = bisect_left(self.codes, RUN_BOUNDARY_CODE)
        after = bisect_left(self.codes, RUN_BOUNDARY_CODE + 1, before)
        for low, high in ((0, before), (after, len(sizes))) if before < after else ((0, len(sizes)),):
            if low < high:
                first = sum(sizes[:low])
                yield lists[first : first + sum(sizes[low:high])], counts[low:high]

    def counts_by_code(self) -> dict[int, int]:
        """The code point of each second character, with the number of positions of the bigram."""
        return dict(zip(self.codes.tolist(), self.counts.tolist(), strict=True))
