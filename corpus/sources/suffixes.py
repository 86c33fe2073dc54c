"""Tells by a file's name whether a folder's file is read, and what the report says about each of the others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePath
from typing import Final

from corpus.import_issue import ImportIssue, noted

#: Documents whose files are not text; one that holds text is read, and the report says so.
DOCUMENTS: Final = (".xlsx", ".docx", ".docm", ".pdf", ".odt", ".odp", ".ods", ".epub", ".pptx", ".ofd")
#: Files of a folder with these suffixes are read; a file that is given by its path may have any suffix.
SUFFIXES: Final = (
    *(".json", ".jsonl", ".ndjson", ".csv", ".tsv", ".xml", ".rss", ".atom", ".txt", ".md", ".markdown"),
    *(".rmd", ".qmd", ".mdx", ".html", ".htm", ".xhtml", ".mht", ".mhtml", ".eml", ".fodt"),
    *DOCUMENTS,
)
#: Suffixes of compressed files, after that of the format: export.json.gz.
COMPRESSED: Final = (".gz", ".xz", ".bz2")
#: Archives, whose members are read like the files of a folder.
ARCHIVES: Final = (".zip", ".tar", ".tgz", ".tbz2", ".txz")
#: Suffixes of files that are read if they hold text.
MAYBE_TEXT: Final = (".log", ".text", "")
SAVE_IT: Final = "save it as JSON, HTML, Markdown or text and try again"

#: What to do with formats that hold texts and cannot be read.
_REMEDIES: Final[Mapping[str, str]] = {
    **dict.fromkeys((".7z", ".rar", ".zst", ".cab", ".iso"), "unpack it, or pack it as .zip, and try again"),
    **dict.fromkeys((".caj", ".kdh", ".nh", ".ceb", ".djvu"), "save it as PDF in its own reader and try again"),
    **dict.fromkeys((".mobi", ".azw", ".azw3", ".fb2", ".chm"), "convert it to .epub and try again"),
    **dict.fromkeys((".pages", ".numbers", ".key", ".one"), "export it as .docx, .xlsx or .pdf and try again"),
    **dict.fromkeys((".db", ".sqlite", ".sqlite3", ".mdb", ".accdb"), "export its texts as CSV or JSON and try again"),
    **dict.fromkeys((".msg", ".pst"), "save its mails as .eml and try again"),
    ".parquet": "export it as CSV or JSON and try again",
}
#: Files that hold no text that a search could find, by kind; they may be many, so each suffix is one line.
_KINDS: Final[Mapping[str, str]] = {
    **dict.fromkeys(
        (".jpg", ".jpeg", ".png", ".gif", ".webp", ".bmp", ".svg", ".ico", ".tif", ".tiff", ".heic", ".avif", ".psd"),
        "pictures; text in them is not found unless it is recognised (OCR) first",
    ),
    **dict.fromkeys(
        (".mp3", ".m4a", ".wav", ".ogg", ".amr", ".silk", ".flac", ".mp4", ".mov", ".avi", ".mkv", ".webm", ".m3u8"),
        "recordings, which are not searched",
    ),
    **dict.fromkeys((".css", ".js", ".mjs", ".map", ".woff", ".woff2", ".ttf", ".otf", ".eot"), "parts of web pages"),
    **dict.fromkeys((".exe", ".dll", ".so", ".bin", ".dat", ".py", ".pyc", ".sh", ".bat", ".jar", ".apk"), "programs"),
}
#: Files that systems and programs put into folders for themselves; `~$` begins the owner files of Office.
_IGNORED: Final = ("thumbs.db", "desktop.ini", "__macosx")
#: Unknown files of one suffix are named one by one up to this number, so that the report stays short.
_NAMED_EACH: Final = 20
_NAMED_FIRST: Final = 3


def format_suffix(name: str) -> str:
    """The suffix of the format of a file of this name, in lower case: `.json` for export.json.gz."""
    suffix = _suffix(name)
    return _suffix(name[: -len(suffix)]) if suffix in COMPRESSED else suffix


def is_archive(name: str) -> bool:
    """True for a file name with the suffix of an archive: export.zip, export.tar.gz."""
    return _suffix(name) in ARCHIVES or format_suffix(name) == ".tar"


def _suffix(name: str) -> str:
    """The last suffix of a file name, in lower case, as pathlib defines it, at a tenth of its cost."""
    dot = name.rfind(".")
    return name[dot:].lower() if 0 < dot < len(name) - 1 else ""


def is_ignored(name: str) -> bool:
    """True for the name of a hidden file or folder, and of files that programs keep for themselves."""
    return name.startswith((".", "~$")) or name.lower() in _IGNORED


class UnreadFiles:
    """Collects the files of folders and archives that are not read, and says so in few lines."""

    def __init__(self) -> None:
        self._by_suffix: dict[str, list[str]] = {}

    def add(self, name: str) -> None:
        """A file with this name in reports is not read."""
        self._by_suffix.setdefault(format_suffix(PurePath(name).name), []).append(name)

    def issues(self) -> Iterator[ImportIssue]:
        """Notes, in the order of the first file of each suffix; none is a rejection."""
        for suffix, names in self._by_suffix.items():
            kind = _KINDS.get(suffix)
            if len(names) > 1 and (kind or len(names) > _NAMED_EACH):
                shown = ", ".join(names[:_NAMED_FIRST]) + (" …" if len(names) > _NAMED_FIRST else "")
                message = f"{len(names):,} files are not read: {kind or 'an unknown format'} ({shown})"
                yield noted(f"*{suffix}", None, "unknown_format", message)
            else:
                for name in names:
                    yield noted(name, None, "unknown_format", _message(suffix, kind))


def _message(suffix: str, kind: str | None) -> str:
    if kind:
        return f"{suffix} files are not read: {kind}"
    if suffix in MAYBE_TEXT:
        return "not read, because it is no text"
    return f"{suffix} files cannot be read; {_REMEDIES.get(suffix, SAVE_IT)}"
