"""Chooses the engine of an index: today the embedded one, whatever the folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from corpus.settings import Settings
from searcher.execution.embedded_engine import EmbeddedSource

if TYPE_CHECKING:
    from searcher.execution.engine import EngineSource


def engine_source(index: Path, settings: Settings) -> EngineSource:
    """The source of the index's generations, with default ranking parameters."""
    return EmbeddedSource(index, verifies_all=bool(settings.verify_on_open))
