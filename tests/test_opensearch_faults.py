"""Faults of a cluster: each has a message that says what to do, nothing is half published, and the next run goes on."""

from __future__ import annotations

import itertools
import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import faults
import opensearch_nodes
import pytest
from opensearch_proxy import Passing, Proxy, Reply, proxy_before
from opensearch_site import AFTER, BEFORE, NEW, OLD, Site

import indexer.commands.cli  # the child processes find it loaded
import indexer.opensearch.session

assert indexer.commands.cli

pytestmark = [
    pytest.mark.opensearch,
    pytest.mark.filterwarnings("ignore:This process:DeprecationWarning"),
]

ALL = bool(os.environ.get("KESOU_ALL_FAULTS"))
#: Requests at which a run is killed, of those that it sends.
SAMPLE = 4
#: Exit statuses of search-index.
FAILED, NOT_WRITABLE = 2, 4
#: Exit status of search where no index answers.
NO_INDEX = 2


@pytest.fixture(scope="module", autouse=True)
def _loaded() -> Iterator[None]:
    """Rules and dictionary are loaded once, for all runs."""
    with pytest.MonkeyPatch.context() as patch:
        faults.preload(patch)
        yield


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs wait for a cluster that is away for two seconds only."""
    monkeypatch.setattr(indexer.opensearch.session, "PATIENCE_SECONDS", 2.0)


@pytest.fixture
def site(tmp_path: Path, opensearch: dict[str, Any]) -> Site:
    """A site whose first generation is published, and whose sources have changed since."""
    site = Site(tmp_path, opensearch)
    site.build(BEFORE)
    assert site.answers() == OLD
    site.write(AFTER)
    return site


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    """A proxy before the first node."""
    with proxy_before() as proxy:
        yield proxy


def goes_on(site: Site, after: tuple[int, ...] = NEW) -> None:
    """The next run publishes what the sources are, and leaves nothing behind."""
    outcome = site.index()
    assert outcome.status == 0, outcome.err
    assert site.answers() == after
    assert len(site.indices()) <= 2
    articles = (AFTER if after == NEW else BEFORE).values()
    kept = [source for source, _, until in site.versions() if until is None]
    assert kept == sorted(aid for rows in articles for aid, _, _ in rows)


def error_of(outcome: faults.Outcome, status: int = FAILED) -> str:
    """The message of a run that failed without a traceback."""
    assert outcome.status == status, outcome.err
    assert "Traceback" not in outcome.err
    return outcome.err


def refusal(status: int, kind: str, reason: str) -> Reply:
    """How a node refuses a request."""
    return status, {"error": {"type": kind, "reason": reason}, "status": status}


@pytest.mark.parametrize(
    ("status", "words"),
    [(401, ["opensearch_user", "opensearch_password", "opensearch_token"]), (403, ["grant the rights"])],
)
def test_wrong_credentials(site: Site, proxy: Proxy, status: int, words: list[str]) -> None:
    """A refused user is told which settings to look at, by runs and searches, and no secret is printed."""
    proxy.before = lambda _: refusal(status, "security_exception", "no permissions")
    changes: Any = {"opensearch_urls": proxy.url, "opensearch_user": "anna", "opensearch_password": "geheim"}
    run, search = site.index(**changes), site.command("searcher", "规划", **changes)
    for text in (error_of(run), search.stderr):
        assert [word for word in words if word not in text] == []
        assert "geheim" not in text
        assert "Traceback" not in text
    assert search.returncode == NO_INDEX
    assert site.answers() == OLD
    goes_on(site)


@pytest.mark.parametrize("version", [{"number": "1.3.19", "distribution": "opensearch"}, {"number": "8.17.0"}])
def test_another_version(site: Site, proxy: Proxy, version: dict[str, str]) -> None:
    """A cluster of an older version, or of another program, is refused before anything is written."""
    proxy.before = lambda passing: (200, {"version": version}) if passing.path.split("?")[0] == "/" else None
    message = error_of(site.index(opensearch_urls=proxy.url))
    assert version["number"] in message
    assert "or newer is needed" in message
    assert {passing.method for passing in proxy.requests} == {"GET"}
    goes_on(site)


def test_no_cluster(site: Site) -> None:
    """Where nobody listens, runs and searches name the address and the setting."""
    changes: Any = {"opensearch_urls": "http://127.0.0.1:1"}
    run, search = site.index(**changes), site.command("searcher", "规划", **changes)
    assert search.returncode == NO_INDEX
    for text in (error_of(run), search.stderr):
        assert "127.0.0.1:1" in text
        assert "opensearch_urls" in text
        assert "Traceback" not in text
    goes_on(site)


def test_a_slow_cluster(site: Site, proxy: Proxy) -> None:
    """A cluster that does not answer in time is named with the setting of the time, by runs and searches."""
    proxy.after = lambda _: time.sleep(2)
    changes: Any = {"opensearch_urls": proxy.url, "opensearch_timeout_seconds": 0.2}
    for text in (error_of(site.index(**changes)), site.command("searcher", "规划", **changes).stderr):
        assert "did not answer within 0.2 s (opensearch_timeout_seconds)" in text
    proxy.after = lambda _: None
    goes_on(site)


def test_a_load_of_a_slow_cluster(site: Site, proxy: Proxy) -> None:
    """Bulk requests that time out although they are carried out double nothing, and the run succeeds."""
    slow: set[bytes] = set()

    def first_time(passing: Passing) -> None:
        if "_bulk" in passing.path and (body := gunzip(passing.body)) not in slow:
            slow.add(body)
            time.sleep(1.5)

    proxy.after = first_time
    outcome = site.index(opensearch_urls=proxy.url, opensearch_timeout_seconds=1.0)
    assert outcome.status == 0, outcome.err
    assert slow
    assert site.answers() == NEW


def test_a_busy_cluster(site: Site, proxy: Proxy) -> None:
    """Requests and documents that are rejected because the cluster is busy are sent again until it is not."""
    rejected: list[Passing] = []

    def busy(passing: Passing) -> Reply:
        if "_bulk" not in passing.path or len(rejected) >= 3:
            return None
        rejected.append(passing)
        if len(rejected) == 1:
            return refusal(429, "rejected_execution_exception", "queue is full")
        return bulk_reply(passing, 429, "rejected_execution_exception", "queue is full")

    proxy.before = busy
    outcome = site.index(opensearch_urls=proxy.url)
    assert outcome.status == 0, outcome.err
    assert len(rejected) == 3
    assert site.answers() == NEW


def bulk_reply(passing: Passing, status: int, kind: str, reason: str) -> Reply:
    """How a node refuses every action of a bulk request."""
    import gzip

    body = gzip.decompress(passing.body) if passing.body[:2] == b"\x1f\x8b" else passing.body
    items = []
    for line in body.splitlines():
        action = json.loads(line)
        if len(action) == 1 and (name := next(iter(action))) in ("index", "update", "delete", "create"):
            error = {"type": kind, "reason": reason}
            items.append({name: {"_id": action[name]["_id"], "status": status, "error": error}})
    return 200, {"took": 1, "errors": True, "items": items}


def test_a_cluster_that_stays_busy(site: Site, proxy: Proxy) -> None:
    """A run ends with a message if the cluster stays too busy; nothing is published."""
    proxy.before = lambda passing: (
        bulk_reply(passing, 429, "rejected_execution_exception", "queue is full") if "_bulk" in passing.path else None
    )
    assert "too busy" in error_of(site.index(opensearch_urls=proxy.url))
    assert site.answers() == OLD
    goes_on(site)


def test_rejected_documents(site: Site, proxy: Proxy) -> None:
    """Documents that the cluster rejects are named with the reason, and the run publishes nothing."""
    reason = "failed to parse field [days]"

    def reject(passing: Passing) -> Reply:
        is_load = "_bulk" in passing.path and b"since" in gunzip(passing.body)
        return bulk_reply(passing, 400, "mapper_parsing_exception", reason) if is_load else None

    proxy.before = reject
    message = error_of(site.index(opensearch_urls=proxy.url))
    assert reason in message
    assert site.answers() == OLD
    goes_on(site)


def gunzip(body: bytes) -> bytes:
    """A body that may be compressed."""
    import gzip

    return gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body


def test_a_mapping_conflict(site: Site) -> None:
    """A field that somebody has added with another type rejects documents: the message names field and index."""
    index = site.indices()[-1]
    opensearch_nodes.ask("PUT", f"{index}/_mapping", {"_meta": {"kesou": {"layout": 999}}})
    search = site.command("searcher", "规划")
    assert search.returncode == NO_INDEX
    assert "another version" in search.stderr
    assert "search-index" in search.stderr
    goes_on(site)


def test_a_name_that_is_taken(tmp_path: Path, opensearch: dict[str, Any]) -> None:
    """An index of somebody else that has the name of our alias is left alone, and the message says so."""
    name = opensearch["opensearch_index"]
    opensearch_nodes.ask("PUT", name, {"mappings": {"properties": {"x": {"type": "keyword"}}}})
    opensearch_nodes.ask("PUT", f"{name}/_doc/1?refresh=true", {"x": "theirs"})
    site = Site(tmp_path, opensearch)
    site.write(BEFORE)
    assert "choose another opensearch_index" in error_of(site.index())
    assert opensearch_nodes.ask("GET", f"{name}/_doc/1")["_source"] == {"x": "theirs"}
    search = site.command("searcher", "规划")
    assert (search.returncode, "Traceback" in search.stderr) == (NO_INDEX, False)


@pytest.mark.parametrize(
    ("block", "words"),
    [("read_only", "remove the block"), ("read_only_allow_delete", "make room on the disks"), ("write", "block")],
)
def test_a_blocked_index(site: Site, block: str, words: str) -> None:
    """An index that is read-only, or whose disk is full, is still searched; a run says what to do and goes on after."""
    site.block(block, True)
    try:
        assert words in error_of(site.index(), NOT_WRITABLE)
        assert site.answers() == OLD
    finally:
        site.block(block, None)
    goes_on(site)


def test_no_index(tmp_path: Path, opensearch: dict[str, Any]) -> None:
    """A search of a cluster that has no such index says how to build one."""
    search = Site(tmp_path, opensearch).command("searcher", "规划")
    assert search.returncode == NO_INDEX
    assert "search-index" in search.stderr
    assert "Traceback" not in search.stderr


def some_of(count: int, last: int) -> list[int]:
    """A sample of the numbers from 1 to a count, with the last ones in any case: they publish."""
    step = 1 if ALL else max(1, count // SAMPLE)
    return sorted({*range(1, count + 1, step), *range(count - last + 1, count + 1)})


def killed(site: Site, rank: int, *, is_before: bool) -> None:
    """Kill a run before or after its n-th request is carried out."""
    file = site.folder / "pid"

    def kill(passing: Passing) -> None:
        if passing.number == rank:
            os.kill(int(file.read_text()), signal.SIGKILL)

    with proxy_before() as proxy:
        setattr(proxy, "before" if is_before else "after", kill)
        outcome = site.index(prepare=lambda: noted(file), opensearch_urls=proxy.url)
    assert outcome.status == -signal.SIGKILL, (rank, outcome.err)


def noted(file: Path) -> None:
    """Write the id of this process to a file."""
    file.write_text(str(os.getpid()))


def requests_of(site: Site) -> int:
    """How many requests a run sends."""
    with proxy_before() as proxy:
        outcome = site.index(opensearch_urls=proxy.url)
        assert outcome.status == 0, outcome.err
        return len(proxy.requests)


@pytest.mark.parametrize("is_before", [True, False], ids=["before", "after"])
def test_killed_at_any_request(site: Site, is_before: bool) -> None:
    """Wherever a run is killed, before or after a request is carried out, the old generation or the new one answers.

    The next run publishes what the sources are and leaves nothing behind.
    """
    goals = itertools.cycle([(BEFORE, OLD), (AFTER, NEW)])
    for rank in some_of(requests_of(site), 4):
        before = site.answers()
        sources, after = next(goals)
        site.write(sources)
        killed(site, rank, is_before=is_before)
        assert site.answers() in (before, after), rank
        goes_on(site, after)


def test_first_run_killed_at_any_request(tmp_path: Path, opensearch: dict[str, Any]) -> None:
    """Where the first run is killed there is no index or a whole one, and the next run succeeds."""

    def new_site(name: str) -> Site:
        own = opensearch | {"opensearch_index": f"{opensearch['opensearch_index']}-{name}"}
        site = Site(tmp_path / name, own)
        site.write(AFTER)
        return site

    for rank in some_of(requests_of(new_site("counted")), 4):
        site = new_site(f"killed-{rank}")
        killed(site, rank, is_before=rank % 2 == 0)
        search = site.command("searcher", "规划")
        assert ("合成生物学" in search.stdout) == (search.returncode == 0)
        assert "Traceback" not in search.stderr
        goes_on(site)


def test_killed_at_any_local_operation(site: Site) -> None:
    """Wherever a run is killed in its local folder, the old or the new generation answers, and the next run goes on."""
    counts = [len(site.index().operations)]
    site.write(BEFORE)
    counts.append(len(site.index().operations))
    goals = itertools.cycle([(AFTER, NEW), (BEFORE, OLD)])
    for at in some_of(min(counts), 6):
        before = site.answers()
        sources, after = next(goals)
        site.write(sources)
        outcome = site.index(at=at)
        assert outcome.status == -signal.SIGKILL, (at, outcome.err)
        assert site.answers() in (before, after), at
        goes_on(site, after)
