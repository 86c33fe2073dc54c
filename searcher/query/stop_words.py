"""Stop words: what a question asks with, by the grammar of Chinese, and function words; they find and rank nothing.

An interrogative (什么, 谁, 哪, 几, 多少, 多 before an adjective of measure) may have a measure word after it, or a noun
that stands for a class (哪一年, 几月份, 什么时候), and a verb before it that only links it (叫什么, 指的是什么). A verb
may be affirmed and denied (是不是, 能否).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from itertools import accumulate
from typing import Final

_FUNCTION_WORDS: Final = frozenset("的了是有在和与或及吗呢吧啊")
#: Each question word has one of these.
_SIGNS: Final = frozenset("什啥谁哪几多怎咋如何为干不没否请")
#: Measure words and units of one character, and longer ones.
_MEASURES: Final = (
    "个些枚班位名种类款样家所间处座栋层楼级部本册篇章页首支只条头匹张台辆架艘件套组对双次回届场轮集季期代年月日天号点时分秒"
    "周岁世纪度倍米斤克吨元块毛寸尺升门科国省市区县洲路线站颗粒片瓶盒袋桶杯碗口根株棵朵滴笔批版档步趟遍顿把面幅股团群排列行"
    "项道节课题句字"
)
_LONG_MEASURES: Final = "年级|月份|星期|小时|分钟|世纪|公里|公斤|平米|平方米?|周年|厘米|毫米|毫升"
_CLASSES: Final = "时候|时间|地方|人|样子?|意思"
_LINKS: Final = "叫做?|指的?是?|称为?|是|在|有|于|为|由|从|到"
_QUESTION: Final = (
    rf"(?:{_LINKS})?(?:什么|啥|谁|哪[里儿]?|[第哪]?几|多少|多[久大长高远重深宽厚快粗])"
    rf"(?:一?(?:[{_MEASURES}]|{_LONG_MEASURES})|(?:些|一?个)?(?:{_CLASSES}))?[的儿]?"
    r"|(?:怎么|怎样|咋|如何|为何|为什么|为啥|干[吗嘛])(?:样|办|回事|做|弄)?的?|何[时地人事种处在年月日物故方国以]"
    r"|(.)[不没]\1.?|[可能会]不[可能会].?|[能可是会应该]否|请问"
)
#: No question word is longer.
_LONGEST: Final = 8


def is_stop_word(word: str) -> bool:
    """True if the word, in normal form, says nothing about the subject of a query."""
    return word in _FUNCTION_WORDS or _is_question(word)


def is_empty(text: str) -> bool:
    """True if a text in normal form consists of question words, function words and signs."""
    return _patterns()[1].fullmatch(text) is not None


def subjects(text: str, split: Callable[[str], list[str]]) -> list[str]:
    """The parts of a normal form between its question words.

    These begin and end where the words do that the text is `split` into: 几何 and 哪吒 are no questions.
    """
    if _SIGNS.isdisjoint(text):
        return [text]
    borders = [0, *accumulate(map(len, split(text)))]
    found, begin, at = [], 0, 0
    while at < len(borders) - 1:
        ends = range(at + 1, min(at + 1 + _LONGEST, len(borders)))
        end = next((end for end in reversed(ends) if _is_question(text[borders[at] : borders[end]])), 0)
        if end:
            found.append(text[begin : borders[at]])
            begin = borders[end]
        at = end or at + 1
    return [part for part in (*found, text[begin:]) if part]


def _is_question(text: str) -> bool:
    is_short = len(text) <= _LONGEST and not _SIGNS.isdisjoint(text)
    return is_short and _patterns()[0].fullmatch(text) is not None


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Those of a question word and of a text without a subject; compiled (1 ms each) when first needed."""
    return re.compile(_QUESTION), re.compile(rf"(?:{_QUESTION}|[{''.join(sorted(_FUNCTION_WORDS))}\W])+")
