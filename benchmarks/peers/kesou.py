"""Kesou through its public face: `build_index`, `Searcher`, `Request`; everything at its default."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmarks.peers import TOP, Answer, StoredHit
from benchmarks.queries import Question
from corpus.settings import Settings
from indexer.build import build_index
from searcher import Searcher
from searcher.results import Request, SearchPage


class Kesou:
    """The engine this project is about."""

    title = "Kesou"
    most_documents: int | None = None
    notes = (
        "Kesou reads the JSON files itself and cleans, classifies and segments them in the measured process; it also "
        "counts five facets instead of three, sets a facet's own selection aside, and proves every term as a string.",
        "In Kesou's language terms separated by blanks mean *all* of them as strings, then, as a second tier, "
        "documents related by words; so it finds and counts more for questions that want all of the terms. Those that "
        "want any of them are asked with OR, a phrase as a quoted string. Kesou's private memory holds nothing but "
        "what it decoded last.",
        "For the ten hits Kesou reads what its own list shows: title, account, date, address, types, genre. The last "
        "line below the questions is for whole pages: texts read, matches marked, up to three snippets cut for each.",
    )

    def __init__(self) -> None:
        self._searcher: Searcher | None = None

    @property
    def version(self) -> str:
        """The installed version, or that this is the working tree."""
        try:
            return version("kesou")
        except PackageNotFoundError:
            return "working tree"

    def settings(self, directory: Path) -> Settings:
        """The settings for an index in a folder."""
        return Settings(index=str(directory))

    def index(self, documents: Path, directory: Path) -> None:
        """Index the folder as `search-index` does; raises RuntimeError when a document is missing."""
        report = build_index([documents], self.settings(directory))
        if report.rejected or report.indexed < report.read:
            raise RuntimeError(f"{report.indexed} of {report.read} documents were indexed: {report.issues[:3]}")

    def open(self, directory: Path) -> KesouReader:
        """Open the newest generation; the segmenter, which belongs to the process, is kept between calls."""
        if self._searcher is None:
            self._searcher = Searcher(directory, self.settings(directory))
        self._searcher.info()
        return KesouReader(self._searcher)


class KesouReader:
    """One open generation."""

    def __init__(self, searcher: Searcher) -> None:
        self._searcher = searcher

    def search(self, query: Question) -> Answer:
        """A list of hits."""
        return self._answer(query, snippets=False)

    def search_with_snippets(self, query: Question) -> Answer:
        """A page of hits as people see it."""
        return self._answer(query, snippets=True)

    def _answer(self, query: Question, snippets: bool) -> Answer:
        page = self._searcher.search(_request(query, snippets))
        return Answer(total=_total(page, query), hits=_hits(page), facets=_facets(page))

    def close(self) -> None:
        """Close the generation; the next `open` opens it again."""
        self._searcher.close()


def _request(query: Question, snippets: bool) -> Request:
    joined = " OR " if query.match == "any" else " "
    return Request(
        query=f'"{query.text}"' if query.match == "phrase" else joined.join(query.terms),
        exact=query.match == "string",
        filters={"account": (query.account,)} if query.account is not None else {},
        date_from=query.date_from,
        date_to=query.date_to,
        limit=TOP,
        snippets=snippets,
    )


def _total(page: SearchPage, query: Question) -> int:
    return page.exact_total if query.match == "string" else page.total


def _hits(page: SearchPage) -> tuple[StoredHit, ...]:
    return tuple(
        StoredHit(
            id=hit.source_id,
            title=hit.title,
            account=hit.account,
            date=hit.date or "",
            text="".join(piece for snippet in hit.snippets for piece, _ in snippet),
        )
        for hit in page.hits
    )


def _facets(page: SearchPage) -> dict[str, dict[str, int]]:
    return {name: {value.value: value.count for value in values} for name, values in page.facets.items()}
