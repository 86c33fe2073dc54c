"""The sample corpus and the five real sources, as they come out of reading."""

from __future__ import annotations

import re
import tempfile
from collections import Counter
from pathlib import Path

import pytest

from corpus.collection import Collection
from corpus.document import Document
from corpus.import_issue import ImportIssue
from corpus.settings import Settings
from corpus.sources.files import find_files
from corpus.taxonomy.classify import Taxonomy

SAMPLE = Path(__file__).resolve().parents[1] / "corpus" / "sample"
SEEDS = Path(__file__).resolve().parents[2] / "shared" / "seeds"


def read_folder(folder: Path, taxonomy: Taxonomy) -> tuple[dict[str, list[Document]], list[str]]:
    """The documents of each file in a folder, and the report's lines."""
    files, problems = find_files([folder])
    lines = [str(problem) for problem in problems]
    documents: dict[str, list[Document]] = {file.name: [] for file in files}
    with tempfile.TemporaryDirectory() as spool:
        collection = Collection(files, taxonomy, Settings(), Path(spool))
        for item in collection:
            if isinstance(item, ImportIssue):
                lines.append(f"{'rejected' if item.is_rejection else 'note'}: {item}")
            else:
                documents[collection.file].append(item)
    return documents, lines


@pytest.fixture(scope="module")
def sample(packaged_taxonomy: Taxonomy) -> tuple[dict[str, list[Document]], list[str]]:
    """corpus/sample, read once."""
    return read_folder(SAMPLE, packaged_taxonomy)


@pytest.fixture(scope="module")
def seeds(packaged_taxonomy: Taxonomy) -> tuple[dict[str, list[Document]], list[str]]:
    """The five real sources, read once."""
    if not SEEDS.is_dir():
        pytest.skip("needs ../shared")
    return read_folder(SEEDS, packaged_taxonomy)


@pytest.mark.parametrize(
    ("name", "account", "first", "last"),
    [
        pytest.param(
            "accounts_a.txt",
            "东岸科创",
            ("2247400101_1", "2025-06-12"),
            ("2247400203_2", "2026-02-03"),
            id="seeds-format",
        ),
        pytest.param(
            "accounts_b.json", "江湾经信", ("2651800211_1", "2025-06-20"), ("2651800281_1", "2026-01-16"), id="seconds"
        ),
        pytest.param(
            "feed.json", "青屿科学城", ("2650900077_1", "2025-07-17"), ("2650900118_1", "2026-01-22"), id="milliseconds"
        ),
        pytest.param("plan.txt", "", ("plan", None), ("plan", None), id="plain-text"),
        pytest.param("progress_report.md", "", ("progress_report", None), ("progress_report", None), id="markdown"),
        pytest.param(
            "saved_article.html",
            "澄江科技",
            ("saved_article", "2025-10-21"),
            ("saved_article", "2025-10-21"),
            id="html",
        ),
        pytest.param(
            "single.json", "云泾观察", ("2247811906_1", "2025-12-24"), ("2247811906_1", "2025-12-24"), id="written"
        ),
        pytest.param(
            "weekly.jsonl", "澄江科技", ("2653100388_1", "2025-08-22"), ("2653100583_1", "2026-02-10"), id="lines"
        ),
    ],
)
def test_each_sample_file_is_read_whole(
    name: str,
    account: str,
    first: tuple[str, str | None],
    last: tuple[str, str | None],
    sample: tuple[dict[str, list[Document]], list[str]],
) -> None:
    """Every format gives its account, its ids and its days."""
    documents = sample[0][name]
    assert {document.account for document in documents} == {account}
    assert [(document.source_id, document.date) for document in (documents[0], documents[-1])] == [first, last]


def test_sample_counts(sample: tuple[dict[str, list[Document]], list[str]]) -> None:
    """Of 37 documents one has no text and one is a picture; nothing is rejected, no id stands twice."""
    documents, lines = sample
    assert {name: len(found) for name, found in documents.items()} == {
        "accounts_a.txt": 15,
        "accounts_b.json": 8,
        "feed.json": 4,
        "plan.txt": 1,
        "progress_report.md": 1,
        "saved_article.html": 1,
        "single.json": 1,
        "weekly.jsonl": 6,
    }
    everything = [document for found in documents.values() for document in found]
    assert Counter(document.state for document in everything) == {"full": 35, "empty": 1, "image_only": 1}
    assert len({document.id for document in everything}) == 37
    assert lines == ["note: accounts_a.txt, record 3: no text; found by its title only"]


def test_sample_page_shows_only_what_readers_see(sample: tuple[dict[str, list[Document]], list[str]]) -> None:
    """Of the saved page, scripts, hidden paragraphs, menus and its own title are not in the text."""
    (page,) = sample[0]["saved_article.html"]
    assert page.title == "把医生的难题搬进实验室：澄江脑机融合研究院揭牌"
    assert page.body.startswith("10月20日，澄江脑机融合研究院在云泾医学城揭牌。")
    assert page.body.endswith("启动面向全球的首席科学家招聘。")
    assert page.notes == ("编辑：沈知微", "审核：陶然")
    assert "R&D支出由院务会自主调整" in page.body
    for hidden in ("隐形鲸鱼灯塔", "脚本内的文字", "预览时标签不可点", "阅读原文", "原创", page.title, "<", "&"):
        assert hidden not in page.body.replace("R&D", "")
    assert page.url == (
        "http://mp.weixin.qq.com/s?__biz=MzU4NjIwNDQxOQ==&mid=2653100449&idx=1&sn=4550219d4266ca9bb7258add0c341796"
    )


@pytest.mark.parametrize(
    ("name", "levels", "paths"),
    [
        pytest.param(
            "plan.txt",
            {1: 8, 2: 23},
            [
                ("一、发展基础与面临形势",),
                ("一、发展基础与面临形势", "（一）“十四五”取得的主要成效"),
                ("一、发展基础与面临形势", "（二）存在的主要问题"),
            ],
            id="numbered-plan",
        ),
        pytest.param(
            "progress_report.md",
            {1: 6, 2: 18, 3: 4},
            [
                ("2025澄江科技进步报告",),
                ("第一章 综述：在攻坚中收官",),
                ("第一章 综述：在攻坚中收官", "1.1 年度进展概要"),
            ],
            id="markdown-report",
        ),
    ],
)
def test_long_sample_texts_have_a_tree(
    name: str,
    levels: dict[int, int],
    paths: list[tuple[str, ...]],
    sample: tuple[dict[str, list[Document]], list[str]],
) -> None:
    """Report and plan have sections on several levels that join and fill the body to its end."""
    (document,) = sample[0][name]
    assert Counter(section.level for section in document.sections) == levels
    assert [section.path for section in document.sections[:3]] == paths
    assert_joined(document)
    assert "**" not in document.body
    assert "# " not in document.body


@pytest.mark.shared
def test_seeds_are_read_whole(seeds: tuple[dict[str, list[Document]], list[str]]) -> None:
    """232 documents of three accounts and two long texts, five of them without text, none rejected."""
    documents, lines = seeds
    everything = [document for found in documents.values() for document in found]
    assert Counter(document.account for document in everything) == {
        "科创长宁": 92,
        "上海科技": 58,
        "上海经信委": 80,
        "": 2,
    }
    assert len({document.id for document in everything}) == len(everything) == 232
    assert Counter(document.state for document in everything) == {
        "full": 210,
        "empty": 5,
        "image_only": 6,
        "partial": 11,
    }
    assert lines == [
        f"note: 000_adac5c5cbd86ffbf.txt, record {number}: no text; found by its title only"
        for number in (42, 64, 66, 88, 89)
    ]


@pytest.mark.shared
def test_seeds_are_clean(seeds: tuple[dict[str, list[Document]], list[str]]) -> None:
    """Every article has its day and link; no text has carriage returns, entities, or blanks that exporters left."""
    everything = [document for found in seeds[0].values() for document in found]
    articles = [document for document in everything if document.account]
    assert (min(d.date or "" for d in articles), max(d.date or "" for d in articles)) == ("2025-08-19", "2026-01-29")
    assert all(document.url.startswith("http://mp.weixin.qq.com/s?__biz=") for document in articles)
    for document in everything:
        for unwanted in ("\r", "&nbsp;", "&gt;", "&amp;", "\u00a0", "\u200b", "  ", "\n\n\n", "\ufffd"):
            assert unwanted not in document.body + document.title
        assert document.body == document.body.strip()


@pytest.mark.shared
def test_seeds_have_known_documents(seeds: tuple[dict[str, list[Document]], list[str]]) -> None:
    """One article keeps its id for ever, report and plan have their titles and outlines."""
    first = seeds[0]["000_adac5c5cbd86ffbf.txt"][0]
    assert (first.id, first.source_id, first.date) == ("62980031b7e9070a", "2651163759_1", "2025-11-01")
    (report,) = seeds[0]["003_455ecf3996094f4c.txt"]
    (plan,) = seeds[0]["004_55d5ce1acf6b8e99.txt"]
    assert report.title == "上海科技进步报告"
    assert sum(re.match(r"\d\.\d ", section.title) is not None for section in report.sections) == 28
    assert sum(re.match(r"\d ", section.title) is not None and section.level == 1 for section in report.sections) == 8
    assert plan.title == "上海市建设具有全球影响力的科技创新中心“十四五”规划"
    assert len("".join(plan.body.split())) == 63_598 - sum(len(str(page)) for page in range(1, 109))
    assert Counter(section.level for section in plan.sections) == {1: 10 + 2, 2: 37, 3: 100 + 17}
    assert {section.page for section in plan.sections[1:]} >= {1, 50, 108}
    assert_joined(report)
    for marks in ("**", "<b>", "<sup>", "\n#"):
        assert marks not in report.body


def assert_joined(document: Document) -> None:
    """Sections follow one another without a gap and end with the body; each path ends in its own title."""
    ends = [section.start + section.length for section in document.sections]
    assert ends == [*(section.start for section in document.sections[1:]), len(document.body)]
    for section in document.sections:
        written = [section.title, section.title.partition(" ")[2]]  # without a chapter's number that got lost
        assert any(title and document.body.startswith(title, section.start) for title in written)
        assert section.path[-1] == section.title
