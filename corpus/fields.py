"""Registry of the fields by which documents are searched, filtered and counted.

Index columns, the query language, filters, facets, commands, JSON, pages and the API read it: a new facet is an entry
of `FIELDS` and its name in the literals below.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, Literal

from corpus.value import Value

if TYPE_CHECKING:
    from corpus.document import Document

#: The fields that the query language knows, those of them that hold values, and the fields that are facets.
QueryField = Literal["title", "account", "type", "genre", "source", "date"]
ValueField = Literal["account", "type", "genre", "source"]
FacetName = Literal["account", "type", "genre", "source", "month"]


class FieldSpec(Value):
    """One field. `values` returns a document's values, an empty text for none; it is None for a field without a column.

    `name` is what the field is called in queries, options, JSON and addresses; `query_names` are further names of it in
    queries, in normal form.
    """

    name: str
    english: str
    chinese: str
    values: Callable[[Document], tuple[str, ...]] | None = None
    query_names: tuple[str, ...] = ()
    is_in_queries: bool = True
    is_facet: bool = True
    is_multi_valued: bool = False
    #: True if values follow each other in time: a facet lists the newest ones, not the most frequent ones.
    is_chronological: bool = False
    #: Regular expression that every value matches, and how users are told to write it.
    pattern: str = ""
    example: str = ""


def source_names(document: Document) -> tuple[str, ...]:
    """Where a document says that it comes from: the origin it names, and the account it was reposted from."""
    facts = document.facts
    return tuple(dict.fromkeys(name for name in (facts.source, facts.reposted_from) if name))


_SPECS: Final = (
    FieldSpec("title", "title", "标题", query_names=("标题",), is_facet=False),
    FieldSpec("account", "account", "公众号", lambda document: (document.account,), ("公众号",)),
    FieldSpec(
        "type", "program type", "计划类型", lambda document: document.program_types, ("类型",), is_multi_valued=True
    ),
    FieldSpec("genre", "genre", "体裁", lambda document: (document.genre,), ("体裁",)),
    FieldSpec("source", "source", "来源", source_names, ("来源",), is_multi_valued=True),
    FieldSpec(
        "month",
        "month",
        "月份",
        lambda document: ((document.date or "")[:7],),
        is_in_queries=False,
        is_chronological=True,
        pattern="[0-9]{4}-(0[1-9]|1[0-2])",
        example="YYYY-MM",
    ),
    FieldSpec("date", "date", "日期", query_names=("日期",), is_facet=False),
    FieldSpec("form", "kind", "文献形式", lambda document: (document.kind,), is_in_queries=False, is_facet=False),
)

#: All fields by name, in the order in which facets are shown.
FIELDS: Final[dict[str, FieldSpec]] = {spec.name: spec for spec in _SPECS}
#: Names of fields in queries, in normal form → the field.
QUERY_NAMES: Final[dict[str, QueryField]] = {
    name: spec.name  # type: ignore[misc]
    for spec in _SPECS
    if spec.is_in_queries
    for name in (spec.name, *spec.query_names)
}
#: The fields by which documents can be filtered and counted.
FACETS: Final[dict[FacetName, FieldSpec]] = {spec.name: spec for spec in _SPECS if spec.is_facet}  # type: ignore[misc]
