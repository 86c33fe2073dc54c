"""A cluster answers as the embedded engine does: hits, tiers, totals, facets, snippets, reports, explanations."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import opensearch_nodes
import pytest
from compared_builds import QUERIES
from engines import ACCOUNTS
from hypothesis import given, settings
from hypothesis import strategies as st
from same_answers import ALL, assert_same, assert_same_page

from corpus.settings import Settings
from corpus.value import replace
from indexer.build import build_index
from searcher.results import Request
from searcher.service import Searcher

pytestmark = pytest.mark.opensearch

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "corpus" / "sample"
SHARED = ROOT.parent / "shared"
GOLD = SHARED / "gold" / "dev"
#: What the gold collection calls the two documents that are files of their own.
GOLD_NAMES = {"003_455ecf3996094f4c": "report-2025", "004_55d5ce1acf6b8e99": "plan-145"}
#: Each kind of query; most of them find something in the sample.
ASKED = (
    *(
        "脑机接口",
        "腦機接口",
        "６Ｇ",
        "6g",
        "GHz",
        "ghz",
        "“柔性电极”",
        "聚变 开工",
        "脑机接口 -柔性",
        "量子*",
        "naojijiekou",
    ),
    *("脑机借口", "概念验证 平台 建设 要求", "title:通知", "type:规划", "account:科创", "date:2025", "in:all 关注"),
    *(
        "（脑机接口 OR 聚变） 平台",
        "我国的脑机接口有哪些企业在做",
        "没有这样的词组存在",
        "小巨人企业奖励多少钱",
        "-的",
        "的",
        "，",
        "a",
    ),
    *(
        "“脑机接口”的“柔性电极”",
        "量子计算 不存在的文字",
        "2025年10月",
        "title:“脑机”",
        "申报 截止",
        "脑机接口 脑机接口",
        "()",
    ),
)


class Both(NamedTuple):
    """Searchers over the same sources: of the embedded engine, and of a cluster."""

    embedded: Searcher
    cluster: Searcher


def both_over(folder: Path, sources: list[Path]) -> Iterator[Both]:
    """Index sources with both engines."""
    with opensearch_nodes.unique_index() as options:
        ours = Settings(index=str(folder / "embedded"))
        theirs = Settings(index=str(folder / "cluster"), **options)
        for each in (ours, theirs):
            build_index(sources, each)
        with (
            closing(Searcher(ours.index_dir, ours)) as embedded,
            closing(Searcher(theirs.index_dir, theirs)) as cluster,
        ):
            yield Both(embedded, cluster)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    """Both engines over the sample."""
    yield from both_over(tmp_path_factory.mktemp("sample"), [SAMPLE])


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    """Both engines over the five real source files."""
    if not SHARED.is_dir():
        pytest.skip("needs ../shared")
    yield from both_over(tmp_path_factory.mktemp("seeds"), [SHARED / "seeds"])


@pytest.mark.parametrize("query", dict.fromkeys((*ASKED, *QUERIES)))
def test_pages(sample: Both, query: str) -> None:
    """Every part of a page is the same, in each order and as an exact query."""
    for options in ({}, {"exact": True}, {"sort": "newest"}, {"sort": "oldest"}):
        request: Any = {"query": query, "limit": ALL, **options}
        assert_same_page(*sample, Request(**request))


@pytest.mark.parametrize("query", ["脑机接口", "的", "量子计算 平台", "没有这样的词组存在"])
def test_filters(sample: Both, query: str) -> None:
    """Filters select the same documents, and set the same facets aside."""
    facets = sample.embedded.search(Request(query=query)).facets
    for name, values in facets.items():
        chosen = tuple(value.value for value in values[:2])
        days: Any = {"date_from": "2025-01-01", "date_to": "2025-10-31"}
        assert_same_page(*sample, Request(query=query, filters={name: chosen}, limit=ALL))
        assert_same_page(*sample, Request(query=query, filters={name: (*chosen, "1999-01")}, limit=ALL, **days))


@pytest.mark.parametrize("query", ["脑机接口", "的", ""])
def test_pages_joined(sample: Both, query: str) -> None:
    """Pages of any size, joined, are the whole ranking, and so is what --all gives."""
    request = Request(query=query, limit=ALL)
    whole = [hit.id for hit in sample.cluster.search(request).hits]
    pages = [
        hit.id
        for offset in range(0, len(whole) + 7, 7)
        for hit in sample.cluster.search(Request(query=query, limit=7, offset=offset)).hits
    ]
    assert pages == whole
    assert [hit.id for hit in sample.cluster.all(request)[1]] == whole
    assert [hit.id for hit in sample.cluster.hits(request)[1]] == whole


@pytest.mark.parametrize("query", ASKED[:20])
def test_reports(sample: Both, query: str) -> None:
    """Explanations, counts, reports on a missing hit, similar documents and articles are the same."""
    ours, theirs = sample
    request = Request(query=query)
    assert_same(ours.explain(request), theirs.explain(request))
    assert ours.count(request) == theirs.count(request)
    for hit in ours.search(Request(query="")).hits[:3]:
        assert_same(ours.why_not(hit.id, request), theirs.why_not(hit.id, request))
        assert_same(ours.similar(hit.id), theirs.similar(hit.id))
        assert_same(ours.article(hit.id, query), theirs.article(hit.id, query))


@pytest.mark.parametrize(
    "prefix", ["脑", "脑机", "nao", "njjk", "东", "科创", "6", "量子计", "规划 脑机", "title:通", "无此"]
)
def test_completions(sample: Both, prefix: str) -> None:
    """The search box offers the same completions."""
    assert_same(sample.embedded.complete(prefix), sample.cluster.complete(prefix))


def test_extent(sample: Both) -> None:
    """Both cover the same documents, characters and days."""
    assert_same(sample.embedded.info(), sample.cluster.info())


words = st.text("科技园区量子6gG ", min_size=1, max_size=6)
before = st.sampled_from(["", "", "", "-", "title:", "in:all ", "OR "])
clauses = st.builds(
    "{}{}".format, before, st.one_of(words, words.map("“{}”".format), words.map("{}*".format), words.map("({})".format))
)
queries = st.lists(clauses, min_size=1, max_size=4).map(" ".join)


@pytest.fixture(scope="module", params=range(3))
def random_collection(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    """Both engines over a random small collection."""
    folder, generator = tmp_path_factory.mktemp("random"), random.Random(request.param)
    articles = [
        {
            "aid": str(number),
            "title": "".join(generator.choices("科技园区量子6gG2", k=generator.randint(1, 8))),
            "content": "\n".join(
                "".join(generator.choices("科技园区量子6gG2，。 ", k=generator.randint(5, 40))) for _ in range(2)
            ),
            "account": generator.choice(ACCOUNTS),
            "date": generator.choice(["", f"2025-0{generator.randint(1, 3)}-{generator.randint(1, 28):02d}"]),
        }
        for number in range(40)
    ]
    (folder / "source.json").write_text(json.dumps(articles, ensure_ascii=False), "utf-8")
    yield from both_over(folder, [folder / "source.json"])


@settings(deadline=None, derandomize=True, max_examples=100)
@given(
    query=queries,
    exact=st.booleans(),
    account=st.sampled_from([(), (), ACCOUNTS[:1], ACCOUNTS[1:]]),
    sort=st.sampled_from(["relevance", "relevance", "newest", "oldest"]),
)
def test_random_requests(random_collection: Both, query: str, exact: bool, account: tuple[str, ...], sort: Any) -> None:
    """Whatever is asked, the answers are the same."""
    request = Request(query=query, exact=exact, filters={"account": account}, sort=sort, limit=ALL)
    assert_same_page(*random_collection, request)


def gold(name: str) -> list[dict[str, Any]]:
    """The rows of a file of the gold collection."""
    return [json.loads(line) for line in (GOLD / name).read_text("utf-8").splitlines()]


@pytest.mark.shared
def test_judged_queries(seeds: Both) -> None:
    """Each judged query has the same hits in the same order of tiers and scores, totals and facets."""
    for row in gold("queries.jsonl"):
        filters = row["filters"] or {}
        days = {name: filters.pop(name) for name in ("date_from", "date_to") if name in filters}
        request = Request(query=row["text"], filters=filters, limit=ALL, snippets=False, **days)
        assert_same_page(*seeds, request)
        assert_same_page(*seeds, replace(request, limit=3, snippets=True))


@pytest.mark.shared
def test_substrings(seeds: Both) -> None:
    """Each string of the gold collection has exactly the documents that contain it."""
    for row in gold("substring.jsonl"):
        hits = seeds.cluster.search(Request(query=row["text"], exact=True, limit=ALL, snippets=False)).hits
        found = {GOLD_NAMES.get(hit.source_id, hit.source_id) for hit in hits}
        assert found - {*row.get("either", ())} == {*row["docs"]} - {*row.get("either", ())}, row["text"]
