"""Both implementations of the array operations answer every plan alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.fields import FACETS, FacetName
from corpus.settings import Settings
from searcher.execution.arrays import numpy_, plain
from searcher.execution.collectors import FacetCounts, RankedHit, TopHits, TotalHits
from searcher.execution.embedded_engine import EmbeddedEngine, EmbeddedSource
from searcher.execution.plan import make_plan
from searcher.query.parser import parse, parse_exact
from searcher.query.query_cutter import QueryCutter
from searcher.results import Request, Totals

PIECES = [
    "脑机接口",
    "上海",
    "科技",
    "6G",
    "ai",
    "的",
    "申报",
    "“揭榜挂帅”",
    "-创新",
    "孵化器",
    "2025",
    "企业 项目",
    "区",
    "量子计算",
]


#: Totals, ranking and facet counts of a plan.
Answer = tuple[Totals, Sequence[RankedHit], Mapping[FacetName, Mapping[str, int]]]


@pytest.fixture(scope="module")
def ask(sample_index: Path) -> Iterator[Callable[[Request], list[Answer]]]:
    """The answers of both implementations to a request over the sample corpus."""
    engines = [EmbeddedSource(sample_index, arrays=arrays).open() for arrays in (plain, numpy_)]

    def answer(engine: EmbeddedEngine, request: Request) -> Answer:
        query, _ = (parse_exact if request.exact else parse)(request.query, Settings())
        total, top = TotalHits(), TopHits(request.offset, request.offset + request.limit)
        facets = FacetCounts(tuple(FACETS))
        found = engine.execute(make_plan(query, request, QueryCutter(engine.dictionary)), total, top, facets)
        return found[total], found[top], found[facets]

    yield lambda request: [answer(engine, request) for engine in engines]
    for engine in engines:
        engine.close()


FILTERS = {
    "account": ["东岸科创", "江湾经信", "没有的号"],
    "type": ["揭榜挂帅", "高新技术企业认定"],
    "genre": ["申报通知", "没有的体裁"],
    "source": ["江湾日报", "没有的来源"],
    "month": ["2025-09", "2025-10", "1999-01"],
}


@settings(deadline=None, derandomize=True, max_examples=150)
@given(
    pieces=st.lists(st.sampled_from(PIECES), max_size=4),
    exact=st.booleans(),
    filters=st.fixed_dictionaries({name: st.sets(st.sampled_from(values)) for name, values in FILTERS.items()}),
    days=st.sampled_from([(None, None), ("2025-09-01", None), ("2025-08-01", "2025-10-31")]),
    sort=st.sampled_from(["relevance", "newest", "oldest"]),
    offset=st.integers(0, 5),
)
def test_implementations_agree(ask: Callable[[Request], list[Answer]], **drawn: Any) -> None:
    """Ids in order, tiers, scores, totals and facet counts are the same: which one serves depends on the segments."""
    left, right = ask(
        Request(
            query=" ".join(drawn["pieces"]),
            exact=drawn["exact"],
            filters=drawn["filters"],
            date_from=drawn["days"][0],
            date_to=drawn["days"][1],
            sort=drawn["sort"],
            offset=drawn["offset"],
        )
    )
    assert left == right
