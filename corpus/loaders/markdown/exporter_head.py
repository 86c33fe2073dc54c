"""Parses the lines that exporters write below the title of an article in Markdown: account, day and link.

Such lines are read only where one of them is certainly an exporter's: a link called 原文地址, a line with the account's
name, or a link to a script. `日期：…` alone may be the day of an event.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from corpus.chinese import HAN

#: Lines that are looked at, and those below the title that may belong to it.
_MAX_LINES: Final = 60
_MAX_HEAD_LINES: Final = 10
_MAX_LINE_CHARS: Final = 600
_QUOTE: Final = re.compile(r"^[ \t]*(?:>[ \t]*)*(?:[-*+][ \t]+)?")
_TITLE: Final = re.compile(r" {0,3}#{1,6}[ \t]+\S")
_UNDERLINE: Final = re.compile(r" {0,3}=+[ \t]*$")
#: 知道了 and other buttons of the page, pictures, and marks around nothing.
_BUTTONS: Final = re.compile(r"(?:!?\[[^\[\]\n]{0,100}\]\((?:\\.|\([^()\s]{0,50}\)|[^()\s\\]){0,500}\)|[*_\s]){1,50}")
_LINK: Final = re.compile(r"https?://[^\s<>()\[\]\"']{1,500}", re.IGNORECASE)
_DAY: Final = r"\d{4}(?:-\d{1,2}-\d{1,2}|/\d{1,2}/\d{1,2}|年\d{1,2}月\d{1,2}日)(?:[ T]*\d{1,2}:\d{2}(?::\d{2})?)?"
#: 原创 author [account](javascript:…) day, as the page has them.
_SCRIPT: Final = re.compile(
    rf"[^\[\]!\n]{{0,80}}\[([^\[\]\n]{{1,100}})\]\(javascript:(?:\\.|\([^()\s]{{0,50}}\)|[^()\s\\]){{0,200}}\)\s*[*_]?({_DAY})?[^\[\]\n]{{0,20}}"
)
#: 原创 author account day province; missing values are `undefined`.
_CREDITS: Final = re.compile(rf"(?:原创\s+)?(.{{0,100}}?)\s*({_DAY}|undefined)(?:\s+(\S{{1,12}}))?")
_MARKS: Final = re.compile(r"[*_`\[\]]")
_LABELLED: Final = re.compile(
    r"[*_\[]*(?P<label>公众号名?称?|微信公众号|账号名?称?|帐号|作者|发布时间|发布日期|发布于|发表时间|日期|时间"
    r"|原文链接|原文地址|原文网址|文章链接|文章地址|链接|原文|网址|来源链接|阅读原文|查看原文"
    r"|account|author|date|published|url|source|link|original)[*_ ]*(?:[:：][*_ ]*|(?=\]\())"
    r"(?P<value>.*)",
    re.IGNORECASE,
)
_SEPARATOR: Final = re.compile(r"\s*(?:[|｜·]|[ \t]{2,}|\u3000)\s*(?=[*_\[]*[^\s:：]{2,6}[*_ ]*[:：])")
_ACCOUNT_LABELS: Final = ("公众", "微信", "账号", "帐号", "acco")
_AUTHOR_LABELS: Final = ("作者", "auth")
_MAX_NAME_CHARS: Final = 40
_DAY_LABELS: Final = ("发布", "发表", "日期", "时间", "date", "publ")
#: How a day begins; the formats are known to `corpus.publication_date`.
_YEAR: Final = re.compile(r"\d{4}[-/.年]\d|\d{8,13}$")
_LATIN: Final = re.compile(rf"[^{HAN}]+")
_UNDEFINED: Final = "undefined"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExporterHead:
    """The fields, the lines that are no text, and the file without them."""

    account: str = ""
    date: str = ""
    url: str = ""
    lines: tuple[str, ...] = ()
    text: str = ""


@dataclass(slots=True)
class _Found:
    account: str = ""
    author: str = ""
    date: str = ""
    url: str = ""
    is_exporter: bool = False


def read_exporter_head(text: str) -> ExporterHead:
    """The lines of an exporter at the top of a text; the text unchanged where there are none."""
    lines = text.split("\n", _MAX_LINES)
    found = _Found()
    dropped: list[int] = []
    buttons: list[int] = []
    has_title = False
    for number, line in enumerate(lines[:_MAX_LINES]):
        bare = _QUOTE.sub("", line).strip()
        if not bare or (number and _UNDERLINE.match(line)):
            continue
        if _TITLE.match(line) or (number + 1 < len(lines) and _UNDERLINE.match(lines[number + 1])):
            if has_title:
                break
            has_title = True
        elif len(line) > _MAX_LINE_CHARS or len(dropped) >= _MAX_HEAD_LINES:
            break
        elif (has_title and _take_script(bare, found)) or _is_head_line(bare, found):
            dropped.append(number)
        elif _BUTTONS.fullmatch(bare):
            buttons.append(number)
        else:
            break
    if not (found.is_exporter and dropped):
        return ExporterHead(text=text)
    last = max(dropped)
    removed = {*dropped, *(number for number in buttons if number < last)}
    return ExporterHead(
        account=found.account or found.author,
        date=found.date,
        url=found.url,
        lines=tuple(lines[number] for number in sorted(removed)),
        text="\n".join("" if number in removed else line for number, line in enumerate(lines)),
    )


def _is_head_line(line: str, found: _Found) -> bool:
    """True for a line that gives fields, which are noted."""
    parts = [_LABELLED.match(part) for part in _SEPARATOR.split(line)]
    if all(parts):
        taken = [_take_label(part["label"].lower(), part["value"], found) for part in parts if part]
        return all(taken)
    credits = _CREDITS.fullmatch(_MARKS.sub("", line).strip())
    if credits is not None:
        found.account = found.account or _account(credits[1].split())
        found.date = found.date or ("" if credits[2] == _UNDEFINED else credits[2])
        return True
    return False


def _take_script(line: str, found: _Found) -> bool:
    script = _SCRIPT.fullmatch(line)
    if script is not None:
        found.account = found.account or script[1].strip()
        found.date = found.date or script[2] or ""
        found.is_exporter = True
    return script is not None


def _take_label(label: str, value: str, found: _Found) -> bool:
    plain = _MARKS.sub("", value).strip()
    plain = "" if plain == _UNDEFINED else plain
    link = _LINK.search(value)
    if label.startswith((*_ACCOUNT_LABELS, *_AUTHOR_LABELS)):
        if len(plain) > _MAX_NAME_CHARS:
            return False
        if label.startswith(_AUTHOR_LABELS):
            found.author = found.author or plain
        else:
            found.account, found.is_exporter = found.account or plain, True
        return True
    if label.startswith(_DAY_LABELS):
        is_day = bool(_YEAR.match(plain))
        found.date = found.date or (plain if is_day else "")
        return is_day or not plain
    if link is None:
        return False
    found.url = found.url or link[0]
    found.is_exporter = True
    return True


def _account(names: list[str]) -> str:
    """The account behind the author: the names after the first, or the last ones in Chinese."""
    names = [name for name in names if name != "原创"]
    behind = names[1:] or names
    while len(behind) > 1 and _LATIN.fullmatch(behind[0]) and not _LATIN.fullmatch(behind[-1]):
        behind = behind[1:]
    return "" if behind == [_UNDEFINED] else " ".join(name for name in behind if name != _UNDEFINED)
