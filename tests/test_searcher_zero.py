"""Nothing found: the report that says why, and its proof."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from searcher.diagnostics.reports import Near, TermCount, Without, ZeroReport
from searcher.results import Request
from searcher.service import Searcher

MakeSearcher = Callable[..., Searcher]

FILLER = "活动由办公室主持，相关处室负责人参加，并就下一步安排交换了意见。"


@pytest.fixture
def zero(make_searcher: MakeSearcher) -> Callable[..., ZeroReport]:
    """Ask what finds nothing."""
    searcher = make_searcher(
        {"aid": "1", "title": "海洋牧场", "content": FILLER + "苗种入海。", "account": "甲", "date": "2025-03-04"},
        {
            "aid": "2",
            "title": "网箱",
            "content": FILLER + "海洋牧场投产，26GHz。",
            "account": "甲",
            "date": "2025-05-04",
        },
        {"aid": "3", "title": "网箱", "content": FILLER + "深水网箱下水。", "account": "乙", "date": "2025-06-04"},
        *({"aid": f"b{n}", "title": "会议", "content": FILLER + f"第{n}次。", "account": "丙"} for n in range(4)),
    )

    def ask(query: str, **options: object) -> ZeroReport:
        page = searcher.search(Request(query=query, **options))  # type: ignore[arg-type]
        assert page.total == 0
        assert page.zero is not None
        assert (page.index.documents, page.index.date_from, page.index.date_to) == (7, "2025-03-04", "2025-06-04")
        assert page.index.characters > 7 * len(FILLER)
        return page.zero

    return ask


def test_an_answer_with_hits_has_no_report(make_searcher: MakeSearcher) -> None:
    """The report is there when nothing was found, not when a page lies beyond the last hit."""
    searcher = make_searcher({"title": "海洋牧场", "content": FILLER})
    assert searcher.search(Request(query="海洋牧场")).zero is None
    assert searcher.search(Request(query="海洋牧场", offset=5)).zero is None
    assert searcher.search(Request(query="海洋牧场", limit=0)).zero is None


def test_a_term_that_no_document_has(zero: Callable[..., ZeroReport]) -> None:
    """The term is named, with its beginning and end that do occur, and in how many documents."""
    report = zero("“海洋牧场苗种”")
    assert report.terms == (TermCount(text='"海洋牧场苗种"', documents=0, passing=0),)
    assert report.missing == ('"海洋牧场苗种"',)
    assert report.near == (
        Near(term='"海洋牧场苗种"', form="海洋牧场", documents=2),
        Near(term='"海洋牧场苗种"', form="苗种", documents=1),
    )
    assert (report.apart, report.without) == ((), ())


@pytest.mark.parametrize(
    ("query", "near"),
    [
        pytest.param("6G", Near(term="6g", form="6g", documents=1), id="within-a-run"),
        pytest.param("title:苗种", Near(term="title:苗种", form="苗种", documents=1), id="in-the-text-only"),
    ],
)
def test_a_term_that_stands_elsewhere(zero: Callable[..., ZeroReport], query: str, near: Near) -> None:
    """A term that stands within a longer run of letters, or not in the title, is told as a form that is there."""
    assert zero(query).near == (near,)


def test_terms_that_never_meet(zero: Callable[..., ZeroReport]) -> None:
    """Each term occurs, but no document has both."""
    report = zero("“苗种” “深水”")
    assert report.terms == (
        TermCount(text='"苗种"', documents=1, passing=1),
        TermCount(text='"深水"', documents=1, passing=1),
    )
    assert (report.missing, report.apart) == ((), (('"苗种"', '"深水"'),))


def test_three_terms_of_which_any_two_meet(zero: Callable[..., ZeroReport]) -> None:
    """Where every pair has documents it is the whole group that has none."""
    report = zero("“海洋牧场” “下一步” “苗种” “网箱”")
    assert report.apart == (('"苗种"', '"网箱"'),)


@pytest.mark.parametrize(
    ("options", "without"),
    [
        pytest.param({"filters": {"account": ("丙",)}}, Without(part="account=丙", hits=2), id="account"),
        pytest.param({"date_from": "2025-08-01"}, Without(part="date=2025-08-01..", hits=2), id="days"),
        pytest.param({"filters": {"month": ("2024-01",)}}, Without(part="month=2024-01", hits=2), id="month"),
        pytest.param(
            {"filters": {"account": ("丙",)}, "date_to": "2024-01-01"},
            Without(part="account=丙 date=..2024-01-01", hits=2),
            id="both",
        ),
    ],
)
def test_a_filter_that_took_everything(
    zero: Callable[..., ZeroReport], options: dict[str, object], without: Without
) -> None:
    """What would be found without the filter; without all of them where one alone is not to blame."""
    report = zero("海洋牧场", **options)
    assert report.terms == (TermCount(text="海洋牧场", documents=2, passing=0),)
    assert report.without == (without,)


@pytest.mark.parametrize(
    ("query", "without"),
    [
        pytest.param("苗种 -海洋牧场", Without(part="-海洋牧场", hits=1), id="excluded"),
        pytest.param("海洋牧场 account:丙", Without(part="account:丙", hits=2), id="field"),
        pytest.param("海洋牧场 date:2024-02-03", Without(part="date:2024-02-03", hits=2), id="days"),
    ],
)
def test_a_part_of_the_query_that_took_everything(
    zero: Callable[..., ZeroReport], query: str, without: Without
) -> None:
    """The same for what the query itself excludes or limits."""
    assert zero(query).without == (without,)


def test_hostile_queries(zero: Callable[..., ZeroReport]) -> None:
    """A long text, nothing but marks, and many terms are answered."""
    assert zero("“" + "囗" * 250 + "”").missing
    assert zero("“”").terms == (TermCount(text='""', documents=0, passing=0),)
    assert len(zero(" ".join(f"“囗{n}”" for n in range(40))).terms) == 16
