"""Generations in a real cluster: what runs leave is what a new build leaves, wherever a run before was killed."""

from __future__ import annotations

import gzip
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import opensearch_nodes
import pytest

from corpus.settings import Settings
from indexer.build import build_index
from indexer.errors import DocumentsRejected, IndexDamaged, IndexLocked
from indexer.opensearch import layout, writer
from indexer.opensearch.client import OpenSearchClient
from indexer.opensearch.cluster_lock import ClusterLock
from indexer.opensearch.indices import Published, read_published
from indexer.opensearch.versions import sources
from indexer.store.generations import current
from indexer.upkeep.opensearch import OpenSearchUpkeep

pytestmark = pytest.mark.opensearch

LONG: Final = "本文讲量子通信的第一次试验，卫星把密钥送到两个城市，误码率低于百分之三，以后还要在更多城市试验。" * 3
SENTENCES: Final = (
    "讲脑机接口6G的第一例植入。",
    "讲26GHz频段的划分。",
    "讲科技园区的规划2025。",
    "讲人才计划的申报指南。",
)
Rows = list[dict[str, str]]


def row(number: int, content: str = "") -> dict[str, str]:
    """An article."""
    text = content or SENTENCES[number % len(SENTENCES)] * (number % 3 + 1)
    return {"aid": str(number), "title": f"第{number}号新闻", "content": text, "date": f"2025-01-{number + 1:02}"}


#: Numbers 0 and 7 are near-duplicates, whose earliest one is removed later; 1 is changed, 9 is new.
FIRST: Final = [row(0, LONG), *(row(number) for number in range(1, 7)), row(7, LONG + "完。")]
SECOND: Final = [row(1, "改过的一篇，讲6g。"), *FIRST[2:], row(9)]
THIRD: Final = [*SECOND[:-1], row(10, LONG), row(11)]


class Machine:
    """A local folder with a source file, that indexes into a cluster."""

    def __init__(self, folder: Path, options: dict[str, Any]) -> None:
        folder.mkdir(exist_ok=True)
        self.folder = folder
        self.settings = Settings(index=str(folder / "index"), workers=1, lock_wait_seconds=0.0, **options)
        self.client = OpenSearchClient(self.settings)
        self.notices: list[str] = []

    def build(self, rows: Rows, *, is_rebuild: bool = False) -> None:
        """Index these articles."""
        source = self.folder / "source.json"
        source.write_text(json.dumps(rows), "utf-8")
        build_index([source], self.settings, is_rebuild=is_rebuild, notice=self.notices.append)

    @property
    def published(self) -> Published:
        """What readers see."""
        found = read_published(self.client, self.settings.opensearch_index)
        assert found is not None
        return found

    def contents(self) -> dict[str, Any]:
        """All that readers can find out of the published generation, and what the next run knows of it."""
        index, state = self.published.index, self.published.state
        self.client.ask("POST", f"/{index}/_refresh")
        found = sources(self.client, index, layout.visible_at(state.generation), ("*",))
        documents = [
            {name: value for name, value in source.items() if name not in ("since", "until", "part")}
            for source in found
        ]
        characters = {character for source in documents for character in source.get("body", "") + source["title"]}
        ids = {character: layout.grams_id(character) for character in sorted(characters)}
        tables = self.client.ask("POST", f"/{index}/_mget", {"ids": list(ids.values())})["docs"]
        grams = [each.get("_source", {}).get("table") for each in tables]
        words = self.table(layout.learned_words_id(state.learned_words))
        completions = [
            self.table(layout.completions_id(state.completions, at)) for at in range(state.completion_pieces)
        ]
        generation = current(self.settings.index_dir)
        assert generation.manifest == state.manifest
        assert state.manifest.documents == len(documents)
        local = {
            name: sorted(gzip.decompress((generation.path / name).read_bytes()).splitlines())
            for name in ("titles.gz", "word_counts.gz", "clusters.gz")
        }
        return {
            "documents": documents,
            "lengths": state.lengths,
            "grams": dict(zip(ids, grams, strict=True)),
            "words": words,
            "completions": completions,
            "local": local,
            "counts": (generation.path / "gram_counts.data").read_bytes(),
        }

    def table(self, id: str) -> Any:
        """A table of the current index."""
        path = f"/{self.published.index}/_doc/{id.replace('/', '%2F')}"
        return self.client.ask("GET", path)["_source"]["table"]


@pytest.fixture
def machine(tmp_path: Path, opensearch: dict[str, Any]) -> Machine:
    """A machine whose index nobody else has."""
    return Machine(tmp_path / "one", opensearch)


def fresh(machine: Machine, rows: Rows, folder: Path) -> dict[str, Any]:
    """What a new build of these articles leaves."""
    alias = f"{machine.settings.opensearch_index}-fresh"
    other = Machine(
        folder, {"engine": "opensearch", "opensearch_urls": machine.settings.opensearch_urls, "opensearch_index": alias}
    )
    other.build(rows)
    return other.contents()


def test_runs_leave_what_a_new_build_leaves(machine: Machine, tmp_path: Path) -> None:
    """After runs that add, change and remove documents, also such with near-duplicates, nothing tells of them."""
    for rows in (FIRST, SECOND, THIRD):
        machine.build(rows)
    assert machine.published.index.endswith("-000001")
    assert machine.contents() == fresh(machine, THIRD, tmp_path / "fresh")
    assert OpenSearchUpkeep(machine.settings).check().damages == ()


class Killed(BaseException):
    """Stands for the end of the process."""


def killed_at(request: int, is_answered: bool) -> Callable[..., Any]:
    """What sends requests up to one, of which the cluster hears or not, and none afterwards."""
    sent = 0
    original = OpenSearchClient.ask

    def ask(self: OpenSearchClient, *arguments: Any, **options: Any) -> Any:
        nonlocal sent
        sent += 1
        if sent == request and is_answered:
            original(self, *arguments, **options)
        if sent >= request:
            raise Killed
        return original(self, *arguments, **options)

    return ask


@pytest.mark.parametrize("is_rebuild", [False, True])
@pytest.mark.parametrize("is_answered", [False, True])
def test_a_killed_run_is_never_seen(
    machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_answered: bool, is_rebuild: bool
) -> None:
    """Wherever a run ends, readers see the old generation or the new one, and the next run leaves what it should."""
    machine.build(FIRST)
    old, new = machine.contents(), fresh(machine, SECOND, tmp_path / "fresh")
    ends = 0
    for request in range(1, 100, 4):
        with monkeypatch.context() as patch:
            patch.setattr(OpenSearchClient, "ask", killed_at(request, is_answered))
            try:
                machine.build(SECOND, is_rebuild=is_rebuild)
            except Killed:
                ends += 1
            else:
                break
        documents = [
            {name: value for name, value in source.items() if name not in ("since", "until", "part")}
            for source in sources(
                machine.client,
                machine.published.index,
                layout.visible_at(machine.published.state.generation),
                ("*",),
            )
        ]
        assert documents in (old["documents"], new["documents"])
        machine.build(SECOND if request % 2 else FIRST)
        assert machine.contents() == (new if request % 2 else old)
        machine.build(FIRST)
    assert ends > 6


def test_a_lost_or_foreign_folder_makes_a_new_index(machine: Machine, tmp_path: Path) -> None:
    """Without its local folder, and from another one, all documents are made anew; the index before is kept."""
    machine.build(FIRST)
    shutil.rmtree(machine.settings.index_dir)
    machine.build(FIRST)
    assert machine.published.index.endswith("-000002")
    options = {name: getattr(machine.settings, name) for name in ("engine", "opensearch_urls", "opensearch_index")}
    other = Machine(tmp_path / "other", options)
    other.build(SECOND)
    assert other.published.index.endswith("-000003")
    machine.build(SECOND)
    assert "was written with another local folder" in machine.notices[0]
    assert machine.published.index.endswith("-000004")
    name = machine.settings.opensearch_index
    assert sorted(opensearch_nodes.ask("GET", f"{name}-0*")) == [f"{name}-000003", f"{name}-000004"]


def test_two_machines_do_not_write_at_once(machine: Machine, tmp_path: Path) -> None:
    """While a machine holds the lock another one is told who writes; a lock that was taken away ends a run."""
    other = tmp_path / "other"
    other.mkdir()
    lock = ClusterLock(machine.client, machine.settings.opensearch_index, other)
    lock.acquire(0)
    with pytest.raises(IndexLocked, match=r"process \d+ on .* is writing to the index test-"):
        machine.build(FIRST)
    assert OpenSearchUpkeep(machine.settings).status(1).writer is not None
    opensearch_nodes.ask(
        "PUT",
        f"{machine.settings.opensearch_index}-lock/_doc/lock",
        {"holder": "x", "owner": "y", "renewed": "2020-01-01T00:00:00+00:00"},
    )
    with pytest.raises(IndexLocked, match="another run has begun"):
        lock.confirm()
    lock.release()
    machine.build(FIRST)
    assert machine.published.state.generation == 1


def test_rejected_documents_are_named(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A document that the cluster does not take is named with the reason, and nothing is published."""
    machine.build(FIRST)
    fields = writer.OpenSearchWriter._added_fields

    def wrong(self: Any, id: str, *arguments: Any) -> dict[str, Any]:
        return fields(self, id, *arguments) | {"unknown_field": 1}

    monkeypatch.setattr(writer.OpenSearchWriter, "_added_fields", wrong)
    with pytest.raises(DocumentsRejected, match=r"rejected 2 documents.*-2: .*unknown_field"):
        machine.build(SECOND)
    monkeypatch.undo()
    assert machine.published.state.generation == 1
    machine.build(SECOND)
    assert machine.published.state.generation == 2


def test_documents_that_vanish_stop_the_run(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the index has other documents than were sent, nothing is published, and the next run sends them again."""
    machine.build(FIRST)
    verify = writer.OpenSearchWriter._verify

    def without_some(self: Any) -> None:
        query = {"query": {"range": {"since": {"gt": 1}}}}
        machine.client.ask("POST", f"/{machine.published.index}/_delete_by_query", query, refresh="true")
        verify(self)

    monkeypatch.setattr(writer.OpenSearchWriter, "_verify", without_some)
    with pytest.raises(IndexDamaged, match="documents were written, 6 are in the index"):
        machine.build(SECOND)
    monkeypatch.undo()
    machine.build(SECOND)
    assert machine.published.state.manifest.documents == len(SECOND)


def test_repair_goes_back_to_the_index_before(machine: Machine) -> None:
    """A damaged index is named, and the alias goes back to the last sound one; none is deleted."""
    machine.build(FIRST)
    machine.build(SECOND, is_rebuild=True)
    upkeep = OpenSearchUpkeep(machine.settings)
    assert upkeep.repair().outcome == "sound"
    query = {"query": {"term": {"since": 2}}}
    machine.client.ask("POST", f"/{machine.published.index}/_delete_by_query", query, refresh="true")
    assert upkeep.check().damages == ("generation 2 has 8 documents, 0 are in the index",)
    report = upkeep.repair()
    assert (report.outcome, report.generation) == ("went_back", 1)
    assert upkeep.check().is_sound
    status = upkeep.status(1)
    assert status.cluster is not None
    assert [index.is_current for index in status.cluster.indices] == [True, False]
    machine.build(SECOND)
    assert machine.published.state.generation == 3
