"""Other names for the same thing: found under one another, inside longer terms only where words begin and end."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import SettingsError
from corpus.settings import Settings
from indexer.analysis.normalise import normalise
from indexer.build import build_index
from searcher.expansion.synonym_file import Misunderstood, read_groups
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


@pytest.mark.parametrize(
    ("line", "found"),
    [
        pytest.param("绿岛 = 青年社区", {"绿岛": "1", "青年社区": "1"}, id="equal"),
        pytest.param("绿岛=青年社区", {"绿岛": "1"}, id="equal-without-blanks"),
        pytest.param("绿岛＝青年社区", {"绿岛": "1"}, id="full-width-equal"),
        pytest.param("绿岛, 青年社区", {"绿岛": "1"}, id="solr"),
        pytest.param("绿岛，青年社区", {"绿岛": "1"}, id="full-width-comma"),
        pytest.param("绿岛\t青年社区", {"绿岛": "1"}, id="tab"),
        pytest.param("  绿岛 ,青年社区  # 本市", {"绿岛": "1"}, id="comment-behind"),
        pytest.param("绿岛 => 青年社区", {"绿岛": "1"}, id="arrow"),
        pytest.param("绿岛, 绿洲 => 青年社区, 石板路", {"绿岛": "12", "绿洲": "12"}, id="arrow-with-lists"),
        pytest.param("绿岛=>青年社区", {"绿岛": "1", "青年社区": "1"}, id="arrow-without-blanks"),
        pytest.param("绿岛 > 青年社区", {"绿岛": "1", "青年社区": "1"}, id="one-way"),
        pytest.param("绿岛>青年社区", {"绿岛": "1"}, id="one-way-without-blanks"),
        pytest.param("绿岛 → 青年社区", {"绿岛": "1"}, id="arrow-of-a-keyboard"),
        pytest.param("harbour light = 青年社区", {"harbour light": "13", "青年社区": "13"}, id="two-latin-words"),
        pytest.param('"Harbour Light", 青年社区', {"harbour light": "13", "HARBOUR  light": "13"}, id="quoted"),
        pytest.param("harbour light => 青年社区", {"harbour light": "13", "青年社区": "1"}, id="two-words-one-way"),
        pytest.param("harbour light = 青年社区", {"harbour light 编号": "3"}, id="name-inside-a-query"),
        pytest.param("harbour light = 青年社区", {'"harbour light"': "3"}, id="quoted-in-a-query-stays"),
        pytest.param("B\\,2 = 青年社区", {"B,2": "1"}, id="escaped-comma"),
        pytest.param("E=b2 = 青年社区", {"E=b2": "1"}, id="equal-inside-a-name"),
    ],
)
def test_every_notation_of_other_programs_works(
    line: str, found: dict[str, str], notation_folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The lines of our own files, of Solr, Elasticsearch and IK, in both directions where they have two."""
    own = notation_folder / "names.txt"
    own.write_text(f"# 名称\n\n{line}\n", "utf-8-sig")
    searcher = Searcher(notation_folder / "index", Settings(index=str(notation_folder / "index"), synonyms=str(own)))
    assert {query: "".join(ids(searcher, query)) for query in found} == found
    searcher.close()
    assert caplog.messages == []


@pytest.fixture(scope="module")
def notation_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of three notes, one of them with a name of two Latin words."""
    folder = tmp_path_factory.mktemp("notations")
    texts = ("青年社区开放。", "石板路修好了。", "The harbour light 编号是七。")
    rows = [{"aid": str(number), "title": f"题{number}", "content": text} for number, text in enumerate(texts, 1)]
    (folder / "a.json").write_text(json.dumps(rows), "utf-8")
    build_index([folder / "a.json"], Settings(index=str(folder / "index")))
    return folder


def test_lines_that_cannot_be_understood_are_named_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, make_searcher: Make
) -> None:
    """The message holds file and line; the other lines work."""
    own = tmp_path / "names.txt"
    own.write_text("绿岛\n绿岛 = 青年社区\n甲 => 乙 => 丙\n = \n", "utf-8")
    searcher = make_searcher({"content": "青年社区开放。"}, synonyms=str(own))
    for _ in range(2):
        assert ids(searcher, "绿岛") == ["1"]
    assert [re.search(r"names\.txt, line (\d) is not understood", line)[1] for line in caplog.messages] == [  # type: ignore[index]
        *("1", "3", "4"),
    ]


@given(st.text())
def test_any_file_is_read(text: str) -> None:
    """Whatever a file holds, each of its lines is names or a message."""
    for group in read_groups(text):
        assert isinstance(group, Misunderstood) or (group.names and group.synonyms)


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
