"""Builds and publishes an index: `build_index`, its report, and the errors of building and opening one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from corpus import lazy_exports

if TYPE_CHECKING:
    from indexer.build import build_index
    from indexer.errors import (
        IndexDamaged,
        IndexerError,
        IndexLocked,
        IndexMissing,
        IndexNotWritable,
        ReindexNeeded,
    )
    from indexer.run_report import FileReport, RunReport

__all__ = [
    "FileReport",
    "IndexDamaged",
    "IndexLocked",
    "IndexMissing",
    "IndexNotWritable",
    "IndexerError",
    "ReindexNeeded",
    "RunReport",
    "build_index",
]

if not TYPE_CHECKING:  # a type checker takes the imports above
    __getattr__ = lazy_exports(__name__, __all__, ("indexer.errors", "indexer.run_report", "indexer.build"))
