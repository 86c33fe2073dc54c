"""A collection is read in two passes: boilerplate of all texts, the first of two copies, counts for each file."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from corpus.collection import Collection
from corpus.document import Document, SetAside
from corpus.import_issue import ImportIssue
from corpus.ledger import CharacterCounts
from corpus.settings import Settings
from corpus.sources.files import find_files
from corpus.taxonomy.classify import Taxonomy

Collect = Callable[..., Collection]


@pytest.fixture
def collect(tmp_path: Path, packaged_taxonomy: Taxonomy) -> Collect:
    """Give the collection of some files (name → articles)."""

    def collect(**sources: list[dict[str, Any]]) -> Collection:
        for name, articles in sources.items():
            (tmp_path / f"{name}.json").write_text(json.dumps(articles, ensure_ascii=False), "utf-8")
        files, _ = find_files([tmp_path])
        (tmp_path / "spool").mkdir(exist_ok=True)
        return Collection(files, packaged_taxonomy, Settings(), tmp_path / "spool")

    return collect


def article(number: int, content: str, **fields: Any) -> dict[str, Any]:
    """An article of the account 江湾."""
    return {"aid": str(number), "title": f"第{number}篇", "content": content, "account": "江湾", **fields}


def test_boilerplate_is_found_across_files(collect: Collect) -> None:
    """Three texts of an account in two files are enough; what was dropped can be shown and is counted by file."""
    texts = [article(number, f"第{number}件事情已经办好。\n\n↓点赞\n编辑：小舟") for number in range(3)]
    collection = collect(a=texts[:2], b=texts[2:])
    documents = [item for item in collection if isinstance(item, Document)]
    assert [found.body for found in documents] == [f"第{number}件事情已经办好。" for number in range(3)]
    assert collection.repairs == {
        "a.json": {"boilerplate": 2, "credits": 2},
        "b.json": {"boilerplate": 1, "credits": 1},
    }
    assert [found.set_aside for found in documents] == [(SetAside("boilerplate", "↓点赞"),)] * 3
    assert collection.characters["a.json"] == CharacterCounts(read=42, indexed=36, set_aside=6)


def test_first_of_two_records_is_kept(collect: Collect) -> None:
    """The other one is named, with the file of the first; problems come first, all in the order of the files."""
    collection = collect(
        a=[article(1, "先来的。"), article(2, "")], b=[article(1, "后到的。"), article(3, "再来的。", date="x")]
    )
    items = list(collection)
    assert [str(item) for item in items if isinstance(item, ImportIssue)] == [
        "a.json, record 2: no text; found by its title only",
        "b.json: the same article as one in a.json, which is kept: 1; what only this one says is set aside there",
        "b.json, record 2: the date 'x' cannot be read; indexed without a date (write YYYY-MM-DD)",
    ]
    documents = [item for item in items if isinstance(item, Document)]
    assert [document.body for document in documents] == ["先来的。", "", "再来的。"]
    assert documents[0].set_aside == (SetAside("other", "后到的。"),)


def test_progress_follows_the_files(collect: Collect, tmp_path: Path) -> None:
    """The bytes of the files before the one at hand, and of all in the end."""
    collection = collect(a=[article(1, "甲。")], b=[article(2, "乙。")])
    sizes = [file.size for file in find_files([tmp_path])[0]]
    assert [collection.done_bytes for item in collection if isinstance(item, Document)] == [0, sizes[0]]
    assert collection.done_bytes == sum(sizes)


def test_nothing_is_left_in_the_folder(collect: Collect, tmp_path: Path) -> None:
    """The drafts are gone when the collection is read, and when reading stops half-way."""
    for stop in (1, 3):
        for number, _ in enumerate(collect(a=[article(number, "文。") for number in range(3)])):
            if number == stop:
                break
        assert list((tmp_path / "spool").iterdir()) == []


def test_odd_characters_pass_through_the_file(collect: Collect) -> None:
    """Line separators, quotes and characters outside the first plane come out of the drafts as they went in."""
    content = '甲\u2028乙\u0085“丙”\\n"𧃸"\t丁'
    (found,) = [item for item in collect(a=[article(1, content)]) if isinstance(item, Document)]
    assert found.body == '甲\n乙\n“丙”\\n"𧃸" 丁'


def test_the_record_that_says_more_is_kept(collect: Collect) -> None:
    """A record without its text does not hide a later one of the same article that has it."""
    collection = collect(a=[article(1, "")], b=[article(1, "全文在后一个文件里。")])
    items = list(collection)
    assert [item.body for item in items if isinstance(item, Document)] == ["全文在后一个文件里。"]
    assert "a.json: the same article as one in b.json, which is kept: 1" in [
        str(item) for item in items if isinstance(item, ImportIssue)
    ]


def test_files_of_one_name_that_differ_are_two_documents(tmp_path: Path, packaged_taxonomy: Taxonomy) -> None:
    """Two files whose names and titles are equal but for the suffix are one document only if their texts are."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "通知.txt").write_text("潮汐普查的通知\n普查范围包括近岸海域。", "utf-8")
    (tmp_path / "in" / "通知.md").write_text("# 潮汐普查的通知\n\n普查结果将于年底公布，另行通知。", "utf-8")
    (tmp_path / "in" / "通知.log").write_text("潮汐普查的通知\n普查范围包括近岸海域。", "utf-8")
    collection = Collection(find_files([tmp_path / "in"])[0], packaged_taxonomy, Settings(), tmp_path)
    last_lines = sorted(item.body.split("\n")[-1] for item in collection if isinstance(item, Document))
    assert last_lines == ["普查结果将于年底公布，另行通知。", "普查范围包括近岸海域。"]


def test_dates_that_cannot_be_read_are_one_line_of_a_file(
    read: Callable[..., tuple[list[Document], list[str]]],
) -> None:
    """A file whose dates are all relative, or beyond all years, is told once, with the number of its records."""
    days = ("昨天", "5461-03-02", "9999-12-31", "0001-01-01", "30000-01-01", "2025-11-01")
    rows = [
        {"aid": str(at), "title": f"题{at}", "content": f"港区简报第{at}期。", "date": day}
        for at, day in enumerate(days)
    ]
    documents, lines = read(rows)
    assert [document.date for document in documents] == [None] * 5 + ["2025-11-01"]
    assert lines == [
        "note: source.json, record 1: the date '昨天' cannot be read; indexed without a date (write YYYY-MM-DD);"
        " 4 more records alike"
    ]
