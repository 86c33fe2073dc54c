"""Kesou with its index in an OpenSearch cluster: the one that the variables KESOU_OPENSEARCH_… name."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from benchmarks.peers.kesou import Kesou
from corpus.settings import OPENSEARCH, Settings, load_settings

#: Deleted before and after a measurement.
ALIAS: Final = "kesou-benchmark"


class KesouCluster(Kesou):
    """The same searcher, another engine."""

    title = "Kesou with OpenSearch"

    def settings(self, directory: Path) -> Settings:
        """The settings of the environment, for an index of its own in the cluster."""
        return load_settings({"engine": OPENSEARCH, "opensearch_index": ALIAS, "index": str(directory)})
