"""Finds the title at the beginning of a text; official documents have letterheads, numbers and tables above theirs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import reduce
from typing import Final

from corpus.chinese import CJK_PUNCTUATION, HAN, NUMERAL, NUMERAL_CHARS, YEAR_DIGITS

#: A title is a short line; in a file without line breaks it ends with 规划, 方案 and the like.
_MAX_TITLE_CHARS: Final = 80
_TITLE_END: Final = re.compile(r".{4,60}?(?:规划|纲要|方案|计划|意见|办法|报告|通知|措施)(?=目录|\s|$)")
#: The title stands among so many lines, on so many of which it may be set.
_HEAD_LINES: Final = 30
_MAX_LINES: Final = 5
_MAX_LINE_CHARS: Final = 60
#: A shorter first line is complete (科技要闻), unless it names a place.
_MIN_HALF_CHARS: Final = 8
_SIGNS: Final = re.compile(r"[，,、：:|—-]")

_KINDS: Final = (
    "通知|意见|办法|规定|决定|决议|公告|通告|通报|公报|命令|令|函|批复|报告|请示|纪要|规划|纲要|计划|方案|要点|措施|细则|条例|规则|规程|规范"
    "|标准|指南|指引|导则|章程|制度|预案|清单|目录|名单|公示|解读|说明|总结|提示|启事|倡议书?|建议|答复|政策|白皮书|蓝皮书|手册|合同|协议"
)
_REMARK: Final = r"[（(〔\[][^（()）〕\]]{1,20}[）)〕\]]"
_ENDS: Final = re.compile(rf"(?:{_KINDS})[》”]?(?:{_REMARK}){{0,3}}$")
#: A title that hands on another document names it first and ends with its own kind: 关于印发《…办法》的通知.
_HANDS_ON: Final = re.compile("关于(?:.{0,6})(?:印发|转发|批转|下发|公布|发布|颁发|颁布)")
_OWN_KIND: Final = re.compile(rf"的(?:{_KINDS})(?:{_REMARK}){{0,3}}$")
_ABOUT: Final = "关于"
_WHOLE_REMARK: Final = re.compile(r"[（(][^（()）]{0,12}(?:稿|试行|暂行|修订|版|草案|摘要|节选)[）)]")
#: The number of a standard, its classes, and the kind of standard above both.
_STANDARD: Final = (
    r"ICS[\d.]{1,12}|(?:CCS)?[A-Z]\d{2}|备案号.{0,20}|[A-Z]{1,4}\d{0,4}(?:/[A-Z]{1,4})?[\d.]{1,12}[-—–][12]\d{3}(?:代替.{0,40})?"
    rf"|[{HAN}]{{0,20}}(?:国家|地方|行业|团体|企业)标准"
)
#: A heading of announcements that are numbered; the title may stand below the number.
_SERIES: Final = re.compile(rf"[{HAN}]{{2,25}}(?:公告|通告|通报|公报|令|简报)")
_BRACKETS: Final = ("《》", "（）", "()", "“”", "〔〕")

_BODY: Final = (
    "局|委|委员会|厅|部|办|办公室|办公厅|政府|法院|检察院|院|处|中心|公司|大学|学院|学校|集团|司|署"
    "|党组|工作组|小组|协会|学会|基金会|银行|所"
)
_ISSUER: Final = re.compile(rf"[{HAN}·、（）()]{{1,40}}(?:{_BODY})")
_PLACE: Final = re.compile(r"(?:省|市|区|县|州|国)$")
_DIGIT: Final = rf"[\d{YEAR_DIGITS}{NUMERAL_CHARS}]"
_LABELS: Final = (
    "索引号|信息索引|主题分类|主题词|发文机关|发文机构|发布机构|发文单位|发布单位|制发机关|发文字号|文号|文件编号|统一编号|成文日期|发文日期|生成日期|印发日期"
    "|发布日期|发布时间|公开日期|有效性|效力状态|时效性|公开方式|公开类别|公开范围|公开形式|公开属性|信息分类|信息类别|所属类别|组配分类|内容分类|分类|体裁|服务对象"
    "|废止日期|失效日期|生效日期|实施日期|施行日期|主办单位|来源|作者|责任编辑|编辑|浏览次数|浏览量|点击数|点击量|阅读量|阅读次数|字体|字号|关键词|密级|紧急程度|缓急"
    "|版本号?|编制人?|审核人?|批准人?|签发人|会签人|联系人|联系电话|当前位置|您的位置|您现在的位置"
)
#: Lines that are no titles, written without blanks.
_MARKS: Final = re.compile(
    "|".join(
        (
            rf"附[件录表图]?(?:{_DIGIT}{{0,3}}|[A-Z])(?:[-—－.]\d{{1,2}})?[:：.、]?",
            r"目[录次]|CONTENTS|(?:版本|修[订改]|变更|更新)(?:历史|记录|说明|日志|履历)(?:表)?|文[档件](?:控制|信息|修订|变更)(?:页|记录|表)?",
            rf"(?:密级[:：])?(?:绝密|机密|秘密|内部|商密|核心商密|普通商密|公开)(?:资料|文件|使用|材料)?[★☆▲:：]?"
            rf"(?:{_DIGIT}{{1,4}}[年个月]{{1,2}}|长期|启用前|永久)?[,，。]?(?:注意保[存管密]|妥善保[存管]|不得外传|严禁外传|请勿外传|仅供参考)?",
            r"(?:特急|特提|加急|急件|平急|紧急|明电|传真|电报)(?:[★☆]|·?明电)?",
            r"(?:№|NO\.?|No\.?|份号[:：]?)?\d{1,8}(?:号|份)?",
            rf"[（(]?(?:总)?第{_DIGIT}{{1,5}}[期号辑][）)]?|{_DIGIT}{{4}}年第{_DIGIT}{{1,4}}[期号](?:[（(]总第?{_DIGIT}{{1,5}}期[）)])?",
            rf"[{HAN}A-Za-z·]{{0,20}}[〔\[【（(［]\d{{4}}[〕\]】）)］](?:第)?\d{{1,5}}号?(?:签发人.{{0,30}})?",
            rf"{_DIGIT}{{4}}[-年./]{_DIGIT}{{1,3}}[-月./]?(?:{_DIGIT}{{1,3}}日?)?",
            rf"[{HAN}·、（）()]{{1,60}}(?:{_BODY}|省|市|区|县|旗|会|室|社|站|校|队)文件",
            rf"(?:{_LABELS})(?:[:：|].*)?",
            _WHOLE_REMARK.pattern,
            _STANDARD,
            r"[（(](?:此件|本文|此文).{0,20}[）)]|首页(?:[>＞»].*)?",
        )
    ),
    re.IGNORECASE,
)
#: A row of a table about the document: a label, then blanks or a tab.
_LABELLED: Final = re.compile(
    rf"\s*(?:{'|'.join(' ?'.join(label) for label in _LABELS.replace('?', '').split('|'))})\s+\S"
)
_NAMED: Final = re.compile(
    r"\s*(?:标\s{0,8}题|名\s{0,8}称|题\s{0,8}名|信息名称|文件名称|文件标题)\s{0,8}[:：\t|]\s{0,8}([^\t|]{4,200})"
)
_NAME: Final = re.compile(r"(?:标题|名称|题名|信息名称|文件名称|文件标题)[:：]?")
_ATTACHED: Final = re.compile(rf"附[件录表]\s?{_DIGIT}{{0,3}}\s?[:：]\s?(\S.{{3,}})")
_NUMBERED: Final = re.compile(
    rf"第[{NUMERAL_CHARS}百\d]{{1,4}}[章节条编部篇]|{NUMERAL}[、.．]|[（(](?:{NUMERAL}|\d{{1,2}})[）)]|\d{{1,2}}(?:\.\d{{1,2}}){{0,4}}[、.．\s]"
)
_SENTENCE: Final = re.compile(r"[。；;！!？?]|[：:，,]$")
_UNSPACED_CHAR: Final = f"[{HAN}{CJK_PUNCTUATION}\uff00-\uffef“”]"
_SPACED: Final = re.compile(f"(?<={_UNSPACED_CHAR})[ \u3000]{{1,4}}(?={_UNSPACED_CHAR})")
_PAIR: Final = re.compile(f"{_UNSPACED_CHAR}(?={_UNSPACED_CHAR})")
_WORD: Final = re.compile(r"\w")
_HAN: Final = re.compile(f"[{HAN}]")


def title_of(text: str, stem: str) -> str:
    """The title that the text begins with; else its first line if it is short, or its beginning up to 规划, 方案 and
    the like; else the stem."""
    head = text.lstrip()[: _HEAD_LINES * _MAX_TITLE_CHARS * 4]
    title = _title_in([line for line in head.split("\n")[: 2 * _HEAD_LINES] if line.strip()], is_official=False)
    if title:
        return title
    first = head.partition("\n")[0].strip()
    if 0 < len(first) <= _MAX_TITLE_CHARS:
        return first
    named = _TITLE_END.match(first)
    return named[0] if named else stem


def official_title(lines: Iterable[str]) -> str:
    """The title in these lines, if it is one that official documents have (关于…的通知, …办法); else empty."""
    return _title_in([line for line in lines if line.strip()], is_official=True)


def is_title(line: str) -> bool:
    """False for a letterhead, a number, a date, a mark such as 附件2 and others that stand above titles."""
    compact = "".join(line.split())
    return bool(_WORD.search(compact)) and not _MARKS.fullmatch(compact) and not _LABELLED.match(line)


def is_numbered(line: str) -> bool:
    """True if the line begins like a chapter, an article or an item of a list."""
    return _NUMBERED.match(line.lstrip()) is not None


def _title_in(lines: Sequence[str], *, is_official: bool) -> str:
    lines = lines[:_HEAD_LINES]
    issuers: list[str] = []
    has_marks = False
    for index, raw in enumerate(lines):
        named = _NAMED.match(raw)
        if named and (has_marks or not all(map(is_title, lines[index + 1 : index + 2]))):
            return _tight(named[1])
        if has_marks and _NAME.fullmatch("".join(raw.split())) and index + 1 < len(lines):
            return _tight(lines[index + 1])
        attached = _ATTACHED.fullmatch(raw.strip())
        line = _tight(attached[1] if attached else raw)
        if not is_title(raw) and not attached:
            issuers.clear()
            has_marks = True
            continue
        if not _HAN.search(line) and has_marks:
            continue
        if _ISSUER.fullmatch(line) and _ABOUT not in line and not _ENDS.search(line):
            issuers.append(line)
            continue
        title = _whole([line, *map(_tight, lines[index + 1 : index + _MAX_LINES])])
        if _SERIES.fullmatch(title) and not all(map(is_title, lines[index + 1 : index + 2])):
            below = official_title(lines[index + 2 : index + _MAX_LINES])
            title = below if below.startswith(_ABOUT) else title
        if title.startswith(_ABOUT) and issuers and _ENDS.search(title):
            return f"{' '.join(issuers)}{title}"
        if _ENDS.search(title) and len(title) <= _MAX_TITLE_CHARS * 2 and not _SENTENCE.search(title):
            return title
        if is_official:
            return ""
        if issuers and not has_marks:
            return issuers[0]
        is_line = not index or (has_marks and not _SENTENCE.search(title))
        return title if is_line and len(title) <= _MAX_TITLE_CHARS else ""
    return "" if is_official or not issuers else issuers[0]


def _whole(lines: Sequence[str]) -> str:
    """The title that begins with the first line, with a remark such as （试行） below it."""
    count = _lines_of_title(lines)
    title = reduce(_joined, lines[:count])
    return title + lines[count] if count < len(lines) and _WHOLE_REMARK.fullmatch(lines[count]) else title


def _lines_of_title(lines: Sequence[str]) -> int:
    """On how many lines the title is set; 1 if the following lines do not complete it."""
    first = joined = lines[0]
    if (_ABOUT in first and not _is_complete(first)) or not _is_balanced(first):
        for count, line in enumerate(lines[1:], 2):
            if not _may_continue(line):
                return 1
            joined = _joined(joined, line)
            if _is_complete(joined):
                return count
        return 1
    is_half = len(lines) > 1 and _may_be_first_half(first) and _may_continue(lines[1]) and _ENDS.search(lines[1])
    return 2 if is_half else 1


def _is_complete(title: str) -> bool:
    ends = _OWN_KIND if _HANDS_ON.search(title) else _ENDS
    return ends.search(title) is not None and _is_balanced(title)


def _is_balanced(text: str) -> bool:
    return all(text.count(pair[0]) <= text.count(pair[1]) for pair in _BRACKETS)


def _may_continue(line: str) -> bool:
    return len(line) <= _MAX_LINE_CHARS and is_title(line) and not is_numbered(line) and not _SENTENCE.search(line)


def _may_be_first_half(line: str) -> bool:
    """True for a line such as 海湾市 or 海湾市海洋经济 that a line ending with 规划 may complete."""
    is_named = len(line) >= _MIN_HALF_CHARS or _PLACE.search(line)
    return bool(is_named) and not _ENDS.search(line) and not _SIGNS.search(line) and _may_continue(line)


def _joined(left: str, right: str) -> str:
    is_latin = left[-1:].isascii() and right[:1].isascii()
    return f"{left} {right}" if is_latin else left + right


def _tight(line: str) -> str:
    """The line with single blanks, and without those that set its characters apart: 关 于 印 发."""
    line = line.strip()
    if len(_SPACED.findall(line)) > len(_PAIR.findall(line)) / 2:
        line = _SPACED.sub("", line)
    return " ".join(line.split())
