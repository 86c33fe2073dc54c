"""Other names for the same thing: found under one another, inside longer terms only where words begin and end."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from corpus.errors import SettingsError
from indexer.analysis.normalise import normalise
from searcher.expansion.synonyms import PACKAGED, Synonyms
from searcher.results import Request
from searcher.service import Searcher

Make = Callable[..., Searcher]


def ids(searcher: Searcher, query: str, **options: object) -> list[str]:
    """Source ids of the exact hits, sorted."""
    page = searcher.search(Request(query=query, **options))  # type: ignore[arg-type]
    return sorted(hit.source_id for hit in page.hits if hit.tier == "exact")


@pytest.fixture(scope="module")
def searcher(make_module_searcher: Make) -> Searcher:
    """Five notes under several names."""
    return make_module_searcher(
        {"content": "高新技术企业认定工作开始了。"},
        {"content": "高企培育入库的企业名单。"},
        {"content": "本市水平最高企业的名单。"},
        {"content": "上海市科学技术委员会发布通知。"},
        {"content": "人工智能进入课堂。FAIR 原则另行说明。"},
        {"content": "AI 进入工厂。"},
    )


@pytest.mark.parametrize(
    ("query", "found"),
    [
        pytest.param("高企", ["1", "2", "3"], id="short-to-long"),
        pytest.param("高新技术企业", ["1", "2", "3"], id="long-to-short"),
        pytest.param("高企认定", ["1"], id="inside-a-term"),
        pytest.param("最高企业", ["3"], id="not-across-words"),
        pytest.param("市科委", ["4"], id="body"),
        pytest.param("人工智能", ["5", "6"], id="latin-as-a-token"),
        pytest.param("ai", ["5", "6"], id="latin-any-case"),
        pytest.param('"高企"', ["2", "3"], id="quoted-stays"),
        pytest.param("企业 -高企", ["1"], id="exclusion-stays"),
    ],
)
def test_names_find_each_other(searcher: Searcher, query: str, found: list[str]) -> None:
    """A term finds what its other names find; a name that is mere neighbours in a longer term is none."""
    assert ids(searcher, query) == found


def test_they_are_announced_where_they_occur(searcher: Searcher) -> None:
    """The page names the names that texts have, and no others."""
    page = searcher.search(Request(query="市科委"))
    assert [(helper.kind, helper.before, helper.after) for helper in page.applied] == [
        ("synonym", "市科委", "上海市科学技术委员会")
    ]


def test_they_can_be_switched_off(searcher: Searcher) -> None:
    """Without the helper a term finds itself only."""
    assert ids(searcher, "高企", helpers_off=frozenset({"synonym"})) == ["2", "3"]


def test_a_file_of_ones_own_adds_to_them(make_searcher: Make, tmp_path: Path) -> None:
    """The user's groups count beside the packaged ones, one-way lines in one way."""
    own = tmp_path / "names.txt"
    own.write_text("# 我们的\n绿岛 = 青年社区\n老街 > 石板路\n", "utf-8")
    articles = [{"content": text} for text in ("青年社区开放。", "石板路修好了。", "老街很热闹。", "高新技术企业。")]
    searcher = make_searcher(*articles, synonyms=str(own))
    assert ids(searcher, "绿岛") == ["1"]
    assert ids(searcher, "老街") == ["2", "3"]
    assert ids(searcher, "石板路") == ["2"]
    assert ids(searcher, "高企") == ["4"]


def test_a_missing_file_is_a_sentence(tmp_path: Path) -> None:
    """A file that cannot be read is named."""
    with pytest.raises(SettingsError, match=r"synonyms: .*names\.txt cannot be read"):
        Synonyms(tmp_path / "names.txt")


def test_the_packaged_file_is_in_normal_form() -> None:
    """Names are read without folding them: they must be their own normal form, but for capitals."""
    names = []
    for line in PACKAGED.read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            assert (" = " in line) != (line.count(" > ") > 1) or line.count(" > ") == 1, line
            group = line.replace(" > ", " = ").split(" = ")
            assert len(set(group)) == len(group) > 1, line
            names += group
    assert [name for name in names if normalise(name) != name.casefold()] == []
