"""The data layout in OpenSearch: prepared texts, bodies, ids, and the published state; without a cluster."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from opensearch_documents import document, state

from indexer.analysis.tokens import RUN_BOUNDARY, cuts_run, run_class
from indexer.errors import IndexDamaged, ReindexNeeded
from indexer.opensearch.document_body import document_body
from indexer.opensearch.layout import generation_of, grams_id, index_body, index_name, stored_document, visible_at
from indexer.opensearch.prepared_text import (
    decoded,
    encoded,
    plain_text,
    prepared_string,
    prepared_text,
    prepared_value,
    prepared_word,
)
from indexer.opensearch.published_state import state_of, unpublished_meta
from indexer.record import make_record

texts = st.text("6g26ghzλ量子 -\x02\ud800½²", max_size=12)


class Cutter:
    """Every run is a word."""

    def cut(self, runs: Iterable[str]) -> list[str]:
        """The runs as they are."""
        return list(runs)


@given(texts, texts, st.booleans(), st.booleans())
def test_strings_match_at_whole_runs_where_they_must(
    text: str, string: str, starts_whole: bool, ends_whole: bool
) -> None:
    """A prepared text contains a prepared string where the text has it, but not inside a run where that is asked."""
    places = [at for at in range(len(text)) if string and text.startswith(string, at)]
    expected = [
        at
        for at in places
        if not (starts_whole and cuts_run(text, at)) and not (ends_whole and cuts_run(text, at + len(string)))
    ]
    if string:
        found = prepared_string(string, starts_whole, ends_whole) in prepared_text(text)
        assert found == bool(expected)
    assert plain_text(prepared_text(text)) == text


def test_boundaries_are_those_of_the_analysis() -> None:
    """For every character the boundaries around it are there if it is a letter or digit as the analysis knows them."""
    for character in map(chr, range(sys.maxunicode + 1)):
        assert (RUN_BOUNDARY in prepared_text(f"。{character}。")) == (run_class(character) > 0 or character == "\x01")


@given(st.text())
@example("\U0010f000")
@example("\U0010f7ff\U0010f800")
@example("\U0010f800\U0010f800\U0010f000")
def test_surrogates_survive(text: str) -> None:
    """Every text is sent as valid UTF-8 and read back as it was."""
    assert decoded(encoded(text + "\udfff")) == text + "\udfff"
    encoded(text + "\ud800").encode("utf-8")


def test_characters_that_stand_for_surrogates_have_tables_of_their_own() -> None:
    """A private character, and the surrogate that is sent as it, are told apart in the ids of tables."""
    characters = ("\ud800", "\U0010f000", "\U0010f800", "量")
    assert len({grams_id(encoded(character)) for character in characters}) == len(characters)


def test_long_words_and_values_are_told_apart() -> None:
    """What is longer than Lucene's limits is shortened, and two that differ at the end only still differ."""
    for prepare, limit in ((prepared_word, 127), (prepared_value, 8_000)):
        assert prepare("a" * 50) == "a" * 50
        first, second = prepare("a" * 40_000), prepare("a" * 39_999 + "b")
        assert first != second
        assert len(first) <= limit


def test_a_stored_document_is_read_back() -> None:
    """Bodies hold the whole document, and its head alone; a cluster that was added is there."""
    original = document("a" * 16, title="量子\ud800", body="科技6G园区\n第二行")
    body = json.loads(json.dumps(document_body(make_record(original, Cutter()))))
    assert stored_document(body) == original
    found = stored_document({"head": body["head"], "cluster_earliest": "b" * 16, "cluster_similarity": 9000})
    assert (found.title, found.body) == (original.title, "")
    assert found.cluster is not None
    assert (found.cluster.earliest, found.cluster.similarity) == ("b" * 16, 0.9)


def test_fields_of_a_body_are_those_of_the_mapping() -> None:
    """The mapping is strict, so that every field of a body must be in it; empty fields are left out."""
    record = make_record(document("c" * 16, title="规划", body="十四五规划", date="2025-03-01"), Cutter())
    properties = index_body(1, 0, {})["mappings"]["properties"]
    body = document_body(record)
    assert set(body) <= set(properties)
    assert "heading" not in body
    assert (body["title_length"], body["heading_length"], body["body_length"]) == (2, 0, 5)
    assert body["month"] == ["2025-03"]


def test_damaged_documents_are_named() -> None:
    """A stored document that cannot be read is damage, named by its id."""
    for source in ({"id": "x", "head": "{"}, {"id": "x", "head": '{"unknown": 1}'}, {"id": "x"}):
        with pytest.raises(IndexDamaged, match="the stored document x cannot be read"):
            stored_document(source)


def test_names_of_indices() -> None:
    """An index is named after the generation that created it; other names are none of ours."""
    assert index_name("kesou", 7) == "kesou-000007"
    assert generation_of("kesou-000007", "kesou") == 7
    for name in ("kesou", "kesou-lock", "kesou-7", "kesou-000007-old", "other-000007", "kesou-x-000007"):
        assert generation_of(name, "kesou") is None
    assert visible_at(7)["bool"]["filter"] == [{"range": {"since": {"lte": 7}}}]


def test_the_published_state_is_read_back() -> None:
    """What `_meta` says is what was published; an index without it, of another version or damaged is told apart."""
    meta = json.loads(json.dumps(state(7).to_meta()))
    assert state_of(meta, "kesou-000007") == state(7)
    assert state_of(unpublished_meta(), "kesou-000007") is None
    for other in ({}, {"kesou": {"layout": 0}}, {"kesou": 1}):
        with pytest.raises(ReindexNeeded, match="kesou-000007 was built by another version"):
            state_of(other, "kesou-000007")
    del meta["kesou"]["lengths"]
    with pytest.raises(IndexDamaged, match="state of the index kesou-000007"):
        state_of(meta, "kesou-000007")
