"""Conformance of engines: what every implementation of the `Engine` protocol must answer, by a model in plain Python.

A new engine is complete when it is added to `engines.ENGINES` and passes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from engines import ACCOUNTS, ENGINES, build_collection, new_index, source_of
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.document import Document
from corpus.fields import FACETS, FacetName
from corpus.settings import Settings
from indexer.analysis.normalise import normalise
from indexer.build import build_index
from searcher.execution.collectors import FacetCounts, NearestHits, RankedHit, SetAsideHits, TopHits, TotalHits
from searcher.execution.engine import Engine
from searcher.execution.plan import Plan, make_plan, nearest_plan
from searcher.query.parser import parse
from searcher.query.query_cutter import FurtherWords, QueryCutter
from searcher.query.tree import Term
from searcher.results import Request

CHARACTERS = "量子科技园区"

strings = st.text(CHARACTERS, min_size=1, max_size=3)
#: (alternatives, is it excluded?)
clauses = st.lists(st.tuples(st.lists(strings, min_size=1, max_size=2, unique=True), st.booleans()), max_size=3)
filters = st.fixed_dictionaries(
    {},
    optional={
        "account": st.lists(st.sampled_from((*ACCOUNTS, "没有的号")), min_size=1, max_size=2, unique=True).map(tuple),
        "month": st.lists(st.sampled_from(("2025-01", "2025-02", "1999-01")), min_size=1, unique=True).map(tuple),
    },
)
days = st.sampled_from([(None, None), ("2025-01-10", None), (None, "2025-02-10"), ("2025-01-05", "2025-02-20")])
requests = settings(deadline=None, derandomize=True, max_examples=100)


@dataclass(frozen=True)
class Indexed:
    """An engine, and the documents it holds by number."""

    engine: Engine
    documents: Mapping[int, Document]


@pytest.fixture(scope="module", params=ENGINES)
def engine_name(request: pytest.FixtureRequest) -> str:
    """Each engine."""
    return str(request.param)


@pytest.fixture(scope="module", params=[1, 2])
def index(
    request: pytest.FixtureRequest, engine_name: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Settings]:
    """An index of each random collection for each engine."""
    folder = tmp_path_factory.mktemp("conformance")
    with new_index(engine_name, folder) as settings:
        build_collection(request.param, CHARACTERS, folder, settings)
        yield settings


@pytest.fixture(scope="module")
def indexed(engine_name: str, index: Settings) -> Iterator[Indexed]:
    """Each engine over each collection."""
    engine = source_of(engine_name, index).open()
    everything = TopHits(0, None)
    found = engine.execute(plan_of(engine, Request(query="")), everything)[everything]
    yield Indexed(engine, {hit.number: engine.read(hit.number) for hit in found})
    engine.close()


def plan_of(engine: Engine, request: Request, *words: str) -> Plan:
    """The plan of a request without helpers, cut with further words."""
    query, problems = parse(request.query, Settings())
    assert not problems
    return make_plan(query, request, cutter_of(engine, *words))


def cutter_of(engine: Engine, *words: str) -> QueryCutter:
    """Cuts queries by an engine's dictionary and further words."""
    return QueryCutter(engine.dictionary, FurtherWords(words))


def query_of(drawn: Sequence[tuple[Sequence[str], bool]]) -> str:
    """Clauses as a query of quoted strings."""
    texts = [" OR ".join(f'"{string}"' for string in alternatives) for alternatives, _ in drawn]
    return " ".join(f"{'-' if is_not else ''}({text})" for text, (_, is_not) in zip(texts, drawn, strict=True))


def has(document: Document, string: str, *, is_everywhere: bool = False) -> bool:
    """True if a document contains a string, in its text or, if `is_everywhere`, in what is set aside."""
    beside = (*(text for _, text in document.set_aside), *document.seams) if is_everywhere else ()
    return any(string in normalise(text) for text in (document.title, document.body, *beside))


def matches(document: Document, drawn: Sequence[tuple[Sequence[str], bool]]) -> bool:
    """True if a document matches all clauses."""
    return all(
        any(has(document, string, is_everywhere=True) for string in alternatives) != is_not
        for alternatives, is_not in drawn
    )


def passes(
    document: Document, selected: Mapping[FacetName, Sequence[str]], days: tuple[str | None, str | None]
) -> bool:
    """True if a document passes the filters."""
    first, last = days
    date = document.date or ""
    own: dict[FacetName, str] = {"account": document.account, "month": date[:7]}
    is_in_range = not (first or last) or (bool(date) and (first or "") <= date <= (last or "9999"))
    return is_in_range and all(own[name] in values for name, values in selected.items())


@requests
@given(clauses, filters, days)
def test_exact_strings_and_totals(
    indexed: Indexed,
    drawn: list[tuple[list[str], bool]],
    selected: dict[FacetName, tuple[str, ...]],
    days: tuple[str | None, str | None],
) -> None:
    """The documents found are exactly those that contain the strings and pass the filters, and they are counted."""
    request = Request(query=query_of(drawn), filters=selected, date_from=days[0], date_to=days[1])
    expected = {
        number
        for number, document in indexed.documents.items()
        if matches(document, drawn) and passes(document, selected, days)
    }
    plan, total, top = plan_of(indexed.engine, request), TotalHits(), TopHits(0, None)
    found = indexed.engine.execute(plan, total, top)
    assert {hit.number for hit in found[top]} == expected
    assert {hit.tier for hit in found[top]} <= {"exact"}
    assert (found[total].exact, found[total].related) == (len(expected), 0)
    number = min(indexed.documents)
    assert indexed.engine.matches(plan, number) == (number in expected)


@requests
@given(st.lists(strings, min_size=1, max_size=2, unique=True), strings, filters)
def test_set_aside_hits(
    indexed: Indexed, wanted: list[str], unwanted: str, selected: dict[FacetName, tuple[str, ...]]
) -> None:
    """Documents are counted that are no hits, and are exact hits if unquoted terms are looked for everywhere."""
    query = f"{' '.join(wanted)} -{unwanted}"
    plan = plan_of(indexed.engine, Request(query=query, filters=selected))
    everywhere = plan_of(indexed.engine, Request(query=f"{query} in:all", filters=selected))
    top, count = TopHits(0, None), SetAsideHits()
    found, others = indexed.engine.execute(plan, top, count), indexed.engine.execute(everywhere, top, count)
    expected = {
        number
        for number, document in indexed.documents.items()
        if all(has(document, string, is_everywhere=True) for string in wanted)
        and not has(document, unwanted, is_everywhere=True)
        and passes(document, selected, (None, None))
    }
    assert {hit.number for hit in others[top] if hit.tier == "exact"} == expected
    assert found[count] == len(expected - {hit.number for hit in found[top]})
    assert others[count] == 0


@requests
@given(clauses, filters, days)
def test_facets_set_their_own_selection_aside(
    indexed: Indexed,
    drawn: list[tuple[list[str], bool]],
    selected: dict[FacetName, tuple[str, ...]],
    days: tuple[str | None, str | None],
) -> None:
    """Each facet counts the hits that there would be without its own selection, and names selected values always."""
    request = Request(query=query_of(drawn), filters=selected, date_from=days[0], date_to=days[1])
    facets = FacetCounts(("account", "month"))
    found = indexed.engine.execute(plan_of(indexed.engine, request), facets)[facets]
    assert list(found) == ["account", "month"]
    for name, counts in found.items():
        others = {other: values for other, values in selected.items() if other != name}
        hits = [
            document
            for document in indexed.documents.values()
            if matches(document, drawn) and passes(document, others, days)
        ]
        values = Counter(document.account if name == "account" else (document.date or "")[:7] for document in hits)
        expected = {value: count for value, count in values.items() if value}
        assert counts == dict.fromkeys(selected.get(name, ()), 0) | expected


@requests
@given(
    st.lists(strings, min_size=1, max_size=3, unique=True),
    st.sampled_from(["relevance", "newest", "oldest"]),
    st.integers(0, 12),
    st.integers(0, 12),
)
def test_tiers_order_and_paging(indexed: Indexed, words: list[str], sort: Any, first: int, size: int) -> None:
    """Exact hits come first; each tier is in the order asked for; a page is a slice of the whole ranking."""
    plan = plan_of(indexed.engine, Request(query=" ".join(words), sort=sort))
    total, whole, page = TotalHits(), TopHits(0, None), TopHits(first, first + size)
    found = indexed.engine.execute(plan, total, whole, page)
    ranking = found[whole]
    exact = [hit for hit in ranking if hit.tier == "exact"]
    assert ranking[: len(exact)] == tuple(exact)
    assert {hit.number for hit in exact} == {
        number for number, document in indexed.documents.items() if all(has(document, word) for word in words)
    }
    assert (found[total].exact, found[total].both) == (len(exact), len(ranking))
    assert [hit._replace(score=0) for hit in found[page]] == [
        hit._replace(score=0) for hit in ranking[first : first + size]
    ]
    assert [hit.score for hit in found[page]] == pytest.approx([hit.score for hit in ranking[first : first + size]])
    for tier in (exact, list(ranking[len(exact) :])):
        assert tier == sorted(tier, key=lambda hit: order_of(hit, indexed.documents[hit.number], sort))


@requests
@given(st.lists(strings, min_size=1, max_size=2, unique=True), strings, filters)
def test_nearest_hits(
    indexed: Indexed, wanted: list[str], unwanted: str, selected: dict[FacetName, tuple[str, ...]]
) -> None:
    """The nearest documents pass filters and exclusions, have a character of the query, and come best first.

    A document that has all of the strings is one of them; single characters may be too common to count.
    """
    request = Request(query=f"{' '.join(map(quoted, wanted))} -{quoted(unwanted)}", filters=selected)
    plan = plan_of(indexed.engine, request)
    nearest, first = NearestHits(len(indexed.documents)), NearestHits(3)
    found = indexed.engine.execute(nearest_plan(plan, cutter_of(indexed.engine)), nearest, first)
    ranking = found[nearest]
    assert found[first] == ranking[:3]
    assert {hit.tier for hit in ranking} <= {"nearest"}
    assert list(ranking) == sorted(ranking, key=lambda hit: order_of(hit, indexed.documents[hit.number], request.sort))
    allowed = {
        number: document
        for number, document in indexed.documents.items()
        if not has(document, unwanted, is_everywhere=True) and passes(document, selected, (None, None))
    }
    assert {hit.number for hit in ranking} <= {
        number for number, document in allowed.items() if any(has(document, one) for one in "".join(wanted))
    }
    whole = {number for number, document in allowed.items() if all(has(document, string) for string in wanted)}
    assert min(map(len, wanted)) == 1 or whole <= {hit.number for hit in ranking}


def quoted(string: str) -> str:
    """A literal string."""
    return f'"{string}"'


def order_of(hit: RankedHit, document: Document, sort: str) -> tuple[float | str, ...]:
    """The sort key of a hit: newer documents first where scores are equal, then by id; without a date last."""
    day = int((document.date or "0").replace("-", ""))
    if sort == "oldest":
        return (day or 99999999, document.id)
    return (-hit.score, -day, document.id) if sort == "relevance" else (-day, document.id)


@requests
@given(strings)
def test_term_statistics(indexed: Indexed, string: str) -> None:
    """Document frequencies and bigram counts are what counting in the texts gives."""
    engine, documents = indexed.engine, indexed.documents.values()
    assert engine.document_frequency(Term(text=string)) == sum(has(document, string) for document in documents)
    assert engine.has_word(string) == (engine.word_frequency(string) > 0)
    titles = sum(string in normalise(document.title) for document in documents)
    assert engine.document_frequency(Term(text=string, is_title=True)) == titles
    texts = [normalise(text) for document in documents for text in (document.title, document.body)]
    following = Counter(after for text in texts for before, after in pairwise(text) if before == string[0])
    assert {one: count for one, count in engine.followers(string[0]).items() if one in CHARACTERS} == {
        one: count for one, count in following.items() if one in CHARACTERS
    }
    for other in CHARACTERS:
        assert engine.bigram_count(string[0], other) == following[other]


def test_scores_are_explained(indexed: Indexed) -> None:
    """The parts of every hit's score add up to it."""
    plan, top = plan_of(indexed.engine, Request(query="科技 量子 园区")), TopHits(0, None)
    ranking = indexed.engine.execute(plan, top)[top]
    explained = indexed.engine.explain(plan, [hit.number for hit in ranking])
    assert ranking
    for hit in ranking:
        assert sum(part.score for part in explained.parts[hit.number]) == pytest.approx(hit.score)
        share = explained.shares[hit.number]
        assert hit.tier == "exact" or (share is not None and share.held >= share.asked)


@requests
@given(word=st.text(CHARACTERS, min_size=2, max_size=3), rest=st.text(CHARACTERS, min_size=1, max_size=2))
def test_further_words_are_strings(indexed: Indexed, word: str, rest: str) -> None:
    """A word that documents were not cut into has the documents of its string, and adds no hit without it."""
    request = Request(query=word + rest)
    plan, everything = plan_of(indexed.engine, request, word), TopHits(0, None)
    numbers = [hit.number for hit in indexed.engine.execute(plan, everything)[everything]]
    having = {number for number, document in indexed.documents.items() if has(document, word)}
    explained = indexed.engine.explain(plan, numbers)
    further = [term for term in explained.terms if term.kind == "user_word"]
    assert [(term.text, term.documents) for term in further] in ([], [(word, len(having))])
    before = indexed.engine.execute(plan_of(indexed.engine, request), everything)[everything]
    assert {*numbers} - {hit.number for hit in before} <= having
    for number in numbers if further else ():
        assert (number in having) == any(part.kind == "user_word" for part in explained.parts[number])


def test_documents_are_read(indexed: Indexed) -> None:
    """Documents are found by either id, heads are documents without texts, the newest come first."""
    engine = indexed.engine
    assert engine.info.documents == len(indexed.documents)
    for number, document in indexed.documents.items():
        assert engine.find(document.id) == number
        assert engine.with_source_id(document.source_id) == [number]
        head = engine.head(number)
        assert (head.id, head.title, head.body) == (document.id, document.title, "")
    assert engine.find("0" * 16) is None
    dates = [indexed.documents[number].date or "" for number in engine.titles("", 10)]
    assert dates == sorted((document.date or "" for document in indexed.documents.values()), reverse=True)[:10]
    for document in indexed.documents.values():
        titled = {number for number, other in indexed.documents.items() if other.title.startswith(document.title)}
        assert {*engine.titles(normalise(document.title), len(indexed.documents))} == titled


@pytest.mark.parametrize("engine_name", ENGINES)
def test_a_version_for_each_publishing(engine_name: str, tmp_path: Path) -> None:
    """A source has another version after a generation is published."""
    with new_index(engine_name, tmp_path) as settings:
        build_collection(1, CHARACTERS, tmp_path, settings)
        source = source_of(engine_name, settings)
        before = source.version()
        assert source.version() == before is not None
        build_index([tmp_path / "source.json"], settings, is_rebuild=True)
        assert source.version() != before


def test_all_facets_are_known(indexed: Indexed) -> None:
    """Every facet of the registry can be counted."""
    facets = FacetCounts(tuple(FACETS))
    found = indexed.engine.execute(plan_of(indexed.engine, Request(query="")), facets)[facets]
    assert set(found) == set(FACETS)
