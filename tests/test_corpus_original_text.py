"""What cleaning changes inside a line stays findable as the file has it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.cleaning.original_text import original_texts
from indexer.analysis.normalise import normalise


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        pytest.param("科技创新", "科技创新", (), id="nothing changed"),
        pytest.param("科技2创新", "科技创新", ("科技2创新",), id="a page number in a word"),
        pytest.param("建议。一、总则", "建议。\n一、总则", ("建议。一、总则",), id="a break behind a full stop"),
        pytest.param("科技创新", "科技\n创新", (), id="a break that searches do not see"),
    ],
)
def test_original_texts(before: str, after: str, found: tuple[str, ...]) -> None:
    """A stretch of the earlier text for every change that a search would notice."""
    assert original_texts(before, after) == found


def test_far_changes_have_traces_of_their_own() -> None:
    """Two page numbers far apart give two short stretches, not one long one."""
    before = "甲" * 200 + "1" + "乙" * 200 + "2" + "丙" * 200
    found = original_texts(before, before.replace("1", "").replace("2", ""))
    assert [trace.strip("甲乙丙") for trace in found] == ["1", "2"]
    assert max(map(len, found)) < 200


@settings(deadline=None, derandomize=True, max_examples=300)
@given(
    text=st.text(st.sampled_from("科技创新。，一12a "), min_size=1, max_size=300),
    cuts=st.sets(st.integers(0, 299), max_size=6),
    breaks=st.sets(st.integers(0, 299), max_size=6),
    start=st.integers(0, 299),
    length=st.integers(1, 16),
)
def test_short_strings_are_never_lost(text: str, cuts: set[int], breaks: set[int], start: int, length: int) -> None:
    """Any short string of the file is in the cleaned text or in one of its original texts."""
    after = "".join(("\n" if at in breaks else "") + ("" if at in cuts else c) for at, c in enumerate(text))
    wanted = normalise(text[start : start + length])
    assert any(wanted in normalise(place) for place in (after, *original_texts(text, after)))
