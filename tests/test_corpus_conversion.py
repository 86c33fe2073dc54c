"""Old Office formats: converted by LibreOffice where it is installed, else named with the remedy."""

from __future__ import annotations

import errno
import io
import os
import shutil
import stat
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from corpus.document import Document
from corpus.import_issue import ImportIssue
from corpus.sources import conversion
from corpus.sources.files import find_files

ReadFiles = Callable[..., list[Document | ImportIssue]]

OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
WORD = OLD + "WordDocument\0".encode("utf-16-le")
#: Stands for LibreOffice: makes a Word file of each document, whose text is what follows the signature.
PROGRAM = """#!/bin/sh
while [ $# -gt 0 ]; do
  case "$1" in
    --convert-to) target=$2; shift;;
    --outdir) out=$2; shift;;
    -*) ;;
    *) name=$(basename "$1"); echo "$name $target" >> LOG
       grep -q damaged "$1" || cp MADE "$out/${name%.*}.$target";;
  esac
  shift
done
"""


def made() -> bytes:
    """A Word file of one paragraph."""
    word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    body = f'<w:document xmlns:w="{word}"><w:body><w:p><w:r><w:t>换成新格式</w:t></w:r></w:p></w:body></w:document>'
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as package:
        package.writestr("word/document.xml", body)
    return target.getvalue()


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on PATH with a program in LibreOffice's place; its file `log` tells what was converted."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "made.docx").write_bytes(made())
    program = folder / "soffice"
    text = PROGRAM.replace("LOG", str(folder / "log")).replace("MADE", str(folder / "made.docx"))
    program.write_text(text, "utf-8")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return folder


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """A folder of old documents, and of new ones under old suffixes."""
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "甲.doc").write_bytes(WORD)
    (folder / "乙.wps").write_bytes(WORD)
    (folder / "丙.xls").write_bytes(OLD + "Workbook\0".encode("utf-16-le"))
    (folder / "丁.rtf").write_bytes(b"{\\rtf1 x}")
    (folder / "戊.doc").write_text("<html><body><h1>网页</h1><p>正文。</p></body></html>", "utf-8")
    (folder / "己.doc").write_bytes(made())
    (folder / "庚.docx").write_bytes(WORD)
    return folder


def test_without_libreoffice_each_is_named(
    sources: Path, read_files: ReadFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The remedy is to install it or to save the document; what is no old format is read whatever its suffix."""
    monkeypatch.setattr(shutil, "which", lambda _: None)
    files, problems = find_files([sources])
    assert sorted(file.name for file in files) == sorted(["戊.doc", "己.doc"])
    remedy = "a document in an old Office format; install LibreOffice and index again, or save it as {}"
    assert sorted((problem.file, problem.message, problem.is_rejection) for problem in problems) == sorted(
        (name, remedy.format(".xlsx" if name == "丙.xls" else ".docx"), False)
        for name in ("甲.doc", "乙.wps", "丙.xls", "丁.rtf", "庚.docx")
    )
    assert sorted(item.title for item in read_files(files) if isinstance(item, Document)) == ["换成新格式", "网页"]
    (problem,) = find_files([sources / "甲.doc"])[1]
    assert problem.is_rejection


def test_with_libreoffice_all_are_read(office: Path, sources: Path, read_files: ReadFiles) -> None:
    """Old documents are converted by their content, many with one start of the program."""
    files, problems = find_files([sources])
    items = read_files(files)
    assert problems == []
    assert {item.source_id for item in items if isinstance(item, Document)} == {*"甲乙丙丁戊己庚"}
    converted = [line.split(".")[1] for line in (office / "log").read_text("utf-8").split("\n")[:-1]]
    assert sorted(converted) == ["doc docx", "doc docx", "doc docx", "rtf docx", "xls xlsx"]


def test_document_that_libreoffice_cannot_read_is_one_line(office: Path, sources: Path, read_files: ReadFiles) -> None:
    """The others of its batch are read."""
    (sources / "坏.doc").write_bytes(WORD + b"damaged")
    (sources / "噪.doc").write_bytes(OLD)
    files, _ = find_files([sources])
    items = read_files(files)
    assert sorted(str(item) for item in items if isinstance(item, ImportIssue)) == [
        f"{name}.doc: LibreOffice cannot read it; it may be encrypted or damaged, save it as .docx and try again"
        for name in ("噪", "坏")
    ]
    assert len([item for item in items if isinstance(item, Document)]) == 7


@pytest.mark.parametrize("names", [["甲.doc"], ["甲.doc", "乙.wps"]], ids=["one", "several"])
def test_full_disk_is_no_fault_of_the_document(
    office: Path, sources: Path, read_files: ReadFiles, monkeypatch: pytest.MonkeyPatch, names: list[str]
) -> None:
    """What could not be tried cannot be read, so that the next run tries it again; it is not called damaged."""

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    files, _ = find_files([sources / name for name in names])
    with monkeypatch.context() as patch:
        patch.setattr(conversion, "_copy", full)
        assert [str(item) for item in read_files(files)] == [
            f"{name}: cannot be read: No space left on device" for name in names
        ]
    (office / "soffice").unlink()
    assert [str(item) for item in read_files(files)] == [
        f"{name}: cannot be read: No such file or directory" for name in names
    ]


def test_libreoffice_that_hangs_is_ended(
    office: Path, sources: Path, read_files: ReadFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The program and what it started get a limited time."""
    monkeypatch.setattr(conversion, "_START_SECONDS", 0.2)
    monkeypatch.setattr(conversion, "_SECONDS_EACH", 0)
    (office / "soffice").write_text("#!/bin/sh\nsleep 60 & sleep 60\n", "utf-8")
    files, _ = find_files([sources / "甲.doc"])
    (problem,) = read_files(files)
    message = "LibreOffice takes longer than 0.2 seconds to convert it; search-index --verify tries it again"
    assert str(problem) == f"甲.doc: {message}"


def test_converted_files_are_deleted(
    office: Path, sources: Path, read_files: ReadFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is left in the temporary folder; a document in an archive is converted too."""
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    with zipfile.ZipFile(sources / "外.zip", "w") as package:
        package.writestr("内/旧.doc", WORD)
    files, _ = find_files([sources])
    items = read_files(files)
    assert "旧" in {item.source_id for item in items if isinstance(item, Document)}
    del files
    assert list((tmp_path / "temporary").iterdir()) == []
