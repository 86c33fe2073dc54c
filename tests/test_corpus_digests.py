"""Digests are divided into items, other articles are not."""

from __future__ import annotations

import pytest

from corpus.outline.sections import find_sections

LONG = "市里今天召开会议，研究部署下一阶段的重点工作，各有关单位负责人参加。"


def titles(body: str, title: str) -> list[str]:
    """The titles of the sections, all of which have level 1 and occur in the body."""
    body, sections = find_sections(body, "article", title)
    assert all(section.level == 1 and body.startswith(section.title, section.start) for section in sections)
    return [section.title for section in sections]


@pytest.mark.parametrize(
    ("title", "body", "expected"),
    [
        pytest.param(
            "年度海洋产业十件大事",
            f"01\n甲事办成\n\n{LONG}02\n乙事办成\n\n{LONG}\n03\n丙事办成\n{LONG}",
            ["01 甲事办成", "02 乙事办成", "03 丙事办成"],
            id="numbers-on-their-own-and-glued",
        ),
        pytest.param(
            "经信一周要闻",
            f"概览\n要闻\n01 甲会召开\n{LONG}\n【相关链接】\n甲会召开\n\n02 乙会召开\n{LONG}\n"
            f"通知公告01 丙通知\n{LONG}\n02 丁通知\n{LONG}",
            ["要闻", "01 甲会召开", "02 乙会召开", "通知公告", "01 丙通知", "02 丁通知"],
            id="columns",
        ),
        pytest.param(
            "海湾壹周科技",
            f"科技要闻\n\n海湾科学城二期工程开工\n{LONG}\n（详情可点击跳转链接）\n\n{LONG}{LONG}\n详见：http://a.cn/1\n\n"
            f"工作动态\n\n市领导调研走访重点企业\n{LONG}\n（详情可点击跳转链接）",
            [
                "科技要闻",
                "海湾科学城二期工程开工",
                "市里今天召开会议，研究部署下一阶段的重点工作",
                "工作动态",
                "市领导调研走访重点企业",
            ],
            id="links-close-items",
        ),
        pytest.param(
            "本月政策汇编",
            f"【甲办法发布】{LONG}\n【乙细则印发】{LONG}\n【丙通知下发】{LONG}",
            ["【甲办法发布】", "【乙细则印发】", "【丙通知下发】"],
            id="brackets",
        ),
        pytest.param(
            "科普活动月历",
            f"10月8日 天文讲座\n{LONG}\n10月9日 海洋讲座\n{LONG}\n10月12日 机器人比赛\n{LONG}",
            ["10月8日 天文讲座", "10月9日 海洋讲座", "10月12日 机器人比赛"],
            id="calendar",
        ),
    ],
)
def test_items(title: str, body: str, expected: list[str]) -> None:
    """Each item of a digest is a section that begins with its headline, and so is each column's name."""
    assert titles(body, title) == expected


@pytest.mark.parametrize(
    ("title", "body"),
    [
        pytest.param("入库企业名单", "1\n甲公司\n2\n乙公司\n3\n丙公司\n4\n丁公司", id="list-of-names"),
        pytest.param("一周要闻", f"{LONG}\n{LONG}", id="name-alone"),
        pytest.param("活动预告", f"{LONG * 9}\n01 甲\n02 乙\n03 丙", id="list-at-the-end"),
    ],
)
def test_other_articles_stay_whole(title: str, body: str) -> None:
    """Neither the title of a digest nor a list is sufficient for a digest."""
    assert titles(body, title) == []
