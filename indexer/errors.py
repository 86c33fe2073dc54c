"""Errors of building and opening an index.

IndexerError (a KesouError)
├── IndexMissing        there is no index in the folder
├── IndexUnreadable     this user has no permission to read the index
├── IndexDamaged        a file of the index is missing, altered or unreadable
├── ReindexNeeded       the index was built by another version, engine, dictionary or fold table
├── IndexLocked         another run is writing to the index (exit status 3)
├── IndexNotWritable    the folder cannot be written to, or the disk is full (exit status 4)
├── ClusterUnavailable  no node of the OpenSearch cluster answers, or a part of the index does not
├── ClusterRefused      the cluster refused a request, or the user
├── DocumentsRejected   the cluster rejected documents
├── IndexTooLarge       the texts have more characters than one index can hold
└── LabelsError         a file of hand-made labels cannot be used (commands/labels.py)
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from corpus.errors import KesouError

_REMEDY: Final = "run search-index again with --rebuild"


class IndexerError(KesouError):
    """Root of this package's errors."""


class IndexMissing(IndexerError):
    """There is no index in the folder."""


class IndexUnreadable(IndexerError):
    """This user has no permission to read the index."""

    def __init__(self, index: Path) -> None:
        super().__init__(
            f"this user has no permission to read the index in {index}; its owner can let a group read it: set"
            " index_mode to 0750, give the folder to the group (chgrp), and run search-index again with --rebuild"
        )


class IndexDamaged(IndexerError):
    """A file of the index is missing, altered or unreadable; the message says which one, and what to do.

    `damage` is the part of the message that names the file.
    """

    def __init__(self, damage: str) -> None:
        super().__init__(f"the index is damaged: {damage}; {_REMEDY}")
        self.damage = damage


class ReindexNeeded(IndexerError):
    """The index was built with a format, engine or analysis that this program does not have."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"{reason}; run search-index again")


class IndexLocked(IndexerError):
    """Another run is writing to the index."""


class IndexNotWritable(IndexerError):
    """The index folder cannot be written to, or the disk is full."""


class ClusterUnavailable(IndexerError):
    """The OpenSearch cluster, or a part of the index in it, does not answer now."""


class ClusterRefused(IndexerError):
    """The OpenSearch cluster refused a request; `kind` is the name of its error, `status` that of HTTP."""

    def __init__(self, message: str, kind: str, status: int | None) -> None:
        super().__init__(message)
        self.kind = kind
        self.status = status


class DocumentsRejected(IndexerError):
    """The OpenSearch cluster rejected documents for what they hold; nothing is published."""

    def __init__(self, count: int, reasons: Sequence[str]) -> None:
        super().__init__(
            f"the OpenSearch cluster rejected {count} documents, and nothing was published; "
            + "; ".join(reasons)
            + ("; …" if count > len(reasons) else "")
        )


class IndexTooLarge(IndexerError):
    """The texts have more characters than one index can hold."""

    def __init__(self, limit: int) -> None:
        super().__init__(
            f"the texts have more than the {limit:,} characters that one index can hold; give part of the sources to"
            " another run with an --index of its own"
        )
