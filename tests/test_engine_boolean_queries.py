"""Random boolean queries over random small collections: every engine finds what a model in plain Python finds."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

import pytest
from engines import ACCOUNTS, ENGINES, build_collection, new_index, source_of
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.document import Document
from corpus.settings import Settings
from indexer.analysis.normalise import normalise
from searcher.execution.collectors import TopHits, TotalHits
from searcher.execution.engine import Engine
from searcher.execution.plan import make_plan
from searcher.query.parser import parse
from searcher.query.query_cutter import QueryCutter
from searcher.results import Request

#: Runs of letters and digits, whose ends an unquoted term must not cut, between Han characters.
CHARACTERS = "科技园6gG2Hz"
QUERIES = 150


class Part(NamedTuple):
    """A query as text, and whether a document matches it."""

    text: str
    matches: Callable[[Document], bool]


def texts(document: Document) -> list[str]:
    """The texts that unquoted terms are looked for in."""
    return [*map(normalise, (document.title, document.body, *document.notes, *document.original_texts))]


def everything(document: Document) -> list[str]:
    """The texts that quoted strings are looked for in: those that are set aside too."""
    return [*texts(document), *(normalise(text) for _, text in document.set_aside), *map(normalise, document.seams)]


def whole(string: str, *, is_prefix: bool = False) -> re.Pattern[str]:
    """Where a string is that neither begins nor, but for a prefix, ends inside a run of digits or of letters."""

    def ends(character: str) -> str:
        return next((kind for kind in ("[0-9]", "[a-z]") if re.match(kind, character)), "(?!)")

    after = "" if is_prefix else f"(?!{ends(string[-1])})"
    return re.compile(f"(?<!{ends(string[0])}){re.escape(string)}{after}")


def term(string: str) -> Part:
    """An unquoted term."""
    pattern = whole(normalise(string))
    return Part(string, lambda document: any(map(pattern.search, texts(document))))


def prefix(string: str) -> Part:
    """A prefix."""
    pattern = whole(normalise(string), is_prefix=True)
    return Part(f"{string}*", lambda document: any(map(pattern.search, texts(document))))


def phrase(string: str) -> Part:
    """A quoted string."""
    return Part(f'"{string}"', lambda document: any(normalise(string) in text for text in everything(document)))


def in_title(string: str) -> Part:
    """A quoted string in the title."""
    return Part(f'title:"{string}"', lambda document: normalise(string) in normalise(document.title))


def of_account(name: str) -> Part:
    """A part of the name of an account."""
    return Part(f"account:{name}", lambda document: name in document.account)


def between(first: date, days: int) -> Part:
    """A range of days."""
    last = date.fromordinal(first.toordinal() + days)
    return Part(
        f"date:{first}..{last}", lambda document: bool(document.date) and str(first) <= str(document.date) <= str(last)
    )


def all_of(parts: list[Part]) -> Part:
    """Parts joined by AND."""
    return Part(
        f"({' '.join(part.text for part in parts)})", lambda document: all(part.matches(document) for part in parts)
    )


def any_of(parts: list[Part]) -> Part:
    """Parts joined by OR."""
    return Part(
        f"({' OR '.join(part.text for part in parts)})", lambda document: any(part.matches(document) for part in parts)
    )


def none_of(part: Part) -> Part:
    """A part under a NOT."""
    return Part(f"-({part.text})", lambda document: not part.matches(document))


strings = st.text(CHARACTERS, min_size=1, max_size=3)
leaves = st.one_of(
    strings.map(term),
    strings.map(phrase),
    strings.map(in_title),
    st.text(CHARACTERS, min_size=2, max_size=3).map(prefix),
    st.sampled_from((*ACCOUNTS, "科创", "无")).map(of_account),
    st.builds(between, st.dates(date(2025, 1, 1), date(2025, 3, 28)), st.integers(0, 40)),
)
parts = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(all_of),
        st.lists(inner, min_size=2, max_size=3).map(any_of),
        inner.map(none_of),
    ),
    max_leaves=6,
)


@pytest.fixture(scope="module", params=ENGINES)
def engine_name(request: pytest.FixtureRequest) -> str:
    """Each engine."""
    return str(request.param)


@pytest.fixture(scope="module", params=[3, 4])
def indexed(
    request: pytest.FixtureRequest, engine_name: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Engine, Mapping[int, Document]]]:
    """An engine over each random collection, and its documents by number."""
    folder = tmp_path_factory.mktemp("boolean")
    with new_index(engine_name, folder) as options:
        build_collection(request.param, CHARACTERS, folder, options)
        engine = source_of(engine_name, options).open()
        found = exact_hits(engine, "")
        yield engine, {number: engine.read(number) for number in found}
        engine.close()


def exact_hits(engine: Engine, query: str, **options: Any) -> list[int]:
    """The numbers of the exact hits of a query, counted too."""
    tree, problems = parse(query, Settings())
    assert not problems
    plan = make_plan(tree, Request(query=query, **options), QueryCutter(engine.dictionary))
    total, top = TotalHits(), TopHits(0, None)
    found = engine.execute(plan, total, top)
    numbers = [hit.number for hit in found[top] if hit.tier == "exact"]
    assert (found[total].exact, found[total].both) == (len(numbers), len(found[top]))
    return numbers


@settings(deadline=None, derandomize=True, max_examples=QUERIES)
@given(part=parts)
def test_boolean_queries(indexed: tuple[Engine, Mapping[int, Document]], part: Part) -> None:
    """The exact hits of any query are the documents that match it, each once."""
    engine, documents = indexed
    found = exact_hits(engine, part.text)
    assert sorted(found) == sorted(number for number, document in documents.items() if part.matches(document))
