"""The completions of a generation: frequent terms, accounts, program types and titles, looked up by prefix or pinyin.

`completions.data` is `<7I` (numbers of terms, accounts, types, pinyin keys, title parts; bytes of texts and keys),
then u32 arrays: ends of the texts, their document counts, texts in the order of their normal forms, ends of the keys,
text of each key, document of each title part; then one byte per title part with its offset in the title, the texts and
the keys in UTF-8.

Texts are terms, then accounts, then types, each in descending order of rank. Keys are the pinyin keys of texts, sorted.
Title parts are the beginnings of titles and of their parts, sorted; the titles are read from the stored documents.
"""

from __future__ import annotations

import mmap
import re
import struct
from array import array
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from indexer.analysis.normalise import normalise
from indexer.analysis.pinyin import pinyin_keys
from indexer.analysis.title_phrases import PhraseCounter, function_words
from indexer.errors import IndexDamaged
from indexer.postings.reader import PackedIndex
from indexer.record import IndexRecord

FILE: Final = "completions.data"

#: With these limits the file takes about 1 % of 100,000 texts, and 2 % of 10,000.
MAX_TERMS: Final = 50_000
_BASE_TERMS: Final = 4_000
_DOCUMENTS_PER_TERM: Final = 2
MAX_NAMES: Final = 10_000
#: A term needs two documents, so that the typo of one author is not offered to everybody.
_MIN_DOCUMENTS: Final = 2
_MAX_TERM_CHARACTERS: Final = 20

#: Characters by which title parts are sorted; a title is identified before more are typed.
SORT_CHARACTERS: Final = 20
_PARTS_PER_TITLE: Final = 3
_MIN_PART_CHARACTERS: Final = 4
#: Where a part of a title begins, after a prefix such as 一图读懂|…, 【申报】…, 解读:… (in normal form).
_PART_STARTS: Final = re.compile(r"[|:】\]][【《\[ ]*")

_HEADER: Final = struct.Struct("<7I")
_TITLE_PART: Final = struct.Struct(">IB")
#: Sorts after every text with the same prefix.
_AFTER_PREFIX: Final = chr(0x10FFFF)


class CompletionWriter:
    """Collects terms, names and titles of documents; `write` makes the file."""

    def __init__(self) -> None:
        self._phrases = PhraseCounter()
        self._accounts: Counter[str] = Counter()
        self._types: Counter[str] = Counter()
        self._title_parts: list[bytes] = []
        self._number = 0

    def add(self, record: IndexRecord) -> None:
        """Append one document; documents are numbered from 0 in this order."""
        title = record.title or normalise(record.document.title)
        self._phrases.add(title, record.title_words)
        self._accounts[record.document.account] += 1
        self._types.update(record.document.program_types)
        for start in _starts(title):
            key = title[start : start + SORT_CHARACTERS].encode("utf-8", "surrogatepass")
            self._title_parts.append(key + b"\0" + _TITLE_PART.pack(self._number, start))
        self._number += 1

    def write(self, directory: Path) -> None:
        """Write the file into a folder whose inverted index is complete, because it counts the documents of words."""
        index = PackedIndex(directory)
        try:
            terms = self._terms(index)
        finally:
            index.close()
        names = [_names(self._accounts), _names(self._types)]
        texts = [*terms, *names[0], *names[1]]
        normals = [text for text, _ in terms] + [normalise(text) for text, _ in (*names[0], *names[1])]
        pinyin = sorted((key, number) for number, normal in enumerate(normals) for key in pinyin_keys(normal))
        title_parts = [_TITLE_PART.unpack(part[-_TITLE_PART.size :]) for part in sorted(self._title_parts)]
        text_ends, text_bytes = _concatenated([text for text, _ in texts])
        key_ends, key_bytes = _concatenated([key for key, _ in pinyin])
        arrays: tuple[Sequence[int], ...] = (
            text_ends,
            [count for _, count in texts],
            sorted(range(len(texts)), key=lambda number: (normals[number], number)),
            key_ends,
            [number for _, number in pinyin],
            [number for number, _ in title_parts],
        )
        sizes = (
            len(terms),
            len(names[0]),
            len(names[1]),
            len(pinyin),
            len(title_parts),
            len(text_bytes),
            len(key_bytes),
        )
        with (directory / FILE).open("wb") as file:
            file.write(_HEADER.pack(*sizes))
            for numbers in arrays:
                file.write(array("I", numbers).tobytes())
            file.write(bytes(start for _, start in title_parts) + text_bytes + key_bytes)

    def _terms(self, index: PackedIndex) -> list[tuple[str, int]]:
        """The terms with their document counts, ranked by the number of titles, then of documents, that have them."""
        titles = dict(index.words("title"))
        #: Term → numbers of titles and of documents.
        found = {word: (count, count) for word, count in titles.items() if count >= _MIN_DOCUMENTS and _is_term(word)}
        for word, count in index.words("body", _MIN_DOCUMENTS):
            if _is_term(word):
                in_titles = titles.get(word, 0)
                found[word] = (in_titles, max(count, in_titles))
        for phrase, count in self._phrases.recurring(titles).items():
            found[phrase] = max(found.get(phrase, (0, 0)), (count, count))
        ranked = sorted(found.items(), key=lambda item: (-item[1][0], -item[1][1], item[0]))
        limit = min(MAX_TERMS, _BASE_TERMS + index.documents // _DOCUMENTS_PER_TERM)
        return [(term, documents) for term, (_, documents) in ranked[:limit]]


def _is_term(word: str) -> bool:
    """True if the word is worth offering: of suitable length, neither a number nor a function word."""
    return 2 <= len(word) <= _MAX_TERM_CHARACTERS and not word.isdecimal() and word not in function_words()


def _starts(title: str) -> list[int]:
    """The offsets at which a title and its parts begin."""
    ends = [match.end() for match in _PART_STARTS.finditer(title, 0, 256)]
    parts = [at for at in ends if at < 256 and len(title) - at >= _MIN_PART_CHARACTERS]
    return [0, *parts][:_PARTS_PER_TITLE] if title else []


def _names(counts: Counter[str]) -> list[tuple[str, int]]:
    """The names by descending document count, without names of one character, such as 无 for no program type."""
    names = [(name, count) for name, count in counts.items() if len(name) > 1]
    return sorted(names, key=lambda item: (-item[1], item[0]))[:MAX_NAMES]


def _concatenated(texts: Sequence[str]) -> tuple[list[int], bytes]:
    """The end of each text in bytes, and the concatenated UTF-8."""
    raw = [text.encode("utf-8", "surrogatepass") for text in texts]
    ends, end = [], 0
    for piece in raw:
        end += len(piece)
        ends.append(end)
    return ends, b"".join(raw)


class CompletionTable:
    """The memory-mapped completions of one generation; threads may share it."""

    def __init__(self, directory: Path) -> None:
        """Raises IndexDamaged."""
        try:
            with (directory / FILE).open("rb") as file:
                self._data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            self.terms, accounts, types, keys, title_parts, text_bytes, key_bytes = _HEADER.unpack_from(self._data)
            self.accounts = self.terms + accounts
            self.texts = self.accounts + types
            self._views: list[memoryview[int]] = []
            at = _HEADER.size
            for length in (self.texts, self.texts, self.texts, keys, keys, title_parts):
                self._views.append(memoryview(self._data)[at : at + 4 * length].cast("I"))
                at += 4 * length
        except (OSError, ValueError, struct.error) as error:
            raise IndexDamaged(f"{directory.name}/{FILE} cannot be read ({error})") from error
        self._ends, self._counts, self._by_normal, self._key_ends, self._key_texts, self._part_documents = self._views
        self._part_starts_at = at
        self._texts_at = at + title_parts
        self._keys_at = self._texts_at + text_bytes
        if self._keys_at + key_bytes != len(self._data):
            raise IndexDamaged(f"{directory.name}/{FILE} is not as long as its header says")

    def text(self, number: int) -> str:
        """The text with this number: a term in normal form, or a name as the documents have it."""
        return _piece(self._data, self._texts_at, self._ends, number).decode("utf-8", "surrogatepass")

    def count(self, number: int) -> int:
        """The number of documents of a text; for a term, those that have it as a word, or as a phrase in the title."""
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
