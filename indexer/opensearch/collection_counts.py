"""What the machine that indexes keeps of all documents beside the catalogue: titles, counts of words, clusters.

All are compressed files of lines in the folder of a generation, sorted, and read and written as streams, so that
memory does not depend on the collection.
"""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from heapq import merge
from itertools import groupby
from pathlib import Path
from typing import Final, NamedTuple

from corpus.document import Cluster
from corpus.value import as_dict
from indexer.opensearch.prepared_text import encoded, prepared_word
from indexer.record import IndexRecord
from indexer.titles import shown_title

_TITLES: Final = "titles.gz"
_WORDS: Final = "word_counts.gz"
_CLUSTERS: Final = "clusters.gz"
_LEVEL: Final = 1


class WordCount(NamedTuple):
    """How many documents have a word in the title and in the body."""

    word: str
    titles: int
    bodies: int


class Title(NamedTuple):
    """The title of a document in normal form, with its words."""

    id: str
    title: str
    words: list[str]


class PartCounts:
    """Collects titles and words of a part."""

    def __init__(self) -> None:
        self._titles: list[Title] = []
        self.words = WordCounter()

    def add(self, record: IndexRecord) -> None:
        """Add a document."""
        self._titles.append(Title(record.document.id, shown_title(record), record.title_words))
        self.words.add(record.title_words, record.body_words)

    def write(self, folder: Path) -> None:
        """Write the files of the part; raises OSError."""
        write_titles(folder, self._titles)
        write_word_counts(folder, [self.words.counts()])


class WordCounter:
    """Counts the documents that have each word."""

    def __init__(self) -> None:
        self._titles: Counter[str] = Counter()
        self._bodies: Counter[str] = Counter()

    def add(self, title_words: Iterable[str], body_words: Iterable[str], sign: int = 1) -> None:
        """Count a document, or take it off if `sign` is -1."""
        for counter, words in ((self._titles, title_words), (self._bodies, body_words)):
            for word in {encoded(prepared_word(word)) for word in set(words)}:
                counter[word] += sign

    def counts(self) -> list[WordCount]:
        """All words, sorted."""
        words = sorted(self._titles.keys() | self._bodies.keys())
        return [WordCount(word, self._titles[word], self._bodies[word]) for word in words]


def write_word_counts(folder: Path, sources: Iterable[Iterable[WordCount]]) -> None:
    """Write the sums of sorted counts; a word that no document has is left out."""
    with gzip.open(folder / _WORDS, "wt", _LEVEL, encoding="utf-8") as file:
        for word, same in groupby(merge(*sources, key=lambda count: count.word), key=lambda count: count.word):
            counts = list(same)
            titles, bodies = sum(count.titles for count in counts), sum(count.bodies for count in counts)
            if titles or bodies:
                file.write(f"{word} {titles} {bodies}\n")


def read_word_counts(folder: Path) -> Iterator[WordCount]:
    """The counts of a part or generation, sorted; raises OSError."""
    with gzip.open(folder / _WORDS, "rt", encoding="utf-8", newline="\n") as file:
        for line in file:
            word, titles, bodies = line.split(" ")
            yield WordCount(word, int(titles), int(bodies))


def write_titles(folder: Path, titles: Iterable[Title]) -> None:
    """Write the titles of a part or generation."""
    with gzip.open(folder / _TITLES, "wt", _LEVEL, encoding="ascii") as file:
        file.writelines(f"{json.dumps(title, separators=(',', ':'))}\n" for title in titles)


def read_titles(folder: Path, without: Collection[str] = frozenset()) -> Iterator[Title]:
    """The titles of a part or generation, without those of some ids; raises OSError."""
    with gzip.open(folder / _TITLES, "rt", encoding="ascii") as file:
        for line in file:
            title = Title(*json.loads(line))
            if title.id not in without:
                yield title


def write_clusters(folder: Path, clusters: Mapping[str, Cluster]) -> None:
    """Write the cluster of each document that has near-duplicates."""
    with gzip.open(folder / _CLUSTERS, "wt", _LEVEL, encoding="ascii") as file:
        file.writelines(f"{json.dumps({id: as_dict(cluster)})}\n" for id, cluster in clusters.items())


def read_clusters(folder: Path) -> dict[str, Cluster]:
    """The clusters of a generation by id; raises OSError."""
    with gzip.open(folder / _CLUSTERS, "rt", encoding="ascii") as file:
        return {id: Cluster(**fields) for line in file for id, fields in json.loads(line).items()}
