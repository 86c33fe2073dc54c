"""Makes hits and articles of stored documents: matches marked, snippets chosen, the section of the best match named."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any, NamedTuple

from corpus.document import Document, SetAside, SetAsideReason
from corpus.settings import Settings
from searcher.execution.collectors import RankedHit
from searcher.highlight.marking import Marker, marked
from searcher.highlight.occurrences import Needle, Span, needle
from searcher.highlight.section_of_hit import section_of
from searcher.highlight.snippets import snippets
from searcher.query.tree import Query, Term, wanted_terms
from searcher.results import Article, DocumentInfo, Heading, Hit


class _Matches(NamedTuple):
    """Matches in title and body; `shown` is the number of those that a reader of the document sees."""

    title: Sequence[Span] = ()
    body: Sequence[Span] = ()
    shown: int = 0


class HitMaker:
    """Shows documents as one query found them; may be shared by threads."""

    def __init__(self, query: Query, words: Sequence[str], settings: Settings) -> None:
        """`words` are marked where no term of the query is."""
        terms = [term for term in wanted_terms(query.root) if term.text]
        bodies = [term for term in terms if not term.is_title]
        self._titles = Marker(map(_needle, terms), words if terms else ())
        self._bodies = self._titles
        if bodies != terms:
            self._bodies = Marker(map(_needle, bodies), words if bodies else ())
        self._count, self._length = settings.snippets_per_hit, settings.snippet_chars

    def hit(self, document: Document, ranked: RankedHit, *, is_marked: bool) -> Hit:
        """The hit of a document; without marks, matches and section unless `is_marked`, which needs its texts."""
        matches = self._matches(document) if is_marked else _Matches()
        text, spans, reason = document.body, matches.body, None
        if is_marked and not matches.title and not matches.body:
            text, spans, reason = self._elsewhere(document)
        return Hit(
            **_shared(document, matches.title),
            score=round(ranked.score, 4),
            tier=ranked.tier,
            matches=matches.shown,
            section=section_of(document.sections, matches.body),
            snippets=snippets(text, spans, self._count, self._length),
            set_aside=reason,
        )

    def article(self, document: Document) -> Article:
        """The whole document."""
        matches = self._matches(document)
        find = self._bodies.spans
        return Article(
            **_shared(document, matches.title),
            state=document.state,
            body_marked=marked(document.body, matches.body),
            notes_marked=tuple(marked(note, find(note)) for note in document.notes),
            set_aside_marked=tuple(
                (item.reason, marked(item.text, find(item.text))) for item in _shown_beside(document)
            ),
            matches=matches.shown,
            headings=tuple(
                Heading(level=section.level, title=section.title, page=section.page, start=section.start)
                for section in document.sections
            ),
        )

    def _matches(self, document: Document) -> _Matches:
        find = self._bodies.spans
        title, body = self._titles.spans(document.title), find(document.body)
        count = len(title) + len(body) + sum(len(find(note)) for note in document.notes)
        return _Matches(title, body, count or sum(len(find(item.text)) for item in _shown_beside(document)))

    def _elsewhere(self, document: Document) -> tuple[str, Sequence[Span], SetAsideReason | None]:
        """The first text beside the body that has matches, with these, and why it is set aside; else the body."""
        notes = ((note, None) for note in document.notes)
        beside = ((item.text, item.reason) for item in _shown_beside(document))
        originals = ((text, None) for text in (*document.original_texts, *document.seams))
        for text, reason in chain(notes, beside, originals):
            if spans := self._bodies.spans(text):
                return text, spans, reason
        return document.body, (), None


def _shown_beside(document: Document) -> list[SetAside]:
    """What is set aside of a document, without copies of the title that is shown."""
    title = "".join(document.title.split())
    return [item for item in document.set_aside if "".join(item.text.split()) not in title]


def _needle(term: Term) -> Needle:
    return needle(term.text, not term.is_literal, not (term.is_literal or term.is_prefix))


def _shared(document: Document, title_spans: Sequence[Span]) -> dict[str, Any]:
    """The fields that hits and articles have in common (`Any`: values cannot be widened with their types)."""
    info = DocumentInfo(
        id=document.id,
        source_id=document.source_id,
        title=document.title,
        title_marked=marked(document.title, title_spans),
        url=document.url,
        account=document.account,
        date=document.date,
        program_types=document.program_types,
        genre=document.genre,
        facts=document.facts,
        cluster=document.cluster,
    )
    return vars(info)
