"""All commands and pages over an index in a cluster, from a machine that has no folder of it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import opensearch_nodes
import pytest
from flask.testing import FlaskClient
from opensearch_site import AFTER, BEFORE, NEW, OLD, ROOT, Site

from indexer.opensearch.session import cluster_session
from web import create_app

pytestmark = pytest.mark.opensearch


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, module_opensearch: dict[str, Any]) -> Site:
    """A site of the sample, indexed by the command."""
    site = Site(tmp_path_factory.mktemp("commands"), module_opensearch)
    outcome = site.command("indexer", str(ROOT / "corpus" / "sample"))
    assert outcome.returncode == 0, outcome.stderr
    return site


@pytest.fixture
def own_site(tmp_path: Path, opensearch: dict[str, Any]) -> Site:
    """A site of one test, with two generations."""
    site = Site(tmp_path, opensearch)
    site.build(BEFORE)
    site.build(AFTER)
    return site


@pytest.fixture
def client(site: Site, tmp_path: Path) -> Iterator[FlaskClient]:
    """A browser of the pages of a machine that only searches."""
    with closing(site.searcher(index=str(tmp_path / "nothing"))) as searcher:
        yield create_app(site.settings(index=str(tmp_path / "nothing")), searcher).test_client()


def search(site: Site, *arguments: str, input: str | None = None) -> str:
    """What `search` prints on a machine without a folder of the index; it finds something."""
    outcome = site.command("searcher", *arguments, input=input, index=str(site.folder / "nothing"))
    assert outcome.returncode == 0, outcome.stderr
    assert not (site.folder / "nothing").exists()
    return outcome.stdout


PROGRAM = """
import sys
from searcher.commands.cli import main
status = main(["脑机接口"])
print(status, *sorted(sys.modules), file=sys.stderr)
"""


def test_a_plain_query_needs_no_heavy_module(site: Site) -> None:
    """A search of a cluster loads neither numpy nor Whoosh nor jieba nor the terminal libraries."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    environment |= {"PYTHONPATH": str(ROOT), **site.variables(index=str(site.folder / "nothing"))}
    command = [sys.executable, "-c", PROGRAM]
    run = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    status, *modules = run.stderr.split()
    assert status == "0"
    assert "硬币大小" in run.stdout
    heavy = {"numpy", "whoosh", "jieba", "rjieba", "flask", "click", "rich", "sqlite3", "bs4"}
    assert heavy.intersection(modules) == set()


def test_search_prints_all(site: Site) -> None:
    """--all, --json, --facets, --explain, --why-not and --like answer."""
    ids = search(site, "的", "--all", "--ids").split()
    assert len(ids) == len(set(ids)) > 20
    page = json.loads(search(site, "的", "--all", "--json"))
    assert len(page["hits"]) == page["total"]["exact"] + page["total"]["related"] == len(ids)
    assert "江湾" in search(site, "脑机接口", "--facets")
    assert "脑机" in search(site, "脑机接口", "--explain")
    hit = search(site, "脑机接口", "--limit", "1", "--ids").strip()
    assert hit in search(site, "脑机接口", "--why-not", hit)
    assert search(site, "--like", ids[0])


def test_batch(site: Site) -> None:
    """A batch answers each line."""
    lines = [json.dumps({"query": query}, ensure_ascii=False) for query in ("脑机接口", "没有这样的词组", "量子计算")]
    answers = [json.loads(line) for line in search(site, "--batch", "-", input="\n".join(lines)).splitlines()]
    assert len(answers) == 3
    assert [bool(answer["hits"]) for answer in answers] == [True, False, True]


def test_evaluation(site: Site) -> None:
    """The judged queries of the sample reach the floors that the embedded engine is held to."""
    floors = ["ndcg@10=0.97", "recall@10=0.975", "nil_ok=1"]
    options = [text for floor in floors for text in ("--fail-below", floor)]
    assert search(site, "--eval", str(ROOT / "tests" / "data" / "judged_sample"), *options)


def test_pages(client: FlaskClient) -> None:
    """The pages of results, of an article and of an answer without hits, and the interface for programs."""
    page = client.get("/?q=脑机接口")
    assert page.status_code == 200
    assert "<mark>脑机接口</mark>" in page.text
    article = re.search(r'href="(/article/[^"]+)"', page.text)
    assert article
    assert client.get(article[1]).status_code == 200
    assert client.get("/?q=没有这样的词组存在").status_code == 200
    assert client.get("/api/search?q=脑机接口").get_json()["total"]["exact"] > 0
    assert client.get("/api/suggest?q=脑").get_json()
    assert client.get("/api/health").status_code == 200


def test_pages_without_a_cluster(site: Site) -> None:
    """Pages and interface say 503 where the cluster is away, without a traceback."""
    with closing(site.searcher(opensearch_urls="http://127.0.0.1:1")) as searcher:
        client = create_app(site.settings(opensearch_urls="http://127.0.0.1:1"), searcher).test_client()
        for address in ("/?q=脑机接口", "/api/search?q=脑机接口", "/api/health"):
            assert client.get(address).status_code == 503, address


def test_status(own_site: Site) -> None:
    """`status` names cluster, indices, generation and documents, and no secret."""
    secret = {"opensearch_user": "anna", "opensearch_password": "geheim"}
    outcome = own_site.command("indexer", "status", **secret)
    assert outcome.returncode == 0, outcome.stderr
    assert own_site.indices()[-1] in outcome.stdout
    assert "green" in outcome.stdout
    assert "geheim" not in outcome.stdout + outcome.stderr


def test_check_finds_missing_documents(own_site: Site) -> None:
    """`check` passes a sound index, and names one that has lost a document; a rebuild cures it."""
    assert own_site.command("indexer", "check").returncode == 0
    query = {"query": {"bool": {"filter": {"term": {"source_id": "a2"}}}}}
    opensearch_nodes.ask("POST", f"{own_site.alias}/_delete_by_query?refresh=true", query)
    damaged = own_site.command("indexer", "check")
    assert damaged.returncode != 0
    assert "generation 2 has 4 documents, 3 are in the index" in damaged.stdout
    repaired = own_site.command("indexer", "repair")
    assert "Traceback" not in repaired.stderr
    rebuilt = own_site.command("indexer", str(own_site.sources), "--rebuild")
    assert rebuilt.returncode == 0, rebuilt.stderr
    assert own_site.command("indexer", "check").returncode == 0
    assert own_site.answers() == NEW


def test_repair_points_the_alias_back(own_site: Site) -> None:
    """`repair` lets the last sound index answer again where the alias is gone."""
    index = own_site.indices()[-1]
    opensearch_nodes.ask("DELETE", f"{index}/_alias/{own_site.alias}")
    assert own_site.command("searcher", "规划").returncode == 2
    assert own_site.command("indexer", "check").returncode != 0
    repaired = own_site.command("indexer", "repair")
    assert repaired.returncode == 0, repaired.stderr
    assert own_site.answers() == NEW


def test_another_machine_begins_anew(own_site: Site, tmp_path: Path) -> None:
    """A machine with another folder, or one that lost its own, makes all documents anew in an index beside the old."""
    before = own_site.indices()
    other = Site(tmp_path / "other", own_site.options | {"index": str(tmp_path / "other" / "index")})
    other.write(BEFORE)
    outcome = other.command("indexer", str(other.sources))
    assert outcome.returncode == 0, outcome.stderr
    assert own_site.answers() == OLD
    assert other.indices()[:-1] == before
    assert other.command("indexer", "check").returncode == 0


def test_one_machine_writes_at_a_time(own_site: Site, tmp_path: Path) -> None:
    """A second machine that runs while one is writing is told who does, with the exit status of a lock."""
    other = Site(tmp_path / "other", own_site.options | {"index": str(tmp_path / "other" / "index")})
    other.write(BEFORE)
    own_site.settings().index_dir.mkdir(exist_ok=True)
    with cluster_session(own_site.settings()):
        outcome = other.command("indexer", str(other.sources), "--lock-wait", "0")
    assert outcome.returncode == 3, outcome.stderr
    assert f"process {os.getpid()}" in outcome.stderr
    assert own_site.answers() == NEW


def test_watch_publishes_changes(own_site: Site) -> None:
    """`watch` publishes a changed file in the cluster, and ends at a signal."""
    log = (own_site.folder / "log").open("w")
    variables = own_site.variables(watch_interval_seconds=0, watch_settle_seconds=0.3)
    process = subprocess.Popen(
        [sys.executable, "-m", "indexer", "watch", str(own_site.sources)],
        env={**os.environ, "PYTHONPATH": str(ROOT), **variables},
        stdout=log,
        stderr=log,
    )
    try:
        own_site.write(BEFORE)
        end = time.monotonic() + 120
        while own_site.answers() != OLD:
            assert process.poll() is None, (own_site.folder / "log").read_text()
            assert time.monotonic() < end, (own_site.folder / "log").read_text()
            time.sleep(0.5)
        process.send_signal(signal.SIGTERM)
        process.wait(60)
    finally:
        process.kill()
        process.wait()
        log.close()
