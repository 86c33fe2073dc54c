"""Words by jieba: both engines cut alike, nothing is lost, and the fingerprint tells every change of the words."""

from __future__ import annotations

import os
import re
from pathlib import Path

import hypothesis
import pytest
from hypothesis import strategies as st

from corpus.encoding import decode
from indexer.normalise import normalise
from indexer.segment import PACKAGED_WORDS, Segmenter

SEEDS = Path(__file__).resolve().parents[2] / "shared" / "seeds"

#: Characters of policy texts, so that random runs hold real words, and a few that no dictionary has.
COMMON = "中国科学技术部高新企业申报通知量子计算机脑接口上海市人民政府发展和改革委员会十五五规划的了在是南京长江大桥"
RARE = "龘靐齉龗爨鱻麤灪"


@pytest.fixture(scope="module")
def jieba() -> Segmenter:
    """The segmenter of record."""
    return Segmenter(engine="jieba")


@pytest.fixture(scope="module")
def rjieba() -> Segmenter:
    """Its Rust port."""
    pytest.importorskip("rjieba")
    return Segmenter(engine="rjieba")


@pytest.fixture(scope="module")
def short_runs() -> Segmenter:
    """A segmenter that cuts runs after three characters."""
    return Segmenter(max_run_chars=3)


@hypothesis.settings(deadline=None, derandomize=True, max_examples=1500)
@hypothesis.given(
    run=st.text(st.one_of(st.sampled_from(COMMON + RARE), st.characters(min_codepoint=0x4E00, max_codepoint=0x9FD5)))
)
def test_engines_cut_random_text_alike(jieba: Segmenter, rjieba: Segmenter, run: str) -> None:
    """Over random runs of common, rare and arbitrary Han characters both engines give the same words."""
    assert rjieba.cut(run) == jieba.cut(run)


@pytest.mark.shared
def test_engines_cut_real_text_alike(jieba: Segmenter, rjieba: Segmenter) -> None:
    """Over every run of Han characters in the source files both engines give the same words."""
    if not SEEDS.is_dir():
        pytest.skip("needs ../shared")
    files = sorted(SEEDS.iterdir())
    text = normalise("\n\n".join(decode(path.read_bytes()) for path in files))
    runs = list(dict.fromkeys(re.findall("[\u4e00-\u9fd5]+", text)))
    assert len(runs) > 10_000
    assert [run for run in runs if rjieba.cut(run) != jieba.cut(run)] == []


@hypothesis.settings(deadline=None, derandomize=True, max_examples=500)
@hypothesis.given(run=st.text(st.sampled_from(COMMON + RARE), max_size=40))
def test_joined_words_are_the_run(jieba: Segmenter, short_runs: Segmenter, run: str) -> None:
    """The words of a run join to the run, whatever the run and wherever it is cut for its length."""
    assert "".join(jieba.cut(run)) == run
    assert "".join(short_runs.cut(run)) == run
    assert max(map(len, short_runs.cut(run)), default=0) <= 3


@pytest.mark.parametrize("engine", ["jieba", "rjieba"])
def test_words(engine: str, request: pytest.FixtureRequest) -> None:
    """Dictionary words stay whole and unknown characters stand alone: no guessing."""
    segmenter: Segmenter = request.getfixturevalue(engine)
    assert segmenter.cut("浙江省人民政府科学技术奖") == ["浙江省人民政府", "科学技术", "奖"]
    assert segmenter.cut("南京市长江大桥") == ["南京市", "长江大桥"]
    assert segmenter.cut("龘靐齉") == ["龘", "靐", "齉"]
    assert segmenter.cut("") == []


@pytest.mark.parametrize("engine", ["jieba", "rjieba"])
def test_packaged_words_are_words(engine: str, request: pytest.FixtureRequest) -> None:
    """Every word of the packaged list is cut out whole where it stands alone."""
    segmenter: Segmenter = request.getfixturevalue(engine)
    words = PACKAGED_WORDS.read_text("utf-8").split()
    assert len(words) > 20
    assert [word for word in words if segmenter.cut(word) != [word]] == []


@pytest.mark.parametrize("engine", ["jieba", "rjieba"])
def test_user_dictionary(engine: str, tmp_path: Path) -> None:
    """Words of a user's file are cut out; comments, blank lines, frequencies and a byte-order mark do not disturb."""
    pytest.importorskip(engine)
    path = tmp_path / "words.txt"
    path.write_text("# 我们的词\n\n衔枢神经 20 n\n  齉龗科技  # 一家公司\n", "utf-8-sig")
    assert Segmenter(engine=engine).cut("访衔枢神经和齉龗科技") != ["访", "衔枢神经", "和", "齉龗科技"]
    assert Segmenter(path, engine=engine).cut("访衔枢神经和齉龗科技") == ["访", "衔枢神经", "和", "齉龗科技"]


def test_user_dictionary_leaves_other_segmenters_alone(tmp_path: Path) -> None:
    """A user's words belong to one segmenter, not to the process."""
    path = tmp_path / "words.txt"
    path.write_text("齉龗科技\n", "utf-8")
    with_words, without = Segmenter(path, engine="jieba"), Segmenter(engine="jieba")
    assert with_words.cut("齉龗科技") == ["齉龗科技"]
    assert without.cut("齉龗科技") == ["齉", "龗", "科技"]


@pytest.mark.parametrize("engine", ["jieba", "rjieba"])
def test_long_unknown_run_returns(engine: str, request: pytest.FixtureRequest) -> None:
    """200,000 characters that no dictionary has come back, each as a word."""
    segmenter: Segmenter = request.getfixturevalue(engine)
    run = RARE * 25_000
    assert segmenter.cut(run) == list(run)


@pytest.mark.parametrize(
    ("length", "words"),
    [
        pytest.param(4, ["科学技术"], id="just-fits"),
        pytest.param(3, ["科学", "技", "术"], id="one-too-many"),
    ],
)
def test_run_limit(length: int, words: list[str]) -> None:
    """A run is cut at the limit, and only beyond it."""
    assert Segmenter(max_run_chars=length).cut("科学技术") == words


def test_fingerprint_changes_with_the_words(tmp_path: Path) -> None:
    """Another word or another limit changes the fingerprint."""
    path = tmp_path / "words.txt"
    path.write_text("齉龗科技\n", "utf-8")
    other = tmp_path / "other.txt"
    other.write_text("齉龗科技\n衔枢神经\n", "utf-8")
    segmenters = [Segmenter(), Segmenter(path), Segmenter(other), Segmenter(max_run_chars=100)]
    assert len({segmenter.fingerprint for segmenter in segmenters}) == len(segmenters)


def test_fingerprint_changes_with_nothing_else(tmp_path: Path) -> None:
    """Place, age, comments and frequencies of the file do not count, nor which engine cuts."""
    path = tmp_path / "words.txt"
    path.write_text("齉龗科技\n", "utf-8")
    other = tmp_path / "folder" / "other.txt"
    other.parent.mkdir()
    other.write_text("# 注\n\n齉龗科技 7 n # 公司\n", "utf-8-sig")
    os.utime(other, (1, 1))
    empty = tmp_path / "empty.txt"
    empty.write_text("# 无\n", "utf-8")
    assert Segmenter(path).fingerprint == Segmenter(other).fingerprint
    assert Segmenter(empty).fingerprint == Segmenter().fingerprint == Segmenter(engine="jieba").fingerprint
