"""Homophones, for every reading of the pinyin table."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import indexer.analysis.pinyin
from indexer.analysis.pinyin import readings, syllables
from searcher.expansion.homophones import homophones
from searcher.expansion.pinyin import is_syllable
from searcher.results import Request
from searcher.service import Searcher

TABLE = Path(indexer.analysis.pinyin.__file__).with_name("data") / "pinyin.txt"
#: One line a reading: the reading, and the characters that have it.
LINES = [line.split(" ") for line in TABLE.read_text("utf-8").splitlines()]
#: The last characters of every reading, which are the rarest ones.
RARE_CHARACTERS = sorted({characters[-1] for _, characters in LINES})


def test_same_and_similar_sounds() -> None:
    """Homophones share a reading; similar characters differ by sounds that many speakers do not distinguish."""
    same, similar = homophones("身")
    assert "申" in same
    assert {"生", "森"} <= set(similar)
    assert "身" not in same + similar


def test_every_character_of_the_table_has_an_answer() -> None:
    """Homophones of any character of the table share a reading with it; none is named twice, nor itself."""
    for _, characters in LINES:
        for character in (characters[0], characters[-1]):
            same, similar = homophones(character)
            assert all(set(readings(other)) & set(readings(character)) for other in same), character
            assert len({character, *same, *similar}) == 1 + len(same) + len(similar), character


@pytest.mark.parametrize("character", ["嗯", "呣", "噷"])
def test_readings_without_a_vowel(character: str) -> None:
    """A character whose only reading has no vowel has no homophones, and its reading is no syllable to type."""
    assert homophones(character)[0] == ""
    assert not any(is_syllable(reading) or reading in syllables() for reading in readings(character))


def test_characters_without_a_reading() -> None:
    """A character that the table lacks has neither homophones nor similar characters."""
    assert homophones("a") == homophones("𠮷") == ("", "")


def test_searches_for_unusual_readings_are_answered(make_searcher: Callable[..., Searcher]) -> None:
    """Terms with a character that no document has are answered without an error, whatever its reading."""
    searcher = make_searcher({"content": "新型储能电站建成投运。"})
    for character in ("嗯", "呣", "噷", *RARE_CHARACTERS[::40]):
        for query in (character, f"{character}好", f"储能{character}站", f"新型{character}能电站"):
            assert searcher.search(Request(query=query)).problems == (), query
