"""What the documents of an index depend on beside the files: rules, settings, programs; each part as a digest."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from corpus.document import READING_VERSION
from corpus.settings import Settings
from corpus.taxonomy.rule_file import PACKAGED_TAXONOMY
from indexer.analysis.tokens import fingerprint

#: To be increased when a catalogue of an earlier version cannot be continued.
_CATALOGUE_VERSION: Final = 2
#: Libraries that decide what is read of a file.
_LIBRARIES: Final = ("beautifulsoup4", "markdown-it-py", "mdit-py-plugins", "openpyxl", "defusedxml", "pypdfium2")
#: The part of which a change makes no document anew: all files are read, and records that are as they were are kept.
READING: Final = "reading"
#: Why documents are made anew if a part has changed.
_REASONS: Final = {
    "catalogue": "the catalogue has another form",
    "cleaning": "the rules of cleaning have changed",
    "taxonomy": "the taxonomy has changed",
    "analysis": "the normal form or the rules of tokens have changed",
    "words": "the words of the segmenter have changed",
}


def facts_of(settings: Settings, words: str) -> dict[str, str]:
    """The parts with their digests; `words` is that of the segmenter."""
    taxonomies = [PACKAGED_TAXONOMY, *([Path(settings.taxonomy)] if settings.taxonomy else [])]
    parts: dict[str, object] = {
        "catalogue": _CATALOGUE_VERSION,
        "cleaning": (READING_VERSION, settings.max_document_chars),
        "taxonomy": list(map(_content, taxonomies)),
        "analysis": (fingerprint(), settings.max_run_chars),
        "words": words,
        READING: (settings.max_file_bytes, settings.max_file_seconds, settings.max_json_depth, _environment()),
    }
    return {name: sha256(repr(part).encode("utf-8", "surrogatepass")).hexdigest() for name, part in parts.items()}


def reason_to_start_anew(old: Mapping[str, str], new: Mapping[str, str]) -> str | None:
    """Why no document can stay as it is; None if unchanged ones can."""
    return next((reason for name, reason in _REASONS.items() if old.get(name) != new[name]), None)


def _content(path: Path) -> bytes | None:
    """The bytes of a file, None if it cannot be read: a run that needs it tells why."""
    try:
        return path.read_bytes()
    except OSError:
        return None


def _environment() -> list[object]:
    """The versions of the libraries, None where one is not installed, and the program that converts documents."""
    return [*map(_version, _LIBRARIES), _office()]


def _office() -> tuple[str, int, int] | None:
    """Path, size and time of LibreOffice's program, which change with its version; None if it is not installed."""
    found = shutil.which("soffice") or shutil.which("libreoffice")
    if found is None:
        return None
    status = os.stat(found)
    return found, status.st_size, status.st_mtime_ns


def _version(library: str) -> str | None:
    try:
        return version(library)
    except PackageNotFoundError:
        return None
