"""What all tests share: a small index of the sample corpus, tiny indexes of literal documents, and honest skipping."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import opensearch_nodes
import pytest
from flask import Flask
from flask.testing import FlaskClient

from corpus.collection import Collection
from corpus.document import Document
from corpus.import_issue import ImportIssue
from corpus.settings import Settings
from corpus.sources.files import find_files
from corpus.sources.source_file import SourceFile
from corpus.taxonomy.classify import Taxonomy
from indexer.build import build_index
from searcher.service import Searcher
from web import create_app

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"
SAMPLE = ROOT / "corpus" / "sample"

Article = dict[str, Any]


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No variable, settings file or user folder of the machine reaches a test."""
    for name in [name for name in os.environ if name.startswith("KESOU_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "user-data"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "user-cache"))


@pytest.fixture(scope="session")
def sample_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of corpus/sample."""
    index = tmp_path_factory.mktemp("sample") / "index"
    report = build_index([SAMPLE], Settings(index=str(index)))
    assert report.rejected == 0
    return index


@pytest.fixture(scope="session")
def settings(sample_index: Path) -> Settings:
    """Default settings over the sample index."""
    return Settings(index=str(sample_index))


@pytest.fixture(scope="module")
def searcher(settings: Settings) -> Iterator[Searcher]:
    """A searcher over the sample corpus that all tests of a file share."""
    searcher = Searcher(settings.index_dir, settings)
    yield searcher
    searcher.close()


@pytest.fixture(scope="module")
def app(settings: Settings, searcher: Searcher) -> Flask:
    """The web application over the sample corpus."""
    return create_app(settings, searcher)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """What asks the web application: a browser without JavaScript, or a program."""
    return app.test_client()


@pytest.fixture(scope="session")
def seeds_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of the five real source files."""
    if not SHARED.is_dir():
        pytest.skip("needs ../shared")
    index = tmp_path_factory.mktemp("seeds") / "index"
    build_index([SHARED / "seeds"], Settings(index=str(index)))
    return index


@pytest.fixture
def opensearch() -> Iterator[dict[str, Any]]:
    """The settings of an index of a real cluster, of one test."""
    with opensearch_nodes.unique_index() as options:
        yield options


@pytest.fixture(scope="module")
def module_opensearch() -> Iterator[dict[str, Any]]:
    """The same for an index that all tests of a file share."""
    with opensearch_nodes.unique_index() as options:
        yield options


@pytest.fixture
def make_searcher(tmp_path: Path) -> Iterable[Callable[..., Searcher]]:
    """Index literal articles ({aid, title, content, account, date …}) and give a searcher over them."""
    yield from _making(tmp_path)


@pytest.fixture(scope="module")
def make_module_searcher(tmp_path_factory: pytest.TempPathFactory) -> Iterable[Callable[..., Searcher]]:
    """The same for searchers that all tests of a file share."""
    yield from _making(tmp_path_factory.mktemp("module"))


def _making(folder: Path) -> Iterator[Callable[..., Searcher]]:
    searchers: list[Searcher] = []

    def make(*articles: Article, **options: Any) -> Searcher:
        source = folder / f"source{len(searchers)}.json"
        rows = [{"aid": str(number), "title": f"题{number}", **article} for number, article in enumerate(articles, 1)]
        source.write_text(json.dumps(rows, ensure_ascii=False), "utf-8")
        settings = Settings(index=str(folder / f"index{len(searchers)}"), **options)
        build_index([source], settings)
        searchers.append(Searcher(settings.index_dir, settings))
        return searchers[-1]

    yield make
    for searcher in searchers:
        searcher.close()


@pytest.fixture(scope="session")
def packaged_taxonomy() -> Taxonomy:
    """The packaged rules, read once."""
    return Taxonomy.load()


@pytest.fixture(scope="session")
def read_files(
    packaged_taxonomy: Taxonomy, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., list[Document | ImportIssue]]:
    """Read files as a run does: their import issues, then their documents."""
    folder = tmp_path_factory.mktemp("drafts")

    def read_files(files: Sequence[SourceFile], **options: Any) -> list[Document | ImportIssue]:
        return list(Collection(files, packaged_taxonomy, Settings(**options), folder))

    return read_files


@pytest.fixture
def read(
    tmp_path: Path, read_files: Callable[..., list[Document | ImportIssue]]
) -> Callable[..., tuple[list[Document], list[str]]]:
    """Read one file (its content, its name): the documents, and the lines of the report as shown."""

    def read(content: str | bytes | Any, name: str = "source.json", **options: Any) -> tuple[list[Document], list[str]]:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not isinstance(content, str | bytes):
            content = json.dumps(content, ensure_ascii=False)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        files, problems = find_files([path])
        items = [*problems, *read_files(files, **options)]
        lines = [
            f"{'rejected' if item.is_rejection else 'note'}: {item}" for item in items if isinstance(item, ImportIssue)
        ]
        return [item for item in items if isinstance(item, Document)], lines

    return read


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    """No test skips for want of ../shared where it is, or of a browser or cluster in CI: a green run would lie."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail"):
        needs_program = any(map(item.get_closest_marker, ("browser", "opensearch")))
        needs_shared = item.get_closest_marker("shared") and SHARED.is_dir() and not needs_program
        if needs_shared or (needs_program and os.environ.get("CI")):
            report.outcome = "failed"
            report.longrepr = f"{item.nodeid} skipped although what it needs should be here: {report.longrepr}"
    return report
