"""What holds for every query text and every tree: parsing never raises, and what is printed is parsed to the same."""

from __future__ import annotations

import time
from datetime import date

import hypothesis
import pytest
from hypothesis import strategies as st

from corpus.settings import Settings
from indexer.analysis.normalise import context_forms, normalise
from searcher.query.build_tree import all_of, any_of, negated
from searcher.query.canonical import canonical_form
from searcher.query.lexer import MARKS
from searcher.query.parser import parse, parse_exact
from searcher.query.tree import Alternatives, And, DateRange, FieldValue, Leaf, Node, Not, Or, Query, Term

DEFAULTS = Settings()
#: A printed query may be longer than the one that was typed.
WIDE = Settings(max_query_chars=10**7, max_query_terms=10**6, max_query_depth=100)
TODAY = date(2025, 10, 31)

#: What operators, quotes and blanks are made of, and what has broken parsers before.
_PIECES = [
    *"脑机a6 \u3000\n\"“”„‟＂「」『』'-－−—()（）|｜丨*＊:：~^\\/？。，、！>=+&",
    *"非或且和《》【】\x00\u200b\ud800\U000e0001¨",
    *(" OR ", " AND ", " NOT ", " 或 ", " 且 ", " 非 ", " || ", " && ", " ＯＲ ", "OR", "NOT", "上海", "量子计算"),
    *(
        "title:",
        "标题：",
        "account:",
        "source：",
        "type:",
        "date:",
        "日期：",
        "2025-10",
        "2025-09..2025-12",
        "近一月",
        "..",
    ),
    *("脑机*", "-(", ") ", " (", "行动方案（2024-2027年）", "xyz:", "ﬁ", "Å", "İ", "ß", "一图读懂｜关于", "\u0338"),
]
query_texts = st.lists(st.one_of(st.sampled_from(_PIECES), st.characters(exclude_categories=())), max_size=25).map(
    "".join
)
thorough = hypothesis.settings(deadline=None, derandomize=True, max_examples=1000)


def nodes(node: Node | None) -> list[Node]:
    """A node and all nodes below it."""
    if node is None:
        return []
    below = node.parts if isinstance(node, And | Or) else (node.part,) if isinstance(node, Not) else ()
    return [node, *(inner for part in below for inner in nodes(part))]


def is_in_normal_form(node: Node) -> bool:
    """True if the node is flat and without repeated parts, and its texts are in normal form."""
    if isinstance(node, And | Or):
        parts = set(node.parts)
        return len(parts) == len(node.parts) > 1 and not any(isinstance(part, type(node)) for part in node.parts)
    if isinstance(node, Not):
        return not isinstance(node.part, Not)
    if isinstance(node, DateRange):
        return node.first is None or node.last is None or node.first <= node.last
    if isinstance(node, Alternatives):  # forms that a sign has beside others
        return len(set(node.terms)) == len(node.terms) > 1
    assert isinstance(node, Term | FieldValue)
    is_word = not node.is_literal
    return normalise(node.text) == node.text and not (is_word and (not node.text or len(node.text.split()) != 1))


@thorough
@hypothesis.given(query_texts)
@hypothesis.example('"【')
def test_any_text_is_parsed(text: str) -> None:
    """Any text gives a tree in normal form and problems in sentences, all with a place inside the text."""
    query, problems = parse(text, DEFAULTS, TODAY)
    for node in nodes(query.root):
        assert is_in_normal_form(node)
        if isinstance(node, Leaf):
            assert 0 <= node.start < node.end <= len(text)
            assert normalise(text[node.start : node.end]) or node == Term(text="", is_literal=True)
    for problem in problems:
        assert 0 <= problem.start <= problem.end <= len(text)
        assert problem.message
    assert [problem.start for problem in problems] == sorted(problem.start for problem in problems)


@thorough
@hypothesis.given(query_texts)
def test_only_blanks_ask_for_everything(text: str) -> None:
    """Any text but blanks has a leaf; the one that finds nothing stands alone, and there is a problem then."""
    query, problems = parse(text, DEFAULTS, TODAY)
    assert (query.root is None) == (not text.strip())
    if any(isinstance(node, Term) and not node.text for node in nodes(query.root)):
        assert isinstance(query.root, Term)
        assert problems


@thorough
@hypothesis.given(query_texts)
def test_printed_queries_are_parsed_to_the_same_tree(text: str) -> None:
    """Parsing the canonical form gives an equal tree, no problem, and the same canonical form."""
    query, _ = parse(text, WIDE, TODAY)
    printed = canonical_form(query)
    again, problems = parse(printed, WIDE, TODAY)
    assert again == query
    assert canonical_form(again) == printed
    assert problems == () or query.root == Term(text="", is_literal=True)


def _words() -> st.SearchStrategy[str]:
    """Normal forms of words, with all signs that are operators elsewhere."""
    signs = st.text(
        st.sampled_from("ab脑6\"-|()*:?!+&>=;,.'{}[]《》【】。、\u0338") | st.characters(), min_size=1, max_size=6
    )
    named = st.sampled_from(
        ["title:x", "date:2025", "或", "且", "非", "and", "or", "-x", "(a)b", "a|b", '5"', "||", "+"]
    )
    return (signs | named).map(normalise).filter(lambda word: len(word.split()) == 1 and word == word.rstrip(MARKS))


def _phrase(text: str, is_title: bool = False) -> Leaf | Alternatives:
    """A quoted string: a term, or one for each normal form that the string has inside longer texts."""
    terms = tuple(Term(text=form, is_literal=True, is_title=is_title) for form in context_forms(text))
    return terms[0] if len(terms) == 1 else Alternatives(terms)


def _leaves() -> st.SearchStrategy[Leaf | Alternatives]:
    fields = st.sampled_from(["account", "type", "genre", "source"])
    strings = st.text(st.sampled_from("12,〔[(O○二脑") | st.characters(), max_size=8)
    literals = strings.map(normalise).filter(bool)
    days = st.none() | st.dates().map(date.toordinal)
    return st.one_of(
        st.builds(Term, text=_words(), is_title=st.booleans()),
        st.builds(_phrase, strings.filter(normalise), st.booleans()),
        st.builds(
            Term,
            text=_words().filter(lambda word: len(word) > 1),
            is_prefix=st.just(True),
            is_title=st.booleans(),
        ),
        st.builds(FieldValue, field=fields, text=_words()),
        st.builds(FieldValue, field=fields, text=literals, is_literal=st.just(True)),
        st.builds(DateRange, first=days, last=days).filter(
            lambda range_: (
                (range_.first, range_.last) != (None, None)
                and not (range_.first and range_.last and range_.first > range_.last)
            )
        ),
    )


def _trees() -> st.SearchStrategy[Node | None]:
    return st.recursive(
        _leaves(),
        lambda inner: st.one_of(
            st.lists(inner, min_size=1, max_size=3).map(all_of),
            st.lists(inner, min_size=1, max_size=3).map(any_of),
            inner.map(negated),
        ),
        max_leaves=12,
    )


@hypothesis.settings(thorough, max_examples=500)
@hypothesis.given(_trees())
def test_printed_trees_are_parsed_to_the_same_tree(tree: Node | None) -> None:
    """Any tree, with any strings in it, can be written, and means the same when it is read."""
    again, problems = parse(canonical_form(Query(tree)), WIDE, TODAY)
    assert again == Query(tree)
    assert problems == ()


@thorough
@hypothesis.given(query_texts)
def test_exact_has_no_operators(text: str) -> None:
    """Under --exact the whole text is one literal string in its normal forms."""
    query, problems = parse_exact(text, DEFAULTS)
    assert query.root == _phrase(text)
    assert bool(problems) == (normalise(text) == "")


@pytest.mark.parametrize(
    "piece",
    [
        *("(", ")", "()", "a(", "a)", "a()", "a(b c", "(a ", "-(a ", "title:(a ", "a)b", "（"),
        *('"', '""', '"a', "「", "「『", "a「", "“a” ", "a“b”", "“？"),
        *("-", "-a", "- ", "NOT ", "非 ", "OR ", " OR a", "a|", "|", "||a", "｜ ", "AND ", "*", "a* ", "a*"),
        *("title:", "标题：", "title:title:", "date:", "date:2025-", "date:- ", "a:", ":", "？", "“a”。"),
        *("\x00", "\ud800", "\u200b", "\u202e", "脑", "脑，", "6", "\u0338", "é", "¨", "\n\n脑"),
    ],
)
def test_long_texts_take_linear_time(piece: str) -> None:
    """60,000 characters of anything are parsed, and twice as many take about twice as long."""
    seconds = []
    for length in (30_000, 60_000):
        text = (piece * length)[:length]
        start = time.process_time()
        query, _ = parse(text, WIDE, TODAY)
        seconds.append(time.process_time() - start)
        assert (query.root is None) == (not text.strip())
        parse(text, DEFAULTS, TODAY)
    assert seconds[1] < max(4 * seconds[0], 2)  # a quadratic parser takes minutes; less is the noise of a busy machine
