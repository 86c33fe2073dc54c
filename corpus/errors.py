"""The exceptions of corpus, and the root of all exceptions of the project.

KesouError
├── CorpusError            what is wrong with input files
│   ├── SettingsError      a setting, a variable or kesou.toml
│   └── TaxonomyError      corpus/taxonomy/taxonomy.toml or a user's own (see taxonomy/rule_file.py)
├── IndexerError           see indexer/errors.py
└── SearcherError          see searcher/errors.py

Bad records raise no exception: reading yields an `ImportIssue` for each of them and continues.
"""

from __future__ import annotations


class KesouError(Exception):
    """Root of every exception that Kesou raises on purpose; its text is one sentence that says what to do."""


class CorpusError(KesouError):
    """Something is wrong with the input or its configuration."""


class SettingsError(CorpusError):
    """A setting is unknown, or its value is invalid."""
