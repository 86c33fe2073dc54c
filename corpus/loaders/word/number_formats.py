"""Writes a list number in the number formats of Word (numFmt): 三, ③, 甲, iv, AA."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

#: Word's own limit.
MAX_NUMBER: Final = 32767
_DIGITS: Final = "〇一二三四五六七八九"
_LEGAL: Final = ("零壹贰叁肆伍陆柒捌玖", "拾佰仟万")
_LEGAL_TRADITIONAL: Final = ("零壹貳參肆伍陸柒捌玖", "拾佰仟萬")
_UNITS: Final = "十百千万"
_STEMS: Final = "甲乙丙丁戊己庚辛壬癸"
_BRANCHES: Final = "子丑寅卯辰巳午未申酉戌亥"
_ROMAN: Final = (
    *((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl")),
    *((10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")),
)
_TEENS: Final = 20


def number_text(value: int, number_format: str) -> str:
    """The number as Word shows it in this format; a format that is not known is shown as decimal digits."""
    write = _FORMATS.get(number_format)
    return write(value) if write and 0 < value <= MAX_NUMBER else str(value)


def chinese(value: int, digits: str = "零一二三四五六七八九", units: str = _UNITS, *, drops_one: bool = False) -> str:
    """A numeral with units below 100,000: 一百零三; `drops_one` leaves out 一 before 十, 百 and 千."""
    text = ""
    gap = False
    for power in range(len(units), -1, -1):
        digit = value // 10**power % 10
        unit = units[power - 1] if power else ""
        if digit:
            shown = "" if digit == 1 and power and drops_one else digits[digit]
            text += (digits[0] if gap and text and not drops_one else "") + shown + unit
        gap = not digit
    return text


def _with_units(value: int) -> str:
    return chinese(value).removeprefix("一") if 10 <= value < _TEENS else chinese(value)


def _digit_by_digit(value: int) -> str:
    return "".join(_DIGITS[int(digit)] for digit in str(value))


def _counting(value: int) -> str:
    """Units below 100, digits above."""
    return _with_units(value) if value < 100 else _digit_by_digit(value)


def _roman(value: int) -> str:
    text = ""
    for number, letters in _ROMAN:
        count, value = divmod(value, number)
        text += letters * count
    return text


def _letters(value: int) -> str:
    """a to z, then aa, bb and so on."""
    repeats, letter = divmod(value - 1, 26)
    return chr(ord("a") + letter) * (repeats + 1)


def _one_of(signs: str) -> Callable[[int], str]:
    """Single signs; decimal digits for numbers beyond them."""
    return lambda value: signs[value - 1] if value <= len(signs) else str(value)


def _span(first: str, count: int) -> str:
    return "".join(chr(ord(first) + index) for index in range(count))


def _full_width(value: int) -> str:
    return str(value).translate({ord("0") + digit: 0xFF10 + digit for digit in range(10)})


_JAPANESE: Final[Callable[[int], str]] = lambda value: chinese(value, drops_one=True)  # noqa: E731
_FORMATS: Final[Mapping[str, Callable[[int], str]]] = {
    "none": lambda _: "",
    "decimalZero": lambda value: f"{value:02}",
    **dict.fromkeys(("upperRoman",), lambda value: _roman(value).upper()),
    "lowerRoman": _roman,
    "upperLetter": lambda value: _letters(value).upper(),
    "lowerLetter": _letters,
    **dict.fromkeys(("decimalFullWidth", "decimalFullWidth2"), _full_width),
    **dict.fromkeys(("decimalEnclosedCircle", "decimalEnclosedCircleChinese"), _one_of(_span("①", 20))),
    "decimalEnclosedParen": _one_of(_span("⑴", 20)),
    "decimalEnclosedFullstop": _one_of(_span("⒈", 20)),
    "ideographEnclosedCircle": _one_of(_span("㊀", 10)),
    **dict.fromkeys(("ideographDigital", "japaneseDigitalTenThousand", "taiwaneseDigital"), _digit_by_digit),
    **dict.fromkeys(("chineseCounting", "taiwaneseCounting"), _counting),
    **dict.fromkeys(("chineseCountingThousand", "taiwaneseCountingThousand"), _with_units),
    "japaneseCounting": _JAPANESE,
    "chineseLegalSimplified": lambda value: chinese(value, *_LEGAL),
    "ideographLegalTraditional": lambda value: chinese(value, *_LEGAL_TRADITIONAL),
    "ideographTraditional": _one_of(_STEMS),
    "ideographZodiac": _one_of(_BRANCHES),
    "ideographZodiacTraditional": lambda value: _STEMS[(value - 1) % 10] + _BRANCHES[(value - 1) % 12],
    "ordinal": lambda value: f"{value}{_ordinal_end(value)}",
    "numberInDash": lambda value: f"- {value} -",
}


def _ordinal_end(value: int) -> str:
    if value % 100 in (11, 12, 13):
        return "th"
    return {1: "st", 2: "nd", 3: "rd"}.get(value % 10, "th")
