"""Learned words in searches: they rank and are marked, never make hits fewer, and are rejected by the user."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from unknown_words import articles

from corpus.settings import Settings
from searcher.results import Request, SearchPage
from searcher.service import Searcher

Make = Callable[..., Searcher]

#: Texts that say the word in other ways, have its parts elsewhere, or parts of it only.
OTHERS = (
    {"title": "两处", "content": "脑机之外另有接口的仪器。"},
    {"title": "连着", "content": "渔船上的脑机接口仪器。"},
    {"title": "一处", "content": "仪器的接口。"},
    {"title": "无关", "content": "仪器与渔船。"},
)
#: Queries of more than a learned word alone.
QUERIES = ("脑机接口仪器", "脑机接口的仪器有哪些", "脑机接口 渔船", "渔船脑机接口硅巷", "接口仪器", "渔船")


@pytest.fixture(scope="module")
def searcher(make_module_searcher: Make) -> Searcher:
    """An index that has learned 脑机接口 and 硅巷."""
    return make_module_searcher(*articles(["脑机接口", "硅巷"]), *OTHERS)


@pytest.fixture(scope="module")
def without(searcher: Searcher, tmp_path_factory: pytest.TempPathFactory) -> Searcher:
    """The same index for a user who rejects both words."""
    dictionary = tmp_path_factory.mktemp("rejected") / "words.txt"
    dictionary.write_text("-脑机接口\n-硅巷\n", "utf-8")
    settings = replace(searcher._settings, user_dictionary=str(dictionary))
    return Searcher(searcher._settings.index_dir, settings)


def page_of(searcher: Searcher, query: str) -> SearchPage:
    """The whole answer without helpers."""
    return searcher.search(Request(query=query, limit=100))


def test_learned_words_explain_scores(searcher: Searcher) -> None:
    """`--explain` shows a learned word of a query with the number of documents that have it as a string."""
    terms = {(term.kind, term.text): term.documents for term in searcher.explain(Request(query="脑机接口仪器")).terms}
    assert terms["learned_word", "脑机接口"] == 13


def test_documents_with_the_word_come_first(searcher: Searcher, without: Searcher) -> None:
    """A document that has the word comes before one that has its characters apart."""
    related = [hit.title for hit in page_of(searcher, "仪器的脑机接口").hits]
    assert related.index("连着") < related.index("两处")
    assert "连着" in [hit.title for hit in page_of(without, "仪器的脑机接口").hits]


@pytest.mark.parametrize("query", QUERIES)
def test_learned_words_never_make_hits_fewer(searcher: Searcher, without: Searcher, query: str) -> None:
    """With the words, exact hits are the same, and each related hit without them is still one."""
    with_words, without_words = page_of(searcher, query), page_of(without, query)
    assert with_words.exact_total == without_words.exact_total
    assert {hit.id for hit in without_words.hits} <= {hit.id for hit in with_words.hits}


def test_a_learned_word_alone_is_in_a_document_or_not(searcher: Searcher, without: Searcher) -> None:
    """A query that is one learned word finds no document that has its parts only, as one of the dictionary does."""
    page = page_of(searcher, "脑机接口")
    assert (page.exact_total, page.related_total) == (13, 0)
    assert page_of(without, "脑机接口").related_total


def test_learned_words_are_marked_whole(searcher: Searcher) -> None:
    """In a related hit the word is one mark, not one for each part."""
    hits = page_of(searcher, "仪器的脑机接口").hits
    assert ("脑机接口", True) in [tuple(piece) for hit in hits for snippet in hit.snippets for piece in snippet]


@pytest.mark.parametrize("typed", ["硅", "guix", "gx", "脑机"])
def test_learned_words_complete_queries(searcher: Searcher, without: Searcher, typed: str) -> None:
    """Learned words are offered with the number of documents that have them, rejected ones are not."""
    word = "脑机接口" if typed == "脑机" else "硅巷"
    count = 14 if word == "脑机接口" else 12
    offered = {found.text: found.count for found in searcher.complete(typed, 20)}
    assert offered[word] == count - (word == "脑机接口")
    assert word not in {found.text for found in without.complete(typed, 20)}


def test_learned_words_are_spelt_and_corrected(searcher: Searcher) -> None:
    """Pinyin finds a learned word, also one of two characters, and a typo in one is corrected."""
    for typed, kind, word in (("guixiang", "pinyin", "硅巷"), ("脑鸡接口", "typo", "脑机接口")):
        applied = page_of(searcher, typed).applied
        assert [(helper.kind, helper.after) for helper in applied] == [(kind, word)]


def test_learned_words_compare_documents(searcher: Searcher) -> None:
    """`--like` compares documents by learned words, too."""
    page = page_of(searcher, "“脑机接口仪器”")
    assert "脑机接口" in searcher.similar(page.hits[0].id).words


def test_a_word_is_rejected_without_indexing(searcher: Searcher, tmp_path: Path) -> None:
    """A word that is rejected while a server runs is none at the next request, and an accepted one is the user's."""
    dictionary = tmp_path / "words.txt"
    dictionary.write_text("", "utf-8")
    settings = Settings(index=searcher._settings.index, user_dictionary=str(dictionary))
    own = Searcher(settings.index_dir, settings)

    def kinds() -> set[str]:
        terms = own.explain(Request(query="脑机接口仪器")).terms
        return {term.kind for term in terms if term.text == "脑机接口"}

    found = [kinds()]
    for line in ("-脑机接口\n", "脑机接口\n# 接受\n"):
        dictionary.write_text(line, "utf-8")
        found.append(kinds())
    own.close()
    assert found == [{"learned_word"}, set(), {"user_word"}]
