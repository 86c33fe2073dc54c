"""The documents of the benchmark: the first ones of a corpus of natural texts, or generated ones where it is absent."""

from __future__ import annotations

import json
import lzma
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from typing import IO, Any, Final

from benchmarks.generated import generate
from benchmarks.varied import vary

#: Beside the project; not part of it.
NATURAL: Final = Path(__file__).resolve().parents[2] / "shared" / "data" / "scale_100k.jsonl.xz"
#: Exports come in files of some tens of megabytes, and Kesou refuses files of more than 256.
DOCUMENTS_PER_FILE: Final = 10_000
#: The natural texts have no type; one of these is drawn from the id, so that three facets can be counted.
TYPES: Final = ("新闻动态", "通知公告", "项目申报", "政策解读", "活动", "公示", "科普", "党建")
_FIRST_STAND_IN: Final = date(2010, 1, 1)
_STAND_IN_DAYS: Final = 16 * 365


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchmarkDocument:
    """One text; `date` is a day of the calendar as YYYY-MM-DD."""

    id: str
    title: str
    account: str
    date: str
    type: str
    text: str

    @property
    def month(self) -> str:
        """YYYY-MM."""
        return self.date[:7]

    @property
    def day(self) -> int:
        """The day as a proleptic ordinal."""
        return date.fromisoformat(self.date).toordinal()


def documents(count: int, source: str = "") -> Iterator[BenchmarkDocument]:
    """The first `count` documents of a source: a .jsonl or .jsonl.xz file, "generated", or empty for the best there is.

    "varied" is the natural texts and after them as many variations as asked for (see varied.py). The same ones in
    every run and on every machine that has the source; fewer when the source has fewer.
    """
    if source == "varied":
        records: Iterator[dict[str, Any]] = vary(_records(NATURAL))
    elif source == "generated" or (not source and not NATURAL.exists()):
        records = generate()
    else:
        records = _records(Path(source) if source else NATURAL)
    return (_document(record) for record in islice(records, count))


def source_name(source: str = "") -> str:
    """What the tables call the source."""
    if source:
        return f"{source} texts" if source in {"generated", "varied"} else Path(source).name
    return NATURAL.name if NATURAL.exists() else "generated texts"


def write(texts: Iterable[BenchmarkDocument], folder: Path) -> Iterator[BenchmarkDocument]:
    """Write documents as JSON Lines files into a new folder, passing each one on."""
    folder.mkdir(parents=True)
    pending = iter(texts)
    for number in range(1_000_000):
        part = list(islice(pending, DOCUMENTS_PER_FILE))
        if not part:
            return
        with (folder / f"part-{number:03}.jsonl").open("w", encoding="utf-8") as file:
            for document in part:
                file.write(json.dumps(asdict(document), ensure_ascii=False) + "\n")
                yield document


def read(folder: Path) -> Iterator[BenchmarkDocument]:
    """Documents of a folder that `write` made, in their order."""
    for path in sorted(folder.glob("part-*.jsonl")):
        with path.open(encoding="utf-8") as file:
            for line in file:
                yield BenchmarkDocument(**json.loads(line))


def _records(path: Path) -> Iterator[dict[str, Any]]:
    with _open(path) as file:
        for line in file:
            yield json.loads(line)


def _open(path: Path) -> IO[str]:
    return lzma.open(path, "rt", encoding="utf-8") if path.suffix == ".xz" else path.open(encoding="utf-8")


def _document(record: dict[str, Any]) -> BenchmarkDocument:
    """Authors behind a stroke are left out of the account; a day that does not exist is replaced by one that does."""
    number = zlib.crc32(str(record["id"]).encode())
    day = str(record.get("date") or "")
    try:
        date.fromisoformat(day)
    except ValueError:
        day = (_FIRST_STAND_IN + timedelta(days=number % _STAND_IN_DAYS)).isoformat()
    return BenchmarkDocument(
        id=str(record["id"]),
        title=str(record.get("title") or ""),
        account=str(record.get("account") or "").split("/")[0],
        date=day,
        type=TYPES[number % len(TYPES)],
        text=str(record["text"]),
    )
