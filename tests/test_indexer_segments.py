"""Segments: what is written of documents comes back, however they were divided and merged, and whatever was deleted."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from whoosh import index

from corpus.chinese import HAN
from corpus.document import Cluster, Document
from indexer.postings.deleted_grams import count_grams, write_deleted_grams
from indexer.postings.format import (
    RUN_BOUNDARY_CODE,
    TEXT_END_CODE,
    GramBlock,
    decode_positions,
    decode_word_list,
)
from indexer.postings.reader import PackedIndex, Postings, SegmentReader
from indexer.record import IndexRecord, make_record, normal_texts
from indexer.segments.part_writer import PartWriter, is_complete
from indexer.segments.write_segment import SegmentSource, write_segment
from indexer.store.columns import BLOCK_SIZES, RANKED_FIELDS, WORD_FIELDS
from indexer.store.compose_columns import compose_columns
from indexer.store.stored_documents import DocumentReader, Presets
from indexer.titles import read_title_words

ALPHABET = "上海脑机接口6g26hz,. αßé的\n𧃸"
#: Memory so small that a run has one document, and a merge decodes a list at a time; and memory for everything.
SMALL, LARGE = 0.0005, 32


class Characters:
    """A cutter whose words are the characters."""

    def cut(self, runs: Iterable[str]) -> list[str]:
        """The characters of all strings."""
        return [character for run in runs for character in run]


def make_document(number: int, title: str, body: str, account: str, types: Iterable[str], day: int) -> Document:
    """A document with all that is written of it."""
    return Document(
        id=f"{number * 7919 + 1:016x}",
        source_id=str(number),
        title=title or "无题",
        account=account,
        date=f"2025-02-{day:02}" if day else None,
        url="",
        body=body,
        program_types=tuple(sorted(types)),
        genre="综合",
        notes=(f"来源:{account}",),
        is_untitled=not title,
    )


TEXTS = st.text(ALPHABET, max_size=40)
DAYS = st.integers(0, 28)
DOCUMENTS = st.lists(
    st.tuples(
        TEXTS,
        TEXTS,
        st.sampled_from(["", "甲", "乙方"]),
        st.sets(st.sampled_from("科人创"), min_size=1),
        st.integers(0, 28),
    ),
    min_size=1,
    max_size=12,
)


def records_of(rows: Iterable[tuple[Any, ...]]) -> list[IndexRecord]:
    """Analysed documents."""
    return [make_record(make_document(number, *row), Characters()) for number, row in enumerate(rows)]


def write_part(folder: Path, records: Sequence[IndexRecord], memory: float) -> SegmentSource:
    """A part of these documents."""
    part = PartWriter(folder, Presets.of_sample([record.document for record in records[:3]]), memory)
    for record in records:
        part.add(record)
    part.close()
    assert is_complete(folder)
    return SegmentSource(folder=folder)


def divide(items: Sequence[Any], cuts: Iterable[int]) -> list[list[Any]]:
    """The items in several groups, none of them empty."""
    bounds = [0, *sorted({cut % len(items) for cut in cuts} - {0}), len(items)]
    return [list(items[start:end]) for start, end in pairwise(bounds)]


class Contents:
    """Everything that a generation of segments says about its live documents, read with the standard library."""

    def __init__(self, generation: Path, segments: Sequence[str], live: Sequence[bool] | None = None) -> None:
        names = [generation / name for name in segments]
        alive = np.array(live, bool) if live is not None else np.ones(sum(map(_documents, names)), bool)
        compose_columns(generation, segments, alive, {}, "综合")
        self.terms: dict[Any, Any] = {}
        self.positions: dict[Any, Any] = {}
        with closing(PackedIndex(generation)) as opened:
            columns = opened.columns
            self.columns = {name: list(columns[name]) for name in columns.header["arrays"]}
            self.header = {**columns.header, "segments": None, "arrays": None}
            for segment, lexicon in zip(opened.segments, map(_lexicon, names), strict=True):
                for field in WORD_FIELDS:
                    for term in lexicon[field]:
                        for found in _in_segment(opened, segment, field, term):
                            raw = segment.postings[found.start : found.end]
                            numbers, frequencies = decode_word_list(raw, found.documents)
                            assert sum(frequencies) == found.occurrences
                            self.terms[field, term.decode()] = dict(zip(numbers, frequencies, strict=True))
                for field in BLOCK_SIZES:
                    for term in lexicon[f"{field}_grams"]:
                        for found in _in_segment(opened, segment, f"{field}_grams", term):
                            block = GramBlock.read(segment.postings, found.start, found.end)
                            for code, raw in block.all():
                                positions = self.positions[field, term.decode(), code] = decode_positions(raw)
                                assert block.find(code) == (raw, block.occurrences(code)) == (raw, len(positions))
            with DocumentReader(generation, columns) as stored:
                self.documents = [stored.read(number) for number in range(columns.max_document)]
        self.titles = [title for name in names for title in read_title_words(name)]
        self.whoosh = [_whoosh(name) for name in names]


def _in_segment(opened: PackedIndex, segment: SegmentReader, field: str, term: bytes) -> list[Postings]:
    return [found for found in opened.find(field, term.decode()) if found.segment is segment]


def _documents(segment: Path) -> int:
    with closing(index.open_dir(str(segment), readonly=True)) as opened:
        return int(opened.doc_count())


def _lexicon(segment: Path) -> dict[str, list[bytes]]:
    """The terms of each field that has any, as Whoosh's own reader lists them."""
    with closing(index.open_dir(str(segment), readonly=True)) as opened, closing(opened.reader()) as reader:
        return {name: list(reader.lexicon(name)) for name, kind in opened.schema.items() if kind.format}


def _whoosh(segment: Path) -> dict[str, Any]:
    """What Whoosh's own reader finds of values and dates."""
    with closing(index.open_dir(str(segment), readonly=True)) as opened, closing(opened.reader()) as reader:
        names = ("account", "genre", "program_type", "date", "title", "body_grams")
        found: dict[str, Any] = {
            name: {term: list(reader.postings(name, term).all_ids()) for term in reader.lexicon(name)} for name in names
        }
        for name in ("id", "account", "genre", "program_type", "date"):
            column = reader.column_reader(name)
            found[f"{name} column"] = [column[number] for number in range(reader.doc_count_all())]
        return found


def contents_of(folder: Path, records: Sequence[IndexRecord]) -> Contents:
    """The contents of a segment made of one part."""
    folder.mkdir()
    write_segment(folder / "one", [write_part(folder / "part", records, LARGE)], LARGE)
    return Contents(folder, ["one"])


@settings(deadline=None, derandomize=True, max_examples=20)
@given(DOCUMENTS, st.lists(st.integers(0, 11), max_size=4), st.sampled_from([SMALL, LARGE]))
def test_a_segment_says_what_its_documents_say(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[Any, ...]], cuts: list[int], memory: float
) -> None:
    """Every bigram, run boundary and word is listed where the texts have it, however they are divided into parts."""
    folder = tmp_path_factory.mktemp("segment")
    records = records_of(rows)
    parts = [write_part(folder / f"part{at}", group, memory) for at, group in enumerate(divide(records, cuts))]
    write_segment(folder / "one", parts, memory)
    found = Contents(folder, ["one"])
    assert found.documents == [record.document for record in records]
    for field in BLOCK_SIZES:
        texts = [getattr(record, field) for record in records]
        listed = {key[1:]: positions for key, positions in found.positions.items() if key[0] == field}
        assert listed == _grams(texts, BLOCK_SIZES[field])
        if field in RANKED_FIELDS:
            assert found.columns[f"{field}_lengths"] == list(map(len, texts))
    for field in WORD_FIELDS:
        wanted: defaultdict[str, dict[int, int]] = defaultdict(dict)
        for number, record in enumerate(records):
            words = getattr(record, f"{field}_words")
            for word in words:
                wanted[word][number] = words.count(word)
        assert {key[1]: counts for key, counts in found.terms.items() if key[0] == field} == wanted


@settings(deadline=None, derandomize=True, max_examples=20)
@given(
    DOCUMENTS,
    st.lists(st.integers(0, 11), max_size=3),
    st.sets(st.integers(0, 11)),
    st.sampled_from([SMALL, LARGE]),
)
def test_merging_equals_building(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[tuple[Any, ...]],
    cuts: list[int],
    deleted: set[int],
    memory: float,
) -> None:
    """Segments that are merged without their deleted documents are what a build without these documents writes."""
    folder = tmp_path_factory.mktemp("segments")
    records = records_of(rows)
    live = [number not in deleted for number in range(len(records))]
    if not any(live):
        return
    sources = []
    for at, group in enumerate(divide(list(zip(records, live, strict=True)), cuts)):
        write_segment(
            folder / f"seg{at}", [write_part(folder / f"part{at}", [one for one, _ in group], memory)], memory
        )
        mask = np.array([is_live for _, is_live in group])
        sources.append(SegmentSource(folder=folder / f"seg{at}", live=None if mask.all() else mask))
    merged = [source for source in sources if source.live is None or source.live.any()]
    write_segment(folder / "one", merged, memory)
    found = Contents(folder, ["one"])
    wanted = contents_of(folder / "fresh", [one for one, is_live in zip(records, live, strict=True) if is_live])
    assert vars(found) == vars(wanted)


def test_columns_of_several_segments(tmp_path: Path) -> None:
    """Deleted documents keep their places, and no count, mean or value is theirs; copies point to the earliest one."""
    rows = [("标题", "正文一", "甲", "科", 1), ("", "二", "乙方", "人", 2), ("三", "", "甲", "创", 0)]
    records = records_of(rows)
    for at, record in enumerate(records):
        write_segment(tmp_path / f"seg{at}", [write_part(tmp_path / f"part{at}", [record], LARGE)], LARGE)
    ids = [record.document.id for record in records]
    clusters = {id: Cluster(id=ids[2], earliest=ids[2], similarity=0.9876 if id == ids[0] else 1.0) for id in ids[::2]}
    compose_columns(tmp_path, ["seg0", "seg1", "seg2"], np.array([True, False, True]), clusters, "简报")
    write_deleted_grams(tmp_path, count_grams(normal_texts(records[1].document)._asdict()))
    with closing(PackedIndex(tmp_path)) as opened, DocumentReader(tmp_path, opened.columns) as stored:
        columns = opened.columns
        assert (columns.documents, columns.max_document) == (2, 3)
        assert list(columns["live"]) == [1, 0, 1]
        assert columns.dictionaries["account"] == ["", "甲"]
        assert list(columns["demoted"]) == [1, 0, 0]
        assert [stored.head(number).cluster for number in (0, 2)] == [clusters[ids[0]], clusters[ids[2]]]
        assert columns.header["body_mean"] == (len(records[0].body) + len(records[2].body)) / 2
        assert [(entry.first_document, entry.first_block["body"]) for entry in columns.segments] == [
            (number, number) for number in range(3)
        ]


def _grams(texts: list[str], block_size: int) -> dict[tuple[str, int], list[int]]:
    """The expected positions of all grams, computed without arrays."""
    found: defaultdict[tuple[str, int], list[int]] = defaultdict(list)
    start = 0
    for text in texts:
        for at, character in enumerate(text):
            follower = ord(text[at + 1]) if at + 1 < len(text) else TEXT_END_CODE
            found[character, follower].append(start + at)
        for run in re.finditer(rf"\d+|[^\W\d_{HAN}]+", text):
            found[chr(RUN_BOUNDARY_CODE), ord(run[0][0])].append(start + run.start())
            found[run[0][-1], RUN_BOUNDARY_CODE].append(start + run.end() - 1)
        start += (len(text) // block_size + 1) * block_size
    return {gram: sorted(places) for gram, places in found.items()}
