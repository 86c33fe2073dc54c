"""Query texts: what they mean, and what is said about those that cannot be taken as written."""

from __future__ import annotations

import hypothesis
import pytest
from hypothesis import strategies as st

from corpus.settings import Settings
from indexer.normalise import normalise
from searcher.page import Problem
from searcher.parse import parse, parse_exact
from searcher.query import Query

DEFAULTS = Settings()

#: What operators, quotes and blanks are made of, and what has broken parsers before.
query_texts = st.text(
    st.one_of(
        st.sampled_from("脑机接口a6 \u3000\n\"“”„‟＂「」『』'-－−—()（）|*:：~^\\/\x00\u200b\ud800\U000e0001"),
        st.characters(exclude_categories=()),
    ),
    max_size=40,
)
thorough = hypothesis.settings(deadline=None, derandomize=True, max_examples=1500)


def meaning(query: Query) -> list[str]:
    """The terms, as one would write them plainly: literal ones in quotes, excluded ones with a minus."""
    written = []
    for sign, terms in (("", query.wanted), ("-", query.unwanted)):
        written += [sign + (f'"{term.text}"' if term.is_literal else term.text) for term in terms]
    return written


def kinds(problems: tuple[Problem, ...]) -> list[str]:
    """The kinds of the problems in order."""
    return [problem.kind for problem in problems]


@pytest.mark.parametrize(
    ("text", "terms", "problems"),
    [
        pytest.param("", [], [], id="empty"),
        pytest.param(" \u3000\n", [], [], id="blanks"),
        pytest.param("脑机接口", ["脑机接口"], [], id="one-term"),
        pytest.param("脑机接口 上海", ["脑机接口", "上海"], [], id="two-terms"),
        pytest.param("脑机接口\u3000上海", ["脑机接口", "上海"], [], id="ideographic-blank"),
        pytest.param("脑机接口\t\n上海", ["脑机接口", "上海"], [], id="tab-and-line-break"),
        pytest.param("腦機接口 ６Ｇ", ["脑机接口", "6g"], [], id="folded"),
        pytest.param("上海 上海 ", ["上海"], [], id="repeated-once"),
        pytest.param('上海 "上海"', ["上海", '"上海"'], [], id="quoted-is-another-term"),
        pytest.param('"量子 计算"', ['"量子计算"'], [], id="straight-quotes"),
        pytest.param("“量子通信与量子计算机”", ['"量子通信与量子计算机"'], [], id="curved-quotes"),
        pytest.param("「量子」『通信』", ['"量子"', '"通信"'], [], id="corner-quotes"),
        pytest.param("＂量子＂", ['"量子"'], [], id="full-width-quotes"),
        pytest.param("”量子“", ['"量子"'], [], id="wrong-way-round"),
        pytest.param('“量子"', ['"量子"'], [], id="mixed-double-quotes"),
        pytest.param("「量子“通信”」", ['"量子"通信""'], [], id="quotes-inside-corner-quotes"),
        pytest.param('上海"量子"北京', ["上海", '"量子"', "北京"], [], id="quotes-inside-a-word"),
        pytest.param('5" disks', ['5"', "disks"], [], id="inch-mark-is-no-quote"),
        pytest.param("脑机接口 -上海", ["脑机接口", "-上海"], [], id="excluded"),
        pytest.param("脑机接口 －上海", ["脑机接口", "-上海"], [], id="excluded-full-width"),
        pytest.param("脑机接口 −上海", ["脑机接口", "-上海"], [], id="excluded-minus-sign"),
        pytest.param('-"量子 通信"', ['-"量子通信"'], [], id="excluded-quoted-alone"),
        pytest.param("covid-19", ["covid-19"], [], id="hyphen-inside-a-word"),
        pytest.param("a - b", ["a", "-", "b"], [], id="lone-hyphen-is-text"),
        pytest.param("--x", ["--x"], [], id="excluded-hyphen-x"),
        pytest.param("AND OR NOT", ["and", "or", "not"], [], id="words-that-are-operators-elsewhere"),
        pytest.param("脑机(接口", ["脑机(接口"], [], id="bracket"),
        pytest.param("a*b?c~1^2", ["a*b?c~1^2"], [], id="wildcards-are-text"),
        pytest.param("\x00脑\u200b机", ["脑机"], [], id="invisible-characters"),
        pytest.param("“量子", ['"量子"'], ["open_quote"], id="open-quote"),
        pytest.param('上海 "', ["上海"], ["open_quote", "empty_term"], id="open-quote-at-the-end"),
        pytest.param('""', ['""'], ["empty_term"], id="empty-quotes-find-nothing"),
        pytest.param('"" 上海', ["上海"], ["empty_term"], id="empty-quotes-beside-a-term"),
        pytest.param('-""', ['""'], ["empty_term"], id="excluded-empty-quotes-find-nothing"),
        pytest.param("\u200b", ['""'], ["empty_term"], id="invisible-term-finds-nothing"),
    ],
)
def test_meaning(text: str, terms: list[str], problems: list[str]) -> None:
    """What each way of writing means, and the kind of problem that is told."""
    query, found = parse(text, DEFAULTS)
    assert meaning(query) == terms
    assert kinds(found) == problems


@thorough
@hypothesis.given(query_texts)
def test_never_raises(text: str) -> None:
    """Any text gives terms in normal form and problems in sentences, all with a place inside the text."""
    for parser in (parse, parse_exact):
        query, problems = parser(text, DEFAULTS)
        for term in (*query.wanted, *query.unwanted):
            assert 0 <= term.start <= term.end <= len(text)
            assert normalise(text[term.start : term.end]) or not term.text
        for problem in problems:
            assert 0 <= problem.start <= problem.end <= len(text)
            assert problem.message


@thorough
@hypothesis.given(query_texts.filter(str.strip))
def test_content_is_never_taken_for_an_empty_query(text: str) -> None:
    """Only blanks ask for everything: any other text has a term, or one that finds nothing and a problem."""
    query, problems = parse(text, DEFAULTS)
    assert query.wanted or query.unwanted
    assert problems or all(term.text for term in (*query.wanted, *query.unwanted))


@thorough
@hypothesis.given(query_texts)
def test_exact_has_no_operators(text: str) -> None:
    """Under --exact the whole text is one literal string in normal form."""
    query, problems = parse_exact(text, DEFAULTS)
    assert [(term.text, term.is_literal) for term in query.wanted] == [(normalise(text), True)]
    assert query.unwanted == ()
    assert bool(problems) == (normalise(text) == "")


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        pytest.param("上海 “量子", 3, 6, id="open-quote-from-its-mark-to-the-end"),
        pytest.param('上海 "" 量子', 3, 5, id="empty-quotes-with-both-marks"),
        pytest.param('上海 -"" 量子', 3, 6, id="empty-quotes-with-the-minus"),
    ],
)
def test_problem_places(text: str, start: int, end: int) -> None:
    """A problem names the characters it is about."""
    _, problems = parse(text, DEFAULTS)
    assert [(problem.start, problem.end) for problem in problems] == [(start, end)]


def test_term_places() -> None:
    """A term's place includes its quotes and its minus."""
    text = '上海  -"量子 通信" “北京”'
    query, _ = parse(text, DEFAULTS)
    assert [text[term.start : term.end] for term in (*query.wanted, *query.unwanted)] == [
        "上海",
        "“北京”",
        '-"量子 通信"',
    ]


@pytest.mark.parametrize("parser", [parse, parse_exact])
def test_character_limit(parser: object) -> None:
    """256 characters are searched, the 257th is not, and the answer says so."""
    assert callable(parser)
    longest, too_long = "科" * 256, "科" * 256 + "技"
    query, problems = parser(longest, DEFAULTS)
    assert ([len(term.text) for term in query.wanted], problems) == ([256], ())
    query, problems = parser(too_long, DEFAULTS)
    assert [term.text for term in query.wanted] == [longest]
    assert [(problem.kind, problem.start, problem.end) for problem in problems] == [("too_long", 256, 257)]
    assert "256" in problems[0].message


def test_term_limit() -> None:
    """64 terms are searched, the 65th is not, and the answer says so; excluded ones count."""
    words = [chr(0x3042 + number) for number in range(63)]
    query, problems = parse(" ".join(words) + " -上", DEFAULTS)
    assert (len(query.wanted), len(query.unwanted), problems) == (63, 1, ())
    text = " ".join(words) + " -上 海"
    query, problems = parse(text, DEFAULTS)
    assert (len(query.wanted), len(query.unwanted)) == (63, 1)
    assert [(problem.kind, text[problem.start : problem.end]) for problem in problems] == [("too_many_terms", "海")]
    assert "64" in problems[0].message


def test_repeated_terms_do_not_count() -> None:
    """A term that was there before does not use up the limit."""
    query, problems = parse("上 " * 64 + "海", DEFAULTS)
    assert (meaning(query), problems) == (["上", "海"], ())


def test_limits_are_settings() -> None:
    """Both limits follow the settings."""
    query, problems = parse("一 二 三 四", Settings(max_query_chars=5, max_query_terms=2))
    assert meaning(query) == ["一", "二"]
    assert kinds(problems) == ["too_long", "too_many_terms"]


def test_blanks_beyond_the_limit_are_no_content() -> None:
    """More blanks than the limit still ask for everything."""
    query, _ = parse(" " * 257, DEFAULTS)
    assert meaning(query) == []


def test_messages_do_not_echo() -> None:
    """No message repeats what the user typed."""
    for text in ("“秘密", '"" 秘密', "秘密" * 200, " ".join(f"秘密{number}" for number in range(40)) * 2):
        _, problems = parse(text, DEFAULTS)
        assert problems
        assert not any("秘密" in problem.message for problem in problems)
