"""Errors of the whole project's lowest package, and their common root.

KesouError
├── CorpusError            what is wrong with input files
│   ├── SettingsError      a setting, a variable or kesou.toml
│   └── TaxonomyError      corpus/taxonomy/taxonomy.toml or a user's own (see taxonomy/rule_file.py)
├── IndexerError           see indexer/errors.py
└── SearcherError          see searcher/errors.py

Bad *records* are no exceptions: reading yields a `ImportIssue` for each and goes on.
"""

from __future__ import annotations


class KesouError(Exception):
    """Root of every error that Kesou raises on purpose; its text is one sentence that says what to do."""


class CorpusError(KesouError):
    """Something is wrong with the input or its configuration."""


class SettingsError(CorpusError):
    """A setting has a value that cannot be used."""
