"""Recognises credits: lines that name authors, editors or sources of a text (编辑：…, 来源：…, 本文转载自“…”)."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from corpus.chinese import ASCII_SENTENCE_ENDS, CLOSING_MARKS, FULL_STOPS, SENTENCE_ENDS

#: Longer lines are prose, even if they begin like credits.
_MAX_LINE_CHARS: Final = 120
_MAX_VALUE_CHARS: Final = 48

_OPEN: Final = "“\"「『‘'《"
_CLOSE: Final = "”\"」』’'》“"
_REPOSTED: Final = re.compile(
    r"(?:本文|文章|内容|本篇|全文|原文|原载)?(?:系|均)?(?:转载自|转载于|转自|转载来源|转载(?=[：:]))\s?[：:]?\s?"
    rf"(?:微信)?(?:公众号)?\s?[：:]?\s?(?:[{_OPEN}](?P<quoted>[^“”\"「」『』‘’《》\n]{{1,30}})[{_CLOSE}]|(?P<bare>[^，。；！？\n：:]{{2,40}}))"
)
#: What may follow the quoted name of an account.
_ACCOUNT: Final = re.compile(r"(?:微信|官方)?(?:公众号|公号|微信|视频号|客户端)?[（(]?[^（）()，。]{0,20}[）)]?")
_SOURCE: Final = "(?:(?:本文|资料|文章|稿件|信息|新闻|内容|原文|图文|素材|文字|数据)?来源|资料提供|综合自|稿源|来稿)"
_PICTURE: Final = "(?:(?:图片|照片|视频|题图|封面|海报|图)(?:来源|提供|由)?|图源|供图|供稿)"
_PERSON: Final = (
    "(?:(?:责任|值班|本期|执行|文字|图文|视频|新媒体|微信|见习|实习|栏目|美术|版面|运营|原文|主)?编辑|责编|美编|主编|副主编|编审|编校|编排|编制人|"
    "(?:本文|原文)?作者|撰文|撰稿|文字|文案|文稿|文|采写|采访|记者|通讯员|摄影|摄像|拍摄|航拍|后期|剪辑|制作|视频制作|图文制作|制图|绘图|插画|设计|"
    "排版|校对|校审|校核|审核|审校|审读|初审|复审|终审|一审|二审|三审|监制|总监制|出品|出品人|策划|统筹|翻译|编译|整理|配音|主播|值班主任|签发)"
)
_LABEL: Final = re.compile(
    rf"(?P<source>{_SOURCE})|(?P<picture>{_PICTURE})|(?P<person>{_PERSON}(?:[/／&、丨和]{_PERSON}){{0,2}})"
)
_COLON: Final = re.compile(r"\s?[：:]\s?")
#: 文/张三 and 编辑丨李四; a stroke after any other word separates two terms.
_STROKE: Final = re.compile(r"\s?[丨|｜/／]\s?")
_STROKED: Final = (
    "文",
    "图",
    "图文",
    "编辑",
    "责编",
    "作者",
    "摄影",
    "撰文",
    "记者",
    "来源",
    "排版",
    "审核",
    "责任编辑",
)
_MAX_STROKED_CHARS: Final = 20
_PROSE: Final = re.compile(f"[，{SENTENCE_ENDS}{ASCII_SENTENCE_ENDS}]")
#: 综合自 needs no colon.
_SYNTHESIS: Final = re.compile(r"综合自\s?(?=[^：:\s])")
_CAPTION: Final = re.compile(r"[（(]?[^，。；：:\n]{2,24}(?:供图|/摄|\s摄|摄影|提供图片|图片提供)[）)]?")
#: A credit that follows the last sentence without a line break.
_GLUED: Final = re.compile(
    rf"(?:(?:本文|文章)(?:系)?转载自\s?[：:]?\s?[{_OPEN}][^“”\"「」『』‘’《》\n]{{1,30}}[{_CLOSE}]"
    rf"|(?:责任|值班|本期)?编辑\s?[：:]\s?[^\s，。；：:！？\n]{{1,16}}"
    r")(?:微信公众号|公众号)?$"
)
_LAST_BORDER: Final = re.compile(f"[{FULL_STOPS}!?][{CLOSING_MARKS}]?(?=[^{FULL_STOPS}!?]{{3,96}}$)")
_SPEAKERS: Final = ("记者", "采访", "主播", "配音")
_BRACKETS: Final = "（）()【】[]*_> \u3000"


class Credit(NamedTuple):
    """What a credit line names: the account it was reposted from, its source, or, with neither, people."""

    reposted_from: str | None = None
    source: str | None = None


def credit_of(line: str, *, is_first: bool = False) -> Credit | None:
    """The content of a line that consists of credits only; None for any other line.

    `is_first` is True for lines above the text, where a caption belongs to a picture and 记者：… begins an interview.
    """
    text = line.strip(_BRACKETS)
    if not 2 < len(text) <= _MAX_LINE_CHARS:
        return None
    if is_first and text.startswith(_SPEAKERS):
        return None
    if not is_first and _CAPTION.fullmatch(text):
        return Credit()
    reposted: str | None = None
    source: str | None = None
    at = 0
    while at < len(text):
        if repost := _REPOSTED.match(text, at):
            end = _next_label(text, repost.end()) if repost["quoted"] else _next_label(text, repost.start("bare"))
            value = repost["quoted"] or text[repost.start("bare") : end]
            if repost["quoted"] and not _ACCOUNT.fullmatch(text[repost.end() : end].strip()):
                return None
            reposted = value.strip(_BRACKETS + _OPEN + _CLOSE) or reposted
        else:
            label = _LABEL.match(text, at)
            colon = _COLON.match(text, label.end()) if label else None
            if label and colon is None:
                is_short = label[0] in _STROKED and len(text) - at <= _MAX_STROKED_CHARS
                colon = _STROKE.match(text, label.end()) if is_short else _SYNTHESIS.match(text, at)
            if label is None or colon is None:
                return None
            end = _next_label(text, colon.end())
            value = text[colon.end() : end].strip(" \u3000")
            if not 0 < len(value) <= _MAX_VALUE_CHARS or _PROSE.search(value):
                return None
            if label["source"] and source is None:
                source = value.strip(_OPEN + _CLOSE) if value[0] in _OPEN else value
        at = end
    return Credit(reposted, source)


def is_bare_label(line: str) -> bool:
    """True if the line is a label such as 来源： whose value is on the next line."""
    text = line.strip(_BRACKETS)
    label = _LABEL.match(text)
    return bool(label and text[label.end() :].strip() in ("：", ":"))


def glued_credit(line: str) -> int | None:
    """The position of a credit that follows the last sentence of a line without a break; None without one."""
    begin = max(0, len(line) - 2 * _MAX_VALUE_CHARS)
    border = _LAST_BORDER.search(line, begin)
    if border and credit_of(line[border.end() :]):
        return border.end()
    glued = _GLUED.search(line, begin)
    return glued.start() if glued and glued.start() > 0 else None


def _next_label(text: str, start: int) -> int:
    """The position of the next credit of the line, as in 来源：X编辑：Y; the end of the line without one."""
    for label in _LABEL.finditer(text, start):
        if label.start() > start and _COLON.match(text, label.end()):
            return label.start()
    repost = re.compile("(?:本文|文章)转载自").search(text, start)
    return repost.start() if repost and repost.start() > start else len(text)
