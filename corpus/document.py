"""The document and its parts: frozen values that all other packages use."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

from corpus.value import Value

#: To be increased when the documents of some files change: the next run then reads all files again.
READING_VERSION: Final = 11

#: Completeness. full: title and text; empty: a title only; image_only: too little text, the article consisted of
#: pictures; partial: a part that the text announces was in pictures (a table of dates, the text of a list of headings).
State = Literal["full", "empty", "image_only", "partial"]


#: An article of an account; a plan, programme or outline; any other report.
DocumentKind = Literal["article", "plan", "report"]

#: The format of the text that a loader gives, which decides how its headings are found.
SourceFormat = Literal["article", "markdown", "text"]


#: Why a text is set aside: repeated by an account; menus and footers of a page; the header or the number of a printed
#: page; a table of contents; another title; anything else that a reader of the file sees.
SetAsideReason = Literal["boilerplate", "navigation", "page_header", "page_number", "contents", "page_title", "other"]


#: What the reasons are called in Chinese.
SET_ASIDE_REASONS: Final[dict[SetAsideReason, str]] = {
    "boilerplate": "套话",
    "navigation": "导航",
    "page_header": "页眉页脚",
    "page_number": "页码",
    "contents": "目录",
    "page_title": "另一标题",
    "other": "其他",
}


class SetAside(NamedTuple):
    """Text of a file that is no part of the document's own: phrases find it, and it does not rank."""

    reason: SetAsideReason
    text: str

    @property
    def lines(self) -> tuple[str, ...]:
        """The lines of the text."""
        return tuple(self.text.split("\n"))


class Section(Value, kw_only=True):
    """A heading with the part of the body up to the next heading; `start` and `length` count characters.

    `path` holds the titles from the outermost heading to this one; `page` is that of the source file, from 1.
    """

    level: int
    title: str
    path: tuple[str, ...]
    page: int | None
    start: int
    length: int


class Facts(Value, kw_only=True):
    """The facts that a notice states about itself; none is inferred.

    `deadlines` are days by which the reader must act, YYYY-MM-DD or YYYY-MM-DDTHH:MM, ascending; `document_numbers`
    are the document's own, `cited_numbers` those it refers to; `public_notice` is the first and last day of a notice
    period; `reposted_from` is the account of the last repost, `source` the origin that the text names.
    """

    deadlines: tuple[str, ...] = ()
    issuers: tuple[str, ...] = ()
    document_numbers: tuple[str, ...] = ()
    cited_numbers: tuple[str, ...] = ()
    issued_on: str | None = None
    public_notice: tuple[str, str] | None = None
    reposted_from: str | None = None
    source: str | None = None


NO_FACTS: Final = Facts()


class Cluster(Value, kw_only=True):
    """A cluster of near-duplicates with one `id`; `similarity`, up to 1, is to the document whose id is `earliest`."""

    id: str
    earliest: str
    similarity: float


class Document(Value, kw_only=True):
    """One article, report or plan after cleaning. `date` is YYYY-MM-DD or None; `id` is made by `document_id`.

    `notes` are lines that were moved out of the body (credits, sources, repost lines): they are searched, and not
    part of the body. `original_texts` are parts of the source text around changes that cleaning made inside a line;
    they are searched and never shown. `set_aside` is what the file says beside the text; `seams` are parts of the
    source text around what was taken from the ends of the body: strings find both, words do not. `is_untitled` is True
    if the title is the first line of the body.
    """

    id: str
    source_id: str
    title: str
    account: str
    date: str | None
    url: str
    body: str
    program_types: tuple[str, ...]
    genre: str
    state: State = "full"
    sections: tuple[Section, ...] = ()
    notes: tuple[str, ...] = ()
    original_texts: tuple[str, ...] = ()
    set_aside: tuple[SetAside, ...] = ()
    seams: tuple[str, ...] = ()
    kind: DocumentKind = "article"
    is_untitled: bool = False
    facts: Facts = NO_FACTS
    cluster: Cluster | None = None

    @property
    def text(self) -> str:
        """Notes and body, joined by line feeds."""
        return "\n".join((*self.notes, self.body))


def document_id(*identity: str) -> str:
    """Sixteen hexadecimal digits, equal for equal identities in every run; see `corpus.identity`."""
    import hashlib  # deferred: searches read documents and compute no ids

    return hashlib.blake2b("\0".join(identity).encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
