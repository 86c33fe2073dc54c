"""The counts of bigrams in deleted documents: what was counted is read back, and damage is told."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from indexer.errors import IndexDamaged
from indexer.postings.deleted_grams import FILE, TEXT_END, DeletedGrams, count_grams, write_deleted_grams
from indexer.postings.format import TEXT_END_CODE

TEXTS = {"title": "科技𧃸科技", "heading": "", "body": "科技园科\ud800"}


def test_counts_are_read_back(tmp_path: Path) -> None:
    """Every bigram and last character of each field has its count, any other none; counts are added to and taken."""
    counts = count_grams(TEXTS) + count_grams({"title": "科技", "heading": "园", "body": ""})
    write_deleted_grams(tmp_path, counts - count_grams({"title": "科技", "heading": "园", "body": ""}))
    deleted = DeletedGrams(tmp_path)
    assert deleted.counts() == count_grams(TEXTS)
    for field, text in TEXTS.items():
        expected = Counter(pairwise((*map(ord, text), TEXT_END_CODE)))
        for (first, second), occurrences in expected.items():
            assert deleted.count(field, first, second) == occurrences
        for first in {ord(character) for character in "".join(TEXTS.values())}:
            assert dict(deleted.following(field, first)) == {
                two: n for (one, two), n in expected.items() if one == first
            }
        assert deleted.count(field, ord("园"), ord("园")) == 0
    deleted.close()


def test_several_documents_are_counted_together() -> None:
    """No bigram reaches from one document into the next one, and texts may be empty."""
    others = {"title": "", "heading": "园区", "body": "技科"}, {"title": "科", "heading": "", "body": ""}
    joined = {field: TEXT_END.join((text, *(other[field] for other in others))) for field, text in TEXTS.items()}
    assert count_grams(joined) == sum(map(count_grams, others), count_grams(TEXTS))


def test_empty_texts(tmp_path: Path) -> None:
    """Deleted documents without text have no bigrams."""
    write_deleted_grams(tmp_path, count_grams({"title": "", "heading": "", "body": ""}))
    deleted = DeletedGrams(tmp_path)
    assert deleted.counts() == {}
    assert deleted.count("body", 1, 2) == 0
    deleted.close()


@pytest.mark.parametrize("size", [None, 0, 7, 8, 31])
def test_damage_is_told(tmp_path: Path, size: int | None) -> None:
    """A missing, empty or shortened file is damage."""
    write_deleted_grams(tmp_path, count_grams(TEXTS))
    whole = (tmp_path / FILE).read_bytes()
    (tmp_path / FILE).unlink()
    if size is not None:
        (tmp_path / FILE).write_bytes(whole[:size])
    with pytest.raises(IndexDamaged, match=FILE):
        DeletedGrams(tmp_path)
