"""Marks: exactly the matches are marked, in original characters, and the pieces join to the text."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from itertools import groupby

import hypothesis
import pytest
from hypothesis import strategies as st

from corpus.chinese import is_han
from indexer.analysis.normalise import Normalised, normalise, plain_fold
from indexer.analysis.tokens import cuts_run, run_class
from searcher.highlight.marking import Marker, marked
from searcher.highlight.occurrences import Span, needle
from searcher.highlight.partial_folding import EASY, PartialFolding, PartiallyFolded

ALPHABET = "科技腦机接口aAb1２ ，\n\u3000ﬁß—\u200be\u0301"

texts = st.text(st.sampled_from(ALPHABET), max_size=40)
needles = st.text(st.sampled_from("科技脑机接口ab12, fis-e\u0301"), min_size=1, max_size=4).map(normalise).filter(bool)
thorough = hypothesis.settings(deadline=None, derandomize=True, max_examples=1000)


#: What the fast way must tell from the slow one: variants, blanks that fold, folds to several characters, bars.
MIXED = "科技腦机接口科技aAb1２Ｂ ，\n\u3000\xa0—”…丨｜①²½Ⅳ〸十々〇豈" + "ﬁß\u200be\u0301\r\u2003\ufe0f⼝" * 2
mixed_texts = st.one_of(st.text(st.sampled_from(MIXED[:35]), max_size=40), st.text(st.sampled_from(MIXED), max_size=40))
mixed_needles = (
    st.text(st.sampled_from('科技脑机接口ab12, fis-|"十i.·v'), min_size=1, max_size=4).map(normalise).filter(bool)
)


def find_spans(text: str, strings: list[str], words: Iterable[str] = (), *, is_literal: bool = True) -> list[Span]:
    """The spans that a marker for strings in normal form, all of them quoted or none, and for words finds in a text."""
    return Marker([needle(string, not is_literal, not is_literal) for string in strings if string], words).spans(text)


def shown(text: str, *strings: str, literal: bool = True, words: tuple[str, ...] = ()) -> str:
    """The text with square brackets around its marks."""
    spans = find_spans(text, [normalise(string) for string in strings], words, is_literal=literal)
    return "".join(f"[{piece}]" if is_match else piece for piece, is_match in marked(text, spans))


@pytest.mark.parametrize(
    ("text", "strings", "expected"),
    [
        pytest.param("脑机接口产品", ["脑机接口"], "[脑机接口]产品", id="at-the-start"),
        pytest.param("植入式脑机接口", ["脑机接口"], "植入式[脑机接口]", id="at-the-end"),
        pytest.param("脑机接口", ["脑机接口"], "[脑机接口]", id="all-of-it"),
        pytest.param("腦機接口與６Ｇ", ["脑机接口", "6g"], "[腦機接口]與[６Ｇ]", id="folded"),
        pytest.param("量子\n计算", ["量子计算"], "[量子\n计算]", id="across-a-line-break"),
        pytest.param("量子 计算", ["量子计算"], "[量子 计算]", id="across-a-blank"),
        pytest.param("脑\u200b机", ["脑机"], "[脑\u200b机]", id="across-an-invisible-character"),
        pytest.param("马克思与马克", ["马克", "马克思"], "[马克思]与[马克]", id="longest-wins"),
        pytest.param("马克思与马克", ["马克思", "马克"], "[马克思]与[马克]", id="longest-wins-in-any-order"),
        pytest.param("量子计算机", ["量子计算", "计算机"], "[量子计算]机", id="overlapping-from-left-to-right"),
        pytest.param("科科科科科", ["科科"], "[科科][科科]科", id="repeated-character"),
        pytest.param("ﬁne", ["f"], "[ﬁ]ne", id="half-of-a-ligature"),
        pytest.param("ﬁne", ["f", "i"], "[ﬁ]ne", id="both-halves-of-a-ligature"),
        pytest.param("cafe\u0301s", ["é"], "caf[e\u0301]s", id="letter-and-its-accent"),
        pytest.param("a<b>&amp;", ["<b>"], "a[<b>]&amp;", id="markup-is-text"),
        pytest.param("(一)", ["（一）"], "[(一)]", id="query-in-full-width"),
        pytest.param("a.b*c", [".b*"], "a[.b*]c", id="pattern-characters"),
        pytest.param("没有", ["脑机"], "没有", id="no-match"),
        pytest.param("", ["脑机"], "", id="empty-text"),
    ],
)
def test_marks(text: str, strings: list[str], expected: str) -> None:
    """What is marked where strings of the query stand, under every fold."""
    assert shown(text, *strings) == expected


@pytest.mark.parametrize(
    ("text", "term", "expected"),
    [
        pytest.param("26GHz与6G", "6G", "26GHz与[6G]", id="digits"),
        pytest.param("FAIR与AI", "ai", "FAIR与[AI]", id="letters"),
        pytest.param("AI4S", "AI", "[AI]4S", id="letters-before-digits"),
    ],
)
def test_unquoted_marks_keep_to_edges(text: str, term: str, expected: str) -> None:
    """An unquoted term is marked only where it may match; a quoted one everywhere."""
    assert shown(text, term, literal=False) == expected
    assert shown(text, term).count("[") == 1 + (text[:2] in ("26", "FA"))


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        pytest.param(
            "量子通信网络用于网络", ("量子通信", "网络"), "[量子通信网络]用于[网络]", id="where-strings-leave-room"
        ),
        pytest.param("通信量子", ("量子", "通信", "的"), "[通信][量子]", id="two-characters-and-more"),
        pytest.param("目的", ("的",), "目的", id="single-characters-are-not-marked"),
        pytest.param("aid与ai", ("ai",), "aid与[ai]", id="edges-hold-for-words"),
    ],
)
def test_words_are_marked_around_strings(text: str, words: tuple[str, ...], expected: str) -> None:
    """Words of the query are marked where no string of it stands."""
    assert shown(text, "量子通信网络", words=words) == expected


@pytest.mark.parametrize(
    ("query", "words", "text", "expected"),
    [
        pytest.param(
            "一带一路何时开会", ("一带", "一路"), "共建一带一路，一路走来", "共建[一带一路]，[一路]走来", id="parts"
        ),
        pytest.param(
            "上海17号线的编号", ("上海", "17", "号", "线", "编号"), "17号线，编号17", "[17号线]，[编号][17]", id="unit"
        ),
        pytest.param(
            "国金宝可靠吗", ("国", "金", "宝", "可靠"), "国金宝、中国金融", "[国金宝]、中国金融", id="characters"
        ),
        pytest.param("罗店镇面积", ("罗店", "镇", "面积"), "罗店镇与罗店", "[罗店镇]与[罗店]", id="suffix"),
        pytest.param(
            "哪国著名作家", ("国", "著名", "作家"), "法国著名作家", "法国[著名作家]", id="not-half-a-word-before"
        ),
        pytest.param("国金宝可靠吗", ("国", "金", "宝", "可靠"), "可靠宝", "[可靠]宝", id="other-order"),
        pytest.param(
            "量子通信与通信网络", ("量子", "通信", "网络"), "量子通信网络", "[量子通信][网络]", id="no-part-of-it"
        ),
        pytest.param("一帶一路何时", ("一带", "一路"), "一帶\n一路", "[一帶\n一路]", id="folded"),
    ],
)
def test_neighbouring_words_are_one_mark(query: str, words: tuple[str, ...], text: str, expected: str) -> None:
    """Words that follow each other in the query as in the text are one mark, as a reader sees one word."""
    assert shown(text, query, literal=False, words=words) == expected


@thorough
@hypothesis.given(texts, st.lists(needles, max_size=3), st.lists(needles, max_size=3), st.booleans())
def test_marks_are_disjoint_and_lose_nothing(text: str, strings: list[str], words: list[str], literal: bool) -> None:
    """Marks ascend, do not overlap, lie inside the text; stripping them gives back the text."""
    spans = find_spans(text, strings, words, is_literal=literal)
    edges = [edge for span in spans for edge in span]
    assert edges == sorted(edges)
    assert all(start < end for start, end in spans)
    assert not edges or (edges[0] >= 0 and edges[-1] <= len(text))
    pieces = marked(text, spans)
    assert "".join(piece for piece, _ in pieces) == text
    assert all(piece for piece, _ in pieces)
    assert sum(is_match for _, is_match in pieces) == len(spans)


@thorough
@hypothesis.given(
    st.text(st.sampled_from("科技腦机接口aAb1２，—"), max_size=30), st.lists(needles, min_size=1, max_size=3)
)
def test_every_mark_folds_to_a_term(text: str, strings: list[str]) -> None:
    """In text where a character folds to one character, each mark folds to one of the query's strings."""
    for start, end in find_spans(text, strings):
        assert normalise(text[start:end]) in strings


@thorough
@hypothesis.given(texts, needles)
def test_every_match_is_marked(text: str, string: str) -> None:
    """A text is marked exactly where its normal form contains the string: as many marks as there are places."""
    spans = find_spans(text, [string])
    assert bool(spans) == (string in normalise(text))
    if normalise(text).isascii() and text.isascii():
        assert len(spans) == normalise(text).count(string)


@thorough
@hypothesis.given(texts, needles, st.integers(0, 40), st.integers(0, 40))
def test_stretch(text: str, string: str, start: int, end: int) -> None:
    """A stretch of a marked text is that stretch, whatever marks its ends cut."""
    spans = find_spans(text, [string])
    assert "".join(piece for piece, _ in marked(text, spans, start, max(start, end))) == text[start : max(start, end)]


def by_brute_force(text: str, strings: list[tuple[str, bool, bool]], words: list[str]) -> list[tuple[int, int]]:
    """What is marked, in the plainest way: every place in the normal form, the longest first, then mapped back."""
    normal = Normalised(text)

    characters = {word for word in words if len(word) == 1 and not run_class(word)}

    def is_part(piece: str) -> bool:
        return any(piece in string for string, _, _ in strings)

    def joined(text: str, spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
        result: list[tuple[int, int]] = []
        for number, (start, end) in enumerate(spans):
            at_right = spans[number + 1][0] if number + 1 < len(spans) else len(text)
            while end < at_right and text[end] in characters and is_part(text[start : end + 1]):
                end += 1
            if result and result[-1][1] == start and is_part(text[result[-1][0] : end]):
                start, _ = result.pop()
            result.append((start, end))
        return result

    def disjoint(needles: list[tuple[str, bool, bool]]) -> list[tuple[int, int]]:
        chosen: list[tuple[int, int]] = []
        for start in range(len(normal.text)):
            for string, starts_whole, ends_whole in sorted(needles, key=lambda needle: -len(needle[0])):
                end = start + len(string)
                is_cut = (starts_whole and cuts_run(normal.text, start)) or (ends_whole and cuts_run(normal.text, end))
                is_free = not chosen or chosen[-1][1] <= start
                if normal.text.startswith(string, start) and not is_cut and is_free:
                    chosen.append((start, end))
        return chosen

    taken = disjoint(strings)
    runs = [
        "".join(run) for string, _, _ in strings for is_run, run in groupby(string, characters.__contains__) if is_run
    ]
    others = disjoint([(word, True, True) for word in [*words, *runs] if len(word) > 1])
    if {word for word in [*words, *runs] if len(word) > 1} <= {string for string, _, _ in strings}:
        others = []
    free = [(start, end) for start, end in others if all(end <= first or last <= start for first, last in taken)]
    if free:
        taken = joined(normal.text, sorted(taken + free))
    merged: list[tuple[int, int]] = []
    for start, end in (normal.span(start, end) for start, end in sorted(taken)):
        if merged and start < merged[-1][1]:
            first, last = merged.pop()
            start, end = first, max(last, end)
        merged.append((start, end))
    return merged


@thorough
@hypothesis.given(
    mixed_texts,
    st.lists(st.tuples(mixed_needles, st.booleans(), st.booleans()), max_size=3),
    st.lists(mixed_needles, max_size=3),
)
def test_fast_way_equals_brute_force(text: str, strings: list[tuple[str, bool, bool]], words: list[str]) -> None:
    """Whatever a text holds, the same places are marked as in its whole normal form, and as many."""
    assert Marker([needle(*string) for string in strings], words).spans(text) == by_brute_force(text, strings, words)


def test_folds_of_easy_characters_are_known() -> None:
    """Each character that the fast way does not look at is found by the one that it folds to."""
    for character in map(chr, range(0x30000)):
        if re.match(f"[{EASY}]", character):
            fold = plain_fold(character)
            assert fold
            assert len(fold) == 1
            assert character.isspace() == fold.isspace()
            if not fold.isspace():
                assert (1, 2) in Marker([needle(fold, False, False)]).spans(f"。{character}。")
            if is_han(character) != is_han(fold):
                assert character == "丨"


@pytest.mark.parametrize(
    ("text", "string"),
    [
        pytest.param("“腦機接口”……第①批，２０２５年·AI", "脑机接口", id="variants"),
        pytest.param("量子\n計算，\u3000產業", "量子计算", id="across-a-line-break"),
        pytest.param("產業規模½，增长²倍", "产业", id="irrelevant-fractions"),
    ],
)
def test_usual_texts_go_the_fast_way(text: str, string: str) -> None:
    """Ordinary Chinese text is searched without its whole normal form."""
    assert isinstance(PartialFolding([string]).fold(text), PartiallyFolded)
    assert len(Marker([needle(string, True, True)]).spans(text)) == 1


def test_prefixes_begin_at_an_edge() -> None:
    """A prefix may end within a run, and begins where one does."""
    assert Marker([needle("ai", True, False)]).spans("AIGC，FAIR，AI") == [(0, 2), (10, 12)]


def test_work_on_the_longest_text_is_bounded() -> None:
    """Two million characters with 100,000 places, half of them across line breaks, are marked in a moment."""
    text = "科\n技会议由办公室主持，科技相关处室负责人参加。\n，，，，，，，，，，，，，，" * 50_000
    started = time.process_time()
    spans = Marker([needle("科技", True, True)], ["科技"]).spans(text)
    assert len(text) >= 1_900_000
    assert len(spans) == 100_000
    assert time.process_time() - started < 2
    assert {text[start:end] for start, end in spans} == {"科技", "科\n技"}
