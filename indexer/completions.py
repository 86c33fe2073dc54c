"""The completions of a generation: frequent terms, accounts, program types and titles, looked up by prefix or pinyin.

`completions.data` is `<8I` (numbers of terms, accounts, types, pinyin keys, title parts; bytes of texts and keys;
number of documents added, deleted or made anew since the terms were counted), then u32 arrays: ends of the texts, their
document counts, texts in the order of their normal forms, ends of the keys, text of each key, document of each title
part; then one byte per title part with its offset in the title, the texts and the keys in UTF-8.

Texts are terms, then accounts, then types, each in descending order of rank. Keys are the pinyin keys of texts, sorted.
Title parts are the beginnings of titles and of their parts, sorted; the titles are read from the stored documents.
"""

from __future__ import annotations

import mmap
import struct
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Final, Self

from indexer.analysis.normalise import normalise
from indexer.errors import IndexDamaged

FILE: Final = "completions.data"

#: Characters by which title parts are sorted; a title is identified before more are typed.
SORT_CHARACTERS: Final = 20
HEADER: Final = struct.Struct("<8I")
#: Sorts after every text with the same prefix.
_AFTER_PREFIX: Final = chr(0x10FFFF)


class CompletionTable:
    """The memory-mapped completions of one generation; threads may share it."""

    def __init__(self, directory: Path) -> None:
        """Raises IndexDamaged."""
        try:
            with (directory / FILE).open("rb") as file:
                self._open(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        except (OSError, ValueError, struct.error) as error:
            raise IndexDamaged(f"{directory.name}/{FILE} cannot be read ({error})") from error

    @classmethod
    def of_bytes(cls, content: bytes) -> Self:
        """The completions in the bytes of a file; raises IndexDamaged."""
        table = cls.__new__(cls)
        try:
            data = mmap.mmap(-1, len(content))
            data[:] = content
            table._open(data)
        except (OSError, ValueError, struct.error) as error:
            raise IndexDamaged(f"the completions cannot be read ({error})") from error
        return table

    def _open(self, data: mmap.mmap) -> None:
        """Raises ValueError or struct.error."""
        self._data = data
        header = HEADER.unpack_from(self._data)
        self.terms, accounts, types, keys, title_parts, text_bytes, key_bytes, self.changed = header
        self.accounts = self.terms + accounts
        self.texts = self.accounts + types
        self._views: list[memoryview[int]] = []
        at = HEADER.size
        for length in (self.texts, self.texts, self.texts, keys, keys, title_parts):
            self._views.append(memoryview(self._data)[at : at + 4 * length].cast("I"))
            at += 4 * length
        self._ends, self._counts, self._by_normal, self._key_ends, self._key_texts, self._part_documents = self._views
        self._part_starts_at = at
        self._texts_at = at + title_parts
        self._keys_at = self._texts_at + text_bytes
        if self._keys_at + key_bytes != len(self._data):
            raise ValueError("it is not as long as its header says")

    def text(self, number: int) -> str:
        """The text with this number: a term in normal form, or a name as the documents have it."""
        return _piece(self._data, self._texts_at, self._ends, number).decode("utf-8", "surrogatepass")

    def count(self, number: int) -> int:
        """The number of documents of a text; for a term, those that have it as a word, or as a phrase in the title.

        Learned words count wherever they are found as strings.
        """
        return self._counts[number]

    def with_prefix(self, normal: str) -> memoryview[int]:
        """The texts whose normal form has this prefix, in the order of their normal forms."""

        def key(number: int) -> str:
            text = self.text(number)
            return text if number < self.terms else normalise(text)

        first = bisect_left(self._by_normal, normal, key=key)
        return self._by_normal[first : bisect_left(self._by_normal, normal + _AFTER_PREFIX, first, key=key)]

    def with_pinyin_prefix(self, letters: str) -> memoryview[int]:
        """The texts that have a pinyin key with this prefix, in the order of the keys; a text may occur twice."""

        def key(at: int) -> bytes:
            return _piece(self._data, self._keys_at, self._key_ends, at)

        prefix = letters.encode("utf-8", "surrogatepass")
        numbers = range(len(self._key_ends))
        low = bisect_left(numbers, prefix, key=key)
        high = bisect_left(numbers, prefix + b"\xff", low, key=key)
        return self._key_texts[low:high]

    def pinyin_keys(self) -> Iterator[tuple[str, int]]:
        """All pinyin keys with the numbers of their texts, in the order of the keys."""
        ends = self._key_ends.tolist()
        letters = self._data[self._keys_at : self._keys_at + (ends[-1] if ends else 0)].decode("ascii")
        return zip((letters[start:end] for start, end in pairwise([0, *ends])), self._key_texts.tolist(), strict=True)

    def containing(self, normal: str) -> Iterator[int]:
        """The terms that contain a string, by rank, found by scanning the texts; each step scans to the next one."""
        needle = normal.encode("utf-8", "surrogatepass")
        at = self._texts_at
        end = self._texts_at + (self._ends[self.terms - 1] if self.terms else 0)
        while needle and (at := self._data.find(needle, at, end)) >= 0:
            number = bisect_right(self._ends, at - self._texts_at)
            after = self._texts_at + self._ends[number]
            if at + len(needle) <= after:
                yield number
            at = after

    def title_documents(self, normal: str, title: Callable[[int], str]) -> memoryview[int]:
        """The documents whose title, or a part of it, has this prefix; a document may occur twice.

        Only the first SORT_CHARACTERS are compared. `title` returns the title of a document in normal form; the binary
        search calls it about thirty times for 100,000 documents.
        """

        def key(at: int) -> str:
            start = self._data[self._part_starts_at + at]
            return title(self._part_documents[at])[start : start + SORT_CHARACTERS]

        prefix = normal[:SORT_CHARACTERS]
        numbers = range(len(self._part_documents))
        first = bisect_left(numbers, prefix, key=key)
        return self._part_documents[first : bisect_left(numbers, prefix + _AFTER_PREFIX, first, key=key)]

    def close(self) -> None:
        """Release the file, unless an array of it is still in use; then the memory goes with the last array."""
        try:
            for view in self._views:
                view.release()
            self._data.close()
        except BufferError:
            return


def _piece(data: mmap.mmap, start: int, ends: memoryview[int], number: int) -> bytes:
    return data[start + (ends[number - 1] if number else 0) : start + ends[number]]
