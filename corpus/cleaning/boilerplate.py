"""Finds boilerplate: lines that an account repeats at the beginning or end of its texts.

Only lines about the medium (share, like, follow, tap) can be boilerplate. Those at the head and tail of each text are
counted by account, and so is the last sentence of a text that has no line breaks; from the third text on they are
boilerplate. Whatever else an account repeats is content: regulations end with the same clauses, notices with the same
signature.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Final, Literal

from corpus.chinese import ASCII_SENTENCE_ENDS, CLOSING_MARKS, SENTENCE_ENDS

End = Literal["head", "tail"]
#: The end of a text and the key of a line there.
EndLine = tuple[End, str]

#: Boilerplate is short; longer lines have content of their own.
MAX_LINE_CHARS: Final = 60
_TAIL_LINES: Final = 6
_HEAD_LINES: Final = 2
#: Two equal lines may be one article that was published twice.
_MIN_DOCUMENTS: Final = 3
#: An account may alternate between several lines about the medium; measured shares are 0.05 to 1.
_MIN_SHARE_MEDIUM: Final = 0.02

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


def lines_about_medium(body: str) -> tuple[EndLine, ...]:
    """The lines at the head and tail of a text that are boilerplate if its account repeats them, each once, sorted."""
    return tuple(sorted(line for line in _end_lines(body) if _is_about_medium(line[1])))


class LineCounter:
    """Counts by account in how many texts a line occurs, and the texts."""

    def __init__(self) -> None:
        self._documents: Counter[str] = Counter()
        self._lines: dict[str, Counter[EndLine]] = {}

    def add(self, account: str, lines: Iterable[EndLine], documents: int = 1) -> None:
        """Count the lines (of `lines_about_medium`) of one text, or of so many texts that have the same."""
        self._documents[account] += documents
        counts = self._lines.setdefault(account, Counter())
        for line in lines:
            counts[line] += documents

    def of(self, account: str) -> frozenset[EndLine]:
        """The boilerplate of an account: the lines that it repeats often enough."""
        least = max(_MIN_DOCUMENTS, _MIN_SHARE_MEDIUM * self._documents[account])
        return frozenset(line for line, count in self._lines.get(account, {}).items() if count >= least)

    def boilerplate(self) -> Boilerplate:
        """The boilerplate of all accounts that have some."""
        found = {account: self.of(account) for account in self._lines}
        return Boilerplate({account: lines for account, lines in found.items() if lines})


class Boilerplate:
    """The boilerplate of each account."""

    def __init__(self, found: Mapping[str, frozenset[EndLine]] | None = None) -> None:
        self._found = found or {}

    @property
    def accounts(self) -> Collection[str]:
        """The accounts that have boilerplate."""
        return self._found.keys()

    def lines(self, account: str) -> frozenset[EndLine]:
        """The lines of one account that are boilerplate."""
        return self._found.get(account, frozenset())

    def of(self, account: str) -> AccountBoilerplate:
        """The boilerplate of one account, for one text."""
        return AccountBoilerplate(self.lines(account))


class AccountBoilerplate:
    """Recognises the boilerplate of one account in one text, and remembers what it was asked.

    `asked` has the lines about the medium that were looked up, `asked_endings` the ends of lines in which boilerplate
    was looked for.
    """

    def __init__(self, lines: frozenset[EndLine]) -> None:
        self._lines = lines
        self.asked: set[EndLine] = set()
        self.asked_endings: set[str] = set()

    def holds(self, end: End, line: str) -> bool:
        """True if the whole line is boilerplate at that end of a text."""
        if len(line) > MAX_LINE_CHARS:
            return False
        key = _key(line)
        if _is_about_medium(key):
            self.asked.add((end, key))
        return (end, key) in self._lines

    def cut(self, line: str) -> int | None:
        """The position of boilerplate that follows the last sentence of a line without a break; None without."""
        if not _MEDIUM.search("".join(line[-MAX_LINE_CHARS - 2 :].split())):
            return None
        border = _LAST_BORDER.search(line, max(0, len(line) - MAX_LINE_CHARS - 2))
        if border and border.end() < len(line) and self.holds("tail", line[border.end() :]):
            return border.end()
        self.asked_endings.add(line[-MAX_LINE_CHARS - 1 :])
        glued = [len(known) for end, known in self._lines if end == "tail" and _is_glued(known, line)]
        if glued:
            return len(line) - max(glued)
        read_on = _read_on(line)
        is_border = read_on and line[read_on.start() - 1 : read_on.start()] in _BORDERS
        return read_on.start() if read_on and is_border and self.holds("tail", read_on[0]) else None


def is_asked(asked: Collection[EndLine], endings: Iterable[str], changed: Iterable[EndLine]) -> bool:
    """True if a text may be trimmed otherwise when the changed lines become boilerplate or cease to be.

    One of them was looked up, or is at one of the ends of lines (see AccountBoilerplate).
    """
    return any(
        line in asked or (line[0] == "tail" and any(_is_glued(line[1], ending) for ending in endings))
        for line in changed
    )


def _is_glued(known: str, line: str) -> bool:
    """True if a line ends with a known one that is long enough to be recognised there, and does not consist of it."""
    return len(known) >= _MIN_GLUED_CHARS and line.endswith(known) and line != known


def _end_lines(body: str) -> Iterator[EndLine]:
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


def _is_about_medium(line: str) -> bool:
    return bool(_MEDIUM.search(line) and not _MATTER.search(line) and not _CLAUSE.search(line))
