"""Files and records that are too slow: named by every run, and tried again only if that may help."""

from __future__ import annotations

import json
import stat
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from corpus import record_reading
from corpus.drafts import make_drafts
from corpus.loaders import text
from corpus.settings import Settings
from corpus.sources import conversion
from indexer.build import build_index
from indexer.run_report import RunReport

WORD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "WordDocument\0".encode("utf-16-le")


class Slow:
    """A source with one file or record that is too slow, and a log with a line for each time that it is tried."""

    def __init__(self, folder: Path) -> None:
        self.log = folder / "log"
        self.log.touch()
        self.source = folder / "source"
        self.source.mkdir()
        self.settings = Settings(index=str(folder / "index"), workers=2, max_file_seconds=0.5)

    def tries(self) -> int:
        """How often it was tried since the last call."""
        count = len(self.log.read_text().split())
        self.log.write_text("")
        return count

    def run(self, **options: Any) -> RunReport:
        """A run, which names what is too slow and indexes all else."""
        report = build_index([self.source], self.settings, **options)
        assert [issue.kind for issue in report.issues if issue.is_rejection] == ["too_slow"]
        assert report.indexed == 8
        return report

    def change(self) -> None:
        """Change the file."""


class SlowFile(Slow):
    """A text whose loader takes long."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        super().__init__(folder)
        for number in range(9):
            (self.source / f"{number}.txt").write_text(f"第{number}个文件的波长。" * 40, "utf-8")
        load = text.load

        def load_slowly(content: Any, stem: str) -> Any:
            if stem == "4":
                self._try()
            return load(content, stem)

        patch.setattr(text, "load", load_slowly)
        patch.setattr(record_reading, "_BATCH_BYTES", 1500)

    def _try(self) -> None:
        with self.log.open("a") as log:
            log.write("try\n")
        time.sleep(60)

    def change(self) -> None:
        """Write another text."""
        (self.source / "4.txt").write_text("另一篇波长。" * 40, "utf-8")


class SlowRecord(SlowFile):
    """A record of an export whose cleaning takes long."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        Slow.__init__(self, folder)
        self._write("脑机接口的波长。")
        patch.setattr(record_reading, "_SMALL_BYTES", 0)
        patch.setattr(record_reading, "_BATCH_BYTES", 2000)

        def make_slowly(record: Any, *options: Any) -> Any:
            if record.source_id == "4":
                self._try()
            return make_drafts(record, *options)

        patch.setattr(record_reading, "make_drafts", make_slowly)

    def _write(self, content: str) -> None:
        texts = dict.fromkeys(range(9), "脑机接口的波长。") | {4: content}
        rows = ({"aid": str(number), "title": f"第{number}篇", "content": text * 40} for number, text in texts.items())
        (self.source / "export.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")

    def change(self) -> None:
        """Write another text of the record."""
        self._write("另一个波长。")


class SlowConversion(Slow):
    """An old document with which LibreOffice takes long."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        super().__init__(folder)
        for number in range(8):
            (self.source / f"{number}.txt").write_text(f"第{number}个文件的波长。" * 40, "utf-8")
        (self.source / "old.doc").write_bytes(WORD)
        (folder / "bin").mkdir()
        program = folder / "bin" / "soffice"
        program.write_text(f"#!/bin/sh\necho try >> {self.log}\nsleep 60\n", "utf-8")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        patch.setenv("PATH", f"{folder / 'bin'}:/usr/bin:/bin")
        patch.setattr(conversion, "_START_SECONDS", 0.3)
        patch.setattr(conversion, "_SECONDS_EACH", 0)

    def change(self) -> None:
        """Write another document."""
        (self.source / "old.doc").write_bytes(WORD + b"1")


@pytest.fixture(params=[SlowFile, SlowRecord, SlowConversion])
def slow(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Slow:
    """What may be too slow."""
    made: Slow = request.param(tmp_path, monkeypatch)
    return made


def test_what_is_too_slow_is_tried_again_only_if_that_may_help(slow: Slow) -> None:
    """A night without changes costs no second try; another file, another limit, --verify and --rebuild do."""
    assert not slow.run().is_unchanged
    assert slow.tries() > 0
    assert slow.run().is_unchanged
    assert slow.tries() == 0
    slow.change()
    slow.run()
    assert slow.tries() > 0
    slow.settings = replace(slow.settings, max_file_seconds=0.6)
    slow.run()
    assert slow.tries() > 0
    slow.run()
    assert slow.tries() == 0
    for options in ({"is_verified": True}, {"is_rebuild": True}):
        slow.run(**options)
        assert slow.tries() > 0


def test_slow_record_of_a_growing_export_is_not_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A record that was too slow stays named when records are added to its file; they are indexed."""
    slow = SlowRecord(tmp_path, monkeypatch)
    slow.run()
    slow.tries()
    with (slow.source / "export.jsonl").open("a", encoding="utf-8") as file:
        file.write("\n" + json.dumps({"aid": "new", "title": "新的一篇", "content": "脑机接口。" * 40}))
    report = build_index([slow.source], slow.settings)
    assert [(issue.record, issue.kind) for issue in report.issues if issue.is_rejection] == [(5, "too_slow")]
    assert (report.indexed, report.added) == (9, 1)
    assert slow.tries() == 0
