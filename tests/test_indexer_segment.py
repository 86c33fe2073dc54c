"""Segmentation: jieba, rjieba and the packed dictionary agree, and the fingerprint changes with the words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import pytest
from hypothesis import strategies as st

from corpus.document import Document
from corpus.import_issue import ImportIssue
from corpus.sources.files import find_files
from indexer.analysis.dictionary import PackedDictionary
from indexer.analysis.normalise import normalise
from indexer.analysis.segment import Segmenter
from indexer.analysis.tokens import Cutter

SEEDS = Path(__file__).resolve().parents[2] / "shared" / "seeds"

#: Characters of policy texts, so that random runs hold real words, and a few that no dictionary has.
COMMON = "中国科学技术部高新企业申报通知量子计算机脑接口上海市人民政府发展和改革委员会十五五规划的了在是南京长江大桥"
RARE = "龘靐齉龗爨鱻麤灪"

ENGINES = ("jieba", "rjieba", "packed")
runs = st.text(st.one_of(st.sampled_from(COMMON + RARE), st.characters(min_codepoint=0x4E00, max_codepoint=0x9FD5)))


@pytest.fixture(scope="module")
def jieba() -> Segmenter:
    """The reference segmenter."""
    return Segmenter(engine="jieba")


@pytest.fixture(scope="module")
def rjieba() -> Segmenter:
    """The Rust port."""
    pytest.importorskip("rjieba")
    return Segmenter(engine="rjieba")


@pytest.fixture(scope="module")
def packed() -> Iterator[PackedDictionary]:
    """The packed dictionary, which segments queries."""
    dictionary = PackedDictionary()
    yield dictionary
    dictionary.close()


@pytest.fixture(scope="module")
def short_runs() -> Segmenter:
    """A segmenter with max_run_chars = 3."""
    return Segmenter(max_run_chars=3)


@pytest.mark.parametrize("engine", ENGINES[1:])
def test_engines_cut_random_text_alike(jieba: Segmenter, engine: str, request: pytest.FixtureRequest) -> None:
    """Every engine segments random strings of common, rare and arbitrary Han characters as jieba does."""
    other: Cutter = request.getfixturevalue(engine)

    @hypothesis.settings(deadline=None, derandomize=True, max_examples=1500)
    @hypothesis.given(runs)
    def check(run: str) -> None:
        assert other.cut([run]) == jieba.cut([run])

    check()


@pytest.mark.shared
def test_engines_cut_real_text_alike(
    jieba: Segmenter,
    rjieba: Segmenter,
    packed: PackedDictionary,
    read_files: Callable[..., list[Document | ImportIssue]],
) -> None:
    """Every engine segments all Han characters of the source files as jieba does."""
    if not SEEDS.is_dir():
        pytest.skip("needs ../shared")
    files, _ = find_files([SEEDS])
    text = normalise("\n\n".join(item.body for item in read_files(files) if isinstance(item, Document)))
    found = list(dict.fromkeys(re.findall("[\u4e00-\u9fd5]+", text)))
    assert len(found) > 10_000
    assert [run for run in found if rjieba.cut([run]) != jieba.cut([run])] == []
    assert [run for run in found[::5] if len(run) <= 200 and packed.cut([run]) != jieba.cut([run])] == []


@pytest.mark.parametrize("engine", ENGINES)
def test_runs_are_cut_one_by_one(engine: str, request: pytest.FixtureRequest) -> None:
    """Segmenting several strings at once gives the words of each; no word crosses from one string to the next."""
    cutter: Cutter = request.getfixturevalue(engine)
    assert cutter.cut(["量子", "计算"]) == ["量子", "计算"]
    assert cutter.cut(["量子计", "算机", "", "科学技术"]) == ["量子", "计", "算机", "科学技术"]
    assert cutter.cut([]) == cutter.cut([""]) == []


@hypothesis.settings(deadline=None, derandomize=True, max_examples=500)
@hypothesis.given(texts=st.lists(st.text(st.sampled_from(COMMON + RARE), max_size=30), max_size=3))
def test_joined_words_are_the_runs(
    jieba: Segmenter, packed: PackedDictionary, short_runs: Segmenter, texts: list[str]
) -> None:
    """The words joined equal the strings, also where long strings are divided."""
    for cutter in (jieba, packed, short_runs):
        assert "".join(cutter.cut(texts)) == "".join(texts)
    assert max(map(len, short_runs.cut(texts)), default=0) <= 3


@pytest.mark.parametrize("engine", ENGINES)
def test_words(engine: str, request: pytest.FixtureRequest) -> None:
    """Dictionary words stay whole and unknown characters are single words."""
    cutter: Cutter = request.getfixturevalue(engine)
    assert cutter.cut(["浙江省人民政府科学技术奖"]) == ["浙江省人民政府", "科学技术", "奖"]
    assert cutter.cut(["南京市长江大桥"]) == ["南京市", "长江大桥"]
    assert cutter.cut(["龘靐齉"]) == ["龘", "靐", "齉"]


@pytest.mark.parametrize("engine", ENGINES)
def test_long_unknown_run_returns(engine: str, request: pytest.FixtureRequest) -> None:
    """200,000 characters that no dictionary has are a word each."""
    cutter: Cutter = request.getfixturevalue(engine)
    run = RARE * 25_000
    assert cutter.cut([run]) == list(run)


@pytest.mark.parametrize(
    ("length", "words"),
    [
        pytest.param(4, ["科学技术"], id="just-fits"),
        pytest.param(3, ["科学", "技", "术"], id="one-too-many"),
    ],
)
def test_run_limit(length: int, words: list[str]) -> None:
    """A string longer than max_run_chars is divided there; a shorter one is not."""
    assert Segmenter(max_run_chars=length).cut(["科学技术"]) == words


def test_fingerprint_changes_with_the_words() -> None:
    """Another max_run_chars changes the fingerprint, another engine does not."""
    assert Segmenter().fingerprint != Segmenter(max_run_chars=100).fingerprint
    assert Segmenter().fingerprint == Segmenter(engine="jieba").fingerprint
