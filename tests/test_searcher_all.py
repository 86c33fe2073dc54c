"""Deep pages and complete lists: one order to the last tie, from one generation, read one hit at a time."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest

from corpus.settings import Settings
from indexer.build import build_index
from searcher.commands.json_form import json_line, json_pieces, page_json
from searcher.results import Request, Sort
from searcher.service import Searcher

#: Enough documents for pages far beyond what --limit allows, with three days and few texts: nearly all are ties.
MANY = 5_300


def publish(folder: Path, count: int, settings: Settings, word: str = "海洋牧场") -> None:
    """Index so many articles alike in all but their numbers (none a copy), dated by turns, some of them not."""
    dates = ("2025-01-02", "", "2025-01-01", "2025-01-02")
    texts = [f"{word}投产。" + "，".join(f"{n * 31 + part:08d}" for part in range(6)) for n in range(count)]
    rows = [
        {"aid": str(n), "title": "会议", "content": text, "account": f"号{n}", "date": dates[n % 4]}
        for n, text in enumerate(texts)
    ]
    source = folder / "many.json"
    source.write_text(json.dumps(rows, ensure_ascii=False), "utf-8")
    assert build_index([source], settings).indexed == count


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings over an index of many equal documents."""
    folder = tmp_path_factory.mktemp("many")
    settings = Settings(index=str(folder / "index"))
    publish(folder, MANY, settings)
    return settings


@pytest.mark.parametrize("sort", ["relevance", "newest", "oldest"])
def test_deep_pages_join(many: Settings, sort: Sort) -> None:
    """Pages at any depth are slices of the one complete list, whose ties are broken by date, then id."""
    searcher = Searcher(many.index_dir, many)
    request = Request(query="海洋牧场", sort=sort, snippets=False)
    page, hits = searcher.all(request)
    found = [(hit.date, hit.id, hit.score) for hit in hits]
    assert len(found) == len(set(found)) == page.total == MANY
    # Texts that are alike have equal scores: in every order the day decides, then the id.
    assert len({score for _, _, score in found}) == 1
    for (day, id, _), (next_day, next_id, _) in itertools.pairwise(found):
        if sort == "oldest":
            assert (day or "9", id) < (next_day or "9", next_id)
        else:
            assert (day or "", next_id) > (next_day or "", id)
    for offset in (0, 1, 999, 1000, 2650, 5000, MANY - 7, MANY, MANY + 10):
        deep = searcher.search(Request(query="海洋牧场", sort=sort, snippets=False, offset=offset, limit=10))
        assert [(hit.date, hit.id, hit.score) for hit in deep.hits] == found[offset : offset + 10]
        assert deep.total == MANY
    _, rest = searcher.all(Request(query="海洋牧场", sort=sort, snippets=False, offset=5000))
    assert [hit.id for hit in rest] == [id for _, id, _ in found[5000:]]
    searcher.close()


def test_tiers_join_too(sample_index: Path) -> None:
    """Exact hits and the related ones after them are one list, however it is cut."""
    searcher = Searcher(sample_index, Settings())
    request = Request(query="脑机接口 患者 临床")
    page, hits = searcher.all(request)
    whole = list(hits)
    assert (page.hits, page.exact_total, page.related_total) == ((), 4, 12)
    pages = [searcher.search(Request(query=request.query, limit=2, offset=offset)).hits for offset in range(0, 16, 2)]
    assert [hit for part in pages for hit in part] == whole
    searcher.close()


def test_one_generation_for_the_whole_list(tmp_path: Path) -> None:
    """A list that was begun goes on from its generation, though newer ones are published and the old one is removed."""
    settings = Settings(index=str(tmp_path / "index"), keep_generations=1)
    publish(tmp_path, 30, settings)
    searcher = Searcher(settings.index_dir, settings)
    before = searcher.search(Request(query="海洋牧场", limit=100)).hits
    page, hits = searcher.all(Request(query="海洋牧场"))
    begun = [next(hits) for _ in range(7)]
    for word in ("深水网箱", "苗种基地"):
        publish(tmp_path, 20, settings, word)
        assert searcher.search(Request(query=word)).total == 20
    assert (*begun, *hits) == before
    assert page.index.generation == 1
    assert searcher.search(Request(query="海洋牧场")).exact_total == 0
    searcher.close()


@pytest.mark.parametrize("query", [pytest.param("科技", id="hits"), pytest.param("子虚乌有之词", id="none")])
def test_json_in_pieces(sample_index: Path, query: str) -> None:
    """The JSON that is written hit by hit is the JSON of the whole page."""
    searcher = Searcher(sample_index, Settings())
    page, hits = searcher.all(Request(query=query))
    whole = searcher.search(Request(query=query, limit=100))
    assert "".join(json_pieces(page, hits)) == json_line(page_json(whole))
    searcher.close()
