"""One record becomes one document: what is moved, what is joined, what state it is in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from corpus.document import Document

Read = Callable[..., tuple[list[Document], list[str]]]
TEXT = "澄江市今年新增三家创新平台，全部向企业开放，首批设备已经到位。"


def document(read: Read, content: str, **fields: Any) -> Document:
    """The document of one article."""
    (found,), _ = read([{"aid": "1", "title": "题目", "content": content, "date": "2025-11-01", **fields}])
    return found


def test_credits_become_notes(read: Read) -> None:
    """Credits at both ends leave the body as they are written, and the facts name account and origin."""
    found = document(read, f"来源：东岸时报\r\r{TEXT}\r\r编辑：小舟\r本文转载自“东岸发布”")
    assert found.body == TEXT
    assert found.notes == ("来源：东岸时报", "编辑：小舟", "本文转载自“东岸发布”")
    assert (found.facts.reposted_from, found.facts.source) == ("东岸发布", "东岸时报")


def test_last_hop_counts(read: Read) -> None:
    """Of two reposts the one at the end is the last."""
    found = document(read, f"转载自：澄江协会\r\r{TEXT}\r本文转载自“东岸发布”")
    assert found.facts.reposted_from == "东岸发布"


def test_credits_inside_the_text_stay(read: Read) -> None:
    """来源： below a table is part of it."""
    content = f"{TEXT}\n来源：澄江统计局\n{TEXT}"
    found = document(read, content)
    assert (found.body, found.notes, found.facts.source) == (content, (), None)


def test_value_below_its_label_is_one_credit(read: Read) -> None:
    """来源： alone on a line belongs to the line below."""
    found = document(read, f"{TEXT}\n来源：\n澄江晚报")
    assert (found.body, found.notes, found.facts.source) == (TEXT, ("来源：澄江晚报",), "澄江晚报")


@pytest.mark.parametrize(
    ("content", "body"),
    [
        pytest.param(f"关于组织\r申报的通知\r\r{TEXT}", TEXT, id="broken"),
        pytest.param(f"转载自：澄江协会\r\r关于组织申报的通知\r\r{TEXT}", TEXT, id="below-a-credit"),
        pytest.param(
            f"关于组织\r申报的通知\r澄科〔2025〕1号\r{TEXT}",
            f"关于组织申报的通知\n澄科〔2025〕1号\n{TEXT}",
            id="runs-on",
        ),
    ],
)
def test_copy_of_the_title_goes_or_is_joined(read: Read, content: str, body: str) -> None:
    """A copy of the title, also without its 【通知】, is no text; where the text runs on, its lines are joined."""
    assert document(read, content, title="【通知】关于组织申报的通知").body == body


@pytest.mark.parametrize(
    ("content", "state"),
    [
        pytest.param(TEXT, "full", id="text"),
        pytest.param("", "empty", id="nothing"),
        pytest.param("来源：东岸时报 编辑：小舟", "image_only", id="credits-only"),
        pytest.param("一图读懂↓", "image_only", id="a-picture"),
        pytest.param(
            f"{TEXT}\n\n市科委联系人及申报时间如下：\n\n澄江市科委\n2025年9月3日", "partial", id="times-in-a-picture"
        ),
        pytest.param(f"{TEXT}\n\n申报时间如下：\n9月3日至9月30日", "full", id="times-in-the-text"),
        pytest.param(f"{TEXT}\n\n联系方式如下：\n王老师 55501234", "full", id="contacts-in-the-text"),
        pytest.param(f"{TEXT}\n\n入选名单如下：\n附件：名单", "partial", id="list-in-a-picture"),
        pytest.param(f"{TEXT}\n\n入选名单如下：\n澄江大学", "full", id="list-in-the-text"),
        pytest.param(
            f"{TEXT}\n一、培育创新主体生态\n二、完善服务体系布局\n三、推动要素加快集聚", "partial", id="contents-only"
        ),
        pytest.param(f"{TEXT}\n主要内容来看图解↓", "partial", id="points-at-a-picture"),
        pytest.param(f"{TEXT}\n附件：1.申报表.docx\n2.承诺书.docx\n3.汇总表.docx", "full", id="attachments"),
    ],
)
def test_state_says_what_is_there(read: Read, content: str, state: str) -> None:
    """A text is full, a title only, what is left of a picture, or announces what is not there."""
    assert document(read, content).state == state


def test_unreadable_parts_are_never_facts(read: Read) -> None:
    """Where the dates are in a picture, there is no deadline."""
    found = document(read, f"{TEXT}\n\n网上申报时间如下：\n\n澄江市科学技术委员会\n2025年10月30日")
    assert found.facts.deadlines == ()
    assert (found.facts.issuers, found.facts.issued_on) == (("澄江市科学技术委员会",), "2025-10-30")
