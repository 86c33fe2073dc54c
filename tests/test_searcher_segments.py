"""A generation of several segments with deleted documents answers as a single segment of the live documents does."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from several_segments import OneGeneration, WrittenDocument, searcher_over, write_segments

from corpus.document import Cluster, Document, Section, SetAside, document_id
from corpus.fields import FACETS
from corpus.settings import Settings
from indexer.analysis.segment import Segmenter
from indexer.build import build_index
from searcher.execution.arrays import numpy_, plain
from searcher.execution.collectors import FacetCounts, NearestHits, SetAsideHits, TopHits, TotalHits
from searcher.execution.embedded_engine import EmbeddedEngine
from searcher.execution.plan import make_plan, nearest_plan
from searcher.query.parser import parse
from searcher.query.query_cutter import QueryCutter
from searcher.query.tree import Term
from searcher.results import Request

if TYPE_CHECKING:
    from searcher.execution.embedded_engine import AnyArrays

WORDS = ("量子", "科技", "园区", "申报", "通知", "量子计算", "ai", "6g", "，", "的", "a", "区")
ACCOUNTS = ("东岸科创", "江湾经信", "")
QUERIES = (
    *("量子", "量子 科技", "科技园区 申报", "“子科”", "ai 通知", "-量子 科技", "的", "“区”", "6G OR 申报"),
    *(
        "",
        "title:量子",
        "account:江湾经信",
        "date:2025-02",
        "-account:江湾经信",
        "量子计算 科技 园区 通知",
        "in:all 园区",
    ),
    *("量子 -date:2025-02", "“关注”", "量孑计算", "liangzi", "type:规划", "“a，” OR 量"),
)
ARRAYS = (plain, numpy_)


@dataclass(frozen=True)
class Collection:
    """Segments of documents, and the live documents in another order."""

    segments: Sequence[Sequence[WrittenDocument]]
    live: Sequence[Document]


def text(generator: random.Random, most: int) -> str:
    return "".join(generator.choices(WORDS, k=generator.randint(0, most)))


def document(generator: random.Random, key: int) -> Document:
    """A short document of few words, some without a date or any text."""
    body = text(generator, 25)
    heading = body[:4]
    sections = (Section(level=1, title=heading, path=(heading,), page=None, start=0, length=len(body)),)
    return Document(
        id=document_id(str(key)),
        source_id=str(key % 7),
        title=generator.choice(WORDS) + text(generator, 3),
        account=generator.choice(ACCOUNTS),
        date=generator.choice((None, f"2025-0{generator.randint(1, 3)}-0{generator.randint(1, 3)}")),
        url="",
        body=body,
        program_types=tuple(sorted(generator.sample(("揭榜挂帅", "高企", "专项"), generator.randint(1, 2)))),
        genre=generator.choice(("申报通知", "汇编", "新闻")),
        sections=sections if heading else (),
        set_aside=(SetAside("other", "关注" + text(generator, 2)),) if generator.random() < 0.3 else (),
        kind=generator.choice(("article", "plan")),
    )


def collection(seed: int, documents: int, segments: int, share: float) -> Collection:
    """Random documents in random segments; a share of them is deleted, some of these have a newer version elsewhere."""
    generator = random.Random(seed)
    deleted: list[WrittenDocument] = []
    live: list[Document] = []
    for key in range(documents):
        made = document(generator, key)
        if key and generator.random() < share:
            deleted.append(WrittenDocument(made, is_deleted=True))
            if generator.random() < 0.5:
                continue
            made = document(generator, key)
        if generator.random() < 0.3 and live:
            earliest = live[0].id
            made = replace(made, cluster=Cluster(id=earliest, earliest=earliest, similarity=0.9))
        live.append(made)
    written = [*deleted, *map(WrittenDocument, live)]
    generator.shuffle(written)
    generator.shuffle(live)
    borders = sorted(generator.randint(0, len(written)) for _ in range(segments - 1))
    parts = [written[low:high] for low, high in pairwise((0, *borders, len(written)))]
    return Collection([part for part in parts if part], live)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index whose dictionary and manifest the generations get."""
    folder = tmp_path_factory.mktemp("template")
    (folder / "source.md").write_text("# 量子科技园区\n\n申报通知。\n", "utf-8")
    build_index([folder / "source.md"], Settings(index=str(folder / "index")))
    return folder / "index"


@pytest.fixture(scope="module")
def segmenter() -> Segmenter:
    """Cuts the documents into words."""
    return Segmenter()


def answers(engine: EmbeddedEngine, query: str, sort: Any) -> dict[str, object]:
    """Everything that is collected for a query, documents by their ids."""
    parsed, _ = parse(query, Settings())
    cutter = QueryCutter(engine.dictionary, has_word=engine.has_word)
    plan = make_plan(parsed, Request(query=query, sort=sort), cutter)
    nearest = NearestHits(9)
    near = engine.execute(nearest_plan(plan, cutter), nearest)[nearest]
    total, top, facets, beside = TotalHits(), TopHits(0, None), FacetCounts(tuple(FACETS)), SetAsideHits()
    found = engine.execute(plan, total, top, facets, beside)
    return {
        "totals": found[total],
        "nearest": [(engine.head(hit.number).id, hit.score) for hit in near],
        "hits": [(engine.head(hit.number).id, hit.score, hit.tier) for hit in found[top]],
        "facets": {name: list(counts.items()) for name, counts in found[facets].items()},
        "set aside": found[beside],
    }


def statistics(engine: EmbeddedEngine) -> dict[str, object]:
    """What helpers ask of an engine."""
    characters = sorted({character for word in WORDS for character in word})
    return {
        "followers": [engine.followers(one, is_title=title) for one in characters for title in (True, False)],
        "pairs": [engine.bigram_count(one, other) for one in characters for other in characters],
        "words": [engine.word_frequency(word) for word in WORDS],
        "known": [engine.has_word(word) for word in (*WORDS, "子科")],
        "terms": [engine.document_frequency(Term(text=word)) for word in (*WORDS, "子科", "区申")],
        "source ids": [[engine.head(number).id for number in engine.with_source_id(str(one))] for one in range(8)],
    }


def documents(engine: EmbeddedEngine, live: Sequence[Document]) -> list[object]:
    """Every live document as its id finds it, and the newest ones."""
    numbers = [engine.find(document.id) for document in live]
    assert None not in numbers
    found = [number for number in numbers if number is not None]
    newest = [engine.head(number).id for number in engine.titles("", 10)]
    return [*(engine.read(number) for number in found), newest]


@settings(deadline=None, derandomize=True, max_examples=25, phases=(Phase.generate,))
@given(
    st.integers(0, 1 << 20),
    st.integers(1, 40),
    st.integers(1, 5),
    st.sampled_from([0.0, 0.2, 0.6]),
    st.sampled_from(["relevance", "newest", "oldest"]),
    st.sampled_from(ARRAYS),
)
def test_answers_equal_those_of_one_segment(
    tmp_path_factory: pytest.TempPathFactory,
    template: Path,
    segmenter: Segmenter,
    seed: int,
    size: int,
    segments: int,
    share: float,
    sort: Any,
    arrays: AnyArrays,
) -> None:
    """Ids, order, exact scores, totals, facets, statistics and documents, whatever the segments and deletions are."""
    made = collection(seed, size, segments, share)
    folder = tmp_path_factory.mktemp("segments")
    several = write_segments(folder / "several", template, made.segments, segmenter)
    fresh = write_segments(folder / "fresh", template, [[WrittenDocument(one) for one in made.live]], segmenter)
    engines = [OneGeneration(generation, arrays).open() for generation in (several, fresh)]
    for query in QUERIES:
        left, right = (answers(engine, query, sort) for engine in engines)
        assert left == right, query
    left, right = (statistics(engine) for engine in engines)
    assert left == right
    assert documents(engines[0], made.live) == documents(engines[1], made.live)
    assert {*map(engines[0].find, deleted_ids(made))} <= {None}
    for engine in engines:
        engine.close()


def deleted_ids(made: Collection) -> set[str]:
    """The ids of documents of which no version is live."""
    return {one.document.id for part in made.segments for one in part} - {document.id for document in made.live}


@pytest.mark.parametrize("arrays", ARRAYS, ids=["plain", "numpy"])
def test_reports_equal_those_of_one_segment(
    tmp_path: Path, template: Path, segmenter: Segmenter, arrays: AnyArrays
) -> None:
    """Pages, explanations, reasons for misses, similar documents and completions are the same."""
    made = collection(7, 60, 4, 0.3)
    several = write_segments(tmp_path / "several", template, made.segments, segmenter)
    fresh = write_segments(tmp_path / "fresh", template, [[WrittenDocument(one) for one in made.live]], segmenter)
    searchers = [searcher_over(generation, arrays) for generation in (several, fresh)]
    for query in QUERIES:
        request = Request(query=query, limit=50)
        pages = [searcher.explain(request) for searcher in searchers]
        assert pages[0] == pages[1], query
        for document in made.live[:5]:
            reasons = [searcher.why_not(document.id, request) for searcher in searchers]
            assert reasons[0] == reasons[1], query
    for document in made.live:
        similar = [searcher.similar(document.id) for searcher in searchers]
        assert similar[0] == similar[1]
    for prefix in (*WORDS, "量", "kj", "东", "6"):
        completions = [searcher.complete(prefix, 20) for searcher in searchers]
        assert completions[0] == completions[1], prefix
    for searcher in searchers:
        searcher.close()
