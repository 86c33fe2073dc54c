"""Exports of any size: what stands where in a long file, and how little of it is held at a time."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.document import Document
from corpus.loaders import json_reader, table
from corpus.loaders.json_records import load
from corpus.loaders.raw_record import LoadIssue, RawRecord
from corpus.settings import Settings
from corpus.sources.files import find_files
from corpus.sources.reading import read_records

Read = Callable[..., tuple[list[Document], list[str]]]

#: The window's first sight in characters, made small so that every border falls into every place.
SIGHTS = [1, 2, 7, 40]


def in_pieces(text: str, size: int) -> Iterator[str]:
    """The text, so many characters at a time."""
    return (text[start : start + size] for start in range(0, len(text), size))


def record(number: int) -> dict[str, Any]:
    """A record with everything that a border may cut: escapes, pairs of them, numbers, brackets in strings."""
    return {
        "aid": f"{number}",
        "title": f'题"{number}[{{',
        "n": [-12.5e3, True, None, {"a": 1234567}],
        "content": "正😀\n",
    }


SHAPES = [
    pytest.param(lambda rows: f"[{','.join(rows)}]", id="array"),
    pytest.param(lambda rows: "[\n" + " ,\n".join(rows) + "\n]\n", id="array-in-lines"),
    pytest.param(lambda rows: "\n".join(rows), id="lines"),
    pytest.param(lambda rows: f'{{"total":3,"x":{{"list":[1]}},"articles":[{",".join(rows)}],"more":[1]}}', id="held"),
    pytest.param(lambda rows: "".join(f"[{row}]" for row in rows), id="arrays"),
]


@pytest.mark.parametrize("is_ascii", [pytest.param(True, id="escapes"), pytest.param(False, id="characters")])
@pytest.mark.parametrize("shape", SHAPES)
def test_no_border_changes_what_is_read(
    shape: Callable[[list[str]], str], is_ascii: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wherever the borders of pieces and of the window fall, the records are the same."""
    rows = [json.dumps(record(number), ensure_ascii=is_ascii) for number in range(1, 4)]
    text = shape(rows)
    for sight in SIGHTS:
        monkeypatch.setattr(json_reader, "WINDOW_CHARS", sight)
        items = list(load(in_pieces(text, sight), ""))
        assert [item.source_id if isinstance(item, RawRecord) else item.number for item in items] == ["1", "2", "3"]
        assert {(item.title[2:], item.text) for item in items if isinstance(item, RawRecord)} == {
            (f"{number}[{{", "正😀\n") for number in (1, 2, 3)
        }


BROKEN = ["{'title':1}", '{"title":"\\x"}', '{"t":[1,]}', '{"t":tru}', '{"t":1 "u":2}', "oops", "-"]


@pytest.mark.parametrize("broken", [pytest.param(text, id=text) for text in BROKEN])
def test_no_border_moves_a_fault(broken: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A broken record costs itself and is named by the same place, wherever the window's border falls."""
    rows = [json.dumps(record(1)), broken, json.dumps(record(3))]
    for text in (f"[{','.join(rows)}]", f'{{"data":[{",".join(rows)}]}}', "\n".join([*rows, rows[0], rows[0]])):
        whole = list(load([text], ""))
        assert sum(isinstance(item, LoadIssue) for item in whole) == 1
        for sight in SIGHTS:
            monkeypatch.setattr(json_reader, "WINDOW_CHARS", sight)
            assert list(load(in_pieces(text, sight), "")) == whole


@given(st.text(alphabet='[]{}",:\\ \n1-tu甲') | st.text(max_size=20), st.sampled_from(SIGHTS), st.integers(1, 3))
def test_any_text_is_read_the_same_in_pieces(text: str, sight: int, copies: int) -> None:
    """Arrays are read alike however they come, whatever stands in them, and reading ends."""
    row = '{"title":"题","content":"甲"}'
    whole = "[" + ",".join([row, *[text] * copies, row])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_reader, "WINDOW_CHARS", sight)
        items = list(load(in_pieces(whole, sight), ""))
    assert items == list(load([whole], ""))


def test_positions_in_a_long_file_count_from_its_beginning(read: Read) -> None:
    """A fault behind megabytes of records is named by its character in the file."""
    rows = [json.dumps({"title": f"题{number}", "content": "正文" * 5000}, ensure_ascii=False) for number in range(101)]
    head = f"[{','.join(rows[:-1])},"
    documents, lines = read(f"{head}oops,{rows[-1]}]")
    assert len(documents) == 101
    assert lines == [f"rejected: source.json, record 101: not valid JSON at character {len(head) + 1}: Expecting value"]


def test_text_of_its_own_behind_a_long_array_is_not_lost_in_silence(read: Read) -> None:
    """An object too long to be seen whole is read as an export; a text behind its array is named."""
    rows = ",".join(f'{{"title":"题{number}","content":"{"正文" * 5000}"}}' for number in range(30))
    documents, lines = read(f'{{"articles":[{rows}],"content":"正文"}}')
    assert len(documents) == 30
    assert lines == [
        "rejected: source.json: the object around the records has a text of its own, 'content', which is unread"
    ]
    documents, lines = read(f'{{"articles":[{rows}],"total":oops}}')
    assert len(documents) == 30
    assert len(lines) == 1
    assert lines[0].endswith(": Expecting value")


@pytest.mark.parametrize(
    ("content", "name"),
    [
        pytest.param('[{"title":"长","content":"%s"},{"title":"题","content":"文"}]', "a.json", id="array"),
        pytest.param(
            "".join('{"title":"长","content":"%s"}\n{"title":"题","content":"' + end for end in ('甲"}\n', '乙"}\n')),
            "a.jsonl",
            id="lines",
        ),
        pytest.param('{"data":[{"title":"长","content":"%s"},{"title":"题","content":"文"}]}', "a.json", id="held"),
    ],
)
def test_value_longer_than_any_article_costs_only_itself(
    content: str, name: str, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What would have to be held whole to be read is refused, and the next record is read."""
    monkeypatch.setattr(json_reader, "MAX_VALUE_CHARS", 1 << 18)
    documents, lines = read(content.replace("%s", "长" * (1 << 20)), name)
    assert {document.title for document in documents} == {"题"}
    assert [line.split(": ")[-1] for line in lines] == [json_reader.TOO_LONG] * content.count("%s")


def rows(count: int) -> Iterator[str]:
    """Records of about 3 kB, different so that nothing could be shared."""
    return (json.dumps({"aid": f"{n}", "title": f"题{n}", "content": f"{n}正文" * 300}) for n in range(count))


@pytest.mark.parametrize(
    ("name", "head", "between", "tail"),
    [
        pytest.param("a.jsonl", "", "\n", "\n", id="lines"),
        pytest.param("a.json", "[", ",", "]", id="array"),
        pytest.param("b.json", '{"total":1,"articles":[', ",", "]}", id="held"),
        pytest.param("c.json", "[", ",", ',{"title":"题","content":', id="cut"),
        pytest.param("d.json", "[", ",oops,", "]", id="broken"),
    ],
)
def test_long_file_takes_little_memory(name: str, head: str, between: str, tail: str, tmp_path: Path) -> None:
    """Of an export of 19 MB, never more than a small part is in memory at once."""
    with (tmp_path / name).open("w") as file:
        file.write(head)
        for number, row in enumerate(rows(4000)):
            file.write((between if number else "") + row)
        file.write(tail)
    (source,), _ = find_files([tmp_path / name])
    assert source.size > 18_000_000
    tracemalloc.start()
    count = sum(isinstance(item, RawRecord) for item in read_records(source, Settings()))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 4000
    assert peak < 6_000_000


def test_long_table_takes_little_memory(tmp_path: Path) -> None:
    """A table is read a row at a time."""
    pieces = (f"题{number},{'正文' * 500}\n" for number in range(20_000))
    tracemalloc.start()
    count = sum(1 for _ in table.load(("标题,正文\n" if n == 0 else p for n, p in enumerate(pieces)), ""))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 19_999
    assert peak < 2_000_000


def test_text_far_beyond_the_limit_is_not_held_whole(read: Read) -> None:
    """A plain text so long that no cleaning could save it is refused while it is read."""
    assert read("字" * 4000, "a.txt", max_document_chars=100)[1] == [
        "rejected: a.txt: far more than 100 characters (max_document_chars)"
    ]


def row(number: int) -> str:
    """A short record of a JSON export."""
    return json.dumps({"aid": str(number), "title": f"题{number}", "content": "港"})


STREAMS = [
    pytest.param("a.jsonl", "", lambda n: f"{row(n)}\n", "", id="lines"),
    pytest.param("a.json", "[", lambda n: ("," if n else "") + row(n), "]", id="array"),
    pytest.param("a.csv", "id,标题,正文\n", lambda n: f"{n},题{n},港\n", "", id="table"),
    pytest.param("a.txt", "id\t标题\t正文\n", lambda n: f"{n}\t题{n}\t港\n", "", id="table-called-txt"),
    pytest.param("a.rss", "<rss>", lambda n: f"<item><title>题{n}</title></item>", "</rss>", id="feed"),
]


@pytest.mark.parametrize(("name", "head", "entry", "tail"), STREAMS)
def test_stream_of_any_size_is_read(
    name: str, head: str, entry: Callable[[int], str], tail: str, tmp_path: Path
) -> None:
    """A file a hundred times as large as the limit on other formats is read to its end, in little memory."""
    count = 20_000
    path = tmp_path / name
    with path.open("w", encoding="utf-8") as file:
        file.write(head)
        file.writelines(map(entry, range(count)))
        file.write(tail)
    (source,), _ = find_files([path])
    tracemalloc.start()
    try:
        number = sum(isinstance(item, RawRecord) for item in read_records(source, Settings(max_file_bytes=1000)))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert number == count
    assert peak < 8_000_000
