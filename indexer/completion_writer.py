"""Writes the completions of a generation (see completions.py) from its columns, words, and the titles of segments."""

from __future__ import annotations

import re
import struct
from array import array
from collections.abc import Iterator, Sequence
from contextlib import closing
from heapq import merge, nsmallest
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from indexer.analysis.normalise import normalise
from indexer.analysis.pinyin import pinyin_keys
from indexer.analysis.title_phrases import PhraseCounter, function_words
from indexer.completions import FILE, HEADER, SORT_CHARACTERS, CompletionTable
from indexer.segments.word_counts import WordCounts
from indexer.store.columns import ColumnReader
from indexer.titles import read_titles

#: With these limits the file takes about 1 % of 100,000 texts, and 2 % of 10,000.
MAX_TERMS: Final = 50_000
_BASE_TERMS: Final = 4_000
_DOCUMENTS_PER_TERM: Final = 2
MAX_NAMES: Final = 10_000
#: A term needs two documents, so that the typo of one author is not offered to everybody.
_MIN_DOCUMENTS: Final = 2
_MAX_TERM_CHARACTERS: Final = 20

_PARTS_PER_TITLE: Final = 3
_MIN_PART_CHARACTERS: Final = 4
#: Where a part of a title begins, after a prefix such as 一图读懂|…, 【申报】…, 解读:… (in normal form).
_PART_STARTS: Final = re.compile(r"[|:】\]][【《\[ ]*")
_TITLE_PART: Final = struct.Struct(">IB")

#: Terms are counted again when one in so many documents has changed, and in smaller collections by every run.
_CHANGED_SHARE: Final = 20
_SMALL_COLLECTION: Final = 2_000

Term = tuple[str, int]


def write_completions(directory: Path, previous: Path | None = None, changed: int = 0) -> None:
    """Write the file of a generation whose segments and columns are complete.

    Names and titles are those of its documents. The terms with their counts are taken over from the generation
    `previous`, since which `changed` documents were added and deleted, until that concerns a twentieth of all documents
    (counting took 3 s for 100,000 documents); they are suggestions, which nothing else depends on.
    """
    columns = ColumnReader(directory)
    with closing(columns):
        live = np.ones(columns.max_document, bool) if columns.live is None else np.array(columns.live, bool)
        known = _known_terms(previous, changed, columns.documents)
        phrases = PhraseCounter()
        title_parts = []
        for number, (title, words) in _titles(directory, columns, live):
            if known is None:
                phrases.add(title, words)
            for start in _starts(title):
                key = title[start : start + SORT_CHARACTERS].encode("utf-8", "surrogatepass")
                title_parts.append(key + b"\0" + _TITLE_PART.pack(number, start))
        title_parts.sort()
        terms, changed = known or (_count_terms(directory, columns, live, phrases), 0)
        names = _names(columns, "account", live), _names(columns, "type", live)
    _write(directory, terms, names, [_TITLE_PART.unpack(part[-_TITLE_PART.size :]) for part in title_parts], changed)


def _known_terms(previous: Path | None, changed: int, documents: int) -> tuple[list[Term], int] | None:
    """The terms of the generation before and the documents changed since they were counted; None if too many."""
    if previous is None or documents <= _SMALL_COLLECTION:
        return None
    with closing(CompletionTable(previous)) as table:
        changed += table.changed
        if changed * _CHANGED_SHARE >= documents:
            return None
        return [(table.text(number), table.count(number)) for number in range(table.terms)], changed


def _titles(
    directory: Path, columns: ColumnReader, live: npt.NDArray[np.bool_]
) -> Iterator[tuple[int, tuple[str, list[str]]]]:
    """The number of each live document with its title and the words of it."""
    is_live = live.tolist()
    for segment in columns.segments:
        for number, title in enumerate(read_titles(directory / segment.name), segment.first_document):
            if is_live[number]:
                yield number, title


def _count_terms(
    directory: Path, columns: ColumnReader, live: npt.NDArray[np.bool_], phrases: PhraseCounter
) -> list[Term]:
    """The terms with their document counts, ranked by the number of titles, then of documents, that have them."""
    words = WordCounts(directory, columns, live)
    parts = phrases.words
    titles_with = {word: count for word, count in words.of("title") if word in parts}
    recurring = phrases.recurring(titles_with)

    def candidates() -> Iterator[tuple[int, int, str]]:
        found = dict(recurring)
        tagged = (
            ((word, field, count) for word, count in words.of(name)) for field, name in enumerate(("title", "body"))
        )
        # The words come in the order of their code points.
        for word, entries in groupby(merge(*tagged), itemgetter(0)):
            counts = [0, 0]
            for _, field, count in entries:
                counts[field] = count
            in_titles, documents = counts[0], max(counts)
            phrase = found.pop(word, 0)
            is_offered = _is_term(word) and documents >= _MIN_DOCUMENTS
            best = max((in_titles, documents) if is_offered else (0, 0), (phrase, phrase))
            if best[1]:
                yield -best[0], -best[1], word
        yield from ((-count, -count, phrase) for phrase, count in found.items())

    limit = min(MAX_TERMS, _BASE_TERMS + columns.documents // _DOCUMENTS_PER_TERM)
    return [(term, -documents) for _, documents, term in nsmallest(limit, candidates())]


def _is_term(word: str) -> bool:
    """True if the word is worth offering: of suitable length, neither a number nor a function word."""
    return 2 <= len(word) <= _MAX_TERM_CHARACTERS and not word.isdecimal() and word not in function_words()


def _starts(title: str) -> list[int]:
    """The offsets at which a title and its parts begin."""
    ends = [match.end() for match in _PART_STARTS.finditer(title, 0, 256)]
    parts = [at for at in ends if at < 256 and len(title) - at >= _MIN_PART_CHARACTERS]
    return [0, *parts][:_PARTS_PER_TITLE] if title else []


def _names(columns: ColumnReader, column: str, live: npt.NDArray[np.bool_]) -> list[Term]:
    """The values of a column by descending document count, without those of one character, such as 无 for no type."""
    values = columns.dictionaries[column]
    counts = dict.fromkeys(values, 0)
    members = columns.combinations.get(column) or [[ordinal] for ordinal in range(len(values))]
    for code, documents in enumerate(np.bincount(np.asarray(columns[column])[live]).tolist()):
        for ordinal in members[code]:
            counts[values[ordinal]] += documents
    names = [(name, count) for name, count in counts.items() if count and len(name) > 1]
    return sorted(names, key=lambda item: (-item[1], item[0]))[:MAX_NAMES]


def _write(
    directory: Path,
    terms: Sequence[Term],
    names: Sequence[Sequence[Term]],
    title_parts: Sequence[tuple[int, int]],
    changed: int,
) -> None:
    accounts, types = names
    texts = [*terms, *accounts, *types]
    normals = [text for text, _ in terms] + [normalise(text) for text, _ in (*accounts, *types)]
    pinyin = sorted((key, number) for number, normal in enumerate(normals) for key in pinyin_keys(normal))
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
    lengths = map(len, (terms, accounts, types, pinyin, title_parts, text_bytes, key_bytes))
    with (directory / FILE).open("wb") as file:
        file.write(HEADER.pack(*lengths, changed))
        for numbers in arrays:
            file.write(array("I", numbers).tobytes())
        file.write(bytes(start for _, start in title_parts) + text_bytes + key_bytes)


def _concatenated(texts: Sequence[str]) -> tuple[list[int], bytes]:
    """The end of each text in bytes, and the concatenated UTF-8."""
    raw = [text.encode("utf-8", "surrogatepass") for text in texts]
    ends, end = [], 0
    for piece in raw:
        end += len(piece)
        ends.append(end)
    return ends, b"".join(raw)
