"""Decides how much of an article its exported text holds: exports lose what is in pictures."""

from __future__ import annotations

import re
from itertools import takewhile
from typing import Final

from corpus.chinese import NUMERAL
from corpus.cleaning.text import says_little
from corpus.document import State

#: 时间如下： must be followed by a time, 联系方式如下： by a number or an address; three lines are room for both.
_ANNOUNCES: Final = re.compile(r"[如见]下[表图]?[^\n。：:]{0,4}[：:](?=\s{0,4}(?:\n|$))")
_ANNOUNCED_TIME: Final = re.compile(r"(?:时间|日期|期限|安排|日程)[^\n。：:]{0,10}$")
_ANNOUNCED_CONTACT: Final = re.compile(r"(?:联系人|联系方式|咨询电话)[^\n。：:]{0,6}$")
_ANNOUNCED_LIST: Final = re.compile(r"(?:名单|清单|目录|榜单|一览表)[^\n。：:]{0,6}$")
_ANNOUNCEMENT_CHARS: Final = 40
_LINES_BELOW: Final = 4
_LINE_CHARS: Final = 400
_TIME: Final = re.compile(
    rf"\d{{1,2}}\s?[月:：.-]\s?\d{{1,2}}|\d{{1,2}}\s?[日时点]|{NUMERAL}月|\d{{1,4}}\s?个?(?:工作日|天)"
)
_CONTACT: Final = re.compile(r"\d{5}|@")
#: What follows the text of a notice, and is no item of a list.
_NO_ITEM: Final = re.compile(
    r"附件|附[：:]|特此|[^\n]{2,40}(?:委员会|局|厅|部|办公室|中心|协会)(?:\d{4}年\d{1,2}月\d{1,2}日)?$"
    r"|\d{4}年\d{1,2}月\d{1,2}日$"
)
#: A last line that refers to a picture.
_POINTS_AT: Final = re.compile("(?:图解|一图|长图|海报|下图|图文|请看图|看图|戳图|视频)[^。\n]{0,8}[↓👇⬇：:]{1,3}$")
#: A table of contents without the text that it lists: the text ends with headings.
_HEADING: Final = re.compile(
    rf"(?:(?P<one>{NUMERAL}、)|(?P<two>[（(]{NUMERAL}[）)])|(?P<three>0\d\n))"
    r"\s?\S[^\n。；，;]{3,44}(?<![：:。])$"
)
_NUMBER_LINE: Final = re.compile(r"\n(0\d)\n{1,2}(?=[^\n]{4,44}(?:\n|$))")
_MIN_HEADINGS: Final = 3
_MAX_HEADING_CHARS: Final = 50


def state_of(body: str, *, is_all_trimmed: bool, is_article: bool) -> State:
    """The completeness of a trimmed text; `is_all_trimmed` is True if it was only boilerplate and credits."""
    if is_article and (is_all_trimmed or says_little(body)):
        return "image_only"
    return "partial" if is_article and _is_partial(body) else "full"


def _is_partial(body: str) -> bool:
    last = body[body.rfind("\n") + 1 :]
    if len(last) <= _LINE_CHARS and _POINTS_AT.search(last):
        return True
    if ("如下" in body or "见下" in body) and any(_is_missing(found, body) for found in _ANNOUNCES.finditer(body)):
        return True
    return _ends_with_headings(body)


def _is_missing(announcement: re.Match[str], body: str) -> bool:
    """True if nothing of the announced kind follows."""
    announced = body[max(0, announcement.start() - _ANNOUNCEMENT_CHARS) : announcement.start()]
    is_time, is_contact = _ANNOUNCED_TIME.search(announced), _ANNOUNCED_CONTACT.search(announced)
    if not (is_time or is_contact or _ANNOUNCED_LIST.search(announced)):
        return False
    below = body[announcement.end() : announcement.end() + _LINES_BELOW * _LINE_CHARS].split("\n")
    lines = [line.strip()[:_LINE_CHARS] for line in below if line.strip()][:_LINES_BELOW]
    lines = list(takewhile(lambda line: not _NO_ITEM.match(line), lines))
    if is_time:
        return not any(_TIME.search(line) for line in lines)
    if is_contact:
        return not any(_CONTACT.search(line) for line in lines)
    return not lines


def _ends_with_headings(body: str) -> bool:
    """True if the last lines are headings of one level, directly after each other."""
    if len(body) - body.rfind("\n") > _MAX_HEADING_CHARS:
        return False
    end = _NUMBER_LINE.sub(r"\n\1\r", body[-_LINE_CHARS:])  # a number on its own line belongs to the next
    lines = [line.replace("\r", "\n") for line in end.split("\n")[1:] if line][-_MIN_HEADINGS:]
    headings = [_HEADING.match(line) for line in lines]
    kinds = {heading.lastgroup for heading in headings if heading}
    return len(headings) == _MIN_HEADINGS and all(headings) and len(kinds) == 1
