"""Snippets: fragments of the body around matches, with marks."""

from __future__ import annotations

import time
from itertools import pairwise

import hypothesis
import pytest
from hypothesis import strategies as st

from corpus.cleaning.text import clean_text
from corpus.document import Section
from indexer.analysis.normalise import normalise
from searcher.highlight.marking import Marker
from searcher.highlight.occurrences import Span, needle
from searcher.highlight.section_of_hit import section_of
from searcher.highlight.snippets import snippets
from searcher.results import Marked, SectionPlace

SENTENCE = "会议由办公室主持，相关处室负责人参加，并就下一步安排交换了意见。"


def find_spans(body: str, *strings: str) -> list[Span]:
    """The spans that a marker for quoted strings in normal form finds in a body."""
    return Marker([needle(string, False, False) for string in strings]).spans(body)


def of(body: str, *strings: str, count: int = 3, length: int = 40) -> tuple[Marked, ...]:
    """Snippets of a body for a query of these strings."""
    return snippets(body, find_spans(body, *map(normalise, strings)), count, length)


def plain(snippet: Marked) -> str:
    """A snippet without its marks."""
    return "".join(piece for piece, _ in snippet)


def marks(snippet: Marked) -> list[str]:
    """What is marked."""
    return [piece for piece, is_match in snippet if is_match]


def test_match_at_the_start() -> None:
    """A match at the very start is shown from the start."""
    assert of("脑机接口获批。" + SENTENCE * 5, "脑机接口")[0][0] == ("脑机接口", True)


def test_match_at_the_end() -> None:
    """A match at the very end is shown to the end."""
    assert of(SENTENCE * 5 + "获批的是脑机接口", "脑机接口")[0][-1] == ("脑机接口", True)


def test_short_body_whole() -> None:
    """A body shorter than a snippet is shown whole."""
    assert of("植入式脑机接口获批", "脑机接口") == ((("植入式", False), ("脑机接口", True), ("获批", False)),)


def test_whole_sentences() -> None:
    """Where sentences are near a snippet begins and ends with one."""
    body = SENTENCE * 3 + "昨天脑机接口产品获批进入市场，这在全国还是第一例，业内反响热烈。" + SENTENCE * 3
    text = plain(of(body, "脑机接口")[0])
    assert text.startswith("昨天")
    assert text.endswith("。")


def test_without_match() -> None:
    """Without any match the beginning of the body is shown, unmarked."""
    shown = of(SENTENCE * 10, "脑机接口")
    assert len(shown) == 1
    assert marks(shown[0]) == []
    assert (SENTENCE * 10).startswith(plain(shown[0]))


@pytest.mark.parametrize(("body", "count"), [pytest.param("", 3, id="no-body"), pytest.param("脑机接口", 0, id="none")])
def test_nothing_to_show(body: str, count: int) -> None:
    """No body, or no snippet wanted: none."""
    assert of(body, "脑机接口", count=count) == ()


def test_most_matches_first_chosen_then_text_order() -> None:
    """With one snippet only, it is the place with most of the query; with more, they stand in the order of the text."""
    body = f"先提脑机接口。{SENTENCE * 5}同时提上海的脑机接口。{SENTENCE * 5}再提上海。{SENTENCE * 5}"
    only = of(body, "脑机接口", "上海", count=1)
    assert [sorted(marks(snippet)) for snippet in only] == [["上海", "脑机接口"]]
    three = of(body, "脑机接口", "上海", count=3)
    assert [marks(snippet) for snippet in three] == [["脑机接口"], ["上海", "脑机接口"], ["上海"]]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("科" * 300 + "脑机接口" + "技" * 300, id="no-break-at-all"),
        pytest.param("脑机接口" * 200, id="nothing-but-matches"),
        pytest.param("<b>&amp;</b>" * 30 + "脑机接口" + "<i>&lt;</i>" * 30, id="markup"),
        pytest.param("\n".join(["脑机接口", "科技"] * 50), id="lines"),
        pytest.param("。".join(["脑机接口"] * 100), id="short-sentences"),
    ],
)
def test_awkward_bodies(body: str) -> None:
    """Snippets are disjoint stretches of the body, each with a match, none longer than asked for."""
    shown = of(body, "脑机接口")
    assert 1 <= len(shown) <= 3
    assert max(map(len, map(plain, shown))) <= 40
    at = 0
    for snippet in shown:
        text = plain(snippet)
        assert marks(snippet)
        at = body.index(text, at) + len(text)


def test_long_body_many_matches() -> None:
    """Two million characters with a match in every sentence give three snippets."""
    shown = of(("脑机接口" + SENTENCE) * 55_000, "脑机接口")
    assert len(shown) == 3


pieces = st.sampled_from(["脑机接口", "量子", "科", "技", "，", "。", "\n", "a", " ", "：", "！”", "２", "腦機"])
bodies = st.lists(pieces, max_size=80).map("".join).map(clean_text)
thorough = hypothesis.settings(deadline=None, derandomize=True, max_examples=1500)


@thorough
@hypothesis.given(bodies, st.integers(1, 4), st.integers(5, 60))
def test_snippets_are_disjoint_stretches(body: str, count: int, length: int) -> None:
    """Stripping the marks gives stretches of the body, in order, without overlap, each with a match if there is any."""
    spans = find_spans(body, "脑机", "量子", "科")
    shown = snippets(body, spans, count, length)
    assert len(shown) <= count
    assert bool(shown) == bool(body)
    at = 0
    for snippet in shown:
        found = body.find(plain(snippet), at)
        assert found >= 0
        at = found + len(plain(snippet))
        assert bool(marks(snippet)) == bool(spans)


def test_snippet_ends_outside_of_matches() -> None:
    """Also where no sentence ends nearby no mark of a snippet is half a match."""
    body = "、".join(["科学技术委员会"] * 60)
    for snippet in of(body, "科学技术委员会", length=100):
        assert set(marks(snippet)) == {"科学技术委员会"}


@thorough
@hypothesis.given(bodies, st.integers(1, 4), st.integers(5, 60))
def test_snippets_never_cut_a_mark(body: str, count: int, length: int) -> None:
    """Every mark of a snippet is a whole match."""
    spans = find_spans(body, "脑机接口", "量子")
    for snippet in snippets(body, spans, count, length):
        assert {normalise(mark) for mark in marks(snippet)} <= {"脑机接口", "量子"}


@thorough
@hypothesis.given(bodies)
def test_pieces_alternate(body: str) -> None:
    """A snippet is no longer a list of pieces than it must be: unmarked pieces never touch, none is empty."""
    for snippet in of(body, "脑机", "量子"):
        assert all(piece for piece, _ in snippet)
        assert not any(not left and not right for (_, left), (_, right) in pairwise(snippet))


def test_running_text_before_headings() -> None:
    """A sentence shows a match better than a heading, a line of contents or of credits that comes before it."""
    body = f"脑机接口\n脑机接口……………12\n编辑：脑机接口\n\n{SENTENCE * 3}\n\n脑机接口已经用于临床，效果良好。{SENTENCE}"
    assert plain(of(body, "脑机接口", count=1)[0]).startswith("脑机接口已经")


def test_rare_and_long_matches_first() -> None:
    """What stands once in a text of hundreds of matches is shown, also far behind."""
    body = ("上海" + SENTENCE) * 600 + "这里是脑机接口。" + ("上海" + SENTENCE) * 600
    assert ["脑机接口"] in [
        [mark for mark in marks(snippet) if mark != "上海"] for snippet in of(body, "上海", "脑机接口")
    ]


def test_different_fragments_show_different_terms() -> None:
    """Having shown one term, the next fragment rather shows another one."""
    body = SENTENCE.join(["脑机接口一。", "脑机接口二。", "脑机接口三。", "上海四。"])
    assert [marks(snippet) for snippet in of(body, "脑机接口", "上海", count=2, length=20)] == [["脑机接口"], ["上海"]]


def test_near_matches_share_a_fragment() -> None:
    """Sentences with a few characters between them are one stretch where that is short enough, two where it is not."""
    body = f"{SENTENCE * 3}脑机接口用于临床试验之中。好。脑机接口又用于康复训练之中。{SENTENCE * 3}"
    assert [marks(snippet) for snippet in of(body, "脑机接口", length=40)] == [["脑机接口", "脑机接口"]]
    assert [plain(snippet) for snippet in of(body, "脑机接口", length=20)] == [
        "脑机接口用于临床试验之中。好。",
        "脑机接口又用于康复训练之中。",
    ]


CLAUSES = "甲方负责提供设备，乙方负责安装调试，丙方负责日常维护"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param(
            f"{CLAUSES}，脑机接口由三方共同验收，{CLAUSES}。", "脑机接口由三方共同验收", id="clauses-of-a-long-sentence"
        ),
        pytest.param(f"{SENTENCE}脑机接口获批，{CLAUSES}。", "脑机接口获批，甲方负责提供设备", id="end-of-a-clause"),
        pytest.param(
            f"{CLAUSES}，脑机接口获批。{SENTENCE}", "丙方负责日常维护，脑机接口获批。", id="end-of-a-sentence"
        ),
        pytest.param(f"{SENTENCE}\n“脑机接口获批。”\n{CLAUSES}", "“脑机接口获批。”", id="closing-marks"),
        pytest.param("科" * 50 + "，脑机接口" + "技" * 50, "脑机接口" + "技" * 16, id="no-border-behind"),
        pytest.param("科" * 50 + "脑机接口，" + "技" * 50, "科" * 10 + "脑机接口", id="no-border-before"),
    ],
)
def test_fragments_keep_to_sentences_and_clauses(body: str, expected: str) -> None:
    """A fragment begins and ends between sentences, or between clauses, wherever one of them ends within its length."""
    assert plain(of(body, "脑机接口", length=20)[0]) == expected


@thorough
@hypothesis.given(bodies, st.integers(1, 4), st.integers(5, 60))
def test_no_fragment_is_too_long(body: str, count: int, length: int) -> None:
    """The limit is a limit: only a single match that is longer is shown whole, and then nothing beside it."""
    for snippet in snippets(body, find_spans(body, "脑机接口", "量子"), count, length):
        assert len(plain(snippet)) <= length or [is_match for _, is_match in snippet] == [True]


def test_contents_do_not_hide_running_text() -> None:
    """The sentences behind a table of contents with hundreds of matches are shown, not its lines."""
    contents = "\n".join(f"第{number}节 脑机接口……………{number}" for number in range(300))
    body = f"{contents}\n{SENTENCE * 3}" + f"脑机接口已经用于临床，效果良好。{SENTENCE * 5}\n" * 20
    for snippet in of(body, "脑机接口"):
        assert plain(snippet).startswith("脑机接口已经用于临床")


@pytest.mark.parametrize(
    ("body", "begins"),
    [
        pytest.param(f"年度报告\n编辑：甲\n{SENTENCE}", SENTENCE, id="after-headings"),
        pytest.param("只有\n短行", "只有\n短行", id="no-running-text"),
        pytest.param(f"  • {SENTENCE}", SENTENCE, id="after-a-list-mark"),
    ],
)
def test_without_match_running_text_is_shown(body: str, begins: str) -> None:
    """Without any match it is the first running text that is shown."""
    assert plain(of(body, "脑机接口")[0]).startswith(begins)


@pytest.mark.parametrize(
    "filling",
    [
        pytest.param("abcdefgh ijklm ", id="words"),
        pytest.param("12345.678 ", id="decimals"),
        pytest.param("e\u0301科🏳\ufe0f\u200d🌈", id="marks-that-combine"),
        pytest.param("ＡＢＣ２０２５科", id="full-width"),
    ],
)
def test_no_word_or_number_is_cut(filling: str) -> None:
    """Where no sentence ends nearby a fragment begins and ends between words."""
    for shift in range(len(filling)):
        body = filling * 20 + "x" * shift + " 脑机接口 " + "y" * shift + " " + filling * 20
        text = plain(of(body, "脑机接口")[0])
        start = body.index(text)
        for at in (start, start + len(text)):
            left, right = body[at - 1], body[at]
            assert not (left.isascii() and right.isascii() and left.isalnum() and right.isalnum())
            assert right not in "\u0301\ufe0f\u200d"
            assert not ("Ａ" <= left <= "Ｚ" and "Ａ" <= right <= "Ｚ")
            assert not (left in "." and right.isdecimal())


@thorough
@hypothesis.given(bodies, st.integers(1, 4), st.integers(5, 60))
def test_fragments_begin_and_end_with_text(body: str, count: int, length: int) -> None:
    """No fragment begins with a blank, or ends with one."""
    for snippet in snippets(body, find_spans(body, "脑机", "量子"), count, length):
        assert plain(snippet).strip() == plain(snippet)


def section(title: str, start: int, length: int, level: int = 1, page: int | None = None) -> Section:
    """A section with a path of its own title."""
    return Section(level=level, title=title, path=(title,), page=page, start=start, length=length)


@pytest.mark.parametrize(
    ("starts", "expected"),
    [
        pytest.param([12, 31, 33], "三", id="most-matches"),
        pytest.param([12, 31], "二", id="deeper-on-a-tie"),
        pytest.param([31, 41], "三", id="first-on-a-tie"),
        pytest.param([1, 2, 3, 41], "四", id="contents-lose"),
        pytest.param([1], "目 录", id="contents-alone"),
        pytest.param([55], None, id="outside"),
        pytest.param([], None, id="no-match"),
    ],
)
def test_section(starts: list[int], expected: str | None) -> None:
    """The section with the most matches is named, with its page; contents only where nothing else has any."""
    sections = [
        section("目 录", 0, 10),
        section("二", 10, 10, level=2, page=4),
        section("三", 30, 10),
        section("四", 40, 10),
    ]
    place = section_of(sections, [(start, start + 1) for start in starts])
    pages = {"二": 4}
    assert place == (SectionPlace(path=(expected,), page=pages.get(expected)) if expected else None)


def test_innermost_section() -> None:
    """A section that holds others is named for matches of its own only."""
    sections = [section("外", 0, 100), section("内", 10, 20, level=2), section("又", 30, 70, level=2)]
    assert section_of(sections, [(1, 2), (12, 14), (15, 17)]) == SectionPlace(path=("内",), page=None)


def test_sections_of_a_long_text() -> None:
    """Thousands of sections and 100,000 matches are told in a moment."""
    sections = [section(str(at), at * 400, 400) for at in range(5000)]
    started = time.process_time()
    place = section_of(sections, [(at * 20, at * 20 + 2) for at in range(100_000)])
    assert place == SectionPlace(path=("0",), page=None)
    assert time.process_time() - started < 1
