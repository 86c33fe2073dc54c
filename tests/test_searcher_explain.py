"""Why a document is a hit, at which rank and with which parts of its score, and why another one is none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from filler import FILLER

from corpus.settings import Settings
from searcher.diagnostics.reports import WhyNot
from searcher.errors import BadRequest
from searcher.execution.arrays import numpy_, plain
from searcher.execution.embedded_engine import EmbeddedSource
from searcher.results import Request
from searcher.service import Searcher

MakeSearcher = Callable[..., Searcher]


QUERIES = [
    pytest.param("脑机接口", id="one-term"),
    pytest.param("脑机接口 患者 临床", id="both-tiers"),
    pytest.param("脑机接口 产业发展大会", id="related"),
    pytest.param("东岸企业的脑机接口产品", id="words-of-a-sentence"),
    pytest.param("脑机接口 OR 量子", id="or"),
    pytest.param("title:脑机接口", id="title"),
    pytest.param("“脑机接口” -标准", id="quoted-and-not"),
    pytest.param("科", id="one-character"),
    pytest.param("6G 量子*", id="digits-and-prefix"),
    pytest.param("", id="everything"),
]


@pytest.fixture(scope="module")
def sample(sample_index: Path) -> Iterator[Searcher]:
    """The sample corpus."""
    searcher = Searcher(sample_index, Settings())
    yield searcher
    searcher.close()


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("sort", ["relevance", "oldest"])
def test_parts_sum_up_to_the_score(sample: Searcher, query: str, sort: str) -> None:
    """The parts of every hit's score add up to the score shown, with nothing left over."""
    explanation = sample.explain(Request(query=query, limit=100, snippets=False, sort=sort))  # type: ignore[arg-type]
    assert explanation.page.hits
    assert [report.id for report in explanation.hits] == [hit.id for hit in explanation.page.hits]
    for rank, (hit, report) in enumerate(zip(explanation.page.hits, explanation.hits, strict=True), 1):
        assert sum(part.score for part in report.parts) == pytest.approx(hit.score, abs=5.1e-5)
        assert (report.rank, report.tier, report.score, report.other) == (rank, hit.tier, hit.score, 0.0)
        assert (report.share is not None) == (hit.tier == "related")
        assert bool(report.missing) == (hit.tier == "related")


@pytest.mark.parametrize("query", QUERIES)
def test_both_implementations_explain_alike(sample_index: Path, query: str) -> None:
    """An explanation does not depend on which implementation of the array operations served."""
    explained = []
    for arrays in (plain, numpy_):
        searcher = Searcher(EmbeddedSource(sample_index, arrays=arrays), Settings())
        explanation = searcher.explain(Request(query=query, limit=40, snippets=False))
        parts = [
            (hit.rank, part.kind, part.text, part.title, part.heading, part.body, round(part.score, 9))
            for hit in explanation.hits
            for part in sorted(hit.parts, key=lambda part: (part.kind, part.text))
        ]
        explained.append((explanation.terms, parts))
        searcher.close()
    assert explained[0] == explained[1]


def test_an_explained_page_is_the_page(sample: Searcher) -> None:
    """Explaining changes nothing of the answer, at any offset."""
    request = Request(query="脑机接口 患者 临床", limit=3, offset=2)
    explanation = sample.explain(request)
    assert explanation.page == sample.search(request)
    assert [report.rank for report in explanation.hits] == [3, 4, 5]


def test_terms_and_counts(make_searcher: MakeSearcher) -> None:
    """The canonical query, how many documents have each term, and how often each stands where in a hit."""
    searcher = make_searcher(
        {"aid": "both", "title": "海洋牧场建设", "content": FILLER + "海洋牧场投产，海洋牧场扩建，苗种入海。"},
        {"aid": "one", "title": "会议", "content": FILLER + "海洋牧场投产。"},
        {"aid": "none", "title": "会议", "content": FILLER},
    )
    explanation = searcher.explain(Request(query="海洋牧场 且 苗种"))
    assert explanation.canonical == "海洋牧场 苗种"
    assert [(term.kind, term.text, term.documents) for term in explanation.terms][:2] == [
        ("string", "海洋牧场", 2),
        ("string", "苗种", 1),
    ]
    assert explanation.terms[0].weight < explanation.terms[1].weight
    counts = {part.text: (part.title, part.body) for part in explanation.hits[0].parts}
    assert {name: counts[name] for name in ("海洋牧场", "苗种")} == {"海洋牧场": (1, 2), "苗种": (0, 1)}


def test_related_hits_name_what_is_missing(make_searcher: MakeSearcher) -> None:
    """A related hit says which terms it lacks, and what share of the weight it holds of what is asked."""
    searcher = make_searcher(
        {"aid": "a", "title": "会议", "content": FILLER + "海洋牧场投产，苗种入海。"},
        *({"aid": f"b{n}", "title": "会议", "content": FILLER + f"第{n}次。"} for n in range(8)),
        {"aid": "c", "title": "会议", "content": FILLER + "网箱下水。"},
    )
    report = searcher.explain(Request(query="海洋牧场 苗种 网箱")).hits[0]
    assert (report.tier, report.missing) == ("related", ("网箱",))
    assert report.share is not None
    assert report.share.asked <= report.share.held < 1


# Why not


@pytest.fixture
def why(make_searcher: MakeSearcher) -> Callable[..., WhyNot]:
    """Ask why one document is no hit."""
    searcher = make_searcher(
        {
            "aid": "doc",
            "title": "会议通知",
            "content": FILLER + "脑机协同与接口标准；26GHz 频段。",
            "account": "江湾经信",
            "date": "2025-03-04",
        },
        {"aid": "other", "title": "脑机接口", "content": FILLER + "脑机接口获批。", "account": "东岸科创"},
        *({"aid": f"b{n}", "title": "会议", "content": FILLER + f"第{n}次。"} for n in range(8)),
    )

    def ask(query: str, id: str = "doc", **options: object) -> WhyNot:
        return searcher.why_not(id, Request(query=query, **options))  # type: ignore[arg-type]

    return ask


@pytest.mark.parametrize(
    ("query", "part", "message", "near"),
    [
        pytest.param("“脑机接口”", '"脑机接口"', "it contains parts of this string only", "脑机", id="in-parts"),
        pytest.param("“脑机接口”", '"脑机接口"', "it contains parts of this string only", "接口", id="its-end"),
        pytest.param("6G", "6g", "it only occurs inside a longer word or number", "6g", id="in-a-run"),
        pytest.param("title:标准", "title:标准", "it occurs in the text, not in the title", "标准", id="not-in-title"),
        pytest.param("量子", "量子", "it does not contain this string", "", id="nothing"),
        pytest.param("会议 -标准", "-标准", "the document contains an excluded term", "", id="excluded"),
        pytest.param("量子 OR 光子", "量子 OR 光子", "it contains none of the alternatives", "", id="or"),
        pytest.param("account:东岸", "account:东岸", "its account does not match", "江湾经信", id="field"),
        pytest.param("date:2025-04-01", "date:2025-04-01", "it was published on another day", "2025-03-04", id="day"),
    ],
)
def test_what_a_document_lacks(why: Callable[..., WhyNot], query: str, part: str, message: str, near: str) -> None:
    """A document that is no hit: the part of the query that it does not meet, why, and what it has instead."""
    report = why(query)
    assert (report.source_id, report.rank, report.tier, report.score) == ("doc", None, None, None)
    lack = next(lack for lack in report.lacks if lack.part == part)
    assert lack.message.startswith(message)
    assert near in lack.near or near == "" == "".join(lack.near)


@pytest.mark.parametrize(
    ("options", "name", "has"),
    [
        pytest.param({"filters": {"account": ("东岸科创",)}}, "account", ("江湾经信",), id="account"),
        pytest.param({"date_from": "2025-05-01"}, "date", ("2025-03-04",), id="day"),
        pytest.param({"filters": {"month": ("2025-02",)}}, "month", ("2025-03",), id="month"),
    ],
)
def test_which_filter_excludes(
    why: Callable[..., WhyNot], options: dict[str, object], name: str, has: tuple[str, ...]
) -> None:
    """A document that only a filter leaves out lacks nothing; the filter is named with the document's own value."""
    report = why("接口标准", **options)
    assert (report.rank, report.lacks, report.share) == (None, (), None)
    assert [(one.name, one.has) for one in report.excluded] == [(name, has)]


def test_too_small_a_share(why: Callable[..., WhyNot]) -> None:
    """Words that weigh too little do not make a hit: the share held and the share asked are told."""
    report = why("标准 量子 光子 中子")
    assert report.rank is None
    assert report.share is not None
    assert 0 < report.share.held < report.share.asked


def test_a_document_that_is_a_hit(why: Callable[..., WhyNot]) -> None:
    """A hit is told with rank, tier and score; by our id as well."""
    report = why("脑机接口", id="other")
    assert (report.rank, report.tier, report.lacks) == (1, "exact", ())
    assert report.score
    assert why("脑机接口", id=report.id) == report


def test_an_unknown_document(why: Callable[..., WhyNot]) -> None:
    """No such document is said, not guessed."""
    with pytest.raises(BadRequest, match="the index has no document with this id"):
        why("脑机接口", id="nobody")


def test_a_source_id_of_several_documents(make_searcher: MakeSearcher) -> None:
    """A source id that two accounts use is answered with the ids of both."""
    searcher = make_searcher(
        {"aid": "7", "title": "甲", "content": FILLER, "account": "甲"},
        {"aid": "7", "title": "乙", "content": FILLER + "乙。", "account": "乙"},
    )
    ids = [hit.id for hit in searcher.search(Request(query="")).hits]
    with pytest.raises(BadRequest, match="2 documents have this source id") as told:
        searcher.why_not("7", Request(query="甲"))
    assert all(id in str(told.value) for id in ids)
