"""Which files of a source are read, and the line that each of the others is worth."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from corpus.document import Document
from corpus.reading import SUFFIXES, find_files, read_file
from corpus.settings import Settings
from corpus.taxonomy import Taxonomy

SAVE_IT = "save it as JSON, HTML, Markdown or text and try again"


def test_folder_is_searched_for_all_known_files(tmp_path: Path) -> None:
    """Known suffixes in any case, sorted, below all folders; hidden ones and pictures are passed over in silence."""
    names = ["乙/b.TXT", "a.json", *(f"z{suffix}" for suffix in SUFFIXES), ".hidden.txt", ".git/x.txt", "p.png", "css"]
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("甲", "utf-8")
    files, problems = find_files([tmp_path])
    assert [file.name for file in files] == ["a.json", *sorted(f"z{suffix}" for suffix in SUFFIXES), "乙/b.TXT"]
    assert [file.size for file in files] == [3] * 10
    assert problems == []


def test_file_named_twice_is_read_once(tmp_path: Path) -> None:
    """A folder, a file in it, and a link to that file are one file."""
    (tmp_path / "a.txt").write_text("甲", "utf-8")
    (tmp_path / "b.txt").symlink_to("a.txt")
    files, problems = find_files([tmp_path, tmp_path / "a.txt", tmp_path])
    assert [file.name for file in files] == ["a.txt"]
    assert problems == []


def test_what_cannot_be_read_is_one_line_each(tmp_path: Path) -> None:
    """Missing, dangling, looping, a pipe without a writer, a format we do not know: each is named, nothing hangs."""
    (tmp_path / "good.txt").write_text("甲", "utf-8")
    (tmp_path / "dangling.txt").symlink_to("nowhere")
    (tmp_path / "loop.txt").symlink_to("loop.txt")
    (tmp_path / "round").symlink_to(tmp_path)
    os.mkfifo(tmp_path / "pipe.txt")
    (tmp_path / "report.PDF").write_bytes(b"%PDF-1.7")
    (tmp_path / "name\nwith break.txt").write_text("乙", "utf-8")
    (tmp_path / "empty").mkdir()
    files, problems = find_files([tmp_path, tmp_path / "absent", tmp_path / "empty", tmp_path / "pipe.txt"])
    assert [file.name for file in files] == ["good.txt", "name\\nwith break.txt"]
    assert [str(problem).replace(str(tmp_path), "…") for problem in problems] == [
        "round: a link to a folder is not followed; give that folder as a source of its own",
        f"report.PDF: .pdf files cannot be read; {SAVE_IT}",
        "dangling.txt: cannot be read: No such file or directory",
        "loop.txt: cannot be read: Too many levels of symbolic links",
        "pipe.txt: not a regular file",
        "…/absent: no such file or folder",
        f"…/empty: no file here that could be read; known are {' '.join(SUFFIXES)}",
        "pipe.txt: not a regular file",
    ]
    assert [problem.is_rejection for problem in problems] == [False, False, *[True] * 6]
    assert {problem.record for problem in problems} == {None}


def test_unreadable_file_and_folder_are_named(tmp_path: Path, packaged_taxonomy: Taxonomy) -> None:
    """Without the right to read, a file and a folder are one line each."""
    if os.geteuid() == 0:
        pytest.skip("root may read everything")
    (tmp_path / "closed").mkdir(mode=0o000)
    (tmp_path / "closed.txt").write_text("甲", "utf-8")
    (tmp_path / "closed.txt").chmod(0o000)
    files, problems = find_files([tmp_path])
    items = list(read_file(files[0], packaged_taxonomy, Settings()))
    closed_source = find_files([tmp_path / "closed"])
    (tmp_path / "closed").chmod(0o700)
    assert closed_source[0] == []
    assert [str(problem) for problem in closed_source[1]] == [
        f"{tmp_path / 'closed'}: cannot be read: Permission denied"
    ]
    assert [str(problem) for problem in problems] == ["closed: cannot be read: Permission denied"]
    assert [str(item) for item in items] == ["closed.txt: cannot be read: Permission denied"]


def test_file_that_goes_away_after_listing_is_one_line(tmp_path: Path, packaged_taxonomy: Taxonomy) -> None:
    """A file deleted between listing and reading is a problem of that file."""
    (tmp_path / "a.txt").write_text("甲", "utf-8")
    files, _ = find_files([tmp_path])
    (tmp_path / "a.txt").unlink()
    (problem,) = read_file(files[0], packaged_taxonomy, Settings())
    assert str(problem) == "a.txt: cannot be read: No such file or directory"


def test_name_that_is_no_text_is_shown_with_escapes(tmp_path: Path, packaged_taxonomy: Taxonomy) -> None:
    """A file name in another encoding is read, and its report can be printed and stored."""
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xd6\xd0.txt")).write_bytes(b"x" * 81)
    files, _ = find_files([tmp_path])
    items = list(read_file(files[0], packaged_taxonomy, Settings()))
    assert files[0].name == r"\udcd6\udcd0.txt"
    assert str(items[0]) == r"\udcd6\udcd0.txt: characters that are no text were replaced by U+FFFD"
    assert isinstance(items[1], Document)
    assert (items[1].title, items[1].source_id) == ("\ufffd\ufffd", "\ufffd\ufffd")
