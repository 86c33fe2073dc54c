"""Finds boilerplate: lines that an account repeats at the beginning or end of its texts.

The lines at the head and tail of each text are counted by account; so is the last sentence of a text that has no line
breaks. Only lines about the medium (share, like, follow, tap) are boilerplate, from the third text on. Whatever else an
account repeats is content: regulations end with the same clauses, notices with the same signature.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final, Literal

from corpus.chinese import ASCII_SENTENCE_ENDS, CLOSING_MARKS, SENTENCE_ENDS

End = Literal["head", "tail"]

#: Boilerplate is short; longer lines have content of their own.
MAX_LINE_CHARS: Final = 60
_TAIL_LINES: Final = 6
_HEAD_LINES: Final = 2
#: Two equal lines may be one article that was published twice.
_MIN_DOCUMENTS: Final = 3
#: An account may alternate between several lines about the medium; measured shares are 0.05 to 1.
_MIN_SHARE_MEDIUM: Final = 0.02
#: With more counters, lines seen once are dropped: a line of most texts soon recurs, and memory stays below 30 MB.
_MAX_COUNTERS: Final = 100_000

_MEDIUM: Final = re.compile(
    "阅读原文|原文链接|点赞|在看|转发|分享|关注(?:我们|公众号|视频号|订阅)|(?:蓝|二维)码|识别|长按|扫一扫|扫码|星标|留言|评论区|公众号|视频号|"
    "滑动查看|滑动浏览|点击(?:上方|下方|蓝字|左下|右下|此处|图片|链接|标题|名片)|转载请|转载须|请注明|推送|订阅|投稿邮箱|小程序|↓↓|🔗|戳"
)
#: Clauses of regulations and notices that use the same words: 现转发给你们，请认真贯彻执行.
_CLAUSE: Final = re.compile(
    "本(?:办法|规定|条例|细则|通知|意见|方案|章程|制度|标准|规则|决定|公告|计划|规划|指南|法|预案|措施|政策)|施行|执行|实施|解释|贯彻|落实|学习|"
    "印发|下发|批转|遵照|废止|给你们|有效期|以下意见|特制定|(?:各|有关)(?:单位|部门|区|县|市|地)|机制|体系|系统|技术|管理|工作|服务"
)
#: Calls to act that belong to the content, which readers search for.
_MATTER: Final = re.compile("报名|申报|下载|预约|填写|提交|登记|参会|咨询|联系|缴费|购票|附件|反馈")
_STOPS: Final = SENTENCE_ENDS + ASCII_SENTENCE_ENDS + "…"
#: A sentence border inside a line, for text without line breaks.
_LAST_BORDER: Final = re.compile(
    f"(?<=[{_STOPS}])[{CLOSING_MARKS}]?(?=[^{_STOPS}]{{2,60}}[{_STOPS}{CLOSING_MARKS}]{{0,2}}$)"
)
#: A known line of at least so many characters is recognised at the end of another line.
_MIN_GLUED_CHARS: Final = 10
#: References to a link that the export has lost; their wording varies.
_READ_ON: Final = re.compile(
    r"(?:(?:查看|了解|获取)?(?:更多|相关|具体|详细|活动|政策)?(?:信息|详情|内容|原文|全文|通知|文件)?\s?(?:请|可|敬请|欢迎)?\s?"
    r"(?:戳|点击|查看|点)?\s?(?:页面|文末|文章|下方)?\s?(?:左下角|右下角|左下方|底部)?\s?(?:点击|戳)?\s?"
    r"[“\"「]?阅读原文[”\"」]?[^。，；\n]{0,12}|[（(]?[左右上下]{2,4}滑动(?:查看|浏览)(?:更多|全文|图片|详情|内容)?[）)]?)[。！!→↓]?$"
)
#: Characters that end a sentence, or the date below a signature.
_BORDERS: Final = tuple(_STOPS + CLOSING_MARKS + "日 ")
_READ_ON_WORDS: Final = ("阅读原文", "滑动查看", "滑动浏览")


class LineCounter:
    """Counts the lines at the heads and tails of texts by account, in bounded memory."""

    def __init__(self) -> None:
        self._documents: Counter[str] = Counter()
        self._lines: Counter[tuple[str, End, str]] = Counter()

    def add(self, account: str, body: str) -> None:
        """Count the lines at the head and tail of one text."""
        self._documents[account] += 1
        for end, line in _end_lines(body):
            self._lines[account, end, line] += 1
        if len(self._lines) > _MAX_COUNTERS:
            self._lines = Counter({line: count for line, count in self._lines.items() if count > 1})

    def boilerplate(self) -> Boilerplate:
        """The lines that are repeated often enough, by account."""
        found: dict[str, set[tuple[End, str]]] = {}
        for (account, end, line), count in self._lines.items():
            if count >= _MIN_DOCUMENTS and _is_boilerplate(line, count / self._documents[account]):
                found.setdefault(account, set()).add((end, line))
        return Boilerplate(found)


class Boilerplate:
    """The boilerplate of each account."""

    def __init__(self, found: Mapping[str, set[tuple[End, str]]] | None = None) -> None:
        self._found = found or {}

    def of(self, account: str) -> AccountBoilerplate:
        """The boilerplate of one account."""
        return AccountBoilerplate(frozenset(self._found.get(account, ())))


class AccountBoilerplate:
    """Recognises the boilerplate of one account."""

    def __init__(self, lines: frozenset[tuple[End, str]]) -> None:
        self._lines = lines

    def holds(self, end: End, line: str) -> bool:
        """True if the whole line is boilerplate at that end of a text."""
        if not self._lines or len(line) > MAX_LINE_CHARS:
            return False
        return (end, _key(line)) in self._lines

    def cut(self, line: str) -> int | None:
        """The position of boilerplate that follows the last sentence of a line without a break; None without."""
        if not self._lines:
            return None
        border = _LAST_BORDER.search(line, max(0, len(line) - MAX_LINE_CHARS - 2))
        if border and border.end() < len(line) and self.holds("tail", line[border.end() :]):
            return border.end()
        for end, known in self._lines:
            if end == "tail" and len(known) >= _MIN_GLUED_CHARS and line.endswith(known) and line != known:
                return len(line) - len(known)
        read_on = _read_on(line)
        is_border = read_on and line[read_on.start() - 1 : read_on.start()] in _BORDERS
        return read_on.start() if read_on and is_border and self.holds("tail", read_on[0]) else None


def _end_lines(body: str) -> Iterator[tuple[End, str]]:
    """The keys of the short lines at the head and tail of a text, each once."""
    lines = [line for line in body.rsplit("\n", 2 * _TAIL_LINES)[1:] if line][-_TAIL_LINES:] or [body]
    seen = {("tail", _key(line)) for line in lines if len(line) <= MAX_LINE_CHARS}
    last = lines[-1]
    if border := _LAST_BORDER.search(last, max(0, len(last) - MAX_LINE_CHARS - 2)):
        seen.add(("tail", _key(last[border.end() :])))
    elif read_on := _read_on(last):
        seen.add(("tail", _key(read_on[0])))
    if len(lines) == _TAIL_LINES:
        first = [line for line in body[: _HEAD_LINES * MAX_LINE_CHARS].split("\n")[:-1] if line][:_HEAD_LINES]
        seen.update(("head", _key(line)) for line in first if len(line) <= MAX_LINE_CHARS)
    yield from seen  # type: ignore[misc]


def _key(line: str) -> str:
    """The line without blanks; all variants of 阅读原文 have the same key."""
    if any(words in line for words in _READ_ON_WORDS) and _READ_ON.fullmatch(line.strip()):
        return next(words for words in _READ_ON_WORDS if words in line)
    return "".join(line.split())


def _read_on(line: str) -> re.Match[str] | None:
    if not any(words in line for words in _READ_ON_WORDS):
        return None
    return _READ_ON.search(line, max(0, len(line) - MAX_LINE_CHARS))


def _is_boilerplate(line: str, share: float) -> bool:
    is_about_medium = _MEDIUM.search(line) and not _MATTER.search(line) and not _CLAUSE.search(line)
    return bool(is_about_medium) and share >= _MIN_SHARE_MEDIUM
