"""docs/scaling.md shows what the calculation prints, and the calculation obeys what it says."""

from __future__ import annotations

from pathlib import Path

from benchmarks.scaling import Assumed, PerDocument, default_table, need
from benchmarks.varied import vary

SCALING = Path(__file__).parents[1] / "docs" / "scaling.md"


def test_the_document_shows_the_printed_table() -> None:
    """The table of the document is that of `python -m benchmarks.scaling`."""
    assert default_table() in SCALING.read_text("utf-8")


def test_a_load_takes_no_longer_than_wanted() -> None:
    """There are as many indexing machines as it takes, and never none; the cluster keeps at least three nodes."""
    small, large = (need(count, PerDocument(), Assumed(load_hours=10)) for count in (1000, 10**9))
    assert (small.indexing_machines, small.nodes, small.shards) == (1, 3, 1)
    assert large.hours_of_one_machine / large.indexing_machines <= 10
    assert large.indexing_machines > 1


def test_disks_hold_an_index_twice() -> None:
    """A full build writes a new index beside the one that answers."""
    assumed = Assumed()
    large = need(10**9, PerDocument(), assumed)
    assert large.nodes * assumed.node_disk_gb * assumed.fill >= 2 * large.index_gb


def test_varied_texts_are_the_same_in_every_run() -> None:
    """The texts themselves come first, then variations of about their length, with ids of their own."""
    records = [{"id": f"d{number}", "title": "题", "text": f"第{number}句。另一句！" * 9} for number in range(5)]
    first, second = ([record for _, record in zip(range(23), vary(records), strict=False)] for _ in range(2))
    assert first == second
    assert first[:5] == records
    assert len({record["id"] for record in first}) == 23
    assert all(len(record["text"]) == len(records[0]["text"]) for record in first)
