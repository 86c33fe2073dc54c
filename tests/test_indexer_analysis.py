"""Analysis: words, run boundaries, and the fingerprint that decides whether a reindex is needed."""

from __future__ import annotations

import re
from collections import Counter

import hypothesis
import pytest
from hypothesis import strategies as st

from corpus.chinese import is_han
from indexer.analysis.normalise import normalise
from indexer.analysis.segment import Segmenter
from indexer.analysis.tokens import cuts_run, fingerprint, words_of


@pytest.fixture(scope="module")
def segmenter() -> Segmenter:
    """The segmenter of the default settings."""
    return Segmenter()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("", [], id="empty"),
        pytest.param("，。！ …", [], id="punctuation-only"),
        pytest.param("脑机接口产品", ["脑", "机", "接口", "产品"], id="name-that-jieba-lacks"),
        pytest.param("AI与FAIR共42项", ["ai", "与", "fair", "共", "42", "项"], id="latin-and-digits"),
        pytest.param("AI4S平台", ["ai4s", "ai", "4", "s", "平台"], id="mixed-run-whole-and-in-parts"),
        pytest.param("3月的1.36万家", ["3", "月", "的", "1", "36", "万家"], id="single-digits-kept"),
        pytest.param("𠮷科技", ["𠮷", "科技"], id="outside-the-range-of-jieba"),
        pytest.param("r&d_人员", ["r", "d", "人员"], id="ampersand-and-underscore-part"),
        pytest.param("データ 한국 graphène", ["データ", "한국", "graphène"], id="other-scripts-as-whole-runs"),
    ],
)
def test_words(segmenter: Segmenter, text: str, words: list[str]) -> None:
    """Words are jieba's for Han characters; letters and digits are words as a whole and, if mixed, also as runs."""
    assert Counter(words_of(normalise(text), segmenter)) == Counter(words)


@hypothesis.settings(deadline=None, derandomize=True, max_examples=500)
@hypothesis.given(text=st.text(st.one_of(st.sampled_from("量子计算的𠮷a1Ａ ，。_·"), st.characters()), max_size=30))
def test_words_hold_every_letter(segmenter: Segmenter, text: str) -> None:
    """The words of a text contain all its letters, digits and Han characters, and nothing else."""
    normal = normalise(text)
    kept = Counter(character for character in normal if character.isalnum() or is_han(character))
    held = Counter("".join(words_of(normal, segmenter)))
    assert held.keys() == kept.keys()
    assert all(held[character] >= count for character, count in kept.items())


@pytest.mark.parametrize(
    ("text", "term", "stands"),
    [
        pytest.param("发展6g网络", "6g", True, id="between-han"),
        pytest.param("26ghz频段", "6g", False, id="within-digits-and-letters"),
        pytest.param("6ghz频段", "6g", False, id="end-within-letters"),
        pytest.param("数据fair原则", "ai", False, id="within-a-word"),
        pytest.param("ai4s", "ai", True, id="letters-end-where-digits-begin"),
        pytest.param("2026年", "26", False, id="end-of-a-number"),
        pytest.param("2026年", "20", False, id="begin-of-a-number"),
        pytest.param("量子计算机", "子计", True, id="han-is-no-run"),
        pytest.param("covid-19", "covid-19", True, id="own-inside-does-not-count"),
        pytest.param("a_b", "a", True, id="underscore-is-no-letter"),
    ],
)
def test_edges(text: str, term: str, stands: bool) -> None:
    """An unquoted term must not begin or end inside a run."""
    start = text.index(term)
    assert stands is not (cuts_run(text, start) or cuts_run(text, start + len(term)))


@hypothesis.settings(deadline=None, derandomize=True, max_examples=500)
@hypothesis.given(st.text(st.one_of(st.sampled_from("量6Gai1_ ，é"), st.characters()), max_size=12).map(normalise))
def test_edges_are_those_of_runs(text: str) -> None:
    """A boundary cuts a run if and only if it is inside a run of digits or of letters that are not Han."""
    inside: set[int] = set()
    for match in re.finditer(r"\d+|[^\W\d_]+", text):
        first = match.start()
        for run in re.split(r"(?=[\u3005\u3007])", match[0]):
            inside.update(range(first + 1, first + len(run)))
            first += len(run)
    han = {at for at in range(1, len(text)) if is_han(text[at]) or is_han(text[at - 1])}
    assert {at for at in range(len(text) + 1) if cuts_run(text, at)} == inside - han


def test_fingerprint_is_the_same_every_time() -> None:
    """The fingerprint is stable and one short line."""
    assert fingerprint() == fingerprint()
    assert 8 <= len(fingerprint()) <= 64
    assert fingerprint().isprintable()
