"""Titles of official documents: what stands above them, on how many lines they are set, and what is no title."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from corpus.document import Document
from corpus.loaders.titles import is_title, official_title, title_of

Read = Callable[..., tuple[list[Document], list[str]]]

BODY = "\n\n各县：\n\n现将有关事项通知如下，请结合实际做好工作。"


@pytest.mark.parametrize(
    ("lines", "title"),
    [
        pytest.param(
            ["青原市农业局文件", "青农发〔2024〕3号", "关于印发水稻育秧办法的通知"],
            "关于印发水稻育秧办法的通知",
            id="letterhead",
        ),
        pytest.param(
            ["青 原 市 农 业 局 文 件", "关 于 开 展 测 土 的 通 知"], "关于开展测土的通知", id="letter-spaced"
        ),
        pytest.param(
            ["青原市农业局", "青原市财政局 文件", "青农联〔2024〕3号", "关于补贴农机的意见"],
            "关于补贴农机的意见",
            id="joint-letterhead",
        ),
        pytest.param(
            ["000123", "机密★1年", "特急", "青原市农业局文件", "签发人：王某", "关于防汛的紧急通知"],
            "关于防汛的紧急通知",
            id="marks",
        ),
        pytest.param(
            ["青原市农业局", "关于开展测土的通知"], "青原市农业局关于开展测土的通知", id="issuer-on-its-own-line"
        ),
        pytest.param(
            ["青原市农业局关于印发《青原市水稻", "育秧管理办法》", "的通知"],
            "青原市农业局关于印发《青原市水稻育秧管理办法》的通知",
            id="three-lines",
        ),
        pytest.param(
            ["青原市农业局关于印发水稻育秧管理办法", "的通知"],
            "青原市农业局关于印发水稻育秧管理办法的通知",
            id="kind-on-the-next-line",
        ),
        pytest.param(
            ["关于印发《青原市水稻育秧办法》的通知", "各县：", "现公布办法"],
            "关于印发《青原市水稻育秧办法》的通知",
            id="complete",
        ),
        pytest.param(["附件1", "青原市水稻育秧申报书"], "青原市水稻育秧申报书", id="attachment"),
        pytest.param(["附件3：", "青原市农机补贴办法", "（试行）"], "青原市农机补贴办法（试行）", id="remark-below"),
        pytest.param(["附件：青原市农机补贴办法"], "青原市农机补贴办法", id="attachment-on-one-line"),
        pytest.param(["目 录", "青原市“十四五”农业规划"], "青原市“十四五”农业规划", id="contents"),
        pytest.param(["修订历史", "农业数据平台建设方案"], "农业数据平台建设方案", id="history"),
        pytest.param(["索引号\tB00\t发布机构\t青原市农业局", "关于测土的公告"], "关于测土的公告", id="table"),
        pytest.param(
            ["索 引 号：B00", "名    称：关于测土的公告", "文    号：青农告〔2024〕1号"],
            "关于测土的公告",
            id="named-in-a-table",
        ),
        pytest.param(["2024年3月1日", "测土配方施肥要点"], "测土配方施肥要点", id="date"),
        pytest.param(["青原市", "农业农村现代化规划"], "青原市农业农村现代化规划", id="place-above"),
        pytest.param(["稻谷丰收", "本报讯 今年产量报告"], "稻谷丰收", id="headline-stays"),
        pytest.param(["科学家发现新稻种", "这是一项可喜的报告。"], "科学家发现新稻种", id="sentence-below"),
        pytest.param(
            ["青原市农业局", "今年的工作从春耕开始，全市投入农机两千台，面积稳定。"], "青原市农业局", id="name-alone"
        ),
        pytest.param(["青原市农机采购项目招标文件", "一、公告"], "青原市农机采购项目招标文件", id="kind-of-file"),
        pytest.param(["附件2"], "附件2", id="mark-alone"),
        pytest.param(["（征求意见稿）", "青原市育秧条例"], "青原市育秧条例", id="remark-above"),
        pytest.param(
            ["ICS 65.020", "B 05", "青原市地方标准", "DB37/T 1234—2024", "水稻育秧技术规程"],
            "水稻育秧技术规程",
            id="standard",
        ),
        pytest.param(["农业农村公告", "2024年第3号", "关于批准稻种的公告"], "关于批准稻种的公告", id="series"),
        pytest.param(["青原市农业局公告", "第12号", "现公告如下："], "青原市农业局公告", id="series-alone"),
        pytest.param(["索引号", "B00123", "标题", "关于测土的公告", "文号"], "关于测土的公告", id="table-by-lines"),
    ],
)
def test_title_of_an_official_document(lines: list[str], title: str, read: Read) -> None:
    """The title is the document's own, whole; the lines above stay in the text."""
    assert title_of("\n\n".join(lines), "stem") == title
    (document,), _ = read("\n\n".join(lines) + BODY, "公文.txt")
    assert document.title == title
    held = "".join((document.title + document.body).split())
    assert all(
        "".join(line.split()) in held or "".join(line.split()) in "".join(document.text.split())
        for line in lines
        if len(line) > 8
    )


@pytest.mark.parametrize(
    "line",
    [
        "附件",
        "附件2-1",
        "附 录 A",
        "目次",
        "版本历史",
        "秘密★长期",
        "内部资料 注意保存",
        "加急",
        "第12期",
        "青农发〔2024〕3号",
        "青原省人民政府办公厅文件",
        "二〇二四年三月一日",
        "（此件公开发布）",
    ],
)
def test_marks_are_no_titles(line: str) -> None:
    """What printers and offices put above titles is none."""
    assert not is_title(line)


@pytest.mark.parametrize(
    "line", ["附件管理办法", "目录编制指南", "秘密花园", "第12期公报解读", "关于印发文件的通知", "2024年工作要点"]
)
def test_titles_that_resemble_marks_are_titles(line: str) -> None:
    """A title may begin with the word that a mark consists of."""
    assert is_title(line)


def test_text_without_an_official_title_has_none() -> None:
    """An ordinary first line is not taken for one."""
    assert official_title(["稻谷丰收", "今年产量很高。"]) == ""
    assert official_title([]) == ""


def test_title_stays_fast_in_long_lines() -> None:
    """Beginnings made to hurt patterns cost nothing."""
    for piece in ("（", "关于", "附件：", "局", "《", "〔2024", "\u3000 ", "1."):
        assert isinstance(title_of(piece * 200_000, "stem"), str)


@pytest.mark.parametrize(
    ("text", "title"),
    [
        pytest.param("# 附件2\n\n# 水稻育秧申报书\n\n## 一、说明\n", "水稻育秧申报书", id="mark"),
        pytest.param("# 青原市农业局文件\n\n# 关于测土的通知\n\n文。", "关于测土的通知", id="letterhead"),
        pytest.param(
            "青原市农业局\n\n关于测土的通知\n\n## 一、目标\n", "青原市农业局关于测土的通知", id="above-headings"
        ),
        pytest.param("# 育秧手记\n\n## 目录\n\n## 一、说明\n", "育秧手记", id="ordinary"),
    ],
)
def test_title_of_an_official_document_in_markdown(text: str, title: str, read: Read) -> None:
    """Headings that are marks are passed over."""
    (document,), _ = read(text, "公文.md")
    assert document.title == title
