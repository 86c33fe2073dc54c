"""The two twins of array operations answer every plan alike."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.settings import Settings
from indexer.analysis.dictionary import PackedDictionary
from searcher.execution.arrays import numpy_, plain
from searcher.execution.evaluator import Evaluator, Ranked
from searcher.execution.plan import make_plan
from searcher.query.parser import parse, parse_exact
from searcher.results import Request

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


@pytest.fixture(scope="module")
def ask(sample_index: Path) -> Callable[[Request], tuple[Ranked, Ranked]]:
    """Both twins' answers to a request over the sample corpus."""
    generation = sample_index / (sample_index / "CURRENT").read_text()
    dictionary = PackedDictionary(generation)
    twins = [Evaluator(generation, arrays) for arrays in (plain, numpy_)]

    def answers(request: Request) -> tuple[Ranked, Ranked]:
        query, _ = (parse_exact if request.exact else parse)(request.query, Settings())
        plan = make_plan(query, request, dictionary)
        first, second = (twin.evaluate(plan, request.offset, request.offset + request.limit) for twin in twins)
        return first, second

    return answers


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
def test_twins_agree(ask: Callable[[Request], tuple[Ranked, Ranked]], **drawn: Any) -> None:
    """Ids in order, tiers, totals and facet counts are the same, scores equal to the ninth digit."""
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
    assert left.numbers == right.numbers
    assert left.exact == right.exact
    assert (left.exact_total, left.related_total) == (right.exact_total, right.related_total)
    assert left.facets == right.facets
    assert left.scores == pytest.approx(right.scores, rel=1e-9)
