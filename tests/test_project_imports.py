"""Rules about the source itself: which package may import which, one file per library, no long file."""

from __future__ import annotations

import ast
import functools
import graphlib
import sys
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

#: From the top down: a package may import itself and those after it.
PACKAGES = ("web", "searcher", "indexer", "corpus")

#: Libraries that live in one place only, so that replacing one is the work of one file.
HOMES = {
    "whoosh": ("indexer/postings/whoosh_writer.py",),
    "jieba": ("indexer/analysis/segment.py",),
    "rjieba": ("indexer/analysis/segment.py",),
    "bs4": ("corpus/loaders/page/tree.py",),
    "markdown_it": ("corpus/loaders/markdown/parser.py",),
    "mdit_py_plugins": ("corpus/loaders/markdown/parser.py",),
    "openpyxl": ("corpus/loaders/workbook.py",),
    "pypdfium2": ("corpus/loaders/pdf.py",),
    "opensearchpy": ("indexer/opensearch/client.py",),
    "watchfiles": ("indexer/commands/source_changes.py",),
    "flask": ("web/",),
    "werkzeug": ("web/",),
    "waitress": ("web/",),
    "jinja2": ("web/",),
}
MAX_LINES = 400

#: The folders and files of each package from the top down. A file may import its own folder and the rows below its own.
LAYERS = {
    "web": (
        "cli",
        "app server",
        "api pages failures",
        "context no_hits article_body examples",
        "facets facts",
        "links",
        "forms security",
        "i18n errors",
        "texts",
    ),
    "searcher": (
        "commands",
        "relevance",
        "service preload",
        "diagnostics",
        "expansion highlight completions",
        "execution",
        "query",
        "results",
        "errors",
    ),
    "indexer": (
        "commands",
        "build upkeep",
        "make_generation",
        "run_start part_making runs",
        "run_engine",
        "generation_writer catalogue run_progress opensearch",
        "completion_writer run_report",
        "segments learning user_dictionary",
        "completions titles postings learned_words",
        "record store",
        "analysis",
        "errors",
    ),
    "corpus": (
        "collection record_reading",
        "repeated",
        "drafts near_duplicates",
        "sources spool",
        "loaders facts taxonomy import_issue identity minhash",
        "cleaning outline fields ledger publication_date",
        "document settings chinese workers",
        "errors command_outcome value",
    ),
}

FILES = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
MODULES = {path.relative_to(ROOT).as_posix().removesuffix(".py").replace("/", ".") for path in FILES}


def name_of(path: Path) -> str:
    """A file as the rules call it."""
    return path.relative_to(ROOT).as_posix()


def module_of(path: Path) -> str:
    """A file's dotted name; that of a package for its `__init__.py`."""
    return name_of(path).removesuffix(".py").removesuffix("/__init__").replace("/", ".")


@functools.cache
def imported_modules(path: Path) -> frozenset[str]:
    """Dotted names of all that a file imports, deferred imports and type-checking ones included.

    `from a import b` counts as `a.b` where that is a module of ours, and as `a` otherwise.
    """
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"), name_of(path))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name_of(path)} imports relatively"
            module = node.module or ""
            names.update(full if (full := f"{module}.{alias.name}") in MODULES else module for alias in node.names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in ("importlib.import_module", "__import__"):
            names.update(
                argument.value
                for argument in node.args
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
            )
    return frozenset(names)


def imported(path: Path) -> set[str]:
    """Top-level names of all that a file imports."""
    return {name.split(".")[0] for name in imported_modules(path)}


def test_all_packages_are_there() -> None:
    """The rules below look at real files."""
    found = {name_of(path).split("/")[0] for path in FILES}
    assert found == set(PACKAGES)
    assert len(FILES) > 40


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_imports_point_one_way(path: Path) -> None:
    """web → searcher → indexer → corpus: an arrow may skip, and never points up."""
    own = name_of(path).split("/")[0]
    above = set(PACKAGES[: PACKAGES.index(own)])
    assert imported(path) & (above | {"tests", "benchmarks", "tools"}) == set()


@pytest.mark.parametrize("package", LAYERS)
def test_folders_of_a_package_point_one_way(package: str) -> None:
    """Inside a package, too, imports only point down the declared rows."""
    row_of = {name: row for row, names in enumerate(LAYERS[package]) for name in names.split()}
    modules = {module_of(path): path for path in FILES if path.is_relative_to(ROOT / package)}
    parts = {module: module.split(".")[1] for module in modules if module.count(".") and "__main__" not in module}
    assert set(parts.values()) == set(row_of)
    upward = [
        f"{module} → {other}"
        for module, part in parts.items()
        for other in imported_modules(modules[module])
        if other in parts and parts[other] != part and row_of[parts[other]] <= row_of[part]
    ]
    assert upward == []


def test_no_two_files_import_each_other() -> None:
    """No chain of imports leads back to the file that it began with."""
    own = {module_of(path) for path in FILES}
    graph = {module_of(path): imported_modules(path) & own - {module_of(path)} for path in FILES}
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        pytest.fail(" → ".join(error.args[1]))


@pytest.mark.parametrize("library", HOMES)
def test_one_library_one_file(library: str) -> None:
    """Each outside library is imported in its home only, and is imported there."""
    users = [name_of(path) for path in FILES if library in imported(path)]
    assert [user for user in users if not user.startswith(HOMES[library])] == []
    assert users or library in ("werkzeug", "jinja2")


def test_outside_libraries_are_declared() -> None:
    """What the packages import from outside is among the requirements that are installed with them."""
    declared = (ROOT / "setup.cfg").read_text("utf-8").lower()
    distribution = {
        "bs4": "beautifulsoup4",
        "markdown_it": "markdown-it-py",
        "mdit_py_plugins": "mdit-py-plugins",
        "werkzeug": "flask",
        "jinja2": "flask",
        "opensearchpy": "opensearch-py",
    }
    users = defaultdict(list)
    for path in FILES:
        for name in imported(path) - set(PACKAGES) - set(sys.stdlib_module_names):
            if distribution.get(name, name).lower() not in declared:
                users[name].append(name_of(path))
    assert dict(users) == {}


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_no_long_file(path: Path) -> None:
    """No file of the packages has more lines than one can keep in mind."""
    assert len(path.read_text("utf-8").splitlines()) <= MAX_LINES


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_every_file_says_what_it_is(path: Path) -> None:
    """Every file that holds code begins with a sentence about it."""
    tree = ast.parse(path.read_text("utf-8"))
    assert not tree.body or ast.get_docstring(tree)
