"""Reading files into cleaned records: the same with any number of workers, whatever a file does to its process."""

from __future__ import annotations

import faulthandler
import gzip
import json
import multiprocessing
import os
import signal
import time
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from corpus import record_reading
from corpus.import_issue import ImportIssue
from corpus.loaders import json_records, text
from corpus.record_reading import Event, FileStart, KnownSource, ReadRecord, read_cleaned
from corpus.settings import Settings
from corpus.sources.files import find_files

FORK = pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="processes cannot be forked")


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Little text is as much work as much text."""
    monkeypatch.setattr(record_reading, "_BATCH_BYTES", 500)
    monkeypatch.setattr(record_reading, "_BYTES_TO_OPEN", 10)
    monkeypatch.setattr(record_reading, "_SMALL_BYTES", 2000)


class Known:
    """Knows records by their hashes, and texts of records in any file."""

    def __init__(self, hashes: Iterable[bytes] = (), sources: Mapping[bytes, KnownSource] | None = None) -> None:
        self.hashes = [*hashes]
        self._sources = sources or {}

    def has(self, record: bytes, /) -> bool:
        """True for a hash that was given."""
        return record in self.hashes

    def sources(self, file: int, /) -> Mapping[bytes, KnownSource]:
        """The texts that were given."""
        return self._sources


NOTHING = Known()


def read(source: Path, known: Known = NOTHING, **options: Any) -> list[tuple[str, Event]]:
    """The events of all files of a source, with the names of their files."""
    settings = Settings(**options)
    files, _ = find_files([source], settings)
    return [(files[number].name, event) for number, event in read_cleaned([*enumerate(files)], settings, known)]


def article(number: int) -> dict[str, str]:
    """A record of an export."""
    return {
        "aid": str(number),
        "title": f"题{number}",
        "content": f"第{number}篇正文，讲的是波长与频率。" * 5,
        "date": "x",
    }


@pytest.fixture
def collection(tmp_path: Path) -> Path:
    """Files of many kinds: read by workers and here, compressed, in archives, damaged, with bad records."""
    folder = tmp_path / "collection"
    folder.mkdir()
    rows = [article(number) for number in range(40)]
    (folder / "a.json").write_text(json.dumps(rows, ensure_ascii=False), "utf-8")
    (folder / "b.jsonl").write_text("\n".join(map(json.dumps, rows[:3])) + "\n{bad\n", "utf-8")
    (folder / "c.jsonl.gz").write_bytes(gzip.compress("\n".join(map(json.dumps, rows[3:30])).encode())[:-9])
    (folder / "d.csv").write_text("title,content\n" + "\n".join(f"表{n},内容{n}" for n in range(200)), "utf-8")
    (folder / "e.txt").write_text("", "utf-8")
    for number in range(30):
        (folder / f"f{number}.md").write_text(f"# 题\n\n第{number}段。", "utf-8")
    with zipfile.ZipFile(folder / "g.zip", "w") as archive:
        for number in range(5):
            archive.writestr(f"{number}.html", f"<html><h1>页{number}</h1><p>{'文' * 99}{number}</p></html>")
        archive.writestr("long.json", json.dumps(rows))
        archive.writestr("6.txt", "坏" * 500)
    whole = (folder / "g.zip").read_bytes()
    (folder / "g.zip").write_bytes(whole.replace("坏坏".encode(), "坏壊".encode(), 1))
    return folder


@pytest.mark.parametrize(("workers", "method"), [(2, "fork"), (5, "fork"), (2, "spawn")])
def test_outcome_does_not_depend_on_the_number_of_workers(
    workers: int, method: str, collection: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Issues, digests, hashes and drafts are the same, in the same order."""
    monkeypatch.setattr("corpus.workers._start_method", lambda: method)
    alone = read(collection, workers=1)
    assert read(collection, workers=workers) == alone
    records = [event for _, event in alone if isinstance(event, ReadRecord)]
    assert len(records) == 40 + 3 + 27 + 200 + 30 + 5 + 40
    assert sum(isinstance(event, FileStart) for _, event in alone) == 4 + 1 + 30 + 7
    assert [str(event) for _, event in alone if isinstance(event, ImportIssue) and event.kind != "no_records"]


@pytest.mark.parametrize("workers", [1, 3])
def test_known_records_are_not_cleaned(workers: int, collection: Path) -> None:
    """A record whose hash is known is an event without a draft; all others are as they were."""
    everything = read(collection, workers=workers)
    hashes = [event.hash for _, event in everything if isinstance(event, ReadRecord)]
    known = Known(hashes[::2])
    expected = [
        (name, event._replace(cleaned=None) if isinstance(event, ReadRecord) and known.has(event.hash) else event)
        for name, event in everything
    ]
    assert read(collection, known, workers=workers) == expected


@pytest.mark.parametrize("workers", [1, 3])
def test_known_texts_are_not_decoded(workers: int, collection: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A record whose text is known is none that is made, unless it must be cleaned; all events are as they were."""
    (collection / "z.jsonl").write_text("\n".join(json.dumps(article(n // 2)) for n in range(40)), "utf-8")
    everything = [event for _, event in read(collection, workers=workers)]
    records = [event for event in everything if isinstance(event, ReadRecord)]
    sources = {event.source_hash: KnownSource(event.hash, event.shown is not None) for event in records}
    assert len(sources) > 40
    failed = records[3].hash
    known = Known((event.hash for event in records if event.hash != failed), sources)
    make = json_records._record
    numbers: list[int] = []

    def counted(number: int, *arguments: Any, **options: Any) -> Any:
        numbers.append(number)
        return make(number, *arguments, **options)

    monkeypatch.setattr(json_records, "_record", counted)
    events = [event for _, event in read(collection, known, workers=workers)]
    assert events == [
        event._replace(cleaned=None) if isinstance(event, ReadRecord) and event.hash != failed else event
        for event in everything
    ]
    assert set(numbers) - {1, 2, 3} == {4, 7, 8}  # the article that failed; b.jsonl is small and read as a whole


@pytest.mark.parametrize("workers", [1, 3])
def test_record_is_known_as_often_as_it_was_found(workers: int, tmp_path: Path) -> None:
    """Of equal records, as many are cleaned as there are more of them than before."""
    (tmp_path / "a.json").write_text(json.dumps([article(1)] * 9 + [article(2)] * 9, ensure_ascii=False), "utf-8")
    hashes = [event.hash for _, event in read(tmp_path, workers=workers) if isinstance(event, ReadRecord)]
    left = Known(hashes[:7] + hashes[10:])
    settings = Settings(workers=workers)
    files, _ = find_files([tmp_path], settings)
    cleaned = []
    for _, event in read_cleaned([*enumerate(files)], settings, left):
        if isinstance(event, ReadRecord):
            if event.cleaned is None:
                left.hashes.remove(event.hash)
            cleaned.append(event.cleaned is not None)
    assert [number for number, is_cleaned in enumerate(cleaned) if is_cleaned] == [7, 8, 17]


@FORK
@pytest.mark.parametrize("is_archive", [False, True], ids=["folder", "archive"])
def test_file_that_ends_or_holds_its_process_is_rejected_alone(
    is_archive: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reader that crashes, or does not come to an end, costs the file that it reads, and no other."""
    contents = {f"{name}.txt": f"这是{name}。" * 30 for name in ("a", "crash", "b", "hang", "kill", "c")}
    if is_archive:
        with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
            for name, content in contents.items():
                archive.writestr(name, content)
    else:
        for name, content in contents.items():
            (tmp_path / name).write_text(content, "utf-8")
    load = text.load

    def load_dangerously(whole: str, stem: str) -> Iterator[Any]:
        if stem == "crash":
            faulthandler.disable()
            os.abort()
        if stem == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        if stem == "hang":
            time.sleep(600)
        return iter(load(whole, stem))

    monkeypatch.setattr(text, "load", load_dangerously)
    events = read(tmp_path, workers=2, max_file_seconds=1)
    read_names = [name.removeprefix("x.zip/") for name, event in events if isinstance(event, ReadRecord)]
    assert sorted(read_names) == ["a.txt", "b.txt", "c.txt"]
    issues = {
        name.removeprefix("x.zip/"): (event.message, event.is_rejection)
        for name, event in events
        if isinstance(event, ImportIssue)
    }
    assert issues == {
        "crash.txt": ("it ends the process that works on it (SIGABRT)", True),
        "hang.txt": ("it takes longer than 1 seconds (max_file_seconds); search-index --verify tries it again", True),
        "kill.txt": (
            "it ends the process that works on it, probably because it needs more memory than there is",
            True,
        ),
    }
    assert all(event.digest for _, event in events if isinstance(event, FileStart))


@FORK
def test_record_that_ends_its_process_is_rejected_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of an export with one record that crashes cleaning, all others are read."""
    rows = [article(number) for number in range(40)]
    (tmp_path / "a.json").write_text(json.dumps(rows, ensure_ascii=False), "utf-8")
    clean = record_reading.clean

    def clean_dangerously(record: Any, file: str, settings: Settings) -> Any:
        if record.title == "题17":
            os._exit(9)
        return clean(record, file, settings)

    monkeypatch.setattr(record_reading, "clean", clean_dangerously)
    records = [event for _, event in read(tmp_path, workers=2) if isinstance(event, ReadRecord)]
    cleaned = [record.cleaned for record in records if record.cleaned]
    assert [number for number, item in enumerate(cleaned) if not item.draft] == [17]
    assert list(map(str, cleaned[17].issues)) == ["a.json, record 18: it ends the process that works on it (status 9)"]
    assert len(cleaned) == 40
