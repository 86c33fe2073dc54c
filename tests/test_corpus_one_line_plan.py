"""Plans that PDF extraction put on one line: table of contents, page numbers inside the text, headings."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.outline.glued_contents import find_table_of_contents
from corpus.outline.page_numbers import Anchor, find_page_numbers
from corpus.outline.sections import find_sections

TITLE = "海湾市科技发展规划"
CHAPTERS = [
    ("一、总体要求", ["（一）指导思想", "（二）基本原则"]),
    ("二、到2035年的重点任务", ["（一）夯实基础", "1、算力设施", "2、数据资源", "（二）开放合作"]),
    ("三、组织保障", ["（一）加强领导", "（二）监督评估"]),
]
HEADINGS = [title for chapter, below in CHAPTERS for title in (chapter, *below)]
WORDS = "坚持把科技创新摆在全局位置加快建设平台汇聚人才完善制度推动产业升级服务城市治理提高居民生活水平"


def plan(page_chars: int = 400, seed: int = 7) -> tuple[str, str, int]:
    """A plan as PDF extraction gives it, the same without page numbers, and its number of pages."""
    rng = random.Random(seed)
    body = f"{TITLE}为了推进工作，制定本规划。"
    places = {}
    for title in HEADINGS:
        places[title] = len(body)
        body += title
        for _ in range(14):
            body += (
                "".join(rng.choices(WORDS, k=rng.randint(15, 40)))
                + rng.choice(["", f"达到{rng.randint(1, 99)}家"])
                + "。"
            )
    starts = [0]
    while starts[-1] + 1.3 * page_chars < len(body):
        starts.append(starts[-1] + int(page_chars * rng.uniform(0.85, 1.15)))
    page_of = {title: sum(start <= at for start in starts) for title, at in places.items()}
    spans = zip(starts, [*starts[1:], len(body)], strict=True)
    numbered = "".join(f"{page}{body[start:end]}" for page, (start, end) in enumerate(spans, 1))
    contents = f"{TITLE}目录" + "".join(f"{title}{page_of[title]}" for title in HEADINGS)
    return contents + numbered, contents + body, len(starts)


def squeezed(text: str) -> str:
    """The text without blanks and line breaks."""
    return "".join(text.split())


@pytest.mark.parametrize("seed", range(8))
def test_page_numbers_go_and_headings_stand_alone(seed: int) -> None:
    """All page numbers are removed, also beside other digits, and nothing else is; all headings are sections."""
    text, without_numbers, pages = plan(seed=seed)
    body, sections = find_sections(text, "text", TITLE)
    assert squeezed(body) == squeezed(without_numbers)
    assert [section.title for section in sections] == ["目录", TITLE, *HEADINGS]
    assert [section.level for section in sections[2:]] == [1, 2, 2, 1, 2, 3, 3, 2, 1, 2, 2]
    assert all(f"\n{title}\n" in body for title in HEADINGS)
    last = next(section for section in sections if section.title == "2、数据资源")
    assert last.path == ("二、到2035年的重点任务", "（一）夯实基础", "2、数据资源")
    listed = [section.page or 0 for section in sections[2:]]
    assert listed == sorted(listed)
    assert listed[0] == 1
    assert pages - 6 <= listed[-1] <= pages


def test_page_numbers_stay_without_proof() -> None:
    """No number is removed if the table of contents has no pages."""
    _, text, _ = plan()
    contents = "目录" + "".join(HEADINGS)
    body = text[text.index("制定本规划") :]
    found, sections = find_sections(contents + body, "text", "")
    assert squeezed(found) == contents + body
    assert [section.title for section in sections] == ["目录", *HEADINGS]
    assert find_page_numbers("1甲" * 50, 0, [Anchor(1, 0), Anchor(2, 60)]) == ()


@pytest.mark.parametrize(
    ("text", "entries"),
    [
        pytest.param(
            "目录一、甲事1（一）乙事101、丙事112、丁事12二、戊事121一、甲事（一）乙事1、丙事2、丁事二、戊事",
            [("一、甲事", 1), ("（一）乙事", 10), ("1、丙事", 11), ("2、丁事", 12), ("二、戊事", 12)],
            id="page-and-item-in-one-run",
        ),
        pytest.param(
            "目录第一章总则1第二章机构3第一节职责3第三章附则41第一章总则第二章机构第一节职责第三章附则",
            [("第一章总则", 1), ("第二章机构", 3), ("第一节职责", 3), ("第三章附则", 4)],
            id="chapters",
        ),
        pytest.param("目录一、甲1二、乙2三、丙3四、丁4另一篇文章没有这些", [], id="nothing-comes-again"),
        pytest.param("一、甲1二、乙2三、丙3四、丁41一、甲二、乙三、丙四、丁", [], id="no-contents"),
        pytest.param("目录", [], id="word-alone"),
    ],
)
def test_glued_contents(text: str, entries: list[tuple[str, int]]) -> None:
    """A page and the number after it are separated although their digits form one run."""
    found = find_table_of_contents(text)
    assert [(entry.title, entry.page) for entry in found.entries] == entries if found else entries == []


def test_paragraphs_that_begin_with_a_heading() -> None:
    """1、…。 at the beginning of a paragraph is a heading below those of the contents, if numbers begin with 1."""
    text, _, _ = plan(seed=0)
    at = text.rindex("（二）监督评估") + len("（二）监督评估")
    text = text[:at] + "1、完善评估制度。每年开展评估。2、健全监督机制。公开结果。" + text[at:]
    _, sections = find_sections(text, "text", TITLE)
    assert [(section.level, section.title) for section in sections[-2:]] == [
        (3, "1、完善评估制度"),
        (3, "2、健全监督机制"),
    ]


@given(st.text(alphabet="一二三、（）1234目录第章甲乙。：\n", max_size=300), st.sampled_from(["text", "article"]))
def test_no_text_raises(text: str, form: str) -> None:
    """Any text comes back unchanged except for blanks and line breaks."""
    text = text.strip()
    padded = text + "甲" * 2000
    assert squeezed(find_sections(text, "article" if form == "article" else "text", "题")[0]) == squeezed(text)
    find_sections(padded, "text", "")
