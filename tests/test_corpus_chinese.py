"""Chinese numerals, Han characters and sentence ends."""

from __future__ import annotations

import re
import unicodedata

import pytest

from corpus.chinese import ASCII_SENTENCE_ENDS, HAN, IDEOGRAPH_RANGES, NUMERAL, SENTENCE_ENDS, is_han, numeral_value

DIGITS = "一二三四五六七八九"


def numeral_below_100(number: int) -> str:
    """The usual way to write a number from 1 to 99."""
    tens, ones = divmod(number, 10)
    return ("" if tens < 2 else DIGITS[tens - 1]) + ("十" if tens else "") + (DIGITS[ones - 1] if ones else "")


@pytest.mark.parametrize("number", range(1, 100))
def test_numerals_below_100(number: int) -> None:
    """一 … 九十九 are read, and the pattern for them matches each as a whole."""
    numeral = numeral_below_100(number)
    assert numeral_value(numeral) == number
    assert re.fullmatch(NUMERAL, numeral)


@pytest.mark.parametrize(
    ("numeral", "value"),
    [
        ("〇", 0),
        ("零", 0),
        ("两", 2),
        ("一十二", 12),
        ("廿", 20),
        ("廿八", 28),
        ("卅一", 31),
        ("一百", 100),
        ("一百零三", 103),
        ("一百〇三", 103),
        ("一百一十三", 113),
        ("一百十三", 113),
        ("一百廿三", 123),
        ("两百", 200),
        ("二千", 2000),
        ("一千零三", 1003),
        ("一千零三十", 1030),
        ("一千一百零一", 1101),
        ("二千零二十五", 2025),
        ("九千九百九十九", 9999),
        ("二〇二五", 2025),
        ("二○二五", 2025),
        ("二零二五", 2025),
        ("二Ｏ二五", 2025),
        ("一九九九", 1999),
        ("7", 7),
        ("007", 7),
        ("2025", 2025),
        ("１２", 12),
    ],
)
def test_numerals(numeral: str, value: int) -> None:
    """Numerals with units, years written digit by digit, and decimal digits of both widths are read."""
    assert numeral_value(numeral) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "甲",
        "三五",
        "一二三",
        "十十",
        "百",
        "一百三",
        "一千三十",
        "二十廿",
        "3十",
        "十3",
        "一千百",
        "3.5",
        "-1",
        "②",
        "²",
    ],
)
def test_what_is_no_numeral(text: str) -> None:
    """Rows of digits, which may mean a range, abbreviations and mixtures of two scripts have no value."""
    assert numeral_value(text) is None


@pytest.mark.parametrize(
    ("character", "expected"),
    [
        pytest.param("科", True, id="common"),
        pytest.param("𠮷", True, id="extension-b"),
        pytest.param("㐂", True, id="extension-a"),
        pytest.param("豈", True, id="compatibility"),
        pytest.param("〇", True, id="zero"),
        pytest.param("々", True, id="iteration-mark"),
        pytest.param("䷀", False, id="hexagram"),
        pytest.param("あ", False, id="kana"),
        pytest.param("한", False, id="hangul"),
        pytest.param("。", False, id="punctuation"),
        pytest.param("Ａ", False, id="full-width-latin"),
        pytest.param("A", False, id="latin"),
    ],
)
def test_han(character: str, expected: bool) -> None:
    """What counts as a Han character, for the function and for regular expressions alike."""
    assert is_han(character) is expected
    assert bool(re.fullmatch(f"[{HAN}]", character)) is expected


def test_ideographs_are_those_of_unicode() -> None:
    """Every character that Unicode names a unified ideograph lies in the ranges."""
    named = (chr(code) for code in range(0x33FF, 0x32400))
    missing = [
        character
        for character in named
        if unicodedata.name(character, "").startswith("CJK UNIFIED IDEOGRAPH")
        and not any(first <= character <= last for first, last in IDEOGRAPH_RANGES)
    ]
    assert missing == []


def test_sentence_ends_of_both_widths_correspond() -> None:
    """Each ASCII mark is the narrow form of a Chinese one."""
    assert set(ASCII_SENTENCE_ENDS) < set(unicodedata.normalize("NFKC", SENTENCE_ENDS))
