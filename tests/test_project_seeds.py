"""Sanity on the real sources: the document that everybody would expect comes first."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from corpus.settings import Settings
from searcher.results import Request
from searcher.service import Searcher

pytestmark = pytest.mark.shared


@pytest.fixture(scope="module")
def seeds(seeds_index: Path) -> Iterator[Searcher]:
    """A searcher over the five source files."""
    searcher = Searcher(seeds_index, Settings())
    yield searcher
    searcher.close()


def test_extent(seeds: Searcher) -> None:
    """All 232 articles are in the index, over half a million characters."""
    info = seeds.info()
    assert info.documents == 232
    assert info.characters > 590_000


@pytest.mark.parametrize(
    ("query", "first", "exact"),
    [
        pytest.param("脑机接口", "2651163298_2", 25, id="one-term"),
        pytest.param("腦機接口", "2651163298_2", 25, id="traditional"),
        pytest.param("“量子通信与量子计算机”", "2651163759_1", 2, id="quoted"),
        pytest.param("高新技术企业申报", "2651163752_1", 1, id="notice"),
        pytest.param("钍基熔盐堆", "004_55d5ce1acf6b8e99", 2, id="only-in-long-documents"),
    ],
)
def test_first_hit(seeds: Searcher, query: str, first: str, exact: int) -> None:
    """What is asked for stands first, and as many documents have it as plain comparison counts."""
    page = seeds.search(Request(query=query))
    assert page.hits[0].source_id == first
    assert page.hits[0].tier == "exact"
    assert page.exact_total == exact


def test_long_document_shows_its_section(seeds: Searcher) -> None:
    """A hit in a report of a hundred pages names the heading under which it stands."""
    hits = seeds.search(Request(query="钍基熔盐堆")).hits
    hit = next(hit for hit in hits if hit.source_id == "003_455ecf3996094f4c")
    assert hit.section
    assert hit.section.path
    assert any("钍基熔盐堆" in text for snippet in hit.snippets for text, is_match in snippet if is_match)
