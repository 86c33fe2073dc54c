"""Posting lists: the standard library, NumPy and Whoosh itself read back what was written."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.document import Document
from corpus.import_issue import ImportIssue
from corpus.sources.files import find_files
from indexer.analysis.normalise import normalise
from indexer.postings import varints
from indexer.postings.format import (
    decode_numbers,
)

SAMPLE = Path(__file__).parents[1] / "corpus" / "sample"


@settings(deadline=None, derandomize=True)
@given(st.lists(st.integers(0, 2**32 - 1), max_size=200))
def test_numbers_come_back(numbers: list[int]) -> None:
    """Both decoders return the numbers that were encoded as varints."""
    data, ends = varints.encode_numbers(np.array(numbers, np.uint32))
    raw = memoryview(data.tobytes())
    assert decode_numbers(raw) == numbers
    assert [found.tolist() for found in varints.decode_numbers(data)] == [numbers, ends.tolist()]
    assert [len(decode_numbers(raw[:end])) for end in ends.tolist()] == list(range(1, len(numbers) + 1))


def test_whoosh_reads_the_index(sample_index: Path, read_files: Callable[..., list[Document | ImportIssue]]) -> None:
    """Whoosh's own reader opens a generation and finds words, values, dates and phrases of characters."""
    from whoosh import index, query

    (segment,) = (sample_index / (sample_index / "CURRENT").read_text()).glob("seg-*")
    documents = [item for item in read_files(find_files([SAMPLE])[0]) if isinstance(item, Document)]
    opened = index.open_dir(str(segment), readonly=True)
    with opened.searcher() as searcher:
        column = searcher.reader().column_reader("id")

        def ids(asked: query.Query) -> set[str]:
            return {f"{column[hit.docnum]:016x}" for hit in searcher.search(asked, limit=None)}

        phrase = query.Phrase("body_grams", list("脑机接口"))
        assert ids(phrase) == {item.id for item in documents if "脑机接口" in normalise(item.body)}
        account = query.Term("account", "东岸科创")
        assert ids(account) == {item.id for item in documents if item.account == "东岸科创"}
        assert ids(query.Term("title", "接口")) == {item.id for item in documents if "接口" in item.title}
        assert searcher.doc_count() == len(documents)
        accounts = searcher.reader().column_reader("account")
        assert {accounts[number] for number in range(len(documents))} == {item.account for item in documents}
        days = searcher.reader().column_reader("date")
        assert sum(days[number] > 0 for number in range(len(documents))) == sum(bool(item.date) for item in documents)
    opened.close()


def test_builds_of_the_same_sources_are_equal(sample_index: Path, tmp_path: Path) -> None:
    """Another process writes the same bytes, but for the manifest and the run report, which have the times."""
    command = [sys.executable, "-m", "indexer", str(SAMPLE), "--index", str(tmp_path / "index")]
    subprocess.run(command, check=True, env={**os.environ, "PYTHONHASHSEED": "7"}, capture_output=True, timeout=120)
    contents = []
    for index in (sample_index, tmp_path / "index"):
        files = [
            path for path in (index / "gen-000001").rglob("*.*") if path.name not in ("generation.json", "report.json")
        ]
        contents.append({path.relative_to(index).as_posix(): path.read_bytes() for path in files})
    assert [name for name in {**contents[0], **contents[1]} if contents[0].get(name) != contents[1].get(name)] == []
