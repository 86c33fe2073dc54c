"""Which article is which: one id for one article, whoever exported it, and two for two."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from corpus.document import Document
from corpus.import_issue import ImportIssue
from corpus.sources.files import find_files

TEXT = "科技创新券在本市各区通用，企业可以凭券购买检测服务。"

Read = Callable[..., tuple[list[Document], list[str]]]
ReadFiles = Callable[..., list[Document | ImportIssue]]

LONG_LINK = "http://mp.weixin.qq.com/s?__biz=MzA4NjU4MjYzNg==&mid=2651163759&idx=1"


@pytest.mark.parametrize(
    ("record", "same"),
    [
        pytest.param(
            {"标题title": "题", "finalContent": TEXT, "链接url": LONG_LINK + "&sn=1a#rd", "公众号名称": "甲"},
            True,
            id="as-in-the-seeds",
        ),
        pytest.param(
            {
                "title": "题",
                "content": TEXT,
                "link": LONG_LINK + "&chksm=67db&scene=27#wechat_redirect",
                "_accountName": "甲号",
            },
            True,
            id="other-exporter",
        ),
        pytest.param(
            {"title": "题", "url": LONG_LINK.replace("&", "&amp;").replace("http:", "https:"), "time": "2025-11-01"},
            True,
            id="escaped-link",
        ),
        pytest.param(
            {
                "title": "改过的题",
                "url": LONG_LINK.replace(
                    "__biz=MzA4NjU4MjYzNg==&mid=2651163759", "mid=2651163759&__biz=MzA4NjU4MjYzNg%3D%3D"
                ),
            },
            True,
            id="other-order",
        ),
        pytest.param(
            {"title": "题", "content": TEXT, "url": LONG_LINK.replace("com/", "com:443/")}, True, id="with-a-port"
        ),
        pytest.param(
            {"title": "题", "content": TEXT, "url": LONG_LINK.replace("MzA4", "MzA5")}, False, id="other-account"
        ),
        pytest.param(
            {"title": "题", "content": TEXT, "url": LONG_LINK.replace("idx=1", "idx=2")},
            False,
            id="second-article-of-the-day",
        ),
        pytest.param(
            {"title": "题", "content": TEXT, "url": LONG_LINK.replace("mp.", "not-mp.")}, False, id="other-host"
        ),
        pytest.param(
            {"title": "题", "content": TEXT, "url": "http://mp.weixin.qq.com[/s?mid=1"}, False, id="broken-link"
        ),
    ],
)
def test_one_article_has_one_id(record: dict[str, Any], same: bool, read: Read) -> None:
    """The id comes from WeChat's link, whatever an exporter adds to it; it is the same on every machine."""
    (document,), _ = read([record])
    assert (document.id == "62980031b7e9070a") is same


@pytest.mark.parametrize(
    ("first", "second", "are_same"),
    [
        pytest.param({"aid": "1_1", "account": "甲"}, {"aid": "1_1", "account": "乙"}, False, id="aid-in-two-accounts"),
        pytest.param(
            {"aid": "1_1", "account": "科创 长宁"},
            {"aid": "1_1", "account": "科创长宁", "title": "改"},
            True,
            id="blank-in-the-account",
        ),
        pytest.param({"id": 1}, {"id": 1, "title": "别的题"}, False, id="row-numbers-without-account"),
        pytest.param({"id": 1}, {"id": "1"}, True, id="number-or-text"),
        pytest.param({}, {}, True, id="nothing-but-the-same-text"),
        pytest.param({"content": "第一周的要闻"}, {"content": "第二周的要闻"}, False, id="one-title-two-texts"),
        pytest.param({"date": "2025-11-01"}, {"date": "2025年11月1日"}, True, id="date-written-otherwise"),
        pytest.param({"date": "2025-11-01"}, {"date": "2025-11-02"}, False, id="two-days"),
    ],
)
def test_id_without_a_link(first: dict[str, Any], second: dict[str, Any], are_same: bool, read: Read) -> None:
    """Without a link, account and exporter's id decide; without these, whether title, day and text are the same."""
    common = {"title": "一周要闻", "content": TEXT}
    documents, lines = read([{**common, **first}, {**common, **second}])
    assert len(documents) == (1 if are_same else 2)
    assert ["the same article as one in source.json" in line for line in lines] == [True] * are_same


@pytest.mark.parametrize(
    ("name", "content"),
    [
        pytest.param("index.html", "<h1>一周要闻</h1><p>{}</p>", id="html-exporters-call-each-page-index"),
        pytest.param("一周要闻.txt", "一周要闻\n\n{}", id="text-named-by-its-title"),
        pytest.param("一周要闻.md", "# 一周要闻\n\n{}", id="markdown-named-by-its-title"),
        pytest.param("article.json", '{{"title": "一周要闻", "content": "{}"}}', id="one-object-a-file"),
    ],
)
def test_files_of_one_name_in_two_folders_are_two_documents(
    name: str, content: str, tmp_path: Path, read_files: ReadFiles
) -> None:
    """One folder for each account or article, the same file name in each: none of them counts as a repetition."""
    for folder, text in (("甲", "第一周的要闻。"), ("乙", "第二周的要闻。")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / name).write_text(content.format(text), "utf-8")
    files, problems = find_files([tmp_path])
    items = read_files(files)
    assert problems == []
    assert [item.title for item in items if isinstance(item, Document)] == ["一周要闻", "一周要闻"]
    assert len({item.id for item in items if isinstance(item, Document)}) == len(items) == 2


def test_source_id_is_the_records_or_the_files_own(read: Read) -> None:
    """A record's own id, blanks cleaned; else the name of a file that is one document; else our id."""
    records = [{"aid": " 7_1\n", "title": "甲"}, {"title": "乙"}]
    documents, _ = read(records)
    assert [document.source_id for document in documents] == ["7_1", documents[1].id]
    for name, content in (
        ("页.html", f'<meta property="og:url" content="{LONG_LINK.replace("&", "&amp;")}"><h1>题</h1><p>文'),
        ("记.json", '{"title":"题"}'),
        ("文.txt", "题\n\n文"),
        ("告.md", "# 题"),
    ):
        assert [document.source_id for document in read(content, name)[0]] == [name[0]]
