"""Asking an index: requests in, pages and articles out, always from one whole generation."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from corpus.document import Document, Section
from corpus.settings import Settings
from indexer.analysis import make_analyzer
from indexer.errors import IndexDamaged
from indexer.generations import Generation, current, current_name
from indexer.texts import TextReader
from searcher.engines.whoosh_ import Evaluator, Ranked
from searcher.errors import BadRequest
from searcher.marking import Span, find_spans, marked
from searcher.page import Article, FacetName, FacetValue, Heading, Hit, IndexInfo, Page, Problem, Request, SectionPlace
from searcher.parse import parse, parse_exact
from searcher.plan import Plan, make_plan
from searcher.query import Query
from searcher.snippets import snippets

#: Facet values shown besides the selected ones; the counts of all values are exact.
_FACET_VALUES: Final = 50


class Searcher:
    """Answers requests from the newest generation of an index; safe to share by threads.

    Raises IndexMissing, IndexDamaged or ReindexNeeded at the first request, and BadRequest for a request that
    cannot be answered.
    """

    def __init__(self, directory: Path, settings: Settings) -> None:
        self._directory = directory
        self._settings = settings
        self._analyzer = make_analyzer(settings.user_dictionary, settings.max_run_chars)
        self._local = threading.local()
        self._lock = threading.Lock()
        self._checked: Generation | None = None
        self._open: list[_OpenGeneration] = []

    def search(self, request: Request) -> Page:
        """One page of ranked hits with exact totals and facet counts."""
        if request.limit < 0 or request.offset < 0:
            raise BadRequest("limit and offset must not be below zero")
        query, problems = self._parse(request)
        plan = make_plan(query, request, self._analyzer)
        generation = self._generation()
        ranked = generation.evaluator.evaluate(plan)
        return self._page(request, query, plan, problems, generation, ranked)

    def article(self, id: str, query: str = "", exact: bool = False) -> Article | None:
        """A whole document with the query's matches marked; None when the index has no such id."""
        generation = self._generation()
        number = generation.evaluator.number(id)
        if number is None:
            return None
        document = generation.texts.read(number)
        request = Request(query=query, exact=exact)
        parsed, _ = self._parse(request)
        plan = make_plan(parsed, request, self._analyzer)
        title_spans, body_spans = _spans(document, parsed, plan)
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
            matches=len(title_spans) + len(body_spans),
            headings=tuple(
                Heading(level=section.level, title=section.title, page=section.page, start=section.start)
                for section in document.sections
            ),
        )

    def info(self) -> IndexInfo:
        """The generation that answers now, and what it covers."""
        return self._generation().info

    def close(self) -> None:
        """Release all files."""
        with self._lock:
            for generation in self._open:
                generation.close()
            self._open.clear()
        self._local = threading.local()

    def _parse(self, request: Request) -> tuple[Query, tuple[Problem, ...]]:
        return (parse_exact if request.exact else parse)(request.query, self._settings)

    def _generation(self) -> _OpenGeneration:
        """This thread's readers of the newest generation; the checksums are verified once for all threads."""
        name = current_name(self._directory)
        mine: _OpenGeneration | None = getattr(self._local, "generation", None)
        if mine is not None and mine.name == name:
            return mine
        with self._lock:
            if self._checked is None or self._checked.path.name != name:
                self._checked = current(self._directory, self._analyzer.fingerprint)
            opened = _OpenGeneration(self._checked)
            self._open.append(opened)
            if mine is not None:
                self._open.remove(mine)
                mine.close()
        self._local.generation = opened
        return opened

    def _page(
        self,
        request: Request,
        query: Query,
        plan: Plan,
        problems: tuple[Problem, ...],
        generation: _OpenGeneration,
        ranked: Ranked,
    ) -> Page:
        numbers = ranked.numbers[request.offset : request.offset + request.limit]
        return Page(
            query=request.query,
            index=generation.info,
            exact_total=len(ranked.exact),
            related_total=len(ranked.numbers) - len(ranked.exact),
            hits=tuple(self._hit(number, query, plan, generation, ranked) for number in numbers),
            facets=_facets(ranked.facets, request),
            applied=(),
            problems=problems,
        )

    def _hit(self, number: int, query: Query, plan: Plan, generation: _OpenGeneration, ranked: Ranked) -> Hit:
        document = generation.texts.read(number)
        title_spans, body_spans = _spans(document, query, plan)
        count, length = self._settings.snippets_per_hit, self._settings.snippet_chars
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
            matches=len(title_spans) + len(body_spans),
            section=_section_of(document.sections, body_spans),
            snippets=snippets(document.body, body_spans, count, length),
        )


class _OpenGeneration:
    """The open readers of one generation, for one thread."""

    def __init__(self, generation: Generation) -> None:
        self.name = generation.path.name
        manifest = generation.manifest
        self.info = IndexInfo(
            generation=manifest.generation,
            documents=manifest.documents,
            characters=manifest.characters,
            date_from=manifest.date_from,
            date_to=manifest.date_to,
        )
        self.texts = TextReader(generation.path)
        try:
            self.evaluator = Evaluator(generation.path)
        except IndexDamaged:
            self.texts.close()
            raise

    def close(self) -> None:
        """Release the files."""
        self.texts.close()
        self.evaluator.close()


def _spans(document: Document, query: Query, plan: Plan) -> tuple[list[Span], list[Span]]:
    """Matches in title and body."""
    strings = [(term.text, term.is_literal) for term in query.wanted if term.text]
    if not strings:
        return [], []
    return find_spans(document.title, strings, plan.words), find_spans(document.body, strings, plan.words)


def _section_of(sections: tuple[Section, ...], spans: list[Span]) -> SectionPlace | None:
    """The section with the most matches, the first of them on a tie."""
    best, most = None, 0
    for section in sections:
        count = sum(section.start <= start < section.start + section.length for start, _ in spans)
        if count > most:
            best, most = section, count
    return SectionPlace(path=best.path, page=best.page) if best else None


def _facets(counts: Mapping[FacetName, Mapping[str, int]], request: Request) -> dict[FacetName, tuple[FacetValue, ...]]:
    """Values by count, months newest first; selected ones always, also with a count of zero."""
    selected: dict[FacetName, tuple[str, ...]] = {
        "account": request.accounts,
        "type": request.types,
        "genre": request.genres,
        "month": request.months,
    }
    facets: dict[FacetName, tuple[FacetValue, ...]] = {}
    for name, chosen in selected.items():
        found = dict.fromkeys(chosen, 0) | dict(counts[name])
        ordered = sorted(found, reverse=True) if name == "month" else sorted(found, key=lambda v: (-found[v], v))
        shown = [value for at, value in enumerate(ordered) if at < _FACET_VALUES or value in chosen]
        facets[name] = tuple(FacetValue(value=v, count=found[v], selected=v in chosen) for v in shown)
    return facets
