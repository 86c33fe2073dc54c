"""Errors of building and opening an index.

IndexerError (a KesouError)
├── IndexMissing        there is no index in the folder
├── IndexDamaged        there is one, but a file is missing, altered or unreadable
├── ReindexNeeded       it was made by another version, dictionary or fold table
├── IndexLocked         another run holds it (exit status 3)
├── IndexNotWritable    the folder cannot be written to, or the disk is full (exit status 4)
└── LabelsError         a file of hand-made labels cannot be used (see labels.py)
"""

from __future__ import annotations

from corpus.errors import KesouError


class IndexerError(KesouError):
    """Root of this package's errors."""


class IndexMissing(IndexerError):
    """There is no index in the folder."""


class IndexDamaged(IndexerError):
    """A file of the published generation is missing, altered or unreadable."""


class ReindexNeeded(IndexerError):
    """The index was made with other rules for tokens than this program's."""


class IndexLocked(IndexerError):
    """Another run holds the index."""


class IndexNotWritable(IndexerError):
    """The index folder cannot be written to."""
