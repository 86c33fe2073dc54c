"""What an incremental run reads, keeps and tells, case by case; each outcome is that of a fresh build."""

from __future__ import annotations

import errno
import io
import json
import os
import sys
import tarfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from compared_builds import Pair, stored_documents
from openpyxl import Workbook

import corpus.record_reading
import corpus.sources.stamps
import indexer.catalogue.facts
import indexer.catalogue.reading
import indexer.make_generation
import indexer.run_start
from corpus.sources import file_bytes, scan
from corpus.sources.source_file import SourceFile, Stamp
from corpus.sources.stamps import list_stamps
from indexer.build import build_index

TEXT = "近岸海域观测站网的潮汐普查工作已经完成，数据按日汇总后上传至市级平台，由专人复核并保存底稿三年以上。"


def article(number: int, content: str = TEXT, **fields: Any) -> dict[str, Any]:
    """An article of the account 江湾."""
    return {
        "aid": str(number),
        "title": f"第{number}篇",
        "content": f"{content}第{number}。",
        "account": "江湾",
        **fields,
    }


def workbook(*rows: tuple[str, ...]) -> bytes:
    """A workbook with one sheet."""
    book, out = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(out)
    return out.getvalue()


class Folder:
    """A folder of sources with an index that is kept up to date."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "in"
        self.path.mkdir()
        self.pair = Pair(folder, lambda: [self.path])

    def write(self, name: str, *articles: dict[str, Any] | str) -> Path:
        """Write a file of articles, or of a text."""
        path = self.path / name
        path.parent.mkdir(exist_ok=True)
        text = articles[0] if articles and isinstance(articles[0], str) else json.dumps(articles, ensure_ascii=False)
        path.write_text(str(text), "utf-8")
        return path

    def titles(self) -> list[str]:
        """The titles of all documents."""
        return sorted(document.title for document in stored_documents(self.pair.settings.index_dir).values())

    def changes(self, **options: Any) -> tuple[int, int, int]:
        """Run, compare with a fresh build, and give the documents that were added, changed and removed."""
        report = self.pair.compare(**options)
        return report.added, report.changed, report.removed


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    """A folder with one file, indexed; the clock of its file system is taken for exact."""
    monkeypatch.setattr(corpus.sources.stamps, "_CLOCK_NS", 0)
    folder = Folder(tmp_path)
    folder.write("a.json", article(1), article(2))
    assert folder.changes() == (2, 0, 0)
    return folder


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the source files that are opened."""
    names: list[str] = []
    whole = SourceFile.open

    def watched(file: SourceFile) -> Any:
        names.append(file.name)
        return whole(file)

    monkeypatch.setattr(SourceFile, "open", watched)
    return names


def test_only_what_changed_is_read(folder: Folder, opened: list[str]) -> None:
    """A run opens the new file and no other, and none if nothing changed."""
    folder.write("b.json", article(3))
    settings = folder.pair.settings
    report = build_index([folder.path], settings)
    assert (report.added, report.unchanged, set(opened)) == (1, 2, {"b.json"})
    opened.clear()
    assert build_index([folder.path], settings).is_unchanged
    assert opened == []


def test_only_changed_records_are_cleaned(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a file that has grown at its beginning, only the new record is cleaned."""
    cleaned: list[str] = []
    whole = __import__("corpus.record_reading").record_reading.clean

    def watched(record: Any, *rest: Any) -> Any:
        cleaned.append(record.title)
        return whole(record, *rest)

    monkeypatch.setattr("corpus.record_reading.clean", watched)
    folder.write("a.json", article(3), article(1), article(2))
    assert build_index([folder.path], replace(folder.pair.settings, workers=1)).added == 1
    assert cleaned in (["第3篇"], ["第3篇", "第1篇", "第2篇"])  # a small file is cleaned where it is read


def test_golden_shapes(folder: Folder) -> None:
    """Add, change, delete, rename, touch only, one id twice in a run, another id."""
    folder.write("b.json", article(3))
    assert folder.changes() == (1, 0, 0)
    folder.write("a.json", article(1, "全文改写了。"), article(2))
    assert folder.changes() == (0, 1, 0)
    folder.write("a.json", article(2))
    assert folder.changes() == (0, 0, 1)
    (folder.path / "b.json").rename(folder.path / "c.json")
    assert folder.changes() == (0, 0, 0)
    os.utime(folder.path / "c.json", (1, 1))
    assert build_index([folder.path], folder.pair.settings).is_unchanged
    folder.write(
        "d.json",
        article(
            3,
            "另一个导出里的同一篇，说得更多更长，多出许多从前没有的字句，所以留下的是这一篇，而不是从前的那一篇；" * 3,
        ),
    )
    assert folder.changes() == (0, 1, 0)
    folder.write("d.json")
    assert folder.changes() == (0, 1, 0)
    folder.write("a.json", article(9))
    assert folder.changes() == (1, 0, 1)
    folder.write("e.md", f"# 旧标题\n\n{TEXT}")
    assert folder.changes() == (1, 0, 0)
    folder.write("e.md", f"# 新标题\n\n{TEXT}")
    assert folder.changes() == (1, 0, 1)


def test_one_of_two_files_with_an_article_vanishes(folder: Folder) -> None:
    """The article stays as long as one file has it; what only the other one said is set aside no more."""
    folder.write("b.json", article(1, "别处的说法。"))
    assert folder.changes() == (0, 1, 0)
    (folder.path / "a.json").unlink()
    assert folder.changes() == (0, 1, 1)
    assert folder.titles() == ["第1篇"]


def test_records_move_between_files(folder: Folder) -> None:
    """Exports that are split, merged and given another order hold the same documents."""
    folder.write("0.json", article(2))
    folder.write("a.json", article(1))
    assert folder.changes() == (0, 0, 0)
    (folder.path / "0.json").unlink()
    folder.write("a.json", article(2), article(1))
    assert folder.changes() == (0, 0, 0)


def test_boilerplate_changes_other_documents(folder: Folder) -> None:
    """A line that an account repeats for the third time leaves the two texts that had it before, and returns."""
    tail = "\n\n欢迎转发，请注明来自“江湾经信”"
    folder.write("b.json", *({**article(number), "content": TEXT + tail} for number in (3, 4)))
    assert folder.changes() == (2, 0, 0)
    folder.write("c.json", {**article(5), "content": TEXT + tail})
    assert folder.changes() == (1, 2, 0)
    (folder.path / "c.json").unlink()
    assert folder.changes() == (0, 2, 1)


def test_members_of_archives(folder: Folder, opened: list[str]) -> None:
    """Of a changed archive only changed members are read; an unchanged one is not unpacked."""

    def pack(**members: str) -> None:
        with tarfile.open(folder.path / "x.tar", "w") as archive:
            for name, text in members.items():
                info = tarfile.TarInfo(f"{name}.txt")
                info.size = len(text.encode())
                archive.addfile(info, io.BytesIO(text.encode()))

    pack(一=f"第一份\n{TEXT}", 二=f"第二份\n{TEXT}")
    assert folder.changes()[0] == 2
    pack(一=f"第一份\n{TEXT}", 二=f"第二份\n{TEXT}又一句。", 三=f"第三份\n{TEXT}")
    assert folder.changes() == (1, 1, 0)
    (folder.path / "x.tar").unlink()
    assert folder.changes() == (0, 0, 3)


def test_sources_are_added_and_dropped(folder: Folder, tmp_path: Path) -> None:
    """The index holds exactly the sources of the last run, also when a name occurs in two of them."""
    other = tmp_path / "other"
    other.mkdir()
    (other / "a.json").write_text(json.dumps([article(7)], ensure_ascii=False), "utf-8")
    sources = [folder.path, other]
    report = build_index(sources, folder.pair.settings)
    assert (report.indexed, report.unchanged) == (3, 2)
    (tmp_path / "two").mkdir()
    folder.pair = Pair(tmp_path / "two", lambda: sources)
    assert folder.changes() == (3, 0, 0)
    sources.reverse()
    assert folder.changes() == (0, 0, 0)
    sources.remove(folder.path)
    assert folder.changes() == (0, 0, 2)


def test_the_same_bytes_from_standard_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Standard input is read each time, and what did not change stays."""
    pair = Pair(tmp_path, lambda: [Path("-")])

    def run(*articles: dict[str, Any]) -> Any:
        content = json.dumps(articles, ensure_ascii=False).encode()
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
        return build_index([Path("-")], pair.settings)

    assert run(article(1), article(2)).added == 2
    assert run(article(1), article(2)).is_unchanged
    report = run(article(2))
    assert (report.added, report.changed, report.removed) == (0, 0, 1)


def test_a_fault_that_goes_away(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a full temporary folder kept from being read is read by the next run, though the file is unchanged."""
    whole = file_bytes.FileBytes.seekable
    (folder.path / "b.xlsx").write_bytes(workbook(("标题", "正文"), ("表中的一篇", TEXT)))

    def full(_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(file_bytes.FileBytes, "seekable", full)
    report = build_index([folder.path], replace(folder.pair.settings, workers=1))
    assert (report.rejected, report.indexed) == (1, 2)
    monkeypatch.setattr(file_bytes.FileBytes, "seekable", whole)
    assert folder.changes() == (1, 0, 0)
    assert "表中的一篇" in folder.titles()


def test_a_library_is_installed(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    """After `pip install 'kesou[office]'` the files are read that needed it; no other document is made anew."""
    (folder.path / "b.xlsx").write_bytes(workbook(("标题", "正文"), ("表中的一篇", TEXT)))
    settings = replace(folder.pair.settings, workers=1)
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "openpyxl", None)
        patch.setattr(indexer.catalogue.facts, "_version", lambda library: None)
        assert [issue.kind for issue in build_index([folder.path], settings).issues] == ["missing_library"]
        assert build_index([folder.path], settings).is_unchanged
    assert folder.changes() == (1, 0, 0)


def test_contents_are_compared_on_request(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    """A change that leaves size and times as they were is found by --verify."""
    monkeypatch.setattr(indexer.catalogue.reading, "_stamp_text", lambda file: "1 2 3")
    stamps = list_stamps([folder.path], folder.pair.settings)
    monkeypatch.setattr(indexer.run_start, "list_stamps", lambda *_: replace(stamps, newest_ns=0))
    build_index([folder.path], folder.pair.settings, is_rebuild=True)
    folder.write("a.json", article(1), article(3))
    assert build_index([folder.path], folder.pair.settings).is_unchanged
    report = build_index([folder.path], folder.pair.settings, is_verified=True)
    assert (report.added, report.removed) == (1, 1)


def test_changes_within_the_clock_are_found(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that was changed about when it was listed is compared by its content, whatever its times say."""
    monkeypatch.setattr(corpus.sources.stamps, "_CLOCK_NS", 2_000_000_000)
    monkeypatch.setattr(indexer.catalogue.reading, "_stamp_text", lambda file: "1 2 3")
    build_index([folder.path], folder.pair.settings, is_rebuild=True)
    folder.write("a.json", article(1), article(3))
    assert build_index([folder.path], folder.pair.settings).added == 1


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        pytest.param(lambda settings, taxonomy: replace(settings, taxonomy=taxonomy), "taxonomy", id="taxonomy"),
        pytest.param(lambda settings, _: replace(settings, max_run_chars=99), "rules of tokens", id="tokens"),
        pytest.param(lambda settings, _: replace(settings, max_document_chars=10_000), "cleaning", id="cleaning"),
    ],
)
def test_why_documents_are_made_anew(
    folder: Folder, tmp_path: Path, change: Callable[[Any, str], Any], reason: str
) -> None:
    """Before it starts, a run tells how many documents it makes anew and why; afterwards none was changed."""
    own = tmp_path / "own.toml"
    own.write_text("# no rules\n", "utf-8")
    folder.pair.settings = change(folder.pair.settings, str(own))
    told: list[str] = []
    assert folder.changes(notice=told.append) == (0, 0, 0)
    (line,) = told
    assert line.startswith("all 2 documents are made anew: ")
    assert reason in line
    assert build_index([folder.path], folder.pair.settings, notice=told.append).is_unchanged
    assert len(told) == 1


def test_a_file_that_changes_while_it_is_read(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is written to between two readings of a run is read again; the outcome is that of its last state."""
    tail = "\n\n欢迎转发，请注明来自“江湾经信”"
    folder.write("b.json", *({**article(number), "content": TEXT + tail} for number in (3, 4)))
    folder.changes()
    folder.write("c.json", {**article(5), "content": TEXT + tail})
    whole = indexer.catalogue.reading.FileReader.read_again
    changes = iter([{**article(4), "content": TEXT + tail}])

    def late(reader: Any, records: Any) -> None:
        if (numbers := list(records)) and (change := next(changes, None)):
            folder.write("b.json", change)
        whole(reader, numbers)

    monkeypatch.setattr(indexer.catalogue.reading.FileReader, "read_again", late)
    assert folder.changes() == (1, 0, 1)
    assert next(changes, None) is None


def test_a_change_that_the_stamp_does_not_tell(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file with other content, the same size and the same times is read again once that is noticed."""
    monkeypatch.setattr(scan, "Stamp", lambda size, mtime_ns, _: Stamp(size, mtime_ns, 0))
    tail = "\n\n欢迎转发，请注明来自“江湾经信”"
    path = folder.write("b.json", *({**article(number), "content": TEXT + tail} for number in (3, 4)))
    os.utime(path, (1_600_000_000,) * 2)
    folder.changes()
    path.write_text(path.read_text("utf-8").replace("第4篇", "第9篇"), "utf-8")
    os.utime(path, (1_600_000_000,) * 2)
    assert build_index([folder.path], folder.pair.settings).is_unchanged
    folder.write("c.json", {**article(5), "content": TEXT + tail})
    report = folder.pair.compare()
    assert report.added == 1
    assert "第9篇" in folder.titles()


def test_a_file_that_cannot_be_opened(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that vanishes between listing and reading is named, its documents leave the index, and they return."""
    folder.write("b.json", article(3))
    folder.changes()
    folder.write("b.json", article(3), article(4))
    whole = Path.open

    def failing(path: Path, *rest: Any, **options: Any) -> Any:
        if path.name == "b.json":
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))
        return whole(path, *rest, **options)

    monkeypatch.setattr(Path, "open", failing)
    report = build_index([folder.path], replace(folder.pair.settings, workers=1))
    assert (report.removed, [issue.kind for issue in report.issues]) == (1, ["unreadable"])
    monkeypatch.setattr(Path, "open", whole)
    report = build_index([folder.path], folder.pair.settings)
    assert (report.added, report.issues) == (2, ())
