"""Cutting queries with further words: as jieba cuts with a user dictionary, and across letters and digits."""

from __future__ import annotations

import random
from collections.abc import Iterator

import hypothesis
import jieba
import pytest
from hypothesis import strategies as st

from indexer.analysis.dictionary import PackedDictionary
from indexer.analysis.tokens import cuts_run, words_of
from searcher.query.query_cutter import FurtherWords, QueryCutter

#: Words that jieba lacks, some inside others, some that overlap words of its dictionary.
WORDS = ["衔枢", "衔枢神经", "齉龗科技", "业大", "智谷湾", "数字孪生体", "海量子", "碳中和云", "中和", "东岸智谷湾"]


@pytest.fixture(scope="module")
def dictionary() -> Iterator[PackedDictionary]:
    """The packaged dictionary."""
    dictionary = PackedDictionary()
    yield dictionary
    dictionary.close()


@pytest.fixture(scope="module")
def reference() -> jieba.Tokenizer:
    """jieba, with our words, short ones first."""
    tokenizer = jieba.Tokenizer()
    tokenizer.initialize()
    for word in sorted(WORDS, key=len):
        tokenizer.add_word(word)
    return tokenizer


def cutter(dictionary: PackedDictionary, *words: str) -> QueryCutter:
    """A cutter with further words."""
    return QueryCutter(dictionary, FurtherWords(words))


def test_cuts_as_jieba_with_a_user_dictionary(dictionary: PackedDictionary, reference: jieba.Tokenizer) -> None:
    """Chinese text with and around the words is cut as jieba cuts it with them in its user dictionary."""
    chance = random.Random(20251128)
    others = ["工业大学", "工", "学", "区", "体系", "量子计算", "建设", "的", "上海", "云计算", "经济", "和", "科技"]
    texts = ["".join(chance.choices([*WORDS, *others], k=chance.randrange(1, 7))) for _ in range(2000)]
    ours = cutter(dictionary, *WORDS)
    assert [text for text in texts if ours.split(text) != reference.lcut(text, HMM=False)] == []


@pytest.mark.parametrize(
    ("words", "text", "pieces"),
    [
        pytest.param(["衔枢神经"], "衔枢神经产品", ["衔枢神经", "产品"], id="unknown-characters"),
        pytest.param(["业大"], "工业大学", ["工业", "大学"], id="the-words-around-prevail"),
        pytest.param(["工智"], "人工智能", ["人工智能"], id="inside-a-word"),
        pytest.param(["6g基站"], "建设6g基站群", ["建设", "6g基站", "群"], id="digits-and-letters"),
        pytest.param(["ai大模型"], "ai大模型", ["ai大模型"], id="letters-first"),
        pytest.param(["ai大模型"], "openai大模型", ["openai", "大", "模型"], id="begins-in-a-run"),
        pytest.param(["6g基站"], "16g基站", ["16g", "基站"], id="begins-in-a-number"),
        pytest.param(["天网5"], "天网50", ["天网", "50"], id="ends-in-a-number"),
        pytest.param(["5g-a"], "5g-a标准", ["5g-a", "标准"], id="with-a-sign"),
        pytest.param(["碳化", "碳化硅片"], "碳化硅片", ["碳化硅片"], id="the-longer-word"),
        pytest.param([], "衔枢", ["衔", "枢"], id="no-words"),
    ],
)
def test_pieces(dictionary: PackedDictionary, words: list[str], text: str, pieces: list[str]) -> None:
    """A further word is one piece, unless the words around it are more probable or it would cut a run."""
    assert cutter(dictionary, *words).split(text) == pieces


def test_words_of_the_dictionary_stay_what_they_are(dictionary: PackedDictionary) -> None:
    """A further word that documents were cut into anyway is an ordinary word."""
    ours = cutter(dictionary, "人工智能", "tidal", "gpt4", "衔枢")
    assert [ours.is_further(word) for word in ("人工智能", "tidal", "gpt4", "衔枢", "神经")] == [False] * 3 + [
        True,
        False,
    ]
    assert ours.words("脑机接口gpt4") == words_of("脑机接口gpt4", dictionary)


@hypothesis.settings(deadline=None, derandomize=True, max_examples=400)
@hypothesis.given(
    words=st.lists(st.text("衔枢神经工业大学6g基a-", min_size=1, max_size=5), max_size=6),
    text=st.text("衔枢神经工业大学6g基a- ，", max_size=16),
)
def test_pieces_are_the_text(dictionary: PackedDictionary, words: list[str], text: str) -> None:
    """Whatever the words: joined pieces are the text, no further word cuts a run, and alone each is one piece."""
    ours = cutter(dictionary, *words)
    pieces = ours.split(text)
    assert "".join(pieces) == text
    at = 0
    for piece in pieces:
        assert not (ours.is_further(piece) and (cuts_run(text, at) or cuts_run(text, at + len(piece))))
        at += len(piece)
    assert [word for word in words if ours.is_further(word) and ours.split(word) != [word]] == []
