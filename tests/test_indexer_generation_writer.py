"""Generations that keep documents of the one before: they say what a new build of the same documents says."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.document import Cluster, Document
from corpus.settings import Settings
from indexer.analysis.segment import Segmenter
from indexer.analysis.tokens import fingerprint
from indexer.generation_writer import EmbeddedWriter
from indexer.record import make_record
from indexer.store import merge_policy
from indexer.store.generations import Generation, current
from indexer.store.manifest import FORMAT_VERSION, WHOOSH_ENGINE, Manifest
from indexer.store.merge_policy import MAX_SEGMENTS, SegmentSize, segments_to_merge
from indexer.store.publishing import building, next_number
from searcher.execution.embedded_engine import EmbeddedEngine
from searcher.execution.ranking import Parameters
from searcher.query.tree import Term

ALPHABET = "上海脑机接口6g"
TEXTS = st.text(ALPHABET, min_size=1, max_size=12)
#: Documents to add, by number, with title and body; a document that is there already is replaced.
ADDED = st.dictionaries(st.integers(0, 9), st.tuples(TEXTS, TEXTS), max_size=4)
#: The documents added, and the numbers of those deleted, by each run.
RUNS = st.lists(st.tuples(ADDED, st.sets(st.integers(0, 9), max_size=3)), min_size=1, max_size=7)

Texts = tuple[str, str]


class Characters(Segmenter):
    """Cuts into characters, because loading jieba takes a second."""

    def cut(self, runs: Iterable[str]) -> list[str]:
        """The characters of all strings."""
        return [character for run in runs for character in run]


def document(number: int, texts: Texts) -> Document:
    """A document whose other fields follow from its number."""
    title, body = texts
    return Document(
        id=f"{number + 1:016x}",
        source_id=str(number),
        title=title,
        account="甲乙丙"[number % 3],
        date=f"2025-01-{number + 1:02}",
        url="",
        body=body,
        program_types=(("科技", "人才")[number % 2],),
        genre=("综合", "汇编")[number % 2],
    )


def publish(index: Path, added: dict[int, Texts], deleted: Collection[int], clusters: dict[str, Cluster]) -> Generation:
    """One run: keeps the documents of the generation before, but for those deleted or added anew."""
    settings = Settings(index=str(index), keep_generations=1)
    index.mkdir(exist_ok=True)
    previous = current(index) if next_number(index) > 1 else None
    segmenter = Characters()
    with building(index) as folder:
        writer = EmbeddedWriter(index, folder, settings, segmenter, "汇编", previous, keeps_documents=True)
        documents = [document(number, texts) for number, texts in added.items()]
        writer.set_sample(documents)
        if documents:
            part = writer.part(index / "part")
            for one in documents:
                part.add(make_record(one, segmenter))
            part.close()
            writer.add_part(index / "part")
        writer.delete([f"{number + 1:016x}" for number in {*added, *deleted}])
        for number, (title, body) in added.items():
            assert writer.text(f"{number + 1:016x}") == (title, body)
        writer.set_clusters(clusters)
        writer.finish()
        writer.publish(manifest(next_number(index)), {})
    return current(index)


def manifest(generation: int) -> Manifest:
    """A manifest; nothing here depends on its counts."""
    return Manifest(
        format=FORMAT_VERSION,
        generation=generation,
        engine=WHOOSH_ENGINE,
        fingerprint=fingerprint(),
        dictionary="",
        documents=0,
        characters=0,
        date_from=None,
        date_to=None,
        created="",
        sources="",
        listed_ns=0,
        no_type="无",
    )


def answers(generation: Generation) -> dict[str, Any]:
    """What an engine says of the documents, without their numbers."""
    engine = EmbeddedEngine(generation, Parameters())
    columns = engine._index.columns
    live = [number for number in range(columns.max_document) if columns.live is None or columns.live[number]]
    table = engine.completions
    found = {
        "documents": sorted((engine.read(number) for number in live), key=lambda item: item.id),
        "demoted": {engine.head(number).id: columns["demoted"][number] for number in live},
        "followers": {character: engine.followers(character) for character in ALPHABET},
        "in titles": {character: engine.followers(character, is_title=True) for character in ALPHABET},
        "pairs": [engine.bigram_count(one, other) for one in ALPHABET for other in ALPHABET],
        "words": [engine.word_frequency(character) for character in ALPHABET],
        "strings": [engine.document_frequency(Term(text=one + other)) for one in ALPHABET for other in ALPHABET],
        "values": {name: columns.dictionaries[name] for name in columns.dictionaries},
        "means": [columns.header[f"{field}_mean"] for field in ("title", "heading", "body")],
        "suggestions": [(table.text(number), table.count(number)) for number in range(table.texts)],
        "titles": {
            character: sorted(engine.head(number).id for number in table.title_documents(character, _title(engine)))
            for character in ALPHABET
        },
    }
    engine.close()
    return found


def _title(engine: EmbeddedEngine) -> Callable[[int], str]:
    return lambda number: engine.head(number).title


@pytest.mark.parametrize("most", [2, MAX_SEGMENTS])
@settings(deadline=None, derandomize=True, max_examples=15)
@given(RUNS)
def test_a_generation_that_keeps_documents_equals_a_new_one(
    tmp_path_factory: pytest.TempPathFactory, most: int, runs: list[tuple[dict[int, Texts], set[int]]]
) -> None:
    """After any runs that add, replace and delete, merged often or never, the answers are those of a first run."""
    folder = tmp_path_factory.mktemp("runs")
    everything: dict[int, Texts] = {}
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(merge_policy, "MAX_SEGMENTS", most)
        for added, deleted in runs:
            after = {number: texts for number, texts in everything.items() if number not in deleted} | added
            if not after:
                continue
            everything = after
            ids = [f"{number + 1:016x}" for number in sorted(everything)[:2]]
            clusters = {id: Cluster(id=ids[0], earliest=ids[0], similarity=1.0) for id in ids} if len(ids) > 1 else {}
            generation = publish(folder / "index", added, deleted, clusters)
            assert len(list(generation.path.glob("seg-*"))) <= most
    if everything:
        fresh = publish(folder / "fresh", everything, (), clusters)
        assert answers(generation) == answers(fresh)


def test_segments_that_stay_are_linked(tmp_path: Path) -> None:
    """The files of a segment that stays are those of the generation before; where links fail, they are copied."""
    first = publish(tmp_path, {number: ("上海", "接口" * number) for number in range(1, 8)}, (), {})
    (segment,) = first.path.glob("seg-*")
    inodes = {path.name: path.stat().st_ino for path in segment.iterdir()}
    second = publish(tmp_path, {8: ("脑", "机")}, (), {})
    assert {path.name: path.stat().st_ino for path in (second.path / segment.name).iterdir()} == inodes
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(os, "link", _refuse)
        third = publish(tmp_path, {9: ("脑", "机")}, (), {})
    assert {path.name for path in (third.path / segment.name).iterdir()} == set(inodes)
    assert answers(third)["words"][ALPHABET.index("上")] == 7


def _refuse(*_: object) -> None:
    raise OSError("no links here")


@pytest.mark.parametrize(
    ("segments", "added", "merged"),
    [
        pytest.param([SegmentSize(1000, 0)] * 9, 10, set(), id="there-is-room"),
        pytest.param([SegmentSize(90_000, 0), *[SegmentSize(10, 0)] * 9], 10, set(range(1, 10)), id="similar-ones"),
        pytest.param([SegmentSize(90_000, 0), *[SegmentSize(10, 0)] * 9], 0, set(), id="nothing-new"),
        pytest.param([SegmentSize(66, 34), SegmentSize(67, 33)], 1, {0}, id="a-third-deleted"),
        pytest.param([SegmentSize(0, 5)], 0, {0}, id="nothing-left"),
        pytest.param([SegmentSize(4**size, 0) for size in range(1, 11)], 1, {0}, id="none-is-similar"),
        pytest.param([SegmentSize(9, 0)] * 12, 0, set(range(12)), id="nothing-new-and-too-many"),
    ],
)
def test_merge_policy(segments: list[SegmentSize], added: int, merged: set[int]) -> None:
    """Small segments of similar size are merged when there are too many, and those with many deleted documents."""
    assert segments_to_merge(segments, added) == merged


def test_merging_costs_little_over_many_runs() -> None:
    """A thousand runs of ten documents beside 100,000 write each document some times, and never leave many segments."""
    sizes, written = [100_000], 0
    for _ in range(1000):
        merged = segments_to_merge([SegmentSize(size, 0) for size in sizes], 10)
        new = 10 + sum(sizes[at] for at in merged)
        written += new
        sizes = [size for at, size in enumerate(sizes) if at not in merged] + [new]
        assert len(sizes) <= MAX_SEGMENTS
    assert sizes[0] == 100_000
    assert written < 6 * 1000 * 10
