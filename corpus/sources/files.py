"""Finds the source files in folders, archives, patterns and single paths; an issue for each one skipped."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from corpus.import_issue import ImportIssue
from corpus.settings import Settings
from corpus.sources.listing import Listing
from corpus.sources.source_file import SourceFile
from corpus.sources.stamps import scan_source
from corpus.sources.standard_input import STDIN


def find_files(sources: Sequence[Path], settings: Settings | None = None) -> tuple[list[SourceFile], list[ImportIssue]]:
    """All files of the sources, each once, sorted within a folder or pattern; and the issues that were found.

    A source is a file, an archive, a folder, a pattern such as `texts/**/*.json` if no file has that name, or `-`,
    which is copied to a temporary file that is deleted with its SourceFile. A missing source is an issue, not an
    exception, and so is the folder of the index: nothing in it is read, because it changes with every run.
    """
    settings = settings or Settings()
    listing = Listing(settings)
    for source in sources:
        if source == STDIN:
            listing.take_stdin()
        else:
            for item in scan_source(source, settings):
                if isinstance(item, ImportIssue):
                    listing.issues.append(item)
                else:
                    listing.take(item)
        listing.name_unread()
    return listing.found, listing.issues
