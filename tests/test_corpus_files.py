"""Which files of a source are read, and the line that each of the others is worth."""

from __future__ import annotations

import gzip
import io
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from corpus.document import Document
from corpus.import_issue import ImportIssue
from corpus.settings import Settings
from corpus.sources.files import find_files
from corpus.sources.stamps import list_stamps
from corpus.sources.suffixes import SUFFIXES

ReadFiles = Callable[..., list[Document | ImportIssue]]

SAVE_IT = "save it as JSON, HTML, Markdown or text and try again"


def test_folder_is_searched_for_all_known_files(tmp_path: Path) -> None:
    """Known suffixes in any case, sorted, below all folders; hidden files and those of programs are passed over."""
    hidden = [".hidden.txt", ".git/x.txt", "~$公文.docx", "Thumbs.db", "desktop.ini", "__MACOSX/._a.txt"]
    names = ["乙/b.TXT", "a.json", *(f"z{suffix}" for suffix in SUFFIXES), *hidden]
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
    (tmp_path / "report.7Z").write_bytes(b"x")
    (tmp_path / "export.gz").write_bytes(gzip.compress(b"\0\xff"))
    (tmp_path / "folder.json").mkdir()
    (tmp_path / "name\nwith break.txt").write_text("乙", "utf-8")
    (tmp_path / "empty").mkdir()
    files, problems = find_files([tmp_path, tmp_path / "absent", tmp_path / "empty", tmp_path / "pipe.txt"])
    assert [file.name for file in files] == ["good.txt", "name\\nwith break.txt"]
    assert [str(problem).replace(str(tmp_path), "…") for problem in problems] == [
        "round: a link to a folder is not followed; give that folder as a separate source",
        "dangling.txt: cannot be read: No such file or directory",
        "loop.txt: cannot be read: Too many levels of symbolic links",
        "pipe.txt: not a regular file",
        "export.gz: not read, because it is no text",
        "report.7Z: .7z files cannot be read; unpack it, or pack it as .zip, and try again",
        "…/absent: no such file or folder",
        f"…/empty: the folder holds no file that can be read; known suffixes are {' '.join(SUFFIXES)}",
        "pipe.txt: not a regular file",
    ]
    assert [problem.is_rejection for problem in problems] == [False, True, True, True, False, False, True, True, True]
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
    for name in ("texts/a.json", "texts/b.JSON", "texts/sub/c.json", "texts/.d.json", "texts/e.sav", "more/f.json"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("甲", "utf-8")
    assert names(tmp_path / "texts/*.json") == ["a.json"]
    assert names(tmp_path / "texts/**/*.json") == ["a.json", "sub/c.json"]
    assert names(tmp_path / "*/?.json") == ["more/f.json", "texts/a.json"]
    (tmp_path / "texts/e.sav").rename(tmp_path / "texts/.e.sav")
    assert names(tmp_path / "t[a-f]xts") == ["texts/a.json", "texts/b.JSON", "texts/sub/c.json"]
    (tmp_path / "texts/.e.sav").rename(tmp_path / "texts/e.sav")
    assert names(tmp_path / "texts/*.sav", tmp_path / "texts/*") == ["e.sav", "a.json", "b.JSON", "sub/c.json"]


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


def test_every_other_file_is_named(tmp_path: Path) -> None:
    """Documents are named one by one with a remedy, what holds no text by kind, and none makes the run fail."""
    for name in ("论文.caj", "库.db", "未知.qqq", "封面.JPG", "声.mp3", "b.jpg", "c.jpg", "e.jpg", "说明.txt", "程序"):
        (tmp_path / name).write_bytes("文字".encode() if name.endswith(".txt") else bytes(range(256)))
    for number in range(21):
        (tmp_path / f"{number:02}.zzz").write_bytes(b"x")
    files, problems = find_files([tmp_path])
    assert [file.name for file in files] == ["说明.txt"]
    assert sorted(map(str, problems)) == sorted(
        [
            "*.jpg: 4 files are not read: pictures; text in them is not found unless it is recognised (OCR) first"
            " (b.jpg, c.jpg, e.jpg …)",
            "*.zzz: 21 files are not read: an unknown format (00.zzz, 01.zzz, 02.zzz …)",
            "声.mp3: .mp3 files are not read: recordings, which are not searched",
            "库.db: .db files cannot be read; export its texts as CSV or JSON and try again",
            f"未知.qqq: .qqq files cannot be read; {SAVE_IT}",
            "程序: not read, because it is no text",
            "论文.caj: .caj files cannot be read; save it as PDF in its own reader and try again",
        ]
    )
    assert not any(problem.is_rejection for problem in problems)


def test_files_without_a_telling_suffix_are_read_if_they_hold_text(tmp_path: Path, read_files: ReadFiles) -> None:
    """A log, and a file without suffix, in any encoding and compressed or not."""
    contents = {
        "运行.log": "波长".encode("gb18030") * 9,
        "无后缀": "频率".encode(),
        "导出": b'[{"title":"x","content":"y"}]',
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "旧.log.gz").write_bytes(gzip.compress("振幅".encode()))
    (tmp_path / "空").write_bytes(b"")
    files, problems = find_files([tmp_path])
    items = read_files(files)
    assert [str(problem) for problem in problems] == ["空: not read, because it is no text"]
    assert sorted(item.title for item in items if isinstance(item, Document)) == sorted(
        ["波长" * 9, "振幅", "频率", "x"]
    )


def test_links_out_of_a_folder_are_named_and_not_followed(tmp_path: Path) -> None:
    """A folder from elsewhere may not make other files of the computer searchable; who names the file reads it."""
    (tmp_path / "secret.txt").write_text("密", "utf-8")
    folder = tmp_path / "folder"
    (folder / "sub").mkdir(parents=True)
    (folder / "x.txt").symlink_to(tmp_path / "secret.txt")
    (folder / "sub" / "up.txt").symlink_to("../../secret.txt")
    (folder / "own.txt").write_text("文", "utf-8")
    (folder / "sub" / "same.md").symlink_to("../own.txt")
    (folder / "outside").symlink_to(tmp_path)
    for source in (folder, folder / "**/*"):
        files, problems = find_files([source])
        assert {file.path.resolve().name for file in files} == {"own.txt"}
        messages = {problem.file: problem.message for problem in problems}
        assert set(messages) == {"outside", "x.txt", "sub/up.txt"}
        assert messages["x.txt"].startswith("a link that leads out of the folder is not followed; give that file")
    assert [file.name for file in find_files([folder / "x.txt"])[0]] == ["x.txt"]


def test_links_are_followed_if_the_setting_says_so(tmp_path: Path) -> None:
    """With follow_links, files and folders behind links are read, each once, and a circle of links ends."""
    other = tmp_path / "other"
    (other / "deep").mkdir(parents=True)
    (other / "deep" / "a.txt").write_text("甲", "utf-8")
    (other / "deep" / "up").symlink_to(other)
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "own.txt").write_text("文", "utf-8")
    (folder / "again").symlink_to(folder)
    (folder / "linked").symlink_to(other)
    (folder / "x.txt").symlink_to(other / "deep" / "a.txt")
    settings = Settings(follow_links=True)
    for source in (folder, folder / "**/*"):
        files, problems = find_files([source], settings)
        assert (sorted(file.path.resolve().name for file in files), problems) == (["a.txt", "own.txt"], [])
    assert [file.name for file in find_files([folder], settings)[0]] == ["linked/deep/a.txt", "own.txt"]


def test_order_is_that_of_the_parts_of_paths(tmp_path: Path) -> None:
    """A folder stands among files by its name, however deep: files of one folder are read together."""
    names = ["a/z.txt", "a b.txt", "a/b/c.txt", "a.txt", "b-/1.txt", "b/2.txt", "a/b.txt"]
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("甲", "utf-8")
    files, _ = find_files([tmp_path])
    assert [file.name for file in files] == sorted(names, key=lambda name: Path(name).parts)


def test_stamps_change_with_the_sources_and_only_then(tmp_path: Path) -> None:
    """Whatever adds, removes, renames or changes a file changes the digest; files that are never read do not."""
    source = tmp_path / "source"
    (source / "sub").mkdir(parents=True)
    for name in ("a.txt", "sub/b.txt", "c.jpg"):
        (source / name).write_text("甲", "utf-8")
    digests = {list_stamps([source], Settings()).digest}

    def is_new() -> bool:
        before = len(digests)
        digests.add(list_stamps([source], Settings()).digest)
        return len(digests) > before

    assert not is_new()
    (source / ".hidden").write_text("x", "utf-8")
    assert not is_new()
    (source / "d.txt").write_text("乙", "utf-8")
    assert is_new()
    (source / "d.txt").rename(source / "e.txt")
    assert is_new()
    status = (source / "e.txt").stat()
    (source / "e.txt").write_text("丙", "utf-8")  # as a program writes that keeps the time of the content
    os.utime(source / "e.txt", ns=(status.st_atime_ns, status.st_mtime_ns))
    assert is_new()
    (source / "sub" / "b.txt").unlink()
    assert is_new()
    (source / "link.txt").symlink_to("a.txt")
    assert is_new()
    (source / "link.txt").unlink()
    (source / "link.txt").symlink_to("e.txt")
    assert is_new()
    (source / "link.txt").unlink()
    (source / "link.txt").symlink_to("nowhere.txt")
    assert is_new()
    (source / "c.jpg").unlink()
    assert is_new()
    source.rename(tmp_path / "other")
    assert is_new()


def test_stamps_of_files_archives_and_standard_input(tmp_path: Path) -> None:
    """The sum of sizes and the latest change; members have the stamp of their archive; standard input is never sure."""
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("x.txt", "甲")
        archive.writestr("y.txt", "乙")
    (tmp_path / "b.txt").write_text("丙", "utf-8")
    os.utime(tmp_path / "b.txt", ns=(0, 2**62))
    stamps = list_stamps([tmp_path], Settings())
    size = (tmp_path / "a.zip").stat().st_size
    assert (stamps.files, stamps.size, stamps.newest_ns, stamps.is_certain) == (2, size + 3, 2**62, True)
    assert not list_stamps([tmp_path, Path("-")], Settings()).is_certain
    assert list_stamps([tmp_path, tmp_path / "absent"], Settings()).digest != stamps.digest
    files, _ = find_files([tmp_path])
    assert [(file.name, file.stamp and file.stamp.size) for file in files] == [
        ("a.zip/x.txt", size),
        ("a.zip/y.txt", size),
        ("b.txt", 3),
    ]


def test_stamps_open_no_file(tmp_path: Path) -> None:
    """A run that finds nothing new costs a look at names and times, whatever the files hold."""
    for name in ("a.zip", "b", "c.doc", "d.txt"):
        (tmp_path / name).write_bytes(b"PK\x03\x04")
    code = (
        "import sys; from pathlib import Path; from corpus.sources.stamps import list_stamps;"
        "from corpus.settings import Settings; opened = [];"
        "sys.addaudithook(lambda event, args: opened.append(args[0]) if event == 'open' else None);"
        "list_stamps([Path(sys.argv[1])], Settings(index='index')); print(opened)"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    assert subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout == "[]\n"


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
        pytest.param(b"x" * 11, "<stdin>: 11 bytes, more than 10 (max_file_bytes)", id="too-much"),
        pytest.param(None, "<stdin>: there is no standard input", id="none"),
    ],
)
def test_standard_input_without_a_text_is_one_line(
    content: bytes | None, expected: str, tmp_path: Path, read_files: ReadFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An empty, too long or missing standard input is a problem under its name."""
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
    assert [problem.file for problem in problems] == ["*.png"]
    assert [file.name for file in files] == ["第一篇/index.html", "第二篇/index.html"]
    assert [(document.title, document.source_id) for document in documents] == [
        ("第一篇", "第一篇"),
        ("第二篇", "第二篇"),
    ]
