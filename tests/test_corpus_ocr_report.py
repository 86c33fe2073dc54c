"""Sections of OCR reports in Markdown whose heading levels are unreliable."""

from __future__ import annotations

import pytest

from corpus.outline.sections import find_sections

REPORT = """# 海湾年报

# 目录

## CONTENTS

综述 01

1 夯实基础 平台 05

## 2

做强海洋
产业

12

数看海湾

30

# 综述

## SUMMARY

全年概况。

### 总体情况。

## 各项成效。

### 1. 平台。

#### 2. 人才。

## 3. 开放。

## 夯实基础 平台

引言。

# 1.1 实验室

### 建设

#### 用房

### 运行

## 开放

## 1.2 大学

# 2

## 做强海洋 产业

### 6月

- 大事

## — 2.1 船舶

### 图1 产量

## 2.2 渔业

## 数看海湾 (以部门为序)

### 投入

### 产出
"""


def test_outline_by_numbers_and_contents() -> None:
    """Chapters come from numbers and contents page, sections from X.Y numbers; missing numbers are inferred."""
    body, sections = find_sections(REPORT.strip(), "markdown", "海湾年报")
    assert [("  " * (section.level - 1)) + section.title for section in sections] == [
        *(
            "海湾年报",
            "目录",
            "综述",
            "  总体情况。",
            "  各项成效。",
            "    1. 平台。",
            "    2. 人才。",
            "    3. 开放。",
        ),
        *("1 夯实基础平台", "  1.1 实验室", "    建设", "      用房", "      运行", "    开放", "  1.2 大学"),
        *("2 做强海洋产业", "  2.1 船舶", "  2.2 渔业", "数看海湾 (以部门为序)", "  投入", "  产出"),
    ]
    pages = {section.title: section.page for section in sections if section.page}
    assert pages == {"综述": 1, "1 夯实基础平台": 5, "2 做强海洋产业": 12, "数看海湾 (以部门为序)": 30}
    assert sections[-1].path == ("数看海湾 (以部门为序)", "产出")
    assert "\n2 做强海洋产业\n" in body
    assert "\n夯实基础平台\n" in body
    for section in sections:
        assert body.startswith((section.title, section.title[2:]), section.start)
    assert body.replace(" ", "").replace("\n", "") == "".join(REPORT.replace("#", "").replace("—", "").split())


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("# 一\n## 1.1 甲\n## 1.2 乙\n# 二\n## 2.1 丙\n### 6月", id="marks-agree"),
        pytest.param("# 2.5 亿元\n## 1.7 万家\n### 3.4 倍\n# 9", id="numbers-that-are-no-sections"),
    ],
)
def test_trustworthy_marks_stay(text: str) -> None:
    """Markdown whose levels agree with its numbers keeps them."""
    _, sections = find_sections(text, "markdown", "")
    assert [section.level for section in sections] == [line.index(" ") for line in text.split("\n")]
