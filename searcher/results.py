"""Requests and results: the frozen values that callers of this package send and receive."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal

from corpus.document import NO_FACTS, Cluster, Facts, SetAsideReason
from corpus.fields import FACETS, FacetName
from corpus.value import Value

if TYPE_CHECKING:
    from indexer.store.manifest import Manifest

#: The last is no tier of hits: documents that are offered where there are none.
Tier = Literal["exact", "related", "nearest"]
Sort = Literal["relevance", "newest", "oldest"]
CompletionKind = Literal["term", "account", "type", "title"]
HelperName = Literal["traditional", "width", "synonym", "typo", "pinyin"]
ProblemKind = Literal[
    "open_quote",
    "empty_term",
    "empty_query",
    "too_many_terms",
    "too_long",
    "unbalanced",
    "dangling",
    "empty_field",
    "bad_date",
    "reversed_range",
    "short_prefix",
    "too_deep",
    "bar_text",
]
FilterName = FacetName | Literal["date"]

#: A text split into (piece, True if it is a match); the joined pieces are the text, without markup.
Marked = tuple[tuple[str, bool], ...]


class HelperSpec(Value):
    """The names of a helper.

    `is_folding` is True if both forms have the same normal form, so that switching the helper off only hides its
    report; `is_replacement` is True if the typed form is no longer searched.
    """

    english: str
    chinese: str
    is_folding: bool = False
    is_replacement: bool = False


#: Kinds of query expansion by name. Each use of one is reported as `Applied`, and each can be switched off.
HELPERS: Final[dict[HelperName, HelperSpec]] = {
    "traditional": HelperSpec("traditional", "繁简", is_folding=True),
    "width": HelperSpec("full width", "全角半角", is_folding=True),
    "synonym": HelperSpec("synonym", "同义词"),
    "typo": HelperSpec("correction", "更正", is_replacement=True),
    "pinyin": HelperSpec("pinyin", "拼音", is_replacement=True),
}


class Request(Value, kw_only=True):
    """A query with its filters. Days are ISO dates (YYYY-MM-DD), both ends included; months are YYYY-MM.

    `filters` maps facets to selected values, for example {"account": ("甲",)}: a hit has one of the values of each
    facet that is given. Without `snippets` the texts of the hits are not read: they have no snippets, section, number
    of matches or marked titles. The helpers in `helpers_off` (see HELPERS) neither change the query nor report what
    they would change.
    """

    query: str
    exact: bool = False
    filters: Mapping[FacetName, tuple[str, ...]] = MappingProxyType({})
    date_from: str | None = None
    date_to: str | None = None
    sort: Sort = "relevance"
    limit: int = 10
    offset: int = 0
    snippets: bool = True
    helpers_off: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        """Normalise the filters: in the order of FACETS, without empty ones, a text taken as one value."""
        order = list(FACETS)
        names = sorted(self.filters, key=lambda name: order.index(name) if name in order else len(order))
        values = {name: self.filters[name] for name in names}
        filters = {name: (one,) if isinstance(one, str) else tuple(one) for name, one in values.items() if one}
        object.__setattr__(self, "filters", filters)


class Totals(Value, kw_only=True):
    """The exact number of hits in each tier."""

    exact: int
    related: int

    @property
    def both(self) -> int:
        """Hits of both tiers."""
        return self.exact + self.related


class IndexInfo(Value, kw_only=True):
    """The generation that answered, and how much it covers (characters of titles and bodies).

    `is_fallback` is True if a newer generation was published and is missing, so that documents may be missing too.
    `updated` is when the generation was made, in ISO 8601 with a time zone.
    """

    generation: int
    documents: int
    characters: int
    date_from: str | None
    date_to: str | None
    is_fallback: bool = False
    updated: str | None = None

    @classmethod
    def of(cls, manifest: Manifest, *, is_fallback: bool = False) -> IndexInfo:
        """What a manifest says."""
        return cls(
            generation=manifest.generation,
            documents=manifest.documents,
            characters=manifest.characters,
            date_from=manifest.date_from,
            date_to=manifest.date_to,
            is_fallback=is_fallback,
            updated=manifest.created,
        )


class SectionPlace(Value, kw_only=True):
    """The section of a hit: headings from the outermost inwards, and the page in the source if known."""

    path: tuple[str, ...]
    page: int | None


class DocumentInfo(Value, kw_only=True):
    """The metadata of a document in hits and articles, with the matches in its title marked."""

    id: str
    source_id: str
    title: str
    title_marked: Marked
    url: str
    account: str
    date: str | None
    program_types: tuple[str, ...]
    genre: str
    facts: Facts = NO_FACTS
    cluster: Cluster | None = None


class Hit(DocumentInfo, kw_only=True):
    """A document of a result page.

    `matches` is the number of marks in title, body and notes; where they have none, of those in what is set aside.
    `set_aside` is the reason why the text of the snippets is set aside, None if it is the document's own.
    """

    score: float
    tier: Tier
    matches: int
    section: SectionPlace | None
    snippets: tuple[Marked, ...]
    set_aside: SetAsideReason | None = None


class FacetValue(Value, kw_only=True):
    """A value of a facet; `count` is the number of hits that have it, without the facet's own selection."""

    value: str
    count: int
    selected: bool

    def __init__(self, *, value: str, count: int, selected: bool) -> None:
        vars(self).update(value=value, count=count, selected=selected)  # unchecked: a page has a hundred of them


class QueryProblem(Value, kw_only=True):
    """A part of the query that could not be taken as written, from character `start` to before `end`."""

    kind: ProblemKind
    message: str
    start: int
    end: int


class Applied(Value, kw_only=True):
    """One use of a helper: which one, the words as typed, and the words as searched."""

    kind: HelperName
    before: str
    after: str


class QueryPart(Value, kw_only=True):
    """A part of the query in canonical form; start and end are its span in the query as typed."""

    text: str
    start: int
    end: int


class TermCount(QueryPart, kw_only=True):
    """A term (or value, or date range): documents that have it, and how many of these pass the filters.

    `is_empty` is True if the term has no content, so that no document can have it.
    """

    documents: int
    passing: int
    is_empty: bool = False


class NearForm(Value, kw_only=True):
    """A form of a missing term that documents contain."""

    term: str
    form: str
    documents: int


class LeftOut(Value, kw_only=True):
    """A filter that is left out, by its name; or, if that is None, the part of the typed query from start to end.

    `text` is NAME=VALUE, VALUE… of a filter, and the canonical form of a part of the query.
    """

    text: str
    filter: FilterName | None = None
    start: int | None = None
    end: int | None = None


class Without(Value, kw_only=True):
    """How many hits there would be with something left out; `part` joins the texts of what that is."""

    part: str
    left_out: tuple[LeftOut, ...]
    hits: int


class NoHitsReport(Value, kw_only=True):
    """Why nothing was found. The proof, what was searched, is the page's own IndexInfo.

    `missing` are the terms that no document has, `apart` groups of terms each of which occurs, but never all in one
    document.
    """

    terms: tuple[TermCount, ...] = ()
    missing: tuple[QueryPart, ...] = ()
    apart: tuple[tuple[QueryPart, ...], ...] = ()
    near: tuple[NearForm, ...] = ()
    without: tuple[Without, ...] = ()


class SearchPage(Value, kw_only=True):
    """A result page: exact totals over the whole index, one slice of the ranked hits, and the facets of all hits.

    `set_aside_total` counts the documents that are no hits, and would be exact hits with `in:all`. `applied` are the
    changes that helpers made to the query; `suggestions` are changes that they propose. `zero` is None unless there are
    no hits; then `nearest` are the documents that hold the most of the query, which no total and no facet counts.
    """

    query: str
    index: IndexInfo
    exact_total: int
    related_total: int
    set_aside_total: int = 0
    hits: tuple[Hit, ...]
    facets: dict[FacetName, tuple[FacetValue, ...]]
    applied: tuple[Applied, ...]
    suggestions: tuple[Applied, ...] = ()
    problems: tuple[QueryProblem, ...]
    zero: NoHitsReport | None = None
    nearest: tuple[Hit, ...] = ()

    @property
    def total(self) -> int:
        """Hits of both tiers."""
        return self.exact_total + self.related_total


class Completion(Value, kw_only=True):
    """A completion of a query: the whole query with a term completed, a name, or the title of a document.

    `count` is the number of documents that have the name, or the term as a word; `id` is the document of a title.
    """

    text: str
    kind: CompletionKind
    count: int
    id: str = ""


class Heading(Value, kw_only=True):
    """A section heading of an article; `start` counts characters of its body."""

    level: int
    title: str
    page: int | None
    start: int


class Article(DocumentInfo, kw_only=True):
    """A whole document with the query's matches marked."""

    state: str
    body_marked: Marked
    matches: int
    headings: tuple[Heading, ...]
    notes_marked: tuple[Marked, ...] = ()
    set_aside_marked: tuple[tuple[SetAsideReason, Marked], ...] = ()
