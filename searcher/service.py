"""`Searcher`: answers requests with pages, hits, articles and reports, always from one whole generation."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Hashable, Iterator, Mapping
from functools import cache, cached_property, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar, cast

from corpus.fields import FACETS, FacetName
from corpus.settings import Settings
from corpus.value import Value, replace
from indexer.analysis.normalise import normalise
from searcher.errors import BadRequest
from searcher.execution.collectors import FacetCounts, NearestHits, RankedHit, SetAsideHits, TopHits, TotalHits
from searcher.execution.open_index import engine_source
from searcher.execution.plan import Plan, make_plan, nearest_plan
from searcher.expansion.expand import Expanded, expand, report_folding
from searcher.expansion.lexicon import Lexicon
from searcher.expansion.synonyms import Synonyms
from searcher.highlight.hits import HitMaker
from searcher.query.parser import parse, parse_exact
from searcher.query.query_cutter import FurtherWords, QueryCutter
from searcher.query.tree import Query
from searcher.results import (
    Article,
    Completion,
    FacetValue,
    Hit,
    IndexInfo,
    NoHitsReport,
    QueryProblem,
    Request,
    SearchPage,
    Totals,
)

if TYPE_CHECKING:
    from indexer.user_dictionary import UserDictionary
    from searcher.completions import Completer
    from searcher.diagnostics.reports import Explanation, Similar, WhyNot
    from searcher.execution.engine import Engine, EngineSource

_Method = TypeVar("_Method", bound=Callable[..., Any])

_Ranking: TypeAlias = tuple[RankedHit, ...]

#: Documents that are offered where there are no hits.
MOST_NEAREST: Final = 10
#: The words of the user, and those that the user rejects.
_Words: TypeAlias = tuple[frozenset[str], frozenset[str]]
#: One object, because a generation is opened anew for other words.
_NO_WORDS: Final[_Words] = (frozenset(), frozenset())


def _names_damage(method: _Method) -> _Method:
    """Lets a method raise IndexDamaged in place of any error that damaged files lead to."""

    @wraps(method)
    def wrapped(self: Searcher, *args: Any, **options: Any) -> Any:  # whatever the method takes and returns
        try:
            return method(self, *args, **options)
        except Exception as error:
            self._raise_damage(error)
            raise

    return cast("_Method", wrapped)


class Searcher:
    """Answers requests from the newest generation of an index; safe to share by threads.

    Raises IndexMissing, IndexDamaged or ReindexNeeded at the first request, and BadRequest for a request that
    cannot be answered.
    """

    def __init__(self, index: Path | EngineSource, settings: Settings) -> None:
        """`index` is the folder of an index, or a source of generations that is already configured."""
        self._source = engine_source(index, settings) if isinstance(index, Path) else index
        self._settings = settings
        self._lock = threading.Lock()
        self._version: Hashable = None
        self._open: _OpenGeneration | None = None
        self._pin: _OpenGeneration | None = None
        own = settings.synonyms
        self._read_synonyms = cache(lambda: Synonyms(Path(own).expanduser() if own else None))
        self._user_dictionary = _user_dictionary(settings)

    @_names_damage
    def search(self, request: Request, facets: Collection[FacetName] = tuple(FACETS)) -> SearchPage:
        """One page of ranked hits with exact totals and the counts of the facets named."""
        prepared = self._prepare(request)
        page, ranking = self._page(prepared, facets, request.offset + request.limit)
        return replace(page, hits=tuple(self._hits(prepared, ranking)))

    @_names_damage
    def all(self, request: Request, facets: Collection[FacetName] = tuple(FACETS)) -> tuple[SearchPage, Iterator[Hit]]:
        """The page without hits, and all hits from the offset on, whatever the limit says, read one by one.

        They come from one generation and one execution, whatever is published meanwhile.
        """
        prepared = self._prepare(request)
        page, ranking = self._page(prepared, facets, None)
        return page, self._hits(prepared, ranking)

    @_names_damage
    def hits(self, request: Request) -> tuple[Totals, Iterator[Hit]]:
        """The totals, and the hits of `search`, read one by one: no facets and no report on why there are none."""
        prepared = self._prepare(request)
        total, top = TotalHits(), TopHits(request.offset, request.offset + request.limit)
        found = prepared.engine.execute(prepared.plan, total, top)
        return found[total], self._hits(prepared, found[top])

    @_names_damage
    def count(self, request: Request) -> Totals:
        """How many hits a request has, whatever its offset and limit; nothing else is computed."""
        prepared, total = self._prepare(request), TotalHits()
        return prepared.engine.execute(prepared.plan, total)[total]

    @_names_damage
    def article(
        self, id: str, query: str = "", exact: bool = False, helpers_off: frozenset[str] = frozenset()
    ) -> Article | None:
        """A whole document with the query's matches marked; None when the index has no such id."""
        generation = self._generation()
        number = generation.engine.find(id)
        if number is None:
            return None
        prepared = self._prepare(Request(query=query, exact=exact, helpers_off=helpers_off), generation)
        document = generation.engine.read(number)
        article = self._hit_maker(prepared.plan).article(document)
        if not article.matches and prepared.plan.root is not None:
            nearest = nearest_plan(prepared.plan, prepared.cutter)
            article = self._hit_maker(prepared.plan, nearest).article(document)
        return article

    @_names_damage
    def complete(self, prefix: str, limit: int = 8) -> tuple[Completion, ...]:
        """What somebody who has typed so far may want to type; see `Completer.complete`."""
        return self._generation().completer.complete(prefix, limit)

    @_names_damage
    def info(self) -> IndexInfo:
        """The generation that answers now, and what it covers."""
        return self._generation().engine.info

    @_names_damage
    def no_type(self) -> str:
        """The program type of documents that have none, as the taxonomy of the index names it."""
        return self._generation().engine.no_type

    @_names_damage
    def explain(self, request: Request) -> Explanation:
        """The page, and why its hits are where they are."""
        from searcher.diagnostics.explain import explain  # deferred, like all below: few requests ask

        prepared = self._prepare(request)
        page, ranking = self._page(prepared, tuple(FACETS), request.offset + request.limit)
        page = replace(page, hits=tuple(self._hits(prepared, ranking)))
        return explain(page, prepared.plan, ranking, prepared.engine, request.offset)

    @_names_damage
    def why_not(self, id: str, request: Request) -> WhyNot:
        """Why a document (our id, or its source id) is a hit of the request or none; BadRequest for no such one."""
        from searcher.diagnostics.explain import why_not
        from searcher.diagnostics.lookup import find_number

        prepared = self._prepare(request)
        return why_not(find_number(id, prepared.engine), request, prepared.plan, prepared.engine, prepared.cutter)

    @_names_damage
    def similar(self, id: str, limit: int = 10, snippets: bool = False) -> Similar:
        """The documents most like one (our id, or its source id), its copies apart; BadRequest for no such one."""
        from searcher.diagnostics.lookup import find_number
        from searcher.diagnostics.more_like_this import characteristic_words, like_plan, split_copies
        from searcher.diagnostics.reports import Similar

        generation = self._generation()
        engine = generation.engine
        number = find_number(id, engine)
        document = engine.read(number)
        words = characteristic_words(document, engine, generation.cutter)
        plan, top = like_plan(words, generation.cutter), TopHits(0, None)
        ranking = [hit._replace(tier="related") for hit in engine.execute(plan, top)[top]]
        found, copies = split_copies(document, number, ranking, engine.head, limit)
        own = next((hit for hit in ranking if hit.number == number), RankedHit(number, 0.0, "related"))
        of, *hits = _read_hits(engine, self._hit_maker(plan), (own, *found, *copies), is_marked=snippets)
        return Similar(of=of, words=tuple(words), hits=tuple(hits[: len(found)]), copies=tuple(hits[len(found) :]))

    def pinned(self) -> Searcher:
        """A searcher for one request of several searches: all are answered from the generation that is newest now.

        Shares files with this one; it is not to be closed.
        """
        pinned = object.__new__(Searcher)
        vars(pinned).update(vars(self), _pin=self._generation())
        return pinned

    def close(self) -> None:
        """Release all files; no request may be under way."""
        with self._lock:
            if self._open is not None:
                self._open.engine.close()
            self._open = self._version = None

    def _prepare(self, request: Request, generation: _OpenGeneration | None = None) -> _Prepared:
        """Parse, expand and plan a request, by default for the newest generation."""
        if request.limit < 0 or request.offset < 0:
            raise BadRequest("limit and offset must not be below zero")
        generation = generation or self._generation()
        query, problems = (parse_exact if request.exact else parse)(request.query, self._settings)
        text, off = request.query, request.helpers_off
        generation.engine.expect(normalise(text[: self._settings.max_query_chars]))
        if request.exact:  # helpers may only announce folds
            expanded = Expanded(query=query, applied=report_folding(query, text, off), suggestions=())
        else:
            expanded = expand(query, text, generation.lexicon, self._read_synonyms, off)
        plan = make_plan(expanded.query, request, generation.cutter)
        return _Prepared(generation.engine, generation.cutter, request, expanded, problems, plan)

    def _page(
        self, prepared: _Prepared, facets: Collection[FacetName], last: int | None
    ) -> tuple[SearchPage, _Ranking]:
        """The page still without hits, and the ranking from the request's offset to before rank `last`."""
        request, expanded, engine = prepared.request, prepared.expanded, prepared.engine
        total, top, counts = TotalHits(), TopHits(request.offset, last), FacetCounts(tuple(facets))
        beside = SetAsideHits()
        found = engine.execute(prepared.plan, total, top, counts, beside)
        page = SearchPage(
            query=request.query,
            index=engine.info,
            exact_total=found[total].exact,
            related_total=found[total].related,
            set_aside_total=found[beside],
            hits=(),
            facets=_facets(found[counts], request),
            applied=expanded.applied,
            suggestions=expanded.suggestions,
            problems=prepared.problems,
            zero=None if found[total].both else _report(prepared),
            nearest=() if found[total].both else self._nearest(prepared),
        )
        return page, found[top]

    def _hits(self, prepared: _Prepared, ranking: _Ranking) -> Iterator[Hit]:
        """The hits of a ranking, read as they are asked for."""
        maker = self._hit_maker(prepared.plan)
        try:
            yield from _read_hits(prepared.engine, maker, ranking, is_marked=prepared.request.snippets)
        except Exception as error:
            prepared.engine.raise_damage(error)
            raise

    def _raise_damage(self, error: Exception) -> None:
        generation = self._pin or self._open
        if generation is not None:
            generation.engine.raise_damage(error)

    def _nearest(self, prepared: _Prepared) -> tuple[Hit, ...]:
        """The documents nearest to a request without hits."""
        request, plan = prepared.request, nearest_plan(prepared.plan, prepared.cutter)
        nearest = NearestHits(min(MOST_NEAREST, request.limit))
        ranking = prepared.engine.execute(plan, nearest)[nearest]
        maker = self._hit_maker(prepared.plan, plan)
        return tuple(_read_hits(prepared.engine, maker, ranking, is_marked=request.snippets))

    def _hit_maker(self, plan: Plan, nearest: Plan | None = None) -> HitMaker:
        """Marks what the plan asks for, and what its plan of nearest documents does if given."""
        words = (*nearest.words, *(pair.text for pair in nearest.pairs)) if nearest else plan.words
        return HitMaker(Query(plan.root), words, self._settings)

    def _generation(self) -> _OpenGeneration:
        """The newest generation, opened once for all threads.

        A request keeps the one it began with: an older one is released when the last of its requests has gone.
        """
        if self._pin is not None:
            return self._pin
        version = self._source.version()
        with self._lock:
            words = self._user_dictionary.words() if self._user_dictionary else _NO_WORDS
            if self._open is None or self._version != version:
                self._open = _OpenGeneration(self._source.open(), words)
                self._version = version
            elif self._open.words is not words:
                self._open = _OpenGeneration(self._open.engine, words)
            return self._open


class _OpenGeneration:
    """An engine, the user's words, and what is computed once for both."""

    def __init__(self, engine: Engine, words: _Words) -> None:
        self.engine = engine
        self.words = words
        further = FurtherWords(*words, engine.learned_words)
        self.cutter = QueryCutter(engine.dictionary, further, engine.has_word)
        self.lexicon = Lexicon(engine, self.cutter)

    @cached_property
    def completer(self) -> Completer:
        """Completes queries; made when first asked for."""
        from searcher.completions import Completer  # deferred: a search needs none

        return Completer(self.engine, *self.words)


class _Prepared(Value):
    """A request, ready to be executed by the engine of one generation."""

    engine: Engine
    cutter: QueryCutter
    request: Request
    expanded: Expanded
    problems: tuple[QueryProblem, ...]
    plan: Plan


def _user_dictionary(settings: Settings) -> UserDictionary | None:
    if not settings.user_dictionary:
        return None
    from indexer.user_dictionary import UserDictionary  # deferred: few users have a file

    return UserDictionary(Path(settings.user_dictionary).expanduser())


def _report(prepared: _Prepared) -> NoHitsReport:
    from searcher.diagnostics.no_hits import no_hits_report  # deferred: most answers have hits

    return no_hits_report(prepared.expanded.query, prepared.request, prepared.plan, prepared.engine, prepared.cutter)


def _read_hits(engine: Engine, maker: HitMaker, ranking: tuple[RankedHit, ...], *, is_marked: bool) -> Iterator[Hit]:
    """Read and mark documents one by one; without marks their heads are enough."""
    read = engine.read if is_marked else engine.head
    return (maker.hit(read(ranked.number), ranked, is_marked=is_marked) for ranked in ranking)


def _facets(counts: Mapping[FacetName, Mapping[str, int]], request: Request) -> dict[FacetName, tuple[FacetValue, ...]]:
    """Values by count, then by name, months newest first, and the selected ones, also with a count of zero."""
    return {
        name: tuple(
            FacetValue(value=value, count=count, selected=value in request.filters.get(name, ()))
            for value, count in found.items()
        )
        for name, found in counts.items()
    }
