"""Reads source files into clean documents: settings, documents and their collection, errors.

The public names of `corpus`, `indexer` and `searcher` are imported on first use, because the start-up time of the
command `search` is tested: it must not load what a plain query does not need.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Collection as _Names
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from corpus.collection import Collection
    from corpus.document import Cluster, Document, Facts, Section
    from corpus.errors import CorpusError, KesouError, SettingsError
    from corpus.import_issue import ImportIssue
    from corpus.settings import Settings, load_settings
    from corpus.sources.files import find_files
    from corpus.sources.source_file import SourceFile
    from corpus.taxonomy.classify import Taxonomy
    from corpus.taxonomy.rule_file import TaxonomyError

__all__ = [
    "Cluster",
    "Collection",
    "CorpusError",
    "Document",
    "Facts",
    "ImportIssue",
    "KesouError",
    "Section",
    "Settings",
    "SettingsError",
    "SourceFile",
    "Taxonomy",
    "TaxonomyError",
    "find_files",
    "load_settings",
]

_MODULES = (
    "corpus.errors",
    "corpus.settings",
    "corpus.document",
    "corpus.import_issue",
    "corpus.sources.files",
    "corpus.sources.source_file",
    "corpus.taxonomy.rule_file",
    "corpus.taxonomy.classify",
    "corpus.collection",
)


def lazy_exports(package: str, names: _Names[str], modules: tuple[str, ...]) -> Callable[[str], object]:
    """A module's `__getattr__` that imports the modules one after the other until one has the name."""

    def getattr_of_package(name: str) -> object:
        from importlib import import_module

        if name in names:
            for module in map(import_module, modules):
                if hasattr(module, name):
                    return getattr(module, name)
        raise AttributeError(f"module {package!r} has no attribute {name!r}")

    return getattr_of_package


if not TYPE_CHECKING:  # a type checker takes the imports above
    __getattr__ = lazy_exports(__name__, __all__, _MODULES)
