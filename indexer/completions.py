"""What a search box offers while somebody types: one file with terms, names of accounts and types, and titles' order.

`completions.data` is `<7I` (numbers of terms, accounts, types, keys and places; bytes of texts and of keys), then
u32 arrays: ends of the texts, their documents, texts in the order of their normal forms, ends of the keys, text of
each key, document of each place; then a byte for where in its title each place is, the texts and the keys in UTF-8.

Texts are terms, then accounts, then types, the best first, so that a lower number is a better suggestion. Keys are
what one types for a text in pinyin, sorted. Places are beginnings of titles and of their parts, sorted; the titles
themselves are read from the documents.
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
from indexer.analysis.pinyin import keys
from indexer.analysis.title_phrases import PhraseCounter, function_words
from indexer.errors import IndexDamaged
from indexer.postings.reader import PackedIndex
from indexer.record import IndexRecord

FILE: Final = "completions.data"

#: With these the file takes about 1 % of 100,000 texts, and 2 % of a tenth of them.
MAX_TERMS: Final = 50_000
_TERMS_AT_LEAST: Final = 4_000
_DOCUMENTS_FOR_ONE_MORE: Final = 2
MAX_NAMES: Final = 10_000
#: A term stands in two documents at least, so that a slip of one author is not offered to all.
_LEAST_DOCUMENTS: Final = 2
_MOST_TERM_CHARACTERS: Final = 20

#: Characters by which places are sorted; more than anybody types before a title is plain.
PLACE_CHARACTERS: Final = 20
_PLACES_OF_TITLE: Final = 3
_LEAST_PART_CHARACTERS: Final = 4
#: Ends of what stands before a title proper, in normal form: 一图读懂|…, 【申报】…, 解读:….
_PARTS: Final = re.compile(r"[|:】\]][【《\[ ]*")

_HEADER: Final = struct.Struct("<7I")
_PLACE: Final = struct.Struct(">IB")
#: After every text with the same beginning.
_BEYOND: Final = chr(0x10FFFF)


class CompletionWriter:
    """Collects what documents offer; `write` makes the file of them."""

    def __init__(self) -> None:
        self._phrases = PhraseCounter()
        self._accounts: Counter[str] = Counter()
        self._types: Counter[str] = Counter()
        self._places: list[bytes] = []
        self._number = 0

    def add(self, record: IndexRecord) -> None:
        """Append one document; its number is the count of those before it."""
        title = record.title or normalise(record.document.title)
        self._phrases.add(title, record.title_words)
        self._accounts[record.document.account] += 1
        self._types.update(record.document.program_types)
        for start in _starts(title):
            key = title[start : start + PLACE_CHARACTERS].encode("utf-8", "surrogatepass")
            self._places.append(key + b"\0" + _PLACE.pack(self._number, start))
        self._number += 1

    def write(self, directory: Path) -> None:
        """Write the file into a folder whose inverted index is complete: that counts the words."""
        index = PackedIndex(directory)
        try:
            terms = self._terms(index)
        finally:
            index.close()
        names = [_names(self._accounts), _names(self._types)]
        texts = [*terms, *names[0], *names[1]]
        normals = [text for text, _ in terms] + [normalise(text) for text, _ in (*names[0], *names[1])]
        typed = sorted((key, number) for number, normal in enumerate(normals) for key in keys(normal))
        places = [_PLACE.unpack(place[-_PLACE.size :]) for place in sorted(self._places)]
        text_ends, text_bytes = _joined([text for text, _ in texts])
        key_ends, key_bytes = _joined([key for key, _ in typed])
        arrays: tuple[Sequence[int], ...] = (
            text_ends,
            [count for _, count in texts],
            sorted(range(len(texts)), key=lambda number: (normals[number], number)),
            key_ends,
            [number for _, number in typed],
            [number for number, _ in places],
        )
        sizes = (len(terms), len(names[0]), len(names[1]), len(typed), len(places), len(text_bytes), len(key_bytes))
        with (directory / FILE).open("wb") as file:
            file.write(_HEADER.pack(*sizes))
            for numbers in arrays:
                file.write(array("I", numbers).tobytes())
            file.write(bytes(start for _, start in places) + text_bytes + key_bytes)

    def _terms(self, index: PackedIndex) -> list[tuple[str, int]]:
        """The best terms with their documents, first those of the most titles, then of the most documents."""
        titles = dict(index.words("title"))
        found = {word: (count, count) for word, count in titles.items() if count >= _LEAST_DOCUMENTS and _is_term(word)}
        for word, count in index.words("body", _LEAST_DOCUMENTS):
            if _is_term(word):
                in_titles = titles.get(word, 0)
                found[word] = (in_titles, max(count, in_titles))
        for phrase, count in self._phrases.recurring(titles).items():
            found[phrase] = max(found.get(phrase, (0, 0)), (count, count))
        best = sorted(found.items(), key=lambda item: (-item[1][0], -item[1][1], item[0]))
        most = min(MAX_TERMS, _TERMS_AT_LEAST + index.documents // _DOCUMENTS_FOR_ONE_MORE)
        return [(term, documents) for term, (_, documents) in best[:most]]


def _is_term(word: str) -> bool:
    """Worth offering: of some length, neither a mere number nor a function word."""
    return 2 <= len(word) <= _MOST_TERM_CHARACTERS and not word.isdecimal() and word not in function_words()


def _starts(title: str) -> list[int]:
    """Where a title and its parts begin."""
    ends = [match.end() for match in _PARTS.finditer(title, 0, 256)]
    parts = [at for at in ends if at < 256 and len(title) - at >= _LEAST_PART_CHARACTERS]
    return [0, *parts][:_PLACES_OF_TITLE] if title else []


def _names(counts: Counter[str]) -> list[tuple[str, int]]:
    """The names of the most documents; one character, such as the mark for no type, needs no completing."""
    names = [(name, count) for name, count in counts.items() if len(name) > 1]
    return sorted(names, key=lambda item: (-item[1], item[0]))[:MAX_NAMES]


def _joined(texts: Sequence[str]) -> tuple[list[int], bytes]:
    """Where each text ends, and all of them one after the other."""
    raw = [text.encode("utf-8", "surrogatepass") for text in texts]
    ends, end = [], 0
    for piece in raw:
        end += len(piece)
        ends.append(end)
    return ends, b"".join(raw)


class CompletionTable:
    """The file of a generation, searched where it lies; may be shared by threads."""

    def __init__(self, directory: Path) -> None:
        try:
            with (directory / FILE).open("rb") as file:
                self._data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            self.terms, accounts, types, typed, places, text_bytes, key_bytes = _HEADER.unpack_from(self._data)
            self.accounts = self.terms + accounts
            self.texts = self.accounts + types
            self._views: list[memoryview[int]] = []
            at = _HEADER.size
            for length in (self.texts, self.texts, self.texts, typed, typed, places):
                self._views.append(memoryview(self._data)[at : at + 4 * length].cast("I"))
                at += 4 * length
        except (OSError, ValueError, struct.error) as error:
            raise IndexDamaged(f"the index is damaged: {directory.name}/{FILE} cannot be read ({error})") from error
        self._ends, self._counts, self._by_normal, self._key_ends, self._key_texts, self._places = self._views
        self._starts_at = at
        self._texts_at = at + places
        self._keys_at = self._texts_at + text_bytes
        if self._keys_at + key_bytes != len(self._data):
            raise IndexDamaged(f"the index is damaged: {directory.name}/{FILE} has not the size it tells")

    def text(self, number: int) -> str:
        """A text: a term in normal form, or a name as it is written."""
        return _piece(self._data, self._texts_at, self._ends, number).decode("utf-8", "surrogatepass")

    def count(self, number: int) -> int:
        """Documents that have it: for a term as a word, or as a phrase in the title."""
        return self._counts[number]

    def beginning(self, normal: str) -> memoryview[int]:
        """Texts whose normal form begins so, in the order of these."""

        def key(number: int) -> str:
            text = self.text(number)
            return text if number < self.terms else normalise(text)

        first = bisect_left(self._by_normal, normal, key=key)
        return self._by_normal[first : bisect_left(self._by_normal, normal + _BEYOND, first, key=key)]

    def typed(self, letters: str) -> memoryview[int]:
        """Texts that have a key with this beginning, in the order of the keys; one may be there twice."""

        def key(at: int) -> bytes:
            return _piece(self._data, self._keys_at, self._key_ends, at)

        wanted = letters.encode("utf-8", "surrogatepass")
        every = range(len(self._key_ends))
        low = bisect_left(every, wanted, key=key)
        high = bisect_left(every, wanted + b"\xff", low, key=key)
        return self._key_texts[low:high]

    def containing(self, normal: str) -> Iterator[int]:
        """Terms that hold a string, the best first; each look costs as much as the distance to the next one."""
        wanted = normal.encode("utf-8", "surrogatepass")
        at = self._texts_at
        end = self._texts_at + (self._ends[self.terms - 1] if self.terms else 0)
        while wanted and (at := self._data.find(wanted, at, end)) >= 0:
            number = bisect_right(self._ends, at - self._texts_at)
            after = self._texts_at + self._ends[number]
            if at + len(wanted) <= after:
                yield number
            at = after

    def titled(self, normal: str, title: Callable[[int], str]) -> memoryview[int]:
        """Documents whose title, or a part of it, begins so; one may be there twice.

        Only the first PLACE_CHARACTERS are compared. `title` gives a document's title in normal form; it is asked
        some thirty times in 100,000 documents.
        """

        def key(at: int) -> str:
            start = self._data[self._starts_at + at]
            return title(self._places[at])[start : start + PLACE_CHARACTERS]

        wanted = normal[:PLACE_CHARACTERS]
        every = range(len(self._places))
        first = bisect_left(every, wanted, key=key)
        return self._places[first : bisect_left(every, wanted + _BEYOND, first, key=key)]

    def close(self) -> None:
        """Release the file as soon as nobody holds an array of it."""
        try:
            for view in self._views:
                view.release()
            self._data.close()
        except BufferError:
            return


def _piece(data: mmap.mmap, start: int, ends: memoryview[int], number: int) -> bytes:
    return data[start + (ends[number - 1] if number else 0) : start + ends[number]]
