"""What an answer is: the frozen dataclasses that leave this package, and nothing of any engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple

from corpus.document import NO_FACTS, Cluster, Facts
from corpus.fields import FACETS, FacetName

Tier = Literal["exact", "related"]
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

#: A text cut into (piece, is it a match?); joining the pieces gives back the source. Data, never HTML.
Marked = tuple[tuple[str, bool], ...]


class HelperSpec(NamedTuple):
    """The names of a helper. `is_folding` is True if the normal form unites both forms anyway, so that switching the
    helper off only stops the report; `is_replacement` is True if the query no longer contains what was typed.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A query with its filters. Days are ISO dates (YYYY-MM-DD), both ends included; months are YYYY-MM.

    `filters` maps facets to selected values, for example {"account": ("甲",)}: a hit has one of the values of each
    facet that is given. Without `snippets` the texts of the hits are not read: no snippets,
    section or number of matches, and no marks in titles. Helpers named in `helpers_off` (see HELPERS) neither change
    the query nor report what they would change.
    """

    query: str
    exact: bool = False
    filters: Mapping[FacetName, tuple[str, ...]] = field(default_factory=dict)
    date_from: str | None = None
    date_to: str | None = None
    sort: Sort = "relevance"
    limit: int = 10
    offset: int = 0
    snippets: bool = True
    helpers_off: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        """Bring filters into one form, so that requests for the same are equal: in the order of FACETS, none empty.

        A text instead of a tuple counts as one value; a tuple of its characters is never meant.
        """
        order = list(FACETS)
        names = sorted(self.filters, key=lambda name: order.index(name) if name in order else len(order))
        values = {name: self.filters[name] for name in names}
        filters = {name: (one,) if isinstance(one, str) else tuple(one) for name, one in values.items() if one}
        object.__setattr__(self, "filters", filters)


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """The exact number of hits in each tier."""

    exact: int
    related: int

    @property
    def both(self) -> int:
        """Hits of both tiers."""
        return self.exact + self.related


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexInfo:
    """The generation that answered, and how much it covers (characters of titles and bodies)."""

    generation: int
    documents: int
    characters: int
    date_from: str | None
    date_to: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionPlace:
    """Where in a long document a hit lies: headings from the outermost inwards, and the page if known."""

    path: tuple[str, ...]
    page: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentInfo:
    """What hits and articles tell of their document, with the matches in its title marked."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit(DocumentInfo):
    """One document of an answer. `matches` counts every marked span in title, body and notes."""

    score: float
    tier: Tier
    matches: int
    section: SectionPlace | None
    snippets: tuple[Marked, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FacetValue:
    """A value, how many hits have it when the facet's own selection is set aside, and whether it is selected."""

    value: str
    count: int
    selected: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryProblem:
    """A part of the query that could not be taken as written, from character `start` to before `end`."""

    kind: ProblemKind
    message: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """One use of a helper: which one, the words as typed, and the words as searched."""

    kind: HelperName
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryPart:
    """A part of the query in canonical form; start and end are its span in the query as typed."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TermCount(QueryPart):
    """A term (or value, or date range): documents that have it, and how many of these pass the filters.

    `is_empty` is true of a term without content, which no document can have.
    """

    documents: int
    passing: int
    is_empty: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NearForm:
    """A form of a missing term that some documents do have."""

    term: str
    form: str
    documents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A filter that is left out, by its name; or, if that is None, the part of the typed query from start to end.

    `text` is NAME=VALUE, VALUE… of a filter, and the canonical form of a part of the query.
    """

    text: str
    filter: FilterName | None = None
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Without:
    """How many hits there would be with something left out; `part` joins the texts of what that is."""

    part: str
    left_out: tuple[LeftOut, ...]
    hits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NoHitsReport:
    """Why nothing was found. The proof, what was searched, is the page's own IndexInfo.

    `missing` are the terms that no document has, `apart` groups of terms each of which occurs, but never all in one
    document.
    """

    terms: tuple[TermCount, ...] = ()
    missing: tuple[QueryPart, ...] = ()
    apart: tuple[tuple[QueryPart, ...], ...] = ()
    near: tuple[NearForm, ...] = ()
    without: tuple[Without, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchPage:
    """An answer: exact totals over the whole index, one slice of ranked hits, and the facets of all hits.

    `applied` is what helpers did to the query; `suggestions` is what they could do and left to the reader. `zero` is
    there when nothing was found, and only then.
    """

    query: str
    index: IndexInfo
    exact_total: int
    related_total: int
    hits: tuple[Hit, ...]
    facets: dict[FacetName, tuple[FacetValue, ...]]
    applied: tuple[Applied, ...]
    suggestions: tuple[Applied, ...] = ()
    problems: tuple[QueryProblem, ...]
    zero: NoHitsReport | None = None

    @property
    def total(self) -> int:
        """Hits of both tiers."""
        return self.exact_total + self.related_total


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """What a beginning may be meant to become: the whole query for a term, a name, or a document's title.

    `count` says how many documents have the name, or the term as a word; `id` is a title's document.
    """

    text: str
    kind: CompletionKind
    count: int
    id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A section heading of an article; `start` counts characters of its body."""

    level: int
    title: str
    page: int | None
    start: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Article(DocumentInfo):
    """A whole document as the article page shows it, with the query's matches marked."""

    state: str
    body_marked: Marked
    matches: int
    headings: tuple[Heading, ...]
    notes_marked: tuple[Marked, ...] = ()
