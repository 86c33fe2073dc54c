"""The packed dictionary segments queries exactly as jieba segments documents."""

from __future__ import annotations

import random
import runpy
from pathlib import Path

import pytest

from corpus.settings import Settings
from indexer.analysis.dictionary import FILE, PackedDictionary
from indexer.analysis.segment import Segmenter
from indexer.build import build_index


@pytest.fixture(scope="module")
def packed() -> PackedDictionary:
    """jieba's dictionary, as it is packaged."""
    return PackedDictionary()


def test_packaged_dictionary_is_that_of_jieba() -> None:
    """The packaged file is what the tool makes of the installed jieba."""
    tool = runpy.run_path(str(Path(__file__).parents[1] / "tools" / "make_dictionary.py"))
    assert FILE.read_bytes() == tool["packed"]()


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


def test_small_index_is_small(tmp_path: Path) -> None:
    """An index of one article takes less than 1 MB, because it has no dictionary of its own."""
    (tmp_path / "通知.txt").write_text("关于申报量子计算项目的通知\n请于十月底前申报。\n", "utf-8")
    build_index([tmp_path / "通知.txt"], Settings(index=str(tmp_path / "index"), workers=1))
    assert sum(path.stat().st_size for path in (tmp_path / "index").rglob("*") if path.is_file()) < 1_000_000


def test_joined_words_are_the_run(packed: PackedDictionary) -> None:
    """The words joined equal the string, also for characters that no dictionary has."""
    run = "鿕" * 150 + "脑机接口" + "龘"
    assert "".join(packed.cut([run])) == run
