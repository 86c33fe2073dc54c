"""Asking an index: requests in, pages and articles out, always from one whole generation."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.document import Document
from corpus.fields import FacetName
from corpus.settings import Settings
from indexer.analysis.dictionary import PackedDictionary
from indexer.analysis.tokens import fingerprint
from indexer.store.generations import Generation, current, publication
from indexer.store.stored_documents import DocumentReader
from searcher.errors import BadRequest
from searcher.execution.evaluator import Evaluator, Ranked
from searcher.execution.plan import Plan, make_plan
from searcher.expansion.expand import Expanded, expand, report_folding
from searcher.expansion.lexicon import Lexicon
from searcher.expansion.synonyms import Synonyms
from searcher.highlight.marking import Marker, marked
from searcher.highlight.occurrences import Span
from searcher.highlight.section_of_hit import section_of
from searcher.highlight.snippets import snippets
from searcher.query.parser import parse, parse_exact
from searcher.query.tree import Query, wanted_terms
from searcher.results import (
    Article,
    Completion,
    FacetValue,
    Heading,
    Hit,
    IndexInfo,
    QueryProblem,
    Request,
    SearchPage,
)

if TYPE_CHECKING:
    from searcher.completions import Completer
    from searcher.diagnostics.reports import Explanation, Similar, WhyNot


class Searcher:
    """Answers requests from the newest generation of an index; safe to share by threads.

    Raises IndexMissing, IndexDamaged or ReindexNeeded at the first request, and BadRequest for a request that
    cannot be answered.
    """

    def __init__(self, directory: Path, settings: Settings) -> None:
        self._directory = directory
        self._settings = settings
        self._lock = threading.Lock()
        self._publication: tuple[int, int] | None = None
        self._open: _OpenGeneration | None = None
        self._rules: Synonyms | None = None

    def search(self, request: Request) -> SearchPage:
        """One page of ranked hits with exact totals and facet counts."""
        answer = self._answer(request, request.offset + request.limit)
        return replace(answer.page, hits=tuple(answer.hits()))

    def article(
        self, id: str, query: str = "", exact: bool = False, helpers_off: frozenset[str] = frozenset()
    ) -> Article | None:
        """A whole document with the query's matches marked; None when the index has no such id."""
        generation = self._generation()
        number = generation.evaluator.number(id)
        if number is None:
            return None
        document = generation.texts.read(number)
        request = Request(query=query, exact=exact, helpers_off=helpers_off)
        expanded, _ = self._parse(request, generation)
        plan = make_plan(expanded.query, request, generation.dictionary)
        title_spans, body_spans, *notes_spans = _spans(document, _markers(expanded.query, plan))
        return Article(
            id=document.id,
            source_id=document.source_id,
            title=document.title,
            title_marked=marked(document.title, title_spans),
            url=document.url,
            account=document.account,
            date=document.date,
            program_types=document.program_types,
            genre=document.genre,
            state=document.state,
            body_marked=marked(document.body, body_spans),
            notes_marked=tuple(map(marked, document.notes, notes_spans)),
            matches=len(title_spans) + len(body_spans) + sum(map(len, notes_spans[: len(document.notes)])),
            headings=tuple(
                Heading(level=section.level, title=section.title, page=section.page, start=section.start)
                for section in document.sections
            ),
            facts=document.facts,
            cluster=document.cluster,
        )

    def complete(self, prefix: str, limit: int = 8) -> tuple[Completion, ...]:
        """What somebody who has typed so far may want to type; see `Completer.complete`."""
        return self._generation().completer.complete(prefix, limit)

    def no_type(self) -> str:
        """The program type of documents that have none, as the taxonomy of the index names it."""
        return self._generation().no_type

    def info(self) -> IndexInfo:
        """The generation that answers now, and what it covers."""
        return self._generation().info

    def all(self, request: Request) -> tuple[SearchPage, Iterator[Hit]]:
        """The page without hits, and all hits from the offset on, whatever the limit says, read one by one.

        They come from one generation and one evaluation, whatever is published meanwhile.
        """
        answer = self._answer(request, None)
        return answer.page, answer.hits()

    def explain(self, request: Request) -> Explanation:
        """The page, and why its hits are where they are."""
        from searcher.diagnostics.explain import explain  # deferred, like all below: few requests ask

        answer = self._answer(request, request.offset + request.limit)
        page = replace(answer.page, hits=tuple(answer.hits()))
        return explain(page, answer.query, answer.generation.evaluator.trace(answer.plan), request.offset)

    def why_not(self, id: str, request: Request) -> WhyNot:
        """Why a document (our id, or its source id) is a hit of the request or none; BadRequest for no such one."""
        from searcher.diagnostics.explain import why_not
        from searcher.diagnostics.lookup import find_number

        answer = self._answer(request, request.offset)
        evaluator, texts = answer.generation.evaluator, answer.generation.texts
        number = find_number(id, evaluator, texts)
        trace = evaluator.trace(answer.plan)
        return why_not(texts.read(number), number, request, answer.query, trace, answer.generation.dictionary)

    def similar(self, id: str, limit: int = 10, snippets: bool = False) -> Similar:
        """The documents most like one (our id, or its source id), its copies apart; BadRequest for no such one."""
        from searcher.diagnostics.lookup import find_number
        from searcher.diagnostics.more_like_this import like, split_copies, telling_words
        from searcher.diagnostics.reports import Similar

        generation = self._generation()
        evaluator, texts, dictionary = generation.evaluator, generation.texts, generation.dictionary
        number = find_number(id, evaluator, texts)
        document = texts.read(number)
        words = telling_words(document, evaluator.frequency, evaluator.index.documents, dictionary)
        plan = like(words, dictionary)
        ranked = replace(evaluator.evaluate(plan, 0, evaluator.index.documents), exact=frozenset())
        found, copies = split_copies(document, number, ranked, texts.head, limit)
        request, markers = Request(query="", snippets=snippets), _markers(Query(plan.root), plan)
        of, *hits = (self._hit(one, request, markers, generation, ranked) for one in (number, *found, *copies))
        return Similar(of=of, words=tuple(words), hits=tuple(hits[: len(found)]), copies=tuple(hits[len(found) :]))

    def close(self) -> None:
        """Release all files; no request may be under way."""
        with self._lock:
            if self._open is not None:
                self._open.close()
            self._open = self._publication = None

    def _parse(self, request: Request, generation: _OpenGeneration) -> tuple[Expanded, tuple[QueryProblem, ...]]:
        """The query with what the helpers add to it; --exact leaves them nothing to help with but to say of folds."""
        query, problems = (parse_exact if request.exact else parse)(request.query, self._settings)
        text, off = request.query, request.helpers_off
        if request.exact:
            return Expanded(query=query, applied=report_folding(query, text, off), suggestions=()), problems
        return expand(query, text, generation.lexicon, self._synonyms, off), problems

    def _synonyms(self) -> Synonyms:
        """The names, read once."""
        with self._lock:
            if self._rules is None:
                own = self._settings.synonyms
                self._rules = Synonyms(Path(own).expanduser() if own else None)
            return self._rules

    def _generation(self) -> _OpenGeneration:
        """The newest generation, verified and opened once for all threads.

        A request keeps the one it began with: an older one is released when the last of its requests has gone.
        """
        publication_now = publication(self._directory)
        with self._lock:
            if self._open is None or self._publication != publication_now:
                self._open = _OpenGeneration(current(self._directory, fingerprint()))
                self._publication = publication_now
            return self._open

    def _answer(self, request: Request, last: int | None) -> _Answer:
        """The answer with its hits up to a rank (before it), or up to the last."""
        if request.limit < 0 or request.offset < 0:
            raise BadRequest("limit and offset must not be below zero")
        generation = self._generation()
        expanded, problems = self._parse(request, generation)
        query = expanded.query
        evaluator, dictionary = generation.evaluator, generation.dictionary
        plan = make_plan(query, request, dictionary)
        ranked = evaluator.evaluate(plan, request.offset, evaluator.index.documents if last is None else last)
        zero = None
        if not ranked.exact_total + ranked.related_total:
            from searcher.diagnostics.no_hits import zero_report

            zero = zero_report(query, request, evaluator, dictionary)
        page = SearchPage(
            query=request.query,
            index=generation.info,
            exact_total=ranked.exact_total,
            related_total=ranked.related_total,
            hits=(),
            facets=_facets(ranked.facets, request),
            applied=expanded.applied,
            suggestions=expanded.suggestions,
            problems=problems,
            zero=zero,
        )

        def hits() -> Iterator[Hit]:
            markers = _markers(query, plan)
            return (self._hit(number, request, markers, generation, ranked) for number in ranked.numbers)

        return _Answer(page=page, query=query, plan=plan, generation=generation, hits=hits)

    def _hit(
        self,
        number: int,
        request: Request,
        markers: tuple[Marker, Marker],
        generation: _OpenGeneration,
        ranked: Ranked,
    ) -> Hit:
        document = (generation.texts.read if request.snippets else generation.texts.head)(number)
        title_spans, body_spans, *notes_spans = _spans(document, markers) if request.snippets else ([], [])
        count, length = self._settings.snippets_per_hit, self._settings.snippet_chars
        shown = snippets(document.body, body_spans, count, length)
        if not body_spans and not title_spans and any(notes_spans):
            marks = zip((*document.notes, *document.original_texts), notes_spans, strict=True)
            shown = tuple(marked(note, spans) for note, spans in marks if spans)[:count]
        return Hit(
            id=document.id,
            source_id=document.source_id,
            title=document.title,
            title_marked=marked(document.title, title_spans),
            url=document.url,
            account=document.account,
            date=document.date,
            program_types=document.program_types,
            genre=document.genre,
            score=round(ranked.scores.get(number, 0.0), 4),
            tier="exact" if number in ranked.exact else "related",
            matches=len(title_spans) + len(body_spans) + sum(map(len, notes_spans[: len(document.notes)])),
            section=section_of(document.sections, body_spans),
            snippets=shown,
            facts=document.facts,
            cluster=document.cluster,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    """A page still without hits, what it was made from, and the hits, read as they are asked for."""

    page: SearchPage
    query: Query
    plan: Plan
    generation: _OpenGeneration
    hits: Callable[[], Iterator[Hit]]


class _OpenGeneration:
    """The open files of one generation; may be shared by threads."""

    def __init__(self, generation: Generation) -> None:
        manifest = generation.manifest
        self.info = IndexInfo(
            generation=manifest.generation,
            documents=manifest.documents,
            characters=manifest.characters,
            date_from=manifest.date_from,
            date_to=manifest.date_to,
        )
        self.no_type = manifest.no_type
        self.texts = DocumentReader(generation.path)
        self.dictionary = PackedDictionary(generation.path)
        self.evaluator = Evaluator(generation.path)
        self.lexicon = Lexicon(self.evaluator, self.dictionary)
        self._path = generation.path

    @cached_property
    def completer(self) -> Completer:
        """Completes queries; opened by the first that is to be completed."""
        from searcher.completions import Completer  # deferred: 6 ms, and a search needs none

        return Completer(self._path, self.texts, self.evaluator.index.columns["days"])

    def close(self) -> None:
        """Release the files."""
        if "completer" in self.__dict__:
            self.completer.close()
        self.texts.close()
        self.dictionary.close()
        self.evaluator.close()


def _markers(query: Query, plan: Plan) -> tuple[Marker, Marker]:
    """What finds the query in titles, and in bodies and notes."""
    terms = [term for term in wanted_terms(query.root) if term.text]
    titles = [(term.text, not term.is_literal, not (term.is_literal or term.is_prefix)) for term in terms]
    bodies = [string for string, term in zip(titles, terms, strict=True) if not term.is_title]
    marker = Marker(titles, plan.words if titles else ())
    return marker, marker if bodies == titles else Marker(bodies, plan.words if bodies else ())


def _spans(document: Document, markers: tuple[Marker, Marker]) -> list[list[Span]]:
    """Matches in title, body, each of the notes and each of the original texts."""
    titles, bodies = markers
    return [
        titles.spans(document.title),
        *map(bodies.spans, (document.body, *document.notes, *document.original_texts)),
    ]


def _facets(counts: Mapping[FacetName, Mapping[str, int]], request: Request) -> dict[FacetName, tuple[FacetValue, ...]]:
    """Values by count, then by name, months newest first, and the selected ones, also with a count of zero."""
    return {
        name: tuple(
            FacetValue(value=value, count=count, selected=value in request.filters.get(name, ()))
            for value, count in found.items()
        )
        for name, found in counts.items()
    }
