"""Answers: their order, filters, facets and pages, the article view, and many askers at once."""

from __future__ import annotations

import itertools
import json
import os
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from filler import FILLER

from corpus.fields import FacetName
from corpus.settings import Settings
from indexer.analysis.normalise import normalise
from indexer.build import build_index
from searcher.errors import BadRequest
from searcher.execution.embedded_engine import EmbeddedEngine
from searcher.results import Hit, Request, SearchPage
from searcher.service import Searcher

MakeSearcher = Callable[..., Searcher]

#: Enough text that an article counts as one; it holds no word that these tests search for.


@pytest.fixture(scope="module")
def sample(sample_index: Path) -> Iterator[Searcher]:
    """The sample corpus."""
    searcher = Searcher(sample_index, Settings())
    yield searcher
    searcher.close()


@pytest.fixture(scope="module")
def everything(sample: Searcher) -> tuple[Hit, ...]:
    """All documents of the sample corpus."""
    return sample.search(Request(query="", limit=1000)).hits


def ids(page: SearchPage) -> list[str]:
    """Source ids in order."""
    return [hit.source_id for hit in page.hits]


def ask(searcher: Searcher, query: str, **options: object) -> list[str]:
    """Source ids of the answer in order."""
    return ids(searcher.search(Request(query=query, **options)))  # type: ignore[arg-type]


# Order


def test_exact_before_related(make_searcher: MakeSearcher) -> None:
    """A document with the unbroken string comes before any that has only its words, however often."""
    searcher = make_searcher(
        {"aid": "words", "title": "网络与量子通信", "content": "量子通信要有网络，" * 20 + "网络要有量子通信。"},
        {"aid": "string", "title": "会议", "content": FILLER * 20 + "建设量子通信网络。"},
        {"aid": "neither", "title": "会议", "content": FILLER},
    )
    page = searcher.search(Request(query="量子通信网络"))
    assert ids(page) == ["string", "words"]
    assert [hit.tier for hit in page.hits] == ["exact", "related"]
    assert (page.exact_total, page.related_total, page.total) == (1, 1, 2)


def test_every_term_for_the_exact_tier(make_searcher: MakeSearcher) -> None:
    """Several terms: exact is a document that has all of them, wherever they stand."""
    searcher = make_searcher(
        {"aid": "both", "title": "上海", "content": FILLER + "脑机接口产品获批。"},
        {"aid": "one", "title": "北京", "content": FILLER + "脑机接口产品获批。"},
        {"aid": "none", "title": "北京", "content": FILLER},
    )
    page = searcher.search(Request(query="脑机接口 上海"))
    assert [hit.source_id for hit in page.hits if hit.tier == "exact"] == ["both"]
    assert page.exact_total == 1
    assert "none" not in ids(page)


def test_title_before_body(make_searcher: MakeSearcher) -> None:
    """Of two documents of the same length the one with the term in its title comes first."""
    searcher = make_searcher(
        {"aid": "body", "title": "会议召开", "content": FILLER + "钍基熔盐堆"},
        {"aid": "title", "title": "钍基熔盐堆", "content": FILLER + "会议召开"},
    )
    assert ask(searcher, "钍基熔盐堆") == ["title", "body"]


def test_short_before_long_and_often_before_once(make_searcher: MakeSearcher) -> None:
    """The same term weighs more in a short text than in a long one, and more where it stands often."""
    searcher = make_searcher(
        {"aid": "long", "title": "甲", "content": FILLER * 30 + "钍基熔盐堆"},
        {"aid": "short", "title": "乙", "content": FILLER + "钍基熔盐堆"},
        {"aid": "often", "title": "丙", "content": "钍基熔盐堆，" * 4 + FILLER},
    )
    assert ask(searcher, "钍基熔盐堆") == ["often", "short", "long"]


def test_equal_scores_are_ordered_by_date_then_id(make_searcher: MakeSearcher) -> None:
    """Documents that weigh the same: the newer first, undated ones last, then by id."""
    dates = ["2025-01-02", "2025-03-01", "2025-01-02", None, "2025-01-02"]
    searcher = make_searcher(
        *({"aid": f"d{at}", "title": "同题", "content": f"{at}，" * 60, "date": day} for at, day in enumerate(dates))
    )
    page = searcher.search(Request(query="同题"))
    assert len({hit.score for hit in page.hits}) == 1
    tied = sorted((hit for hit in page.hits if hit.date == "2025-01-02"), key=lambda hit: hit.id)
    assert ids(page) == ["d1", *(hit.source_id for hit in tied), "d3"]


@pytest.mark.parametrize(
    ("sort", "days"),
    [
        pytest.param("newest", ["2025-03-01", "2025-01-02", "2025-01-02", "1999-12-31", None, None], id="newest"),
        pytest.param("oldest", ["1999-12-31", "2025-01-02", "2025-01-02", "2025-03-01", None, None], id="oldest"),
    ],
)
def test_sorting_by_date(make_searcher: MakeSearcher, sort: str, days: list[str | None]) -> None:
    """By date either way, ties by id, undated documents always last."""
    dates = ["2025-01-02", None, "2025-03-01", "2025-01-02", None, "1999-12-31"]
    searcher = make_searcher(*({"title": f"同题{at}", "content": FILLER, "date": day} for at, day in enumerate(dates)))
    for query in ("同题", ""):
        hits = searcher.search(Request(query=query, exact=bool(query), sort=sort)).hits  # type: ignore[arg-type]
        assert [hit.date for hit in hits] == days
        for _, tied in itertools.groupby(hits, key=lambda hit: hit.date):
            own = [hit.id for hit in tied]
            assert own == sorted(own)


def test_sorting_by_date_keeps_tiers(make_searcher: MakeSearcher) -> None:
    """Exact documents come before related ones in every order, however old they are."""
    searcher = make_searcher(
        {"aid": "exact", "title": "量子通信网络", "content": FILLER, "date": "2024-01-01"},
        {"aid": "related", "title": "网络与量子通信", "content": FILLER, "date": "2025-01-01"},
        {"aid": "none", "title": "会议", "content": FILLER, "date": "2025-02-01"},
    )
    page = searcher.search(Request(query="量子通信网络", sort="newest"))
    assert [(hit.source_id, hit.tier) for hit in page.hits] == [("exact", "exact"), ("related", "related")]
    assert (page.exact_total, page.related_total) == (1, 1)


@pytest.mark.parametrize("query", ["科技", "脑机接口", "量子 计算", "青年人才申报通知", "申请科技创新券"])
def test_scores_descend_within_a_tier(sample: Searcher, query: str) -> None:
    """Hits come by tier, then by score."""
    hits = sample.search(Request(query=query, limit=1000)).hits
    assert len(hits) > 1
    keys = [(hit.tier == "related", -hit.score) for hit in hits]
    assert keys == sorted(keys)


def test_related_needs_most_of_the_weight(make_searcher: MakeSearcher) -> None:
    """A document that shares only the commonest words of a question is not related to it."""
    searcher = make_searcher(
        {"aid": "right", "title": "科技创新券怎样申请", "content": FILLER},
        *({"aid": f"n{at}", "title": "怎样看", "content": FILLER} for at in range(8)),
    )
    assert ask(searcher, "怎样申请科技创新券") == ["right"]


def test_question_word_that_occurs_nowhere(make_searcher: MakeSearcher) -> None:
    """A question is answered by the document that has all its other words."""
    searcher = make_searcher(
        {"aid": "right", "title": "科技创新券怎样申请", "content": FILLER},
        *({"aid": f"n{at}", "title": "活动", "content": FILLER} for at in range(8)),
    )
    assert ask(searcher, "科技创新券应当怎样申请") == ["right"]


# What matches


def test_empty_query_lists_everything(sample: Searcher, everything: tuple[Hit, ...]) -> None:
    """Without a query all documents are listed, newest first, unmarked, with the beginning of each text."""
    page = sample.search(Request(query="", limit=1000))
    assert len(page.hits) == page.exact_total == page.index.documents == 37
    assert page.related_total == 0
    dates = [hit.date or "" for hit in everything]
    assert dates == sorted(dates, reverse=True)
    assert {hit.matches for hit in everything} == {0}
    article = sample.article(everything[0].id)
    assert article
    body = "".join(text for text, _ in article.body_marked)
    assert body.startswith("".join(text for text, _ in everything[0].snippets[0]))


def test_blank_query_lists_everything(sample: Searcher) -> None:
    """Blanks are no query."""
    assert sample.search(Request(query=" \u3000\n", limit=0)).exact_total == 37


@pytest.mark.parametrize("query", ['""', "“”", '-""', "\u200b"])
def test_query_without_content_finds_nothing(sample: Searcher, query: str) -> None:
    """Marks without content find nothing, and the answer says why."""
    page = sample.search(Request(query=query))
    assert (page.total, len(page.problems)) == (0, 1)


NEGATION = (
    {"aid": "string", "title": "量子通信网络", "content": FILLER},
    {"aid": "words", "title": "网络与量子通信", "content": FILLER},
    {"aid": "shanghai", "title": "上海量子通信网络", "content": FILLER},
    {"aid": "words-shanghai", "title": "网络与量子通信", "content": FILLER + "上海"},
    {"aid": "neither", "title": "会议", "content": FILLER},
)


@pytest.fixture(scope="module")
def negation(make_module_searcher: MakeSearcher) -> Searcher:
    """A searcher over NEGATION."""
    return make_module_searcher(*NEGATION)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param("量子通信网络 -上海", {"string", "words"}, id="from-both-tiers"),
        pytest.param("-上海", {"string", "words", "neither"}, id="alone"),
        pytest.param("-上海 -会议", {"string", "words"}, id="two-of-them"),
        pytest.param("－上海 −量子通信网络", {"words", "neither"}, id="full-width-and-minus-sign"),
        pytest.param('-"与量子"', {"string", "shanghai", "neither"}, id="quoted"),
        pytest.param("上海 -上海", set(), id="contradiction"),
        pytest.param("-龘", {"string", "words", "shanghai", "words-shanghai", "neither"}, id="occurs-nowhere"),
    ],
)
def test_negation(negation: Searcher, query: str, expected: set[str]) -> None:
    """An excluded term keeps its documents out, by whichever path they would match."""
    assert set(ask(negation, query)) == expected


def test_excluded_term_stands_at_its_edges(make_searcher: MakeSearcher) -> None:
    """-AI keeps a text on FAIR in."""
    searcher = make_searcher(
        {"aid": "fair", "title": "数据FAIR", "content": FILLER}, {"aid": "ai", "title": "数据AI", "content": FILLER}
    )
    assert ask(searcher, "数据 -AI") == ["fair"]
    assert ask(searcher, "数据 -“AI”") == []


def test_excluded_terms_are_not_marked(make_searcher: MakeSearcher) -> None:
    """Only what was asked for is marked."""
    searcher = make_searcher({"title": "上海会议", "content": FILLER})
    hit = searcher.search(Request(query="-北京 会议")).hits[0]
    assert hit.title_marked == (("上海", False), ("会议", True))


def test_quoted_string_admits_no_words(negation: Searcher) -> None:
    """A quoted string is a demand: nothing is related to it."""
    page = negation.search(Request(query="“量子通信网络”"))
    assert sorted(ids(page)) == ["shanghai", "string"]
    assert page.related_total == 0


# Filters and facets


def facet(page: SearchPage, name: str) -> list[tuple[str, int, bool]]:
    """The values of a facet as (value, count, selected)."""
    return [(value.value, value.count, value.selected) for value in page.facets[name]]  # type: ignore[index]


def has(hit: Hit, name: str, values: tuple[str, ...]) -> bool:
    """Whether a hit has one of the values."""
    own = {
        "account": (hit.account,),
        "type": hit.program_types,
        "genre": (hit.genre,),
        "month": ((hit.date or "")[:7],),
    }[name]
    return not values or bool(set(own) & set(values))


CHOICES: dict[FacetName, list[tuple[str, ...]]] = {
    "account": [(), ("东岸科创",), ("东岸科创", "云泾观察"), ("没有的号",)],
    "type": [(), ("五年规划", "揭榜挂帅"), ("无",)],
    "genre": [(), ("申报通知",), ("申报通知", "政策解读")],
    "month": [(), ("2025-09", "2025-10"), ("2026-01",)],
}


@pytest.mark.parametrize("query", ["", "科技", "“企业”", "脑机接口 -上海"])
def test_filters_and_facets_equal_plain_counting(sample: Searcher, query: str) -> None:
    """For every combination: OR within a facet, AND between facets, counts with the facet's own selection set aside."""
    whole = sample.search(Request(query=query, limit=1000)).hits
    assert whole
    for chosen in itertools.product(*CHOICES.values()):
        selection = dict(zip(CHOICES, chosen, strict=True))
        request = Request(query=query, limit=1000, filters=selection)
        page = sample.search(request)
        expected = [hit for hit in whole if all(has(hit, *item) for item in selection.items())]
        assert ids(page) == [hit.source_id for hit in expected]
        assert page.exact_total == sum(hit.tier == "exact" for hit in expected)
        for name in CHOICES:
            others = [hit for hit in whole if all(has(hit, *item) for item in selection.items() if item[0] != name)]
            values: Counter[str] = Counter()
            for hit in others:
                values.update(
                    {
                        "account": [hit.account] if hit.account else [],
                        "type": hit.program_types,
                        "genre": [hit.genre],
                        "month": [hit.date[:7]] if hit.date else [],
                    }[name]
                )
            counted = {value: (count, value in selection[name]) for value, count in values.items()}
            counted |= {value: (0, True) for value in selection[name] if value not in values}
            assert {value: (count, chosen) for value, count, chosen in facet(page, name)} == counted


def test_facet_order(make_searcher: MakeSearcher) -> None:
    """Values by count, then by name; months newest first."""
    rows = [("乙号", "2025-01-05"), ("甲号", "2025-03-05"), ("乙号", "2025-03-06"), ("丙号", None), ("", "2024-12-31")]
    searcher = make_searcher(
        *({"title": f"题{at}", "content": FILLER, "account": a, "date": d} for at, (a, d) in enumerate(rows))
    )
    page = searcher.search(Request(query=""))
    assert facet(page, "account") == [("乙号", 2, False), ("丙号", 1, False), ("甲号", 1, False)]
    assert facet(page, "month") == [("2025-03", 2, False), ("2025-01", 1, False), ("2024-12", 1, False)]


def test_selected_values_stay_with_a_count_of_zero(make_searcher: MakeSearcher) -> None:
    """A selected value is offered for undoing even when nothing has it any more."""
    searcher = make_searcher({"title": "题", "content": FILLER, "account": "甲号"})
    page = searcher.search(Request(query="题", filters={"account": ("乙号",), "month": ("2030-01",)}))
    assert page.total == 0
    assert facet(page, "account") == [("乙号", 0, True)]
    assert facet(page, "month") == [("2030-01", 0, True)]


def test_many_facet_values(make_searcher: MakeSearcher) -> None:
    """The fifty commonest values are offered, and besides them those that are selected."""
    searcher = make_searcher(
        *({"aid": f"x{at}", "title": "题", "content": FILLER, "account": f"{at:02}号"} for at in range(60)),
        {"aid": "again", "title": "题", "content": FILLER, "account": "59号"},
    )
    values = facet(searcher.search(Request(query="")), "account")
    assert values[0] == ("59号", 2, False)
    assert [value for value, _, _ in values[1:]] == [f"{at:02}号" for at in range(49)]
    values = facet(searcher.search(Request(query="", filters={"account": ("58号",)})), "account")
    assert len(values) == 51
    assert values[-1] == ("58号", 1, True)


@pytest.fixture(scope="module")
def dated(make_module_searcher: MakeSearcher) -> Searcher:
    """A searcher over five documents named after their days."""
    dates = {"a": "2025-01-31", "b": "2025-02-01", "c": "2025-03-01", "old": "1970-01-02", "undated": None}
    return make_module_searcher(*({"aid": n, "title": "题", "content": FILLER, "date": d} for n, d in dates.items()))


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        pytest.param("2025-01-31", None, ["c", "b", "a"], id="from-includes-its-day"),
        pytest.param("2025-02-01", None, ["c", "b"], id="from-excludes-the-day-before"),
        pytest.param(None, "2025-02-01", ["b", "a", "old"], id="to-includes-its-day"),
        pytest.param(None, "2025-01-31", ["a", "old"], id="to-excludes-the-day-after"),
        pytest.param("2025-02-01", "2025-02-01", ["b"], id="one-day"),
        pytest.param("0001-01-01", "9999-12-31", ["c", "b", "a", "old"], id="all-of-time-is-not-undated"),
        pytest.param("2025-02-02", "2025-02-02", [], id="a-day-without-any"),
        pytest.param("", "", ["c", "b", "a", "old", "undated"], id="empty-is-no-limit"),
    ],
)
def test_days(dated: Searcher, first: str | None, last: str | None, expected: list[str]) -> None:
    """Both ends are included; undated documents are in no range of days."""
    assert ask(dated, "", date_from=first, date_to=last, sort="newest") == expected


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({"date_from": "2025-02-30"}, id="no-such-day"),
        pytest.param({"date_to": "today"}, id="no-date"),
        pytest.param({"date_from": "2025-1-1"}, id="short-form"),
        pytest.param({"date_from": "2025-03-01", "date_to": "2025-02-01"}, id="from-after-to"),
        pytest.param({"limit": -1}, id="limit-below-zero"),
        pytest.param({"offset": -1}, id="offset-below-zero"),
    ],
)
def test_bad_requests(sample: Searcher, options: dict[str, object]) -> None:
    """What cannot be answered is refused with a sentence that does not repeat it."""
    with pytest.raises(BadRequest) as caught:
        ask(sample, "科技", **options)
    assert str(caught.value)
    assert "today" not in str(caught.value)


# Pages


@pytest.mark.parametrize("sort", ["relevance", "newest", "oldest"])
@pytest.mark.parametrize("size", [1, 3, 7, 100])
def test_pages_join_to_the_whole(sample: Searcher, sort: str, size: int) -> None:
    """Pages of any size, joined, are the whole answer: nothing twice, nothing missing, totals the same on each."""
    request = Request(query="科技 企业", sort=sort, limit=1000)  # type: ignore[arg-type]
    whole = sample.search(request)
    joined: list[Hit] = []
    for offset in range(0, whole.total, size):
        page = sample.search(replace(request, limit=size, offset=offset))
        assert (page.exact_total, page.related_total) == (whole.exact_total, whole.related_total)
        assert page.facets == whole.facets
        joined += page.hits
    assert tuple(joined) == whole.hits
    assert len({hit.id for hit in joined}) == whole.total > 10


@pytest.mark.parametrize(
    ("limit", "offset"),
    [
        pytest.param(0, 0, id="no-hits-wanted"),
        pytest.param(10, 37, id="just-beyond-the-end"),
        pytest.param(10, 10**12, id="far-beyond-the-end"),
    ],
)
def test_page_without_hits(sample: Searcher, limit: int, offset: int) -> None:
    """A page without hits still has the totals and facets."""
    page = sample.search(Request(query="", limit=limit, offset=offset))
    assert (page.hits, page.exact_total) == ((), 37)
    assert page.facets["account"]


# Hits and articles


def test_hit(make_searcher: MakeSearcher) -> None:
    """A hit has everything that a page shows of a document."""
    searcher = make_searcher(
        {
            "aid": "2247400101_1",
            "title": "腦機接口產品",
            "content": f"{FILLER}植入式腦機接口。",
            "account": "东岸科创",
            "date": "2025-06-12 08:00",
            "url": "https://mp.weixin.qq.com/s/KDyCoAfhA1HYFlYfsmCknQ",
        }
    )
    page = searcher.search(Request(query="脑机接口"))
    hit = page.hits[0]
    assert (hit.source_id, hit.title, hit.account, hit.date) == (
        "2247400101_1",
        "腦機接口產品",
        "东岸科创",
        "2025-06-12",
    )
    assert hit.url == "https://mp.weixin.qq.com/s/KDyCoAfhA1HYFlYfsmCknQ"
    assert hit.title_marked == (("腦機接口", True), ("產品", False))
    assert hit.snippets == ((("植入式", False), ("腦機接口", True), ("。", False)),)
    assert (hit.matches, hit.tier, hit.section) == (2, "exact", None)
    assert len(hit.id) == 16
    assert page.query == "脑机接口"
    assert (page.applied, page.problems) == ((), ())


def test_index_info(make_searcher: MakeSearcher) -> None:
    """An answer says how much was looked at: documents, characters of normal forms, first and last day."""
    texts = [("题一", "甲  乙。" * 9, "2025-02-01"), ("题二", "ABC " * 9, "2024-02-01"), ("题三", "", None)]
    searcher = make_searcher(*({"title": t, "content": c, "date": d} for t, c, d in texts))
    info = searcher.info()
    characters = sum(len(normalise(title)) + len(normalise(body.strip())) for title, body, _ in texts)
    assert (info.generation, info.documents, info.characters) == (1, 3, characters)
    assert (info.date_from, info.date_to) == ("2024-02-01", "2025-02-01")
    assert searcher.search(Request(query="无此词")).index == info


def test_section(make_searcher: MakeSearcher) -> None:
    """A hit in a long document names the section with the most matches, by its path of headings."""
    content = (
        f"一、总体要求\n\n{FILLER}提到钍基能源一次。\n\n二、重点任务\n\n（一）强化布局\n\n{FILLER}\n\n"
        f"（二）未来能源\n\n钍基能源，钍基能源。{FILLER}"
    )
    searcher = make_searcher({"title": "规划", "content": content})
    section = searcher.search(Request(query="钍基能源")).hits[0].section
    assert section
    assert (section.path, section.page) == (("二、重点任务", "（二）未来能源"), None)
    assert searcher.search(Request(query="规划")).hits[0].section is None


def test_article(sample: Searcher) -> None:
    """The article view has the whole text, its headings, and the query's matches marked."""
    hit = next(hit for hit in sample.search(Request(query="脑机接口", limit=99)).hits if hit.source_id == "plan")
    article = sample.article(hit.id, "脑机接口")
    assert article
    body = "".join(text for text, _ in article.body_marked)
    assert (article.id, article.title, article.state) == (hit.id, hit.title, "full")
    assert article.matches == hit.matches > 1
    assert [body[heading.start :].startswith(heading.title) for heading in article.headings].count(False) == 0
    assert "一、发展基础与面临形势" in [heading.title for heading in article.headings]
    plain = sample.article(hit.id)
    assert plain
    assert plain.body_marked == ((body, False),)
    assert plain.matches == 0


@pytest.mark.parametrize("query", ["脑机接口", "6G", "“AI”", "科技 企业 -上海", "申请科技创新券", "2025年"])
def test_hits_and_articles_agree(sample: Searcher, query: str) -> None:
    """The number of matches of a hit is that of the marks in its article, and every exact hit has some."""
    page = sample.search(Request(query=query, limit=1000))
    assert page.hits
    for hit in page.hits:
        article = sample.article(hit.id, query)
        assert article
        noted = (piece for note in article.notes_marked for piece in note)
        marks = sum(is_match for _, is_match in (*article.title_marked, *article.body_marked, *noted))
        assert article.matches == hit.matches == marks
        assert marks
        assert article.title_marked == hit.title_marked
        assert "".join(text for text, _ in article.title_marked) == hit.title


@pytest.mark.parametrize(
    "id", ["", "0" * 16, "x" * 16, "../../etc/passwd", "-000000000000001", "科" * 16, "\n", "0" * 99]
)
def test_unknown_article(sample: Searcher, id: str) -> None:
    """Only ids of the index open an article."""
    assert sample.article(id) is None


def test_article_has_one_id(sample: Searcher, everything: tuple[Hit, ...]) -> None:
    """No other spelling of an id opens its article: one article, one address."""
    wide = str.maketrans("0123456789", "０１２３４５６７８９")
    for hit in everything:
        for other in (hit.id.upper(), hit.id.translate(wide), f"{hit.id} ", f"0x{hit.id}"):
            assert other == hit.id or sample.article(other) is None


# Many at once

QUESTIONS = [
    Request(query="脑机接口", limit=4),
    Request(query="", limit=3, sort="newest"),
    Request(query="科技 企业", limit=4, offset=3),
    Request(query="“AI”", limit=4),
    Request(query="6G -上海", limit=4),
    Request(query="申请科技创新券", limit=4),
    Request(query="人", exact=True, limit=4, filters={"account": ("东岸科创",)}),
    Request(query="无此词语", limit=4),
]


@pytest.fixture
def _eager_switching() -> Iterator[None]:
    """Let the interpreter switch threads a thousand times more often than usual."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("_eager_switching")
def test_threads_get_the_same_answers(sample_index: Path) -> None:
    """Eight threads that share a fresh searcher get the answers that one gets."""
    alone = Searcher(sample_index, Settings())
    expected = [alone.search(request) for request in QUESTIONS]
    alone.close()
    shared = Searcher(sample_index, Settings())
    with ThreadPoolExecutor(8) as pool:
        orders = [QUESTIONS[at:] + QUESTIONS[:at] for at in range(8)] * 2
        answers = list(pool.map(lambda order: [shared.search(request) for request in order], orders))
    shared.close()
    for at, answer in zip([*range(8)] * 2, answers, strict=True):
        assert answer == expected[at:] + expected[:at]


@pytest.mark.usefixtures("_eager_switching")
def test_each_answer_is_of_one_generation(tmp_path: Path) -> None:
    """While generations are published every answer holds exactly the documents of the generation it names."""
    source = tmp_path / "source.json"
    settings = Settings(index=str(tmp_path / "index"))

    def publish(number: int) -> None:
        rows = [{"aid": f"g{number}d{at}", "title": f"第{number}代", "content": FILLER} for at in range(number)]
        source.write_text(json.dumps(rows), "utf-8")
        build_index([source], settings)

    publish(1)
    searcher = Searcher(settings.index_dir, settings)
    is_over = threading.Event()
    pages: list[SearchPage] = []

    def keep_asking() -> None:
        while not is_over.wait(0.005):
            pages.append(searcher.search(Request(query="意见", limit=20)))

    threads = [threading.Thread(target=keep_asking) for _ in range(4)]
    for thread in threads:
        thread.start()
    for number in range(2, 6):
        publish(number)
    is_over.set()
    for thread in threads:
        thread.join()
    pages.append(searcher.search(Request(query="意见", limit=20)))
    searcher.close()
    assert pages[-1].index.generation == 5
    for page in pages:
        number = page.index.generation
        assert page.total == page.index.documents == number
        assert sorted(ids(page)) == [f"g{number}d{at}" for at in range(number)]


def open_files() -> int:
    """How many descriptors this process holds."""
    return len(os.listdir("/proc/self/fd"))


def test_closed_searchers_hold_no_files(sample_index: Path) -> None:
    """Fifty searchers, opened, asked and closed, leave no descriptor and no thread behind."""

    def once() -> None:
        searcher = Searcher(sample_index, Settings())
        searcher.search(QUESTIONS[0])
        searcher.close()

    once()
    files, threads = open_files(), threading.active_count()
    for _ in range(50):
        once()
    assert (open_files(), threading.active_count()) == (files, threads)


def test_finished_threads_hold_no_files(sample: Searcher) -> None:
    """Fifty threads that asked a question and ended leave no descriptor behind."""
    sample.search(QUESTIONS[0])
    files = open_files()
    for _ in range(50):
        thread = threading.Thread(target=sample.search, args=(QUESTIONS[0],))
        thread.start()
        thread.join()
    assert open_files() == files


def test_old_generations_are_released(tmp_path: Path) -> None:
    """A searcher that follows five generations holds the files of one."""
    source = tmp_path / "source.json"
    source.write_text(json.dumps([{"aid": "1", "title": "题", "content": FILLER}]), "utf-8")
    settings = Settings(index=str(tmp_path / "index"))
    build_index([source], settings)
    searcher = Searcher(settings.index_dir, settings)
    searcher.search(Request(query="题"))
    files = open_files()
    for _ in range(4):
        build_index([source], settings, is_rebuild=True)
        searcher.search(Request(query="题"))
    assert searcher.info().generation == 5
    assert open_files() == files
    searcher.close()


def test_closed_searcher_opens_again(sample_index: Path) -> None:
    """Closing releases files; asking again opens them again."""
    searcher = Searcher(sample_index, Settings())
    first = searcher.search(QUESTIONS[0])
    searcher.close()
    searcher.close()
    assert searcher.search(QUESTIONS[0]) == first
    searcher.close()


def test_digests_and_copies_stand_lower(make_searcher: MakeSearcher) -> None:
    """Of two texts that answer alike, the digest and the later copy come after the article of its own."""
    text = "量子通信网络建成。" + FILLER * 30
    searcher = make_searcher(
        {"aid": "copy", "title": "量子通信网络建成", "content": text + "完。", "date": "2025-03-02", "account": "乙"},
        {"aid": "first", "title": "量子通信网络建成", "content": text + "完。", "date": "2025-03-01", "account": "甲"},
    )
    assert [hit.source_id for hit in searcher.search(Request(query="量子通信")).hits] == ["first", "copy"]


@pytest.mark.parametrize("word", ["full", "article"])
def test_any_word_may_be_a_name(word: str, make_searcher: MakeSearcher) -> None:
    """A document whose id, title and account are a word that the index uses itself is found and read as it is."""
    searcher = make_searcher({"aid": word, "title": word, "account": word, "content": word})
    (hit,) = searcher.search(Request(query=word)).hits
    assert (hit.source_id, hit.title, hit.account) == (word, word, word)


def test_counts_and_hits_alone(make_searcher: MakeSearcher, monkeypatch: pytest.MonkeyPatch) -> None:
    """A count is that of the whole page; hits alone are those of the page; neither counts facets or reads texts."""
    searcher = make_searcher(
        {"title": "量子", "content": "量子通信网络建成。"},
        {"title": "会议", "content": "通信网络会议。"},
        {"title": "桥梁", "content": "大桥合龙。"},
    )
    request = Request(query="量子 通信", limit=1, snippets=False)
    page = searcher.search(request)
    monkeypatch.setattr("searcher.execution.plan_execution.PlanExecution._facet", None)
    monkeypatch.setattr("indexer.store.stored_documents.DocumentReader.read", None)
    monkeypatch.setattr("searcher.service._report", None)
    count = searcher.count(replace(request, offset=5))
    assert (count.exact, count.related) == (page.exact_total, page.related_total)
    totals, hits = searcher.hits(request)
    assert (totals, tuple(hits)) == (count, page.hits)
    assert searcher.count(Request(query="飞船")).both == 0
    assert searcher.hits(Request(query="飞船", snippets=False))[0].both == 0


def test_what_is_known_of_a_generation_is_kept(
    make_searcher: Callable[..., Searcher], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A query that is asked again counts nothing again."""
    searcher = make_searcher({"content": "量子科技园区申报通知"})
    asked = Counter[str]()
    for name in ("bigram_count", "followers", "document_frequency"):
        ask = getattr(EmbeddedEngine, name)

        def count(engine: EmbeddedEngine, *arguments: Any, _ask: Any = ask, _name: str = name, **more: Any) -> Any:
            asked[_name] += 1
            return _ask(engine, *arguments, **more)

        monkeypatch.setattr(EmbeddedEngine, name, count)
    searcher.search(Request(query="量孑科技园区"))
    before = asked.copy()
    searcher.search(Request(query="量孑科技园区"))
    assert before["bigram_count"] > 0
    assert asked["bigram_count"] == before["bigram_count"]
    assert asked["followers"] == before["followers"]
