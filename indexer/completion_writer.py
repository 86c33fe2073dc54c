"""Writes the completions of a generation (see completions.py): its words, learned words, names and titles."""

from __future__ import annotations

import struct
from array import array
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from heapq import nsmallest
from itertools import accumulate, compress
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from indexer.analysis.normalise import normalise
from indexer.analysis.pinyin import pinyin_keys
from indexer.analysis.title_phrases import PhraseCounter, function_words
from indexer.completions import FILE, HEADER, SORT_CHARACTERS, CompletionTable
from indexer.learned_words import LearnedWords
from indexer.postings.reader import PackedIndex
from indexer.postings.string_documents import StringDocuments
from indexer.segments.word_counts import WordCounts
from indexer.store.columns import ColumnReader
from indexer.titles import read_title_words, read_titles, title_starts

#: With these limits the file takes about 1 % of 100,000 texts, and 2 % of 10,000.
MAX_TERMS: Final = 50_000
_BASE_TERMS: Final = 4_000
_DOCUMENTS_PER_TERM: Final = 2
MAX_NAMES: Final = 10_000
#: A term needs two documents, so that the typo of one author is not offered to everybody.
_MIN_DOCUMENTS: Final = 2
_MAX_TERM_CHARACTERS: Final = 20

_TITLE_PART: Final = struct.Struct(">IB")

#: Terms are counted again when one in so many documents has changed, and in smaller collections by every run.
_CHANGED_SHARE: Final = 10
_SMALL_COLLECTION: Final = 2_000

Term = tuple[str, int]
#: A pinyin key and the number of its text.
Key = tuple[str, int]
Mask = npt.NDArray[np.bool_]


def write_completions(directory: Path, previous: Path | None = None, changed: int = 0) -> None:
    """Write the file of a generation whose segments, columns and learned words are complete.

    Names and titles are those of its documents. The terms with their counts are taken over from the generation
    `previous`, since which `changed` documents were added, deleted or made anew, until these are a tenth of all
    documents (counting takes 1.2 s for 20,000 documents in ten segments); they are suggestions, which nothing else
    depends on.
    """
    columns = ColumnReader(directory)
    with closing(columns):
        live = np.ones(columns.max_document, bool) if columns.live is None else np.array(columns.live, bool)
        terms = known_terms(previous, changed, columns.documents) or _count_terms(directory, columns, live)
        names = _names(columns, "account", live), _names(columns, "type", live)
        write_table(directory, terms, names, _title_parts(directory, columns, live))


class Terms(NamedTuple):
    """Terms by rank, their pinyin keys with their numbers, and the documents changed since they were counted."""

    terms: list[Term]
    keys: list[Key]
    changed: int


def known_terms(previous: Path | None, changed: int, documents: int) -> Terms | None:
    """The terms of the generation before; None if too many documents have changed."""
    if previous is None or documents <= _SMALL_COLLECTION:
        return None
    with closing(CompletionTable(previous)) as table:
        changed += table.changed
        if changed * _CHANGED_SHARE >= documents:
            return None
        terms = [(table.text(number), table.count(number)) for number in range(table.terms)]
        return Terms(terms, [(key, number) for key, number in table.pinyin_keys() if number < table.terms], changed)


def _title_parts(directory: Path, columns: ColumnReader, live: Mask) -> list[tuple[int, int]]:
    """The parts of the titles of live documents, as numbers of documents and offsets, in the order of their texts."""
    parts = []
    for segment in columns.segments:
        numbers = range(segment.first_document, segment.first_document + segment.documents)
        titles = zip(numbers, read_titles(directory / segment.name), strict=True)
        for number, title in compress(titles, live[numbers.start : numbers.stop].tolist()):
            for start in title_starts(title):
                key = title[start : start + SORT_CHARACTERS].encode("utf-8", "surrogatepass")
                parts.append(key + b"\0" + _TITLE_PART.pack(number, start))
    parts.sort()
    return [_TITLE_PART.unpack(part[-_TITLE_PART.size :]) for part in parts]


def _count_terms(directory: Path, columns: ColumnReader, live: Mask) -> Terms:
    """The terms with their document counts, ranked by the number of titles, then of documents, that have them."""
    phrases = PhraseCounter()
    for segment in columns.segments:
        own = live[segment.first_document : segment.first_document + segment.documents].tolist()
        for title, title_words in compress(read_title_words(directory / segment.name), own):
            phrases.add(title, title_words)
    words = WordCounts(directory, columns, live)
    parts = phrases.words
    titles_with = dict(words.of("title"))
    recurring = phrases.recurring({word: titles_with[word] for word in parts if word in titles_with})
    learned = list(_learned(directory))

    def counts() -> Iterator[tuple[str, int, int]]:
        for word, in_bodies in words.of("body"):
            yield word, titles_with.pop(word, 0), in_bodies
        yield from ((word, in_titles, 0) for word, in_titles in titles_with.items())

    return rank_terms(columns.documents, recurring, counts(), learned)


def rank_terms(
    documents: int,
    phrases: Mapping[str, int],
    counts: Iterable[tuple[str, int, int]],
    learned: Collection[tuple[int, int, str]],
) -> Terms:
    """The best terms of so many documents.

    `phrases` are recurring phrases of titles with their numbers of titles, `counts` all words with their numbers of
    titles and of bodies, `learned` the learned words after their numbers of titles and of documents, both negative.
    """
    known = {word for _, _, word in learned}

    def candidates() -> Iterator[tuple[int, int, str]]:
        yield from learned
        found = {phrase: count for phrase, count in phrases.items() if phrase not in known}
        for word, in_titles, in_bodies in counts:
            most = max(in_titles, in_bodies)
            phrase = found.pop(word, 0)
            if most < _MIN_DOCUMENTS and not phrase:  # every other word
                continue
            is_offered = most >= _MIN_DOCUMENTS and _is_term(word)
            best = max((in_titles, most) if is_offered else (0, 0), (phrase, phrase))
            if best[1]:
                yield -best[0], -best[1], word
        yield from ((-count, -count, phrase) for phrase, count in found.items())

    limit = min(MAX_TERMS, _BASE_TERMS + documents // _DOCUMENTS_PER_TERM)
    terms = [(term, -most) for _, most, term in nsmallest(limit, candidates())]
    return Terms(terms, [(key, number) for number, (term, _) in enumerate(terms) for key in pinyin_keys(term)], 0)


def _learned(directory: Path) -> Iterator[tuple[int, int, str]]:
    """The learned words with their numbers of titles and of documents, both negative."""
    with closing(PackedIndex(directory)) as index, closing(LearnedWords(directory)) as words:
        documents = StringDocuments(index)
        for word in words.all():
            titles, bodies = documents.of(word, "title"), documents.of(word, "body")
            yield -len(titles), -len(np.union1d(titles, bodies)), word


def _is_term(word: str) -> bool:
    """True if the word is worth offering: of suitable length, neither a number nor a function word."""
    return 2 <= len(word) <= _MAX_TERM_CHARACTERS and not word.isdecimal() and word not in function_words()


def _names(columns: ColumnReader, column: str, live: Mask) -> list[Term]:
    """The values of a column by descending document count, without those of one character, such as 无 for no type."""
    values = columns.dictionaries[column]
    counts = dict.fromkeys(values, 0)
    members = columns.combinations.get(column) or [[ordinal] for ordinal in range(len(values))]
    for code, documents in enumerate(np.bincount(np.asarray(columns[column])[live]).tolist()):
        for ordinal in members[code]:
            counts[values[ordinal]] += documents
    return best_names(counts)


def best_names(counts: Mapping[str, int]) -> list[Term]:
    """The most frequent values of a field, as `write_table` expects them."""
    names = [(name, count) for name, count in counts.items() if count and len(name) > 1]
    return sorted(names, key=lambda item: (-item[1], item[0]))[:MAX_NAMES]


def write_table(
    directory: Path, known: Terms, names: Sequence[Sequence[Term]], title_parts: Sequence[tuple[int, int]]
) -> None:
    """Write the file; `names` are the accounts and the types, `title_parts` see completions.py."""
    terms, keys, changed = known
    accounts, types = names
    texts = [*terms, *accounts, *types]
    normals = [text for text, _ in terms] + [normalise(text) for text, _ in (*accounts, *types)]
    of_names = enumerate(normals[len(terms) :], len(terms))
    pinyin = sorted([*keys, *((key, number) for number, normal in of_names for key in pinyin_keys(normal))])
    text_ends, text_bytes = _concatenated([text for text, _ in texts])
    key_ends, key_bytes = _concatenated([key for key, _ in pinyin])
    arrays: tuple[Sequence[int], ...] = (
        text_ends,
        [count for _, count in texts],
        sorted(range(len(texts)), key=normals.__getitem__),
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
    return list(accumulate(map(len, raw))), b"".join(raw)
