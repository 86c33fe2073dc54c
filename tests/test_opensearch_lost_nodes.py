"""Nodes that are killed while documents are loaded and searched: nothing is lost, nothing doubled, no search fails.

Where two of three nodes are gone, searches say so instead of answering in part, and a load waits for them.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import opensearch_nodes
import pytest
from opensearch_site import AFTER, BEFORE, NEW, OLD, ROOT, Site

from searcher.results import Request
from searcher.service import Searcher

pytestmark = pytest.mark.opensearch

#: Documents before the load and after it.
FEW, MANY = 100, 2000
CHARACTERS = [chr(0x4E00 + number) for number in range(300)]
#: Exit status of search where no index answers, and of search-index where it fails.
NO_INDEX = FAILED = 2
#: Copies of shards on each node, so that none can be lost without being missed.
SHARDS = {"opensearch_shards": 3, "opensearch_timeout_seconds": 10}


@pytest.fixture
def site(tmp_path: Path, opensearch: dict[str, Any]) -> Site:
    """A site with few documents in its index, and many in its sources."""
    site = Site(tmp_path, opensearch | SHARDS)
    site.sources.mkdir()
    write(site, FEW)
    outcome = site.command("indexer", str(site.sources))
    assert outcome.returncode == 0, outcome.stderr
    write(site, MANY)
    return site


def write(site: Site, count: int) -> None:
    """Make so many articles the sources."""
    lines = [
        json.dumps({"aid": str(number), "title": f"第{number}号通知", "content": f"第{number}件事。" + text(number)})
        for number in range(count)
    ]
    (site.sources / "source.jsonl").write_text("\n".join(lines), "utf-8")


def text(number: int) -> str:
    """Two hundred characters that no other article has in this order."""
    return "".join(random.Random(number).choices(CHARACTERS, k=200))


@contextmanager
def loading(site: Site) -> Iterator[subprocess.Popen[str]]:
    """A run of search-index in the middle of sending its documents."""
    program = subprocess.Popen(
        [sys.executable, "-m", "indexer", str(site.sources)],
        env={**os.environ, "PYTHONPATH": str(ROOT), **site.variables()},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        before = written(site)
        while written(site) <= before:
            assert program.poll() is None, program.communicate()[0]
            time.sleep(0.02)
        yield program
    finally:
        program.kill()
        program.communicate()


def written(site: Site) -> int:
    """How many documents the cluster has been sent for this site, in primary shards."""
    found = opensearch_nodes.ask("GET", f"{site.alias}-0*/_stats/indexing")
    return int(found["_all"]["primaries"]["indexing"]["index_total"])


class Readers:
    """Threads that search without a pause; what they saw, and what failed."""

    def __init__(self, site: Site) -> None:
        self.totals: set[int] = set()
        self.failures: list[Exception] = []
        self.count = 0
        self._ended = threading.Event()
        self._site = site
        self._threads = [threading.Thread(target=self._read) for _ in range(2)]

    def __enter__(self) -> Readers:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join()

    def _read(self) -> None:
        with closing(self._site.searcher()) as searcher:
            while not self._ended.is_set():
                try:
                    page = searcher.search(Request(query="号通知"))
                    assert len(page.hits) == 10
                    self.totals.add(page.exact_total)
                except Exception as error:
                    self.failures.append(error)
                self.count += 1


def assert_all_there(site: Site) -> None:
    """Every document is in the index exactly once, in each copy, and found by its own string."""
    with closing(site.searcher()) as searcher:
        assert searcher.info().documents == MANY
        assert searcher.search(Request(query="号通知")).exact_total == MANY
        for number in range(0, MANY, MANY // 20):
            assert_found_once(searcher, number)
    query = {"query": {"bool": {"must_not": {"exists": {"field": "until"}}, "filter": {"exists": {"field": "since"}}}}}
    for preference in ("_primary_first", "_replica_first"):
        opensearch_nodes.ask("POST", f"{site.alias}/_refresh")
        assert opensearch_nodes.ask("POST", f"{site.alias}/_count?preference={preference}", query)["count"] == MANY


def assert_found_once(searcher: Searcher, number: int) -> None:
    """One document has the text of an article."""
    hits = searcher.search(Request(query=f"“{text(number)[:40]}”")).hits
    assert [hit.title for hit in hits] == [f"第{number}号通知"]


@pytest.mark.parametrize("is_manager", [True, False], ids=["manager", "another"])
def test_a_node_killed_during_load_and_searches(site: Site, is_manager: bool) -> None:
    """One of three nodes is killed in the middle of a load: the run succeeds, and no search fails meanwhile."""
    manager = opensearch_nodes.manager()
    node = manager if is_manager else manager % 3 + 1

    with Readers(site) as readers:
        try:
            with loading(site) as program:
                opensearch_nodes.kill(node)
                output, _ = program.communicate(timeout=300)
                assert program.returncode == 0, output
            before = readers.count
            while readers.count < before + 20:
                time.sleep(0.1)
        finally:
            opensearch_nodes.restart(node)
    assert readers.failures == []
    assert readers.totals == {FEW, MANY}
    assert_all_there(site)


def test_two_nodes_killed_during_a_load(site: Site) -> None:
    """Two of three nodes are killed: searches fail with a message, the load waits, and ends well when they are back."""
    with loading(site) as program:
        lost = [node for node in (1, 2, 3) if node != opensearch_nodes.manager()]
        opensearch_nodes.kill(*lost)
        try:
            search = site.command("searcher", "号通知")
            assert (search.returncode, search.stdout) == (NO_INDEX, "")
            assert "Traceback" not in search.stderr
            assert "OpenSearch cluster" in search.stderr
            assert program.poll() is None
        finally:
            opensearch_nodes.restart(*lost)
        output, _ = program.communicate(timeout=300)
        assert program.returncode == 0, output
    assert_all_there(site)


def test_a_red_index(tmp_path: Path, opensearch: dict[str, Any]) -> None:
    """An index without one of its shards is not answered from in part: searches and runs say so until it is back."""
    site = Site(tmp_path, opensearch | {"opensearch_replicas": 0, "opensearch_shards": 3})
    site.build(BEFORE)
    assert site.answers() == OLD
    site.write(AFTER)
    lost = opensearch_nodes.manager() % 3 + 1
    opensearch_nodes.kill(lost)
    try:
        search = site.command("searcher", "规划")
        assert (search.returncode, search.stdout) == (NO_INDEX, "")
        run = run_impatiently(site)
        assert run.returncode == FAILED
        for text in (search.stderr, run.stderr):
            assert "check " in text
            assert "/_cluster/health" in text
            assert "Traceback" not in text
    finally:
        opensearch_nodes.restart(lost)
    assert site.answers() == OLD
    outcome = site.command("indexer", str(site.sources))
    assert outcome.returncode == 0, outcome.stderr
    assert site.answers() == NEW


def run_impatiently(site: Site) -> subprocess.CompletedProcess[str]:
    """Run search-index, which waits for a cluster that is away for a second only."""
    impatient = "import indexer.opensearch.session as s, indexer.__main__ as m; s.PATIENCE_SECONDS = 1; m.main()"
    return subprocess.run(
        [sys.executable, "-c", impatient, str(site.sources)],
        env={**os.environ, "PYTHONPATH": str(ROOT), **site.variables(opensearch_timeout_seconds=2)},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )


def test_two_nodes_down_before_a_run(site: Site) -> None:
    """A run that finds two of three nodes gone ends with a message after its patience; the next one goes on."""
    lost = [node for node in (1, 2, 3) if node != opensearch_nodes.manager()]
    opensearch_nodes.kill(*lost)
    try:
        run = run_impatiently(site)
        assert run.returncode == FAILED, run.stderr
        assert "Traceback" not in run.stderr
        assert "OpenSearch cluster" in run.stderr
    finally:
        opensearch_nodes.restart(*lost)
    with closing(site.searcher()) as searcher:
        assert searcher.search(Request(query="号通知")).exact_total == FEW
    outcome = site.command("indexer", str(site.sources))
    assert outcome.returncode == 0, outcome.stderr
    assert_all_there(site)
