"""A cache that keeps the entries used last, limited by their total size; may be shared by threads.

Per generation, and gone with it: the matches of terms, the documents and the places of posting lists
(embedded_engine.py), and what the helpers counted (searcher/expansion/lexicon.py). Per process: functools' caches of
folds of characters, which no index changes (highlight/, indexer/analysis/).
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Final, Generic, TypeVar

from corpus.document import Document

Value = TypeVar("Value")

#: Characters that take as much memory as a section.
_CHARACTERS_OF_SECTION: Final = 300


class LruCache(Generic[Value]):
    """Values by key; those not used for longest are dropped when the sizes add up to more than the limit."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._total = 0
        self._lock = threading.Lock()
        self._entries: OrderedDict[Hashable, tuple[Value, int]] = OrderedDict()

    def get(self, key: Hashable, compute: Callable[[], Value], size: Callable[[Value], int] | None = None) -> Value:
        """The value of the key, computed unless it is known. Every value has size 1 unless a function says more.

        Two threads may compute the same value; a value larger than the limit is not kept.
        """
        entry = self._entry(key)
        if entry is not None:
            return entry[0]
        value = compute()
        self.put(key, value, 1 if size is None else size(value))
        return value

    def find(self, key: Hashable) -> Value | None:
        """The value of a key, None if it is not kept."""
        entry = self._entry(key)
        return None if entry is None else entry[0]

    def _entry(self, key: Hashable) -> tuple[Value, int] | None:
        """The value of a key and its size, used last now."""
        with self._lock:
            entry = self._entries.get(key)
            if entry is not None:
                self._entries.move_to_end(key)
            return entry

    def put(self, key: Hashable, value: Value, size: int = 1) -> None:
        """Keep a value, unless there is one or it is larger than the limit."""
        with self._lock:
            if key in self._entries or size > self._limit:
                return
            self._entries[key] = (value, size)
            self._total += size
            while self._total > self._limit:
                _, (_, dropped) = self._entries.popitem(last=False)
                self._total -= dropped


def document_characters(document: Document) -> int:
    """The size of a document in memory, in characters."""
    texts = (document.body, *document.notes, *document.original_texts, *document.seams)
    beside = sum(len(item.text) for item in document.set_aside)
    return sum(map(len, texts)) + beside + _CHARACTERS_OF_SECTION * len(document.sections)
