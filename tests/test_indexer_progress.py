"""What a run tells of its progress without a terminal."""

from __future__ import annotations

import pytest

from indexer.commands.progress import described, plain_progress

MB = 1_000_000


def test_lines_of_a_long_run() -> None:
    """A line for each tenth with what is done and left, however often progress is told."""
    now = 0.0
    lines: list[str] = []
    update = plain_progress(lines.append, lambda: now)
    for done in range(1001):
        now = done * 4.0
        update(done * MB, 1000 * MB, done * 1000)
    assert len(lines) == 10
    assert lines[0] == "indexing: 10 %, 100 of 1,000 MB, 100,000 documents, 250 a second, 1 h 00 min left"
    assert lines[8] == "indexing: 90 %, 900 of 1,000 MB, 900,000 documents, 250 a second, 6 min 40 s left"
    assert lines[9] == "indexing: 100 %, 1,000,000 documents"


def test_lines_of_a_short_run() -> None:
    """Lines come at least ten seconds apart; the end is always told, once."""
    now = 0.0
    lines: list[str] = []
    update = plain_progress(lines.append, lambda: now)
    for done in range(101):
        now = done * 0.25
        update(done * MB, 100 * MB, done)
    assert [line.split(",")[0] for line in lines] == ["indexing: 40 %", "indexing: 80 %", "indexing: 100 %"]


@pytest.mark.parametrize(
    ("counts", "text"),
    [
        pytest.param((0, 5 * MB, 0, 0.0), "0 of 5 MB, 0 documents", id="start"),
        pytest.param((MB, 5 * MB, 0, 10.0), "1 of 5 MB, 0 documents, 40 s left", id="reading"),
        pytest.param((5 * MB, 5 * MB, 70, 10.0), "5 of 5 MB, 70 documents, 7 a second, 0 s left", id="end"),
        pytest.param((100, 200, 3, 0.5), "0 of 1 MB, 3 documents, 6 a second", id="little"),
    ],
)
def test_counts(counts: tuple[int, int, int, float], text: str) -> None:
    """Megabytes, documents, rate and remaining time, as far as they can be told."""
    assert described(*counts) == text


def test_nothing_to_do_is_all_done() -> None:
    """Without a byte to read, the end is told at once."""
    lines: list[str] = []
    plain_progress(lines.append)(0, 0, 0)
    assert lines == ["indexing: 100 %, 0 documents"]
