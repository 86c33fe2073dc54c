"""The packed dictionary segments queries exactly as jieba segments documents."""

from __future__ import annotations

import random

import pytest

from indexer.analysis.dictionary import PackedDictionary
from indexer.analysis.segment import Segmenter


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> PackedDictionary:
    """jieba's dictionary, as a generation contains it."""
    folder = tmp_path_factory.mktemp("dictionary")
    Segmenter().write_dictionary(folder)
    return PackedDictionary(folder)


def test_cuts_like_jieba(packed: PackedDictionary) -> None:
    """Random Han characters and concatenated words are segmented as by jieba."""
    jieba = Segmenter(engine="jieba")
    chance = random.Random(20251101)
    words = [
        "衔蝉一号",
        "东岸智谷",
        "之一",
        "脑机接口",
        "中华人民共和国",
        "的",
        "科技",
        "创新",
        "人民政府",
        "市长",
        "大桥",
        "长江",
    ]
    runs = ["".join(chance.choices(words, k=chance.randrange(1, 8))) for _ in range(500)]
    runs += ["".join(chr(chance.randrange(0x4E00, 0x9FD6)) for _ in range(chance.randrange(1, 30))) for _ in range(500)]
    assert packed.cut(runs) == jieba.cut(runs)


def test_joined_words_are_the_run(packed: PackedDictionary) -> None:
    """The words joined equal the string, also for characters that no dictionary has."""
    run = "鿕" * 150 + "脑机接口" + "龘"
    assert "".join(packed.cut([run])) == run
