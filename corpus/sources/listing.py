"""Collects the files to read: those of folders and archives by their names, those of unclear names by their content."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from itertools import count
from pathlib import Path
from typing import Final

from corpus.cleaning.text import printable
from corpus.import_issue import ImportIssue, noted, rejected
from corpus.loaders import office
from corpus.settings import Settings
from corpus.sources.archive import LINK, BrokenArchive, NotAnArchive, OpenArchives, check_limits
from corpus.sources.conversion import CONVERTED, NEEDS_OFFICE, Converter, is_old_office, saved_as
from corpus.sources.encoding import UnknownEncoding, detect, other_format
from corpus.sources.file_bytes import FileBytes, TooLarge
from corpus.sources.scan import Found
from corpus.sources.source_file import SourceFile
from corpus.sources.standard_input import STDIN, spool_stdin, unreadable
from corpus.sources.suffixes import ARCHIVES, DOCUMENTS, MAYBE_TEXT, SUFFIXES, UnreadFiles, is_archive, is_ignored

#: Archives in archives are read; those in these are not, because archives can be nested without end.
_MAX_NESTED: Final = 1
#: Faults of one kind are named one by one up to this number, so that the report stays short.
_NAMED_EACH: Final = 20
_OUTSIDE: Final = "its name leads out of the archive; unpack the archive and give the folder as a source"
_SEPARATOR: Final = re.compile(r"[/\\]")
_DRIVE: Final = re.compile("[A-Za-z]:")
_HEAD_BYTES: Final = 512
_READ: Final = frozenset((*SUFFIXES, *CONVERTED))
_MAYBE_OLD_OFFICE: Final = frozenset((*CONVERTED, *DOCUMENTS, ""))


class Listing:
    """The files of all sources, each once, and the issues of those that are not read."""

    def __init__(self, settings: Settings) -> None:
        self.found: list[SourceFile] = []
        self.issues: list[ImportIssue] = []
        self._max_bytes = settings.max_file_bytes
        self._seen: set[str] = set()
        self._archives = OpenArchives()
        self._converter = Converter(settings.max_file_bytes)
        self._numbers = count()
        self._unread = UnreadFiles()

    def take_stdin(self) -> None:
        """Add standard input, once."""
        if self._is_new(str(STDIN)):
            spooled = spool_stdin()
            if isinstance(spooled, SourceFile):
                self.found.append(spooled)
            else:
                self.issues.append(spooled)

    def take(self, found: Found) -> None:
        """Add a file that the user named, whatever its suffix; one of a folder if it can be read, else name it."""
        if not self._is_new(found.real_path):
            return
        file = SourceFile(path=Path(found.path), name=found.name, size=found.stamp.size, stamp=found.stamp)
        if not found.is_named or file.suffix in office.MAILS:
            self._take(file)
        elif not (is_archive(file.path.name) and self._take_members(file)):
            self._put(file, rejected, file.suffix)

    def name_unread(self) -> None:
        """Add the issues of the files that cannot be read."""
        self.issues += self._unread.issues()
        self._unread = UnreadFiles()

    def _is_new(self, real_path: str) -> bool:
        is_new = real_path not in self._seen
        self._seen.add(real_path)
        return is_new

    def _take(self, file: SourceFile, *archives: SourceFile) -> None:
        """Add a file that may be in archives, the outermost first."""
        suffix = file.suffix
        is_packed = suffix in ARCHIVES and is_archive(file.path.name)
        if suffix in office.MAILS:
            self.found.append(file)
            if len(archives) <= _MAX_NESTED:
                self._take_members(file, *archives)
        elif is_packed and len(archives) > _MAX_NESTED:
            message = "an archive in an archive of an archive is not read; unpack it and give it as a source"
            self.issues.append(noted(file.name, None, "unknown_format", message))
        elif is_packed and self._take_members(file, *archives):
            pass
        elif suffix in _READ or is_packed or (suffix in MAYBE_TEXT and self._holds_text(file)):
            self._put(file, noted, suffix)
        else:
            self._unread.add(file.name)

    def _put(self, file: SourceFile, issue: Callable[[str, None, str, str], ImportIssue], suffix: str) -> None:
        """Add a file; one in an old Office format to be converted, or with an issue if there is no LibreOffice."""
        if not (suffix in _MAYBE_OLD_OFFICE and self._is_old_office(file)):
            self.found.append(file)
        elif self._converter.program:
            convert = partial(self._converter.converted, self._converter.add(file))
            self.found.append(replace(file, convert=convert))
        else:
            message = NEEDS_OFFICE.format(saved_as(suffix))
            self.issues.append(issue(file.name, None, "needs_office", message))

    def _is_old_office(self, file: SourceFile) -> bool:
        with suppress(OSError, TooLarge):  # reading reports them
            return is_old_office(FileBytes(file, self._max_bytes).head(_HEAD_BYTES))
        return False

    def _take_members(self, file: SourceFile, *archives: SourceFile) -> bool:
        """Add the members of an archive; False if the file is a document that is stored as a ZIP file."""
        number = next(self._numbers)
        is_mail = file.suffix in office.MAILS
        try:
            content = FileBytes(file, self._max_bytes)
            reader = self._archives.reader(number, content.seekable, is_mail)
            members = reader.members()
            check_limits(members, (*archives, file)[0].size)
        except NotAnArchive:
            return False
        except (BrokenArchive, TooLarge) as error:
            self.issues.append(rejected(file.name, None, "broken_archive", f"the archive is not read: {error}"))
            return True
        except OSError as error:
            self.issues.append(unreadable(file.name, error))
            return True
        faults: dict[str, list[str]] = {}
        for member in members:
            parts = [part for part in _SEPARATOR.split(member.name) if part not in ("", ".")]
            fault = member.fault or (_OUTSIDE if _leads_out(member.name, parts) else "")
            name = printable("/".join((file.name, *parts)))
            if fault:
                faults.setdefault(fault, []).append(name)
            elif not any(map(is_ignored, parts)):
                path = file.path.joinpath(*parts)
                opener = partial(self._archives.open, number, content.seekable, is_mail, member.key)
                inner = SourceFile(path=path, name=name, size=member.size, stamp=file.stamp, opener=opener)
                self._take(inner, *archives, file)
        self._name_faults(file, faults)
        if reader.is_cut:
            message = "the archive is cut off; what follows is unread, copy or download it again"
            self.issues.append(rejected(file.name, None, "damaged", message))
        elif not members and not is_mail:
            self.issues.append(noted(file.name, None, "empty_folder", "the archive holds no file"))
        return True

    def _name_faults(self, archive: SourceFile, faults: Mapping[str, list[str]]) -> None:
        for fault, names in faults.items():
            issue = noted if fault == LINK else rejected
            if len(names) > _NAMED_EACH:
                message = f"{len(names):,} members are not read: {fault}; the first is {names[0]}"
                self.issues.append(issue(archive.name, None, "unread_member", message))
            else:
                self.issues += (issue(name, None, "unread_member", fault) for name in names)

    def _holds_text(self, file: SourceFile) -> bool:
        """True if the content is a text or a document that can be read."""
        try:
            content = FileBytes(file, self._max_bytes)
            head = content.head(_HEAD_BYTES)
            if office.loader_of(head, self._max_bytes):
                return True
            if not head.strip():
                return False
            if is_old_office(head) or other_format(head):
                return is_old_office(head)
            detect(content.chunks, lambda: content.damage is not None)
        except (UnknownEncoding, TooLarge):
            return False
        except OSError:
            pass  # reading reports it
        return True


def _leads_out(name: str, parts: Sequence[str]) -> bool:
    """True for a name that would be outside the folder into which the archive is unpacked."""
    return not parts or ".." in parts or name.startswith(("/", "\\")) or bool(_DRIVE.match(name)) or "\0" in name
