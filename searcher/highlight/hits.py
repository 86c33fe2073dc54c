"""Makes hits and articles of stored documents: matches marked, snippets chosen, the section of the best match named."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from corpus.document import Document, SetAside
from corpus.settings import Settings
from corpus.value import Value
from searcher.execution.collectors import RankedHit
from searcher.highlight.marking import Marker, marked
from searcher.highlight.occurrences import Needle, Span, needle
from searcher.highlight.section_of_hit import section_of
from searcher.highlight.snippets import snippets
from searcher.query.tree import Query, Term, wanted_terms
from searcher.results import Article, DocumentInfo, Heading, Hit


class _Spans(Value):
    """Matches in title, body, and each of the notes, original texts and set-aside texts; seams count as the second."""

    title: Sequence[Span]
    body: Sequence[Span]
    notes: Sequence[Sequence[Span]]
    originals: Sequence[Sequence[Span]]
    set_aside: Sequence[Sequence[Span]]

    @property
    def shown(self) -> int:
        """Matches that a reader of the document sees; those in what is set aside where there are no others."""
        return len(self.title) + len(self.body) + sum(map(len, self.notes)) or sum(map(len, self.set_aside))


_NO_SPANS = _Spans((), (), (), (), ())


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
        spans = self._spans(document) if is_marked else _NO_SPANS
        shown = snippets(document.body, spans.body, self._count, self._length)
        others = (*spans.notes, *spans.set_aside, *spans.originals)
        reason = None
        if not spans.body and not spans.title and any(others):
            beside = _shown_beside(document)
            texts = (*document.notes, *(item.text for item in beside), *document.original_texts, *document.seams)
            at = next(number for number, matches in enumerate(others) if matches)
            shown = snippets(texts[at], others[at], self._count, self._length)
            at -= len(document.notes)
            reason = beside[at].reason if 0 <= at < len(beside) else None
        return Hit(
            **_shared(document, spans.title),
            score=round(ranked.score, 4),
            tier=ranked.tier,
            matches=spans.shown,
            section=section_of(document.sections, spans.body),
            snippets=shown,
            set_aside=reason,
        )

    def article(self, document: Document) -> Article:
        """The whole document."""
        spans = self._spans(document)
        return Article(
            **_shared(document, spans.title),
            state=document.state,
            body_marked=marked(document.body, spans.body),
            notes_marked=tuple(map(marked, document.notes, spans.notes)),
            set_aside_marked=tuple(
                (item.reason, marked(item.text, found))
                for item, found in zip(_shown_beside(document), spans.set_aside, strict=True)
            ),
            matches=spans.shown,
            headings=tuple(
                Heading(level=section.level, title=section.title, page=section.page, start=section.start)
                for section in document.sections
            ),
        )

    def _spans(self, document: Document) -> _Spans:
        find = self._bodies.spans
        return _Spans(
            title=self._titles.spans(document.title),
            body=find(document.body),
            notes=list(map(find, document.notes)),
            originals=list(map(find, (*document.original_texts, *document.seams))),
            set_aside=[find(item.text) for item in _shown_beside(document)],
        )


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
