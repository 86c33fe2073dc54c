"""Searches in a cluster: how sets become queries, deep paging, and what is said where a search cannot be answered."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from engines import CLUSTER, build_collection, new_index
from opensearch_nodes import ask

from corpus.fields import FACETS
from corpus.settings import Settings
from indexer.errors import ClusterUnavailable, IndexMissing, ReindexNeeded
from indexer.opensearch.client import OpenSearchClient
from indexer.opensearch.published_state import unpublished_meta
from searcher.execution.collectors import FacetCounts, TopHits, TotalHits
from searcher.execution.open_index import engine_source
from searcher.execution.opensearch import execution, queries, scores, source
from searcher.execution.opensearch.queries import ALL, NONE, QuerySets, TermMatch
from searcher.execution.plan_matching import WeightedTerm
from searcher.execution.ranking import FieldWeight, Lengths, Parameters
from searcher.query.tree import FieldValue
from searcher.results import Request
from searcher.service import Searcher

A, B, C = ({"term": {"id": letter}} for letter in "abc")
SETS = QuerySets()


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """An index of a random collection in the cluster."""
    folder = tmp_path_factory.mktemp("cluster")
    with new_index(CLUSTER, folder) as settings:
        build_collection(1, "量子科技园区", folder, settings)
        yield settings


def test_sets_do_not_nest() -> None:
    """However many sets are joined, the query that decides has one level for each kind of join."""
    assert SETS.intersect(SETS.intersect(A, B), C) == {"bool": {"filter": [A, B, C], "must_not": []}}
    assert SETS.difference(SETS.intersect(A, B), C) == {"bool": {"filter": [A, B], "must_not": [C]}}
    assert SETS.union(SETS.union(A, B), C) == {"dis_max": {"queries": [A, B, C]}}


def test_all_and_none_are_left_out() -> None:
    """All documents and no document change nothing where they cannot."""
    assert SETS.intersect(ALL, A) == SETS.union(NONE, A) == A
    assert SETS.intersect(ALL, ALL) == SETS.difference(ALL, NONE) == ALL
    assert SETS.min_should_match([(match_of(0), 1.0)], 1.0, 0) == NONE


def test_signs_of_patterns_are_values() -> None:
    """A value with signs that patterns use is looked for as it is written."""
    query = queries.with_value(FieldValue(field="account", text="a*b?c\\d"))
    assert query["wildcard"]["account_normal"]["value"] == "*a\\*b\\?c\\\\d*"


def test_a_long_query_has_no_more_clauses_than_lucene_takes() -> None:
    """Of more terms than Lucene takes, those of the largest factors score."""
    terms = [WeightedTerm(str(number), match_of(1), 1, float(number)) for number in range(1, 2000)]
    query = scores.scored(ALL, terms, Parameters())
    assert queries.leaves(query["function_score"]["query"]) <= 1024
    boosts = [clause["script_score"]["boost"] for clause in query["function_score"]["query"]["bool"]["should"]]
    assert boosts == sorted(boosts, reverse=True)
    assert boosts[0] == 1999


def match_of(documents: int) -> TermMatch:
    """A term of one field that so many documents have."""
    weight = FieldWeight(Lengths(memoryview(b""), 1.0), 1.0, 0.0, 0.5, 4.0)
    return TermMatch({"body": [A]}, documents, {"body": weight})


@pytest.mark.opensearch
@pytest.mark.parametrize("sort", ["relevance", "newest", "oldest"])
@pytest.mark.parametrize("query", ["量子 科技", "科 OR 量"])
def test_deep_pages_are_slices_of_the_ranking(
    index: Settings, query: str, sort: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond the hits that one search returns, pages go on as the whole ranking does, and every text is read."""
    searcher = Searcher(index.index_dir, index)
    request = Request(query=query, sort=sort, limit=1000)
    whole = searcher.search(request).hits
    assert len(whole) > 6
    monkeypatch.setattr(execution, "_WINDOW", 3)
    assert searcher.search(request).hits == whole
    assert [*searcher.all(request)[1]] == [*whole]
    for first in (0, 2, 4, 12):
        page = Request(query=query, sort=sort, limit=4, offset=first)
        assert searcher.search(page).hits == whole[first : first + 4]
    searcher.close()


@pytest.mark.opensearch
def test_facets_are_exact_whatever_shards_list(index: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counts do not depend on how many values each shard lists at first."""
    searcher = Searcher(index.index_dir, index)
    whole = searcher.search(Request(query=""), tuple(FACETS)).facets
    monkeypatch.setattr(execution, "_SHARD_VALUES", 1)
    assert searcher.search(Request(query=""), tuple(FACETS)).facets == whole
    assert whole["account"]
    searcher.close()


@pytest.mark.opensearch
def test_explanations_leave_nothing_over(index: Settings) -> None:
    """What terms add to a score is all of it, though a cluster rounds scores."""
    searcher = Searcher(index.index_dir, index)
    explained = searcher.explain(Request(query="量子科技园区", limit=100))
    assert explained.hits
    assert {report.other for report in explained.hits} == {0.0}
    searcher.close()


@pytest.mark.opensearch
def test_no_local_folder_is_needed(index: Settings, tmp_path: Path) -> None:
    """Another machine searches the index with the settings of the cluster alone."""
    elsewhere = Settings(**{**vars_of(index), "index": str(tmp_path / "nothing")})
    here, there = Searcher(index.index_dir, index), Searcher(elsewhere.index_dir, elsewhere)
    request = Request(query="量子 科技")
    assert there.search(request).hits == here.search(request).hits != ()
    assert there.complete("量", 5) == here.complete("量", 5) != ()
    assert not (tmp_path / "nothing").exists()


@pytest.mark.opensearch
def test_a_missing_index_is_named(tmp_path: Path) -> None:
    """An alias that does not exist is a missing index, and the message says how to build it."""
    with new_index(CLUSTER, tmp_path) as settings, pytest.raises(IndexMissing, match="build one with: search-index"):
        engine_source(settings.index_dir, settings).open()


@pytest.mark.opensearch
def test_an_unpublished_index_is_missing(tmp_path: Path) -> None:
    """An index whose first run has not published anything yet has no documents to be searched."""
    with new_index(CLUSTER, tmp_path) as settings:
        create(settings.opensearch_index, unpublished_meta())
        with pytest.raises(IndexMissing):
            engine_source(settings.index_dir, settings).open()


@pytest.mark.opensearch
def test_another_layout_asks_for_another_run(tmp_path: Path) -> None:
    """An index of another version is not read, and the message says to index again."""
    with new_index(CLUSTER, tmp_path) as settings:
        create(settings.opensearch_index, {"kesou": {"layout": -1}})
        with pytest.raises(ReindexNeeded, match="run search-index again"):
            engine_source(settings.index_dir, settings).version()


def test_no_node_is_named_with_its_setting() -> None:
    """Where no node listens the message names the address and the setting."""
    settings = Settings(engine="opensearch", opensearch_urls="http://127.0.0.1:9", opensearch_timeout_seconds=1.0)
    with pytest.raises(ClusterUnavailable, match=r"127\.0\.0\.1:9 can be reached: check opensearch_urls"):
        engine_source(settings.index_dir, settings).version()


@pytest.mark.opensearch
def test_a_closed_index_is_no_empty_one(tmp_path: Path) -> None:
    """While shards cannot answer, a search says so instead of finding less."""
    with new_index(CLUSTER, tmp_path) as settings:
        build_collection(2, "量子科技园区", tmp_path, settings)
        searcher = Searcher(settings.index_dir, settings)
        assert searcher.search(Request(query="量子")).hits
        ask("POST", f"{settings.opensearch_index}/_close")
        with pytest.raises(ClusterUnavailable, match="has closed the index: open it"):
            searcher.search(Request(query="科技"))


@pytest.mark.opensearch
def test_a_deleted_generation_is_no_empty_one(index: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader whose generation is kept no longer says so instead of finding less."""
    monkeypatch.setattr(source, "_KEPT_SECONDS", 0.0)
    engine = engine_source(index.index_dir, index).open()
    monkeypatch.setattr(source, "read_state", lambda client, name: {})
    with pytest.raises(IndexMissing, match="was deleted while it answered"):
        engine.find("0" * 16)


@pytest.mark.opensearch
def test_one_answer_for_several_collectors(index: Settings) -> None:
    """Several collectors of one kind are answered, each as asked for."""
    searcher = Searcher(index.index_dir, index)
    found = searcher.search(Request(query="科技"))
    engine = engine_source(index.index_dir, index).open()
    plan = searcher._prepare(Request(query="科技")).plan
    first, last, total, facets = TopHits(0, 2), TopHits(1, 3), TotalHits(), FacetCounts(("month",))
    collected = engine.execute(plan, first, last, total, facets)
    assert collected[first][1] == collected[last][0]
    assert collected[total].exact == found.exact_total


def create(alias: str, meta: dict[str, Any]) -> None:
    """Create an empty index with an alias."""
    body = {"mappings": {"_meta": meta}, "aliases": {alias: {}}, "settings": {"number_of_replicas": 0}}
    ask("PUT", f"{alias}-000001", body)


def vars_of(settings: Settings) -> dict[str, Any]:
    """The settings of an index in a cluster."""
    names = ("index", "engine", "opensearch_urls", "opensearch_index")
    return {name: getattr(settings, name) for name in names}


@pytest.mark.opensearch
def test_what_a_query_needs_comes_at_once(index: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Words and characters of an expected text are not asked for again, one by one."""
    engine = engine_source(index.index_dir, index).open()
    expected = engine_source(index.index_dir, index).open()
    expected.expect("量子科技园区")
    words = expected.dictionary.cut(["量子科技园区"])
    known = [engine.has_word(word) for word in words], [engine.followers(one) for one in "量子科技园区"]
    monkeypatch.setattr(OpenSearchClient, "ask", lambda *_, **__: pytest.fail("it was asked for again"))
    assert ([expected.has_word(word) for word in words], [expected.followers(one) for one in "量子科技园区"]) == known
