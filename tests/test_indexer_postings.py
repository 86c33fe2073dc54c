"""Posting lists: the standard library, NumPy and Whoosh itself read back what was written."""

from __future__ import annotations

import errno
import os
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.chinese import HAN
from corpus.document import Document
from corpus.import_issue import ImportIssue
from corpus.sources.files import find_files
from indexer.analysis.normalise import normalise
from indexer.postings.format import (
    RUN_BOUNDARY_CODE,
    TEXT_END_CODE,
    ListPart,
    decode_numbers,
    decode_positions,
    decode_word_list,
    gram_list,
    gram_lists,
)
from indexer.postings.invert import GramInverter, WordInverter, encode_numbers
from searcher.execution.arrays import numpy_

SAMPLE = Path(__file__).parents[1] / "corpus" / "sample"
ALPHABET = "上海脑机接口6g26hz,. αßé的\n𧃸"
TEXTS = st.lists(st.text(ALPHABET, max_size=40).map(normalise), min_size=1, max_size=30)
BLOCK = 8


@settings(deadline=None, derandomize=True)
@given(st.lists(st.integers(0, 2**32 - 1), max_size=200))
def test_numbers_come_back(numbers: list[int]) -> None:
    """Both decoders return the numbers that were encoded as varints."""
    data, ends = encode_numbers(np.array(numbers, np.uint32))
    raw = memoryview(data.tobytes())
    assert decode_numbers(raw) == numbers
    assert numpy_.decode_numbers(raw)[0].tolist() == numbers
    assert [len(decode_numbers(raw[:end])) for end in ends.tolist()] == list(range(1, len(numbers) + 1))


@settings(deadline=None, derandomize=True, max_examples=50)
@given(TEXTS, st.sampled_from([48, 4096]))
def test_grams_stand_where_the_text_has_them(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], run: int
) -> None:
    """Every bigram, last character and run boundary of every text is listed at its position, whatever the run size."""
    inverter = GramInverter(tmp_path_factory.mktemp("runs"), "body", BLOCK, run)
    for text in texts:
        inverter.add(text)
    listed = {}
    for term in inverter.lists():
        encoded = memoryview(term.encoded)
        for code, gram in gram_lists(encoded, 0):
            assert gram_list(encoded, 0, code) == gram
            listed[term.term.decode(), code] = decode_positions(encoded[gram.start : gram.end])
    assert listed == _grams(texts, inverter.starts.tolist())


@settings(deadline=None, derandomize=True, max_examples=50)
@given(st.lists(st.lists(st.sampled_from(ALPHABET), max_size=30), min_size=1, max_size=30), st.sampled_from([20, 4096]))
def test_words_are_counted(tmp_path_factory: pytest.TempPathFactory, documents: list[list[str]], run: int) -> None:
    """Every word is listed with its documents and frequencies, in byte order."""
    inverter = WordInverter(tmp_path_factory.mktemp("runs"), "body", run)
    for number, words in enumerate(documents):
        inverter.add(number, words)
    terms = list(inverter.lists())
    assert [term.term for term in terms] == sorted({word.encode() for words in documents for word in words})
    for term in terms:
        counts = {at: words.count(term.term.decode()) for at, words in enumerate(documents)}
        wanted = {at: count for at, count in counts.items() if count}
        raw = memoryview(term.encoded)
        assert dict(zip(*decode_word_list(raw, term.documents), strict=True)) == wanted
        found = numpy_.decode_words([ListPart(raw, (term.documents,), 0)])
        assert dict(zip(*(array.tolist() for array in found), strict=True)) == wanted
        assert (term.occurrences, term.max_frequency) == (sum(wanted.values()), max(wanted.values()))


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
        assert ids(query.Term("title", "脑机接口")) == {item.id for item in documents if "脑机接口" in item.title}
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


def _grams(texts: list[str], starts: list[int]) -> dict[tuple[str, int], list[int]]:
    """The expected positions of all grams, computed without arrays."""
    found: defaultdict[tuple[str, int], list[int]] = defaultdict(list)
    for text, start in zip(texts, starts, strict=False):
        for at, character in enumerate(text):
            follower = ord(text[at + 1]) if at + 1 < len(text) else TEXT_END_CODE
            found[character, follower].append(start + at)
        for run in re.finditer(rf"\d+|[^\W\d_{HAN}]+", text):
            found[chr(RUN_BOUNDARY_CODE), ord(run[0][0])].append(start + run.start())
            found[run[0][-1], RUN_BOUNDARY_CODE].append(start + run.end() - 1)
    return {gram: sorted(places) for gram, places in found.items()}


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_run_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    """A full disk ends the inversion, also where the last write of a file fails: no posting is lost in silence."""
    (tmp_path / "body.run0").symlink_to("/dev/full")
    inverter = WordInverter(tmp_path, "body", 20)
    inverter.add(0, ["潮汐", "电站"])
    with pytest.raises(OSError, match=os.strerror(errno.ENOSPC)):
        list(inverter.lists())
