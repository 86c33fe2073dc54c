"""Nothing found: the report that says why, and its proof."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from filler import FILLER

from searcher.results import NearForm, NoHitsReport, QueryPart, Request
from searcher.service import Searcher

MakeSearcher = Callable[..., Searcher]


@pytest.fixture
def zero(make_searcher: MakeSearcher) -> Callable[..., NoHitsReport]:
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

    def ask(query: str, **options: object) -> NoHitsReport:
        page = searcher.search(Request(query=query, **options))  # type: ignore[arg-type]
        assert page.total == 0
        assert page.zero is not None
        assert (page.index.documents, page.index.date_from, page.index.date_to) == (7, "2025-03-04", "2025-06-04")
        assert page.index.characters > 7 * len(FILLER)
        return page.zero

    return ask


def lines(report: NoHitsReport) -> tuple[tuple[str, int, int], ...]:
    """The terms of a report with their counts."""
    return tuple((term.text, term.documents, term.passing) for term in report.terms)


def texts(parts: Sequence[QueryPart]) -> tuple[str, ...]:
    """What parts of a query say."""
    return tuple(part.text for part in parts)


def test_an_answer_with_hits_has_no_report(make_searcher: MakeSearcher) -> None:
    """The report is there when nothing was found, not when a page lies beyond the last hit."""
    searcher = make_searcher({"title": "海洋牧场", "content": FILLER})
    assert searcher.search(Request(query="海洋牧场")).zero is None
    assert searcher.search(Request(query="海洋牧场", offset=5)).zero is None
    assert searcher.search(Request(query="海洋牧场", limit=0)).zero is None


def test_a_term_that_no_document_has(zero: Callable[..., NoHitsReport]) -> None:
    """The term is named, with its beginning and end that do occur, and in how many documents."""
    report = zero("“海洋牧场苗种”")
    assert lines(report) == (('"海洋牧场苗种"', 0, 0),)
    assert texts(report.missing) == ('"海洋牧场苗种"',)
    assert report.near == (
        NearForm(term='"海洋牧场苗种"', form="海洋牧场", documents=2),
        NearForm(term='"海洋牧场苗种"', form="苗种", documents=1),
    )
    assert (report.apart, report.without) == ((), ())


@pytest.mark.parametrize(
    ("query", "near"),
    [
        pytest.param("6G", NearForm(term="6g", form="6g", documents=1), id="within-a-run"),
        pytest.param("title:苗种", NearForm(term="title:苗种", form="苗种", documents=1), id="in-the-text-only"),
    ],
)
def test_a_term_that_stands_elsewhere(zero: Callable[..., NoHitsReport], query: str, near: NearForm) -> None:
    """A term that stands within a longer run of letters, or not in the title, is told as a form that is there."""
    assert zero(query).near == (near,)


def test_terms_that_never_meet(zero: Callable[..., NoHitsReport]) -> None:
    """Each term occurs, but no document has both."""
    report = zero("“苗种” “深水”")
    assert lines(report) == (
        ('"苗种"', 1, 1),
        ('"深水"', 1, 1),
    )
    assert (report.missing, [texts(group) for group in report.apart]) == ((), [('"苗种"', '"深水"')])


def test_three_terms_of_which_any_two_meet(zero: Callable[..., NoHitsReport]) -> None:
    """Where every pair has documents it is the whole group that has none."""
    report = zero("“海洋牧场” “下一步” “苗种” “网箱”")
    assert [texts(group) for group in report.apart] == [('"苗种"', '"网箱"')]


@pytest.mark.parametrize(
    ("options", "without"),
    [
        pytest.param({"filters": {"account": ("丙",)}}, ("account=丙", 2), id="account"),
        pytest.param({"date_from": "2025-08-01"}, ("date=2025-08-01..", 2), id="days"),
        pytest.param({"filters": {"month": ("2024-01",)}}, ("month=2024-01", 2), id="month"),
        pytest.param(
            {"filters": {"account": ("丙",)}, "date_to": "2024-01-01"},
            ("account=丙 date=..2024-01-01", 2),
            id="both",
        ),
    ],
)
def test_a_filter_that_took_everything(
    zero: Callable[..., NoHitsReport], options: dict[str, object], without: tuple[str, int]
) -> None:
    """What would be found without the filter; without all of them where one alone is not to blame."""
    report = zero("海洋牧场", **options)
    assert lines(report) == (("海洋牧场", 2, 0),)
    assert [(one.part, one.hits) for one in report.without] == [without]


@pytest.mark.parametrize(
    ("query", "without"),
    [
        pytest.param("苗种 -海洋牧场", ("-海洋牧场", 1), id="excluded"),
        pytest.param("海洋牧场 account:丙", ("account:丙", 2), id="field"),
        pytest.param("海洋牧场 date:2024-02-03", ("date:2024-02-03", 2), id="days"),
    ],
)
def test_a_part_of_the_query_that_took_everything(
    zero: Callable[..., NoHitsReport], query: str, without: tuple[str, int]
) -> None:
    """The same for what the query itself excludes or limits."""
    (found,) = zero(query).without
    assert (found.part, found.hits) == without
    ((start, end),) = [(one.start or 0, one.end or 0) for one in found.left_out]
    assert query[start:end] == found.part


def test_hostile_queries(zero: Callable[..., NoHitsReport]) -> None:
    """A long text, nothing but marks, and many terms are answered."""
    assert zero("“" + "囗" * 250 + "”").missing
    assert lines(zero("“”")) == (('""', 0, 0),)
    assert len(zero(" ".join(f"“囗{n}”" for n in range(40))).terms) == 16


@pytest.mark.parametrize(
    ("query", "options", "left_out"),
    [
        pytest.param("海洋牧场", {"filters": {"account": ("丙",)}}, [("account", None)], id="filter"),
        pytest.param("海洋牧场", {"date_from": "2025-08-01"}, [("date", None)], id="days"),
        pytest.param("苗种 NOT 海洋牧场", {}, [(None, "NOT 海洋牧场")], id="operator"),
        pytest.param("苗种 -(海洋牧场 OR 网箱) 入海", {}, [(None, "-(海洋牧场 OR 网箱)")], id="brackets"),
        pytest.param("海洋牧场 公众号：“丙”", {}, [(None, "公众号：“丙”")], id="field"),
        pytest.param(
            "海洋牧场 公众号：丙", {"date_to": "2024-01-01"}, [("date", None), (None, "公众号：丙")], id="all-together"
        ),
    ],
)
def test_what_is_left_out_is_structure(
    zero: Callable[..., NoHitsReport], query: str, options: dict[str, object], left_out: list[tuple[str, str]]
) -> None:
    """A filter is named; a part of the query is a span of what was typed, operator, field and brackets included."""
    (without,) = zero(query, **options).without
    found = [(one.filter, None if one.start is None else query[one.start : one.end]) for one in without.left_out]
    assert found == left_out


def test_terms_have_their_spans(zero: Callable[..., NoHitsReport]) -> None:
    """Terms, those that are missing and those that never meet say where they stand in the query as typed."""
    query = "“苗种”  (囗一 OR 囗二)"
    report = zero(query)
    assert [query[term.start : term.end] for term in report.terms] == ["“苗种”", "囗一", "囗二"]
    assert [query[part.start : part.end] for part in report.missing] == ["囗一", "囗二"]
    query = "“苗种” (“深水” OR “深水网箱”)"
    assert [[query[part.start : part.end] for part in group] for group in zero(query).apart] == [
        ["“苗种”", "(“深水” OR “深水网箱”)"]
    ]


def test_a_term_without_content_is_told(zero: Callable[..., NoHitsReport]) -> None:
    """A term that nothing is left of is marked as empty."""
    assert [term.is_empty for term in zero("“” 囗").terms] in ([True, False], [False])
