"""Chinese numerals, the code points of Han characters, and the marks that end a sentence.

Searches import this module when they start: it imports nothing but the standard library's lightest modules and
compiles no regular expression.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

_BASIC_RANGES: Final = (("\u3400", "\u4dbf"), ("\u4e00", "\u9fff"))
#: First and last characters of the unified ideographs, with their extensions A to H.
IDEOGRAPH_RANGES: Final = (*_BASIC_RANGES, ("\U00020000", "\U000323af"))
#: First and last characters of all Han characters: 々, 〇, unified and compatibility ideographs.
HAN_RANGES: Final = (("々", "々"), ("〇", "〇"), *IDEOGRAPH_RANGES, ("\uf900", "\ufaff"))
#: All Han characters, for a character class of a regular expression.
HAN: Final = "".join(f"{first}-{last}" for first, last in HAN_RANGES)
#: The unified ideographs of the basic plane, for a character class: those that fold to a single character.
BASIC_IDEOGRAPHS: Final = "".join(f"{first}-{last}" for first, last in _BASIC_RANGES)
#: The Unicode block of Chinese punctuation, 々 and 〇 included, for a character class.
CJK_PUNCTUATION: Final = "\u3000-\u303f"

#: Radicals (blocks U+2E80 and U+2F00) that NFKC leaves unchanged, each followed by the character it is printed for.
RADICALS: Final = (
    "⺁厂⺂乛⺃乚⺄乙⺅亻⺆冂⺇𠘨⺉刂⺊卜⺋㔾⺌小⺍小⺎兀⺏尣⺐尢⺑𡯂⺒巳⺓幺⺔彑⺕彐⺖忄⺗㣺⺘扌⺙攵⺛旡⺜日⺝月⺞歺⺠民⺡氵⺢氺⺣灬⺤爫⺥爫"
    "⺦丬⺧牛⺨犭⺩王⺫目⺬示⺭礻⺮竹⺯糹⺰纟⺱罓⺲罒⺳㓁⺶羊⺷羊⺸羊⺹耂⺺肀⺻聿⺼肉⺽臼⺾艹⺿艹⻀艹⻁虎⻂衤⻃覀⻄西⻅见⻆角⻈讠⻉贝⻊足⻋车⻌辶⻍辶⻎辶"
    "⻏阝⻐钅⻑长⻒镸⻓长⻔门⻕阜⻖阝⻗雨⻘青⻙韦⻚页⻛风⻜飞⻝食⻟饣⻠饣⻢马⻣骨⻤鬼⻥鱼⻦鸟⻧卤⻨麦⻩黄⻪黾⻫齐⻬齐⻭齿⻮齿⻯龙⻰龙⻱龟⻲龟"
)

#: The marks that end a sentence.
FULL_STOPS: Final = "。！？"
#: The same, and the semicolon, which ends an item of a list as a full stop ends a sentence.
SENTENCE_ENDS: Final = FULL_STOPS + "；"
#: The ASCII forms; unlike the Chinese ones they also occur inside links and formulas.
ASCII_SENTENCE_ENDS: Final = "!?;"
#: The marks that may follow the end of a sentence and still belong to it.
CLOSING_MARKS: Final = "”’」』）)"

#: The characters that numerals up to 99 consist of, for a character class.
NUMERAL_CHARS: Final = "一二三四五六七八九十"
#: A regular expression for the numerals from 一 to 九十九.
NUMERAL: Final = f"[{NUMERAL_CHARS}]{{1,3}}"
#: The digits of years such as 二〇二五, for a character class; exporters write 〇 in four ways.
YEAR_DIGITS: Final = "〇○零Ｏ一二三四五六七八九"

_DIGIT_VALUES: Final = {digit: max(0, index - 3) for index, digit in enumerate(YEAR_DIGITS)} | {"两": 2}
_UNIT_VALUES: Final = {"": 1, "十": 10, "百": 100, "千": 1000}
_TWENTIES: Final = str.maketrans({"廿": "二十", "卅": "三十"})
_DIGIT: Final = "[一二两三四五六七八九]"
_BELOW_100: Final = f"(?:{_DIGIT}?十{_DIGIT}?|{_DIGIT})"
#: A place that is left out, but for those at the end, needs a 零 (一百零三): 一百三 is an abbreviation of 一百三十.
_BELOW_1000: Final = f"{_DIGIT}百(?:[零〇]{_DIGIT}|{_DIGIT}?十{_DIGIT}?)?"
_BELOW_10000: Final = f"{_DIGIT}千(?:[零〇]{_BELOW_100}|{_BELOW_1000})?"
_NUMERAL_BELOW_10000: Final = f"[零〇]|{_BELOW_100}|{_BELOW_1000}|{_BELOW_10000}"


@lru_cache(maxsize=65536)
def is_han(character: str) -> bool:
    """True for a Han character (not for kana, hangul or punctuation)."""
    return any(first <= character <= last for first, last in HAN_RANGES)


def numeral_value(text: str) -> int | None:
    """The value of decimal digits or of a Chinese numeral below 10,000; None for any other text.

    A numeral is written with units (三十一, 一百零三, 二千, 廿八), or as four digits like a year (二〇二五). Other
    sequences of digits have no value, because 三五 means three to five.
    """
    if text.isdecimal():
        return int(text)
    if len(text) == 4 and all(character in YEAR_DIGITS for character in text):
        return int("".join(str(_DIGIT_VALUES[character]) for character in text))
    text = text.translate(_TWENTIES)
    if not re.fullmatch(_NUMERAL_BELOW_10000, text):
        return None
    places = re.findall(f"([{YEAR_DIGITS}两]?)([十百千]?)", text)
    return sum((_DIGIT_VALUES[digit] if digit else 1) * _UNIT_VALUES[unit] for digit, unit in places if digit or unit)
