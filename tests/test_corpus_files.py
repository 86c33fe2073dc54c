"""Which files of a source are read, and the line that each of the others is worth."""

from __future__ import annotations

import gzip
import io
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from corpus.document import Document
from corpus.import_issue import ImportIssue
from corpus.settings import Settings
from corpus.sources.files import SUFFIXES, find_files

ReadFiles = Callable[..., list[Document | ImportIssue]]

SAVE_IT = "save it as JSON, HTML, Markdown or text and try again"


def test_folder_is_searched_for_all_known_files(tmp_path: Path) -> None:
    """Known suffixes in any case, sorted, below all folders; hidden ones and pictures are passed over in silence."""
    names = ["乙/b.TXT", "a.json", *(f"z{suffix}" for suffix in SUFFIXES), ".hidden.txt", ".git/x.txt", "p.png", "css"]
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("甲", "utf-8")
    files, problems = find_files([tmp_path])
    assert [file.name for file in files] == ["a.json", *sorted(f"z{suffix}" for suffix in SUFFIXES), "乙/b.TXT"]
    assert [file.size for file in files] == [3] * (len(SUFFIXES) + 2)
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
    (tmp_path / "report.DOC").write_bytes(b"x")
    (tmp_path / "export.gz").write_bytes(b"x")
    (tmp_path / "folder.json").mkdir()
    (tmp_path / "name\nwith break.txt").write_text("乙", "utf-8")
    (tmp_path / "empty").mkdir()
    files, problems = find_files([tmp_path, tmp_path / "absent", tmp_path / "empty", tmp_path / "pipe.txt"])
    assert [file.name for file in files] == ["good.txt", "name\\nwith break.txt"]
    assert [str(problem).replace(str(tmp_path), "…") for problem in problems] == [
        "round: a link to a folder is not followed; give that folder as a separate source",
        "export.gz: this .gz file's name does not show its format; rename it, for example to export.json.gz",
        f"report.DOC: .doc files cannot be read; {SAVE_IT}",
        "dangling.txt: cannot be read: No such file or directory",
        "loop.txt: cannot be read: Too many levels of symbolic links",
        "pipe.txt: not a regular file",
        "…/absent: no such file or folder",
        f"…/empty: the folder holds no file that can be read; known suffixes are {' '.join(SUFFIXES)}",
        "pipe.txt: not a regular file",
    ]
    assert [problem.is_rejection for problem in problems] == [False, False, False, *[True] * 6]
    assert {problem.record for problem in problems} == {None}


def test_unreadable_file_and_folder_are_named(tmp_path: Path, read_files: ReadFiles) -> None:
    """Without the right to read, a file and a folder are one line each."""
    if os.geteuid() == 0:
        pytest.skip("root may read everything")
    (tmp_path / "closed").mkdir(mode=0o000)
    (tmp_path / "closed.txt").write_text("甲", "utf-8")
    (tmp_path / "closed.txt").chmod(0o000)
    files, problems = find_files([tmp_path])
    items = read_files(files)
    closed_source = find_files([tmp_path / "closed"])
    (tmp_path / "closed").chmod(0o700)
    assert closed_source[0] == []
    assert [str(problem) for problem in closed_source[1]] == [
        f"{tmp_path / 'closed'}: cannot be read: Permission denied"
    ]
    assert [str(problem) for problem in problems] == ["closed: cannot be read: Permission denied"]
    assert [str(item) for item in items] == ["closed.txt: cannot be read: Permission denied"]


def test_file_that_goes_away_after_listing_is_one_line(tmp_path: Path, read_files: ReadFiles) -> None:
    """A file deleted between listing and reading is a problem of that file."""
    (tmp_path / "a.txt").write_text("甲", "utf-8")
    files, _ = find_files([tmp_path])
    (tmp_path / "a.txt").unlink()
    (problem,) = read_files(files)
    assert str(problem) == "a.txt: cannot be read: No such file or directory"


def test_name_that_is_no_text_is_shown_with_escapes(tmp_path: Path, read_files: ReadFiles) -> None:
    """A file name in another encoding is read, and its report can be printed and stored."""
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xd6\xd0.txt")).write_bytes(b"x" * 81)
    files, _ = find_files([tmp_path])
    items = read_files(files)
    assert files[0].name == r"\udcd6\udcd0.txt"
    assert str(items[0]) == r"\udcd6\udcd0.txt: characters that are not valid text were replaced by U+FFFD"
    assert isinstance(items[1], Document)
    assert (items[1].title, items[1].source_id) == ("\ufffd\ufffd", "\ufffd\ufffd")


def names(*sources: Path) -> list[str]:
    """The files of the sources as reports call them; an unexpected problem fails the test."""
    files, problems = find_files(sources)
    assert problems == []
    return [file.name for file in files]


def test_pattern_finds_what_the_shell_would(tmp_path: Path) -> None:
    """A quoted pattern is expanded as if the shell had done it; hidden files do not match, folders are searched."""
    for name in ("texts/a.json", "texts/b.JSON", "texts/sub/c.json", "texts/.d.json", "texts/e.log", "more/f.json"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("甲", "utf-8")
    assert names(tmp_path / "texts/*.json") == ["a.json"]
    assert names(tmp_path / "texts/**/*.json") == ["a.json", "sub/c.json"]
    assert names(tmp_path / "*/?.json") == ["more/f.json", "texts/a.json"]
    assert names(tmp_path / "t[a-f]xts") == ["texts/a.json", "texts/b.JSON", "texts/sub/c.json"]
    assert names(tmp_path / "texts/*.log", tmp_path / "texts/*") == ["e.log", "a.json", "b.JSON", "sub/c.json"]


def test_file_whose_name_is_a_pattern_is_that_file(tmp_path: Path) -> None:
    """Where a file has the very name, it is no pattern."""
    (tmp_path / "[1]*.txt").write_text("甲", "utf-8")
    (tmp_path / "1.txt").write_text("乙", "utf-8")
    assert names(tmp_path / "[1]*.txt") == ["[1]*.txt"]


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        pytest.param("*.xyz", "no file matches this pattern", id="no-match"),
        pytest.param("absent/*/a.json", "no file matches this pattern", id="no-folder"),
        pytest.param("a**/b", "not a valid pattern", id="no-pattern"),
    ],
)
def test_pattern_without_a_file_is_one_line(pattern: str, message: str, tmp_path: Path) -> None:
    """A pattern that matches nothing is named, as a missing file is."""
    files, (problem,) = find_files([tmp_path / pattern])
    assert files == []
    assert str(problem).startswith(f"{tmp_path / pattern}: ")
    assert message in str(problem)


def test_links_in_a_circle_do_not_hang_a_pattern(tmp_path: Path) -> None:
    """`**` does not go through links to folders, which may lead back."""
    (tmp_path / "a.txt").write_text("甲", "utf-8")
    for name in ("one", "two"):
        (tmp_path / name).symlink_to(tmp_path)
    files, _ = find_files([tmp_path / "**/*.txt"])
    assert [file.path.name for file in files] == ["a.txt"]


class Stdin:
    """A standard input of these bytes."""

    closed = False

    def __init__(self, content: bytes) -> None:
        self.buffer = io.BytesIO(content)


def test_standard_input_is_a_source(tmp_path: Path, read_files: ReadFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    """`-` is read once, under its own name, its format told by content; nothing of it is left behind."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr("sys.stdin", Stdin(gzip.compress('[{"title":"题","content":"正文"}]'.encode())))
    files, problems = find_files([Path("-"), Path("-")])
    items = read_files(files)
    assert problems == []
    assert [(item.title, item.body) for item in items if isinstance(item, Document)] == [("题", "正文")]
    assert [file.name for file in files] == ["<stdin>"]
    assert len(list(tmp_path.iterdir())) == 1
    del files
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(b"", "<stdin>: the file is empty", id="nothing"),
        pytest.param(b"x" * 11, "<stdin>: more than 10 bytes (max_file_bytes)", id="too-much"),
        pytest.param(None, "<stdin>: there is no standard input", id="none"),
    ],
)
def test_standard_input_without_a_text_is_one_line(
    content: bytes | None, expected: str, tmp_path: Path, read_files: ReadFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An empty, endless or missing standard input is a problem under its name."""
    settings = Settings(max_file_bytes=10)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr("sys.stdin", None if content is None else Stdin(content))
    files, problems = find_files([Path("-")], settings)
    items = [*problems, *read_files(files, max_file_bytes=10)]
    assert [str(item) for item in items] == [expected]


def test_page_in_a_folder_of_its_own_is_called_after_it(tmp_path: Path, read_files: ReadFiles) -> None:
    """Exporters write `<title>/index.html` and a folder of pictures beside it: the folder tells them apart."""
    for name in ("第一篇", "第二篇"):
        (tmp_path / name / "assets").mkdir(parents=True)
        (tmp_path / name / "assets" / "1.png").write_bytes(b"x")
        (tmp_path / name / "index.html").write_text(f"<h1>{name}</h1><p>正文。</p>", "utf-8")
    files, problems = find_files([tmp_path])
    documents = [item for item in read_files(files) if isinstance(item, Document)]
    assert problems == []
    assert [file.name for file in files] == ["第一篇/index.html", "第二篇/index.html"]
    assert [(document.title, document.source_id) for document in documents] == [
        ("第一篇", "第一篇"),
        ("第二篇", "第二篇"),
    ]
