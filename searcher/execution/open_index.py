"""Chooses the engine of an index by the settings: the embedded one, or OpenSearch."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from corpus.settings import OPENSEARCH, Settings
from searcher.execution.embedded_engine import EmbeddedSource

if TYPE_CHECKING:
    from searcher.execution.engine import EngineSource


def engine_source(index: Path, settings: Settings) -> EngineSource:
    """The source of the index's generations, with default ranking parameters; `index` is the folder of a local one."""
    if settings.engine == OPENSEARCH:
        from searcher.execution.opensearch.source import OpenSearchSource  # deferred: needs an optional package

        return OpenSearchSource(settings)
    return EmbeddedSource(index, verifies_all=bool(settings.verify_on_open))
