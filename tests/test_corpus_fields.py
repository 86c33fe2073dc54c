"""The registry of fields: a new facet is one entry of it."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest

from corpus.fields import FACETS, FIELDS, QUERY_NAMES, FacetName, QueryField, ValueField
from searcher.errors import BadRequest
from searcher.results import Request
from searcher.service import Searcher

ROOT = Path(__file__).resolve().parents[1]

#: Where a facet is spelled outside the registry, and why: attributes of documents and keys of files that exist without
#: facets, and the few places where one facet differs from all others.
SPELLED = {
    "corpus/cleaning/credits.py": "groups of a regular expression",
    "corpus/facts/date_mentions.py": "groups of a regular expression",
    "corpus/loaders/feed.py": "names of elements",
    "corpus/loaders/field_aliases.py": "names in exports",
    "corpus/loaders/field_names.py": "names in exports",
    "corpus/loaders/markdown/": "names in front matter and above articles",
    "corpus/loaders/page/": "names in pages",
    "corpus/loaders/slides.py": "an attribute of Office files",
    "corpus/loaders/word/": "an attribute of Office files",
    "corpus/taxonomy/": "sections of rule files",
    "indexer/commands/classify.py": "attributes of documents",
    "indexer/commands/inspect.py": "attributes of documents",
    "indexer/opensearch/": "JSON of OpenSearch",
    "searcher/execution/opensearch/": "JSON of OpenSearch",
    "indexer/commands/labels.py": "keys of label files",
    "indexer/completion_writer.py": "columns whose values are completed",
    "indexer/store/compose_columns.py": "the column that demotes digests",
    "indexer/postings/whoosh_writer.py": "columns for other readers of a Whoosh index",
    "indexer/store/stored_documents.py": "attributes of documents",
    "searcher/commands/json_form.py": "attributes of hits",
    "searcher/completions.py": "names of accounts and types complete a query",
    "searcher/diagnostics/explain.py": "a type filter may name a kind of document",
    "searcher/execution/plan.py": "a type filter may name a kind of document",
    "searcher/results.py": "names of accounts and types complete a query",
    "web/facets.py": "the type of documents without one comes last",
    "web/templates/_parts.html": "chips of types and genre; completions",
}

#: Registers the facet `state` before anything else is imported, then indexes and searches by it in every way there is.
PROGRAM = """
import io, json, sys
from contextlib import redirect_stdout
from pathlib import Path

from corpus import fields

spec = fields.FieldSpec("state", "completeness", "完整性", lambda document: (document.state,), ("完整性",))
fields.FIELDS["state"] = fields.FACETS["state"] = spec
fields.QUERY_NAMES |= {"state": "state", "完整性": "state"}

from corpus.settings import Settings
from indexer.build import build_index
from searcher.commands import cli
from searcher.commands.batch import answer_lines
from searcher.results import Request
from searcher.service import Searcher
from web import create_app

folder = Path(sys.argv[1])
settings = Settings(index=str(folder / "index"))
build_index([folder / "source.json"], settings)
searcher = Searcher(settings.index_dir, settings)

def ids(*arguments):
    output = io.StringIO()
    with redirect_stdout(output):
        cli.main(["--index", settings.index, "--ids", *arguments])
    return output.getvalue().split()

def batch(**request):
    output = io.StringIO()
    answer_lines([json.dumps(request).encode()], output, searcher, settings)
    return [hit["source_id"] for hit in json.loads(output.getvalue())["hits"]]

client = create_app(settings, searcher).test_client()
facets = {value.value: value.count for value in searcher.search(Request(query="")).facets["state"]}
page = client.get("/?q=海洋").get_data(as_text=True)
english = client.get("/?q=海洋&lang=en").get_data(as_text=True)
print(json.dumps({
    "facet": facets,
    "python": [hit.source_id for hit in searcher.search(Request(query="", filters={"state": ("empty",)})).hits],
    "query": [hit.source_id for hit in searcher.search(Request(query="完整性:empty")).hits],
    "option": ids("海洋", "--state", "empty"),
    "batch": batch(query="海洋", state="empty"),
    "api": [hit["source_id"] for hit in client.get("/api/search?q=海洋&state=empty").get_json()["hits"]],
    "page": ["完整性" in page, "state=empty" in page, "Completeness" in english],
    "why": [one.name for one in searcher.why_not("whole", Request(query="", filters={"state": ("empty",)})).excluded],
}))
"""


def test_names_for_type_checkers_are_those_of_the_registry() -> None:
    """The literal types name exactly the fields of the registry."""
    assert get_args(FacetName) == tuple(FACETS)
    in_queries = tuple(name for name, spec in FIELDS.items() if spec.is_in_queries)
    assert get_args(QueryField) == in_queries
    assert set(QUERY_NAMES.values()) == set(in_queries)
    assert get_args(ValueField) == tuple(name for name in in_queries if FIELDS[name].values)


def test_a_new_facet_is_one_entry_of_the_registry(tmp_path: Path) -> None:
    """With an entry more, queries, options, batches, the API, pages and explanations know the facet."""
    articles = [
        {"aid": "whole", "title": "海洋牧场", "content": "海洋牧场建设方案。" * 40},
        {"aid": "bare", "title": "海洋观测", "content": ""},
    ]
    (tmp_path / "source.json").write_text(json.dumps(articles, ensure_ascii=False), "utf-8")
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path)], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout) == {
        "facet": {"full": 1, "empty": 1},
        **{way: ["bare"] for way in ("python", "query", "option", "batch", "api")},
        "page": [True, True, True],
        "why": ["state"],
    }


def literals(path: Path) -> set[str]:
    """All texts of a module; of a template the facets that an expression names, which attributes do not quote so."""
    if path.suffix != ".py":
        return {name for name in FACETS if f"'{name}'" in path.read_text("utf-8")}
    return {
        node.value
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def test_facets_are_spelled_in_the_registry() -> None:
    """No other file names a facet but those listed, each for its reason."""
    files = [path for package in ("corpus", "indexer", "searcher", "web") for path in (ROOT / package).rglob("*.*")]
    sources = [path for path in files if path.suffix in (".py", ".html")]
    spelled = {path.relative_to(ROOT).as_posix() for path in sources if literals(path) & set(FACETS)}
    assert [name for name in sorted(spelled) if not name.startswith(("corpus/fields.py", *SPELLED))] == []


def test_filters_have_one_form() -> None:
    """The order of filters, empty ones, and a text instead of a tuple make no difference."""
    request = Request(query="", filters={"account": ("甲",), "month": ("2025-06",)})
    assert Request(query="", filters={"month": ("2025-06",), "genre": (), "account": "甲"}) == request  # type: ignore[dict-item]
    assert list(request.filters) == ["account", "month"]


@pytest.mark.parametrize(
    ("filters", "message"),
    [
        pytest.param({"acount": ("甲",)}, "no filter of this name", id="unknown"),
        pytest.param({"month": ("2025-6",)}, "must be written YYYY-MM", id="month"),
    ],
)
def test_wrong_filters(sample_index: Path, settings: object, filters: dict[str, tuple[str, ...]], message: str) -> None:
    """A filter that no document can pass because it is mistyped is refused."""
    searcher = Searcher(sample_index, settings)  # type: ignore[arg-type]
    with pytest.raises(BadRequest, match=message):
        searcher.search(Request(query="", filters=filters))  # type: ignore[arg-type]
    searcher.close()
