"""The commands check, repair and status: what is damaged is named, what is sound answers again, and nothing else."""

from __future__ import annotations

import json
import random
import re
import shutil
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pytest
from click.testing import CliRunner
from workspace import NEW, OLD, Workspace, copy_of, delete, empty, flip, halve, lengthen

from indexer.catalogue.database import FILE_NAME
from indexer.commands.cli import main
from indexer.store.manifest import describe, read_manifest, write_manifest
from indexer.store.publishing import lock


class Result(NamedTuple):
    """Exit status, standard output, standard error."""

    status: int
    out: str
    err: str


def search_index(*arguments: str | Path) -> Result:
    """Run the command."""
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return Result(result.exit_code, result.stdout, result.stderr)


def publish(workspace: Workspace, articles: Sequence[dict[str, str]]) -> None:
    """Index these articles by the command, which keeps a history."""
    workspace.write(list(articles))
    assert search_index(workspace.source, "--index", workspace.index).status == 0


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Generations 1 and 2, which the command has published."""
    workspace = Workspace(tmp_path_factory.mktemp("original"))
    publish(workspace, OLD)
    publish(workspace, NEW)
    return workspace


@pytest.fixture
def workspace(original: Workspace, tmp_path: Path) -> Workspace:
    """A copy that a test may damage."""
    return copy_of(original, tmp_path / "copy")


def files_of(generation: Path) -> list[str]:
    """The files of a generation that are not empty."""
    paths = [path for path in generation.rglob("*") if path.is_file() and path.stat().st_size]
    return sorted(path.relative_to(generation).as_posix() for path in paths)


def test_a_sound_index(workspace: Workspace) -> None:
    """A sound index is called sound by check and repair, and neither changes anything."""
    before = {path: path.stat().st_mtime_ns for path in workspace.index.rglob("*")}
    result = search_index("check", "--index", workspace.index)
    assert (result.status, result.err) == (0, "")
    assert re.fullmatch(r"Generation 2 is sound: 1 document, \d+ files, \d+ kB; looked up: 1 document\.\n", result.out)
    assert {path: path.stat().st_mtime_ns for path in workspace.index.rglob("*")} == before
    result = search_index("repair", "--index", workspace.index)
    assert (result.status, result.out) == (0, "Generation 2 is sound; nothing was changed.\n")
    assert workspace.names() == ["CURRENT", "gen-000001", "gen-000002"]


@pytest.mark.parametrize("damage", [delete, empty, halve, flip, lengthen])
def test_any_damage_is_named_and_repaired(original: Workspace, tmp_path: Path, damage: Callable[[Path], None]) -> None:
    """Whatever happens to whichever file: check names it with exit status 6, and repair goes back to generation 1."""
    for number, name in enumerate(files_of(original.generation)):
        workspace = copy_of(original, tmp_path / str(number))
        damage(workspace.generation / name)
        result = search_index("check", "--index", workspace.index)
        assert result.status == 6, (name, result)
        assert f"damaged: gen-000002/{name}" in result.out
        report = json.loads(search_index("repair", "--json", "--index", workspace.index).out)
        assert (report["outcome"], report["generation"], report["removed"]) == ("went_back", 1, ["gen-000002"])
        assert report["sources"] == [str(original.source)]
        assert workspace.titles() == ["旧闻"]
        assert workspace.names() == ["CURRENT", "gen-000001"]
        shutil.rmtree(tmp_path / str(number))


def test_all_damages_are_named(workspace: Workspace) -> None:
    """Check lists every damaged file, not only the first."""
    for name in ("columns.data", "report.json"):
        flip(workspace.generation / name)
    lines = search_index("check", "--index", workspace.index).out.splitlines()
    assert [line.split()[1] for line in lines[:-1]] == ["gen-000002/columns.data", "gen-000002/report.json"]


def test_nothing_sound(workspace: Workspace) -> None:
    """If no generation is sound, repair changes nothing and prints the command that indexes the sources again."""
    for generation in ("gen-000001", "gen-000002"):
        halve(workspace.index / generation / "columns.data")
    before = workspace.names()
    result = search_index("repair", "--index", workspace.index)
    assert result.status == 6
    assert re.search(rf"  search-index \S+/source\.json --index {workspace.index} --rebuild\n$", result.out)
    assert workspace.names() == before
    publish(workspace, NEW)
    assert search_index("check", "--index", workspace.index).status == 0


def test_a_missing_generation(workspace: Workspace) -> None:
    """If the folder that CURRENT names is gone, check says so, status too, and repair goes back."""
    shutil.rmtree(workspace.generation)
    result = search_index("check", "--index", workspace.index)
    assert (result.status, "CURRENT names no generation" in result.out) == (6, True)
    assert "problem: CURRENT names no generation" in search_index("status", "--index", workspace.index).out
    result = search_index("repair", "--index", workspace.index)
    assert (result.status, "Generation 1 is sound and answers now" in result.out) == (0, True)
    assert search_index("check", "--index", workspace.index).status == 0


@pytest.mark.parametrize("name", ["documents", "characters"])
def test_counts_that_disagree(workspace: Workspace, name: str) -> None:
    """Altered counts of a manifest are damage, also if somebody has computed its checksum anew."""
    from indexer.store.manifest import manifest_checksum

    path = workspace.generation / "generation.json"
    path.chmod(0o600)
    content = json.loads(path.read_text("utf-8"))
    content[name] += 1
    del content["checksum"]
    content["checksum"] = manifest_checksum(content)
    path.write_text(json.dumps(content), "utf-8")
    expected = 6 if name == "documents" else 0  # nothing else counts characters
    assert search_index("check", "--index", workspace.index).status == expected


def test_a_catalogue_of_other_documents(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the catalogue lacks a document of the index, the next run would lose it: that is damage."""
    path = workspace.generation / "catalogue.sqlite"
    path.chmod(0o600)
    with closing(sqlite3.connect(path)) as database:
        database.execute("DELETE FROM documents")
        database.commit()
    monkeypatch.setattr("indexer.upkeep.check.damaged_files", lambda *_: [])
    result = search_index("check", "--index", workspace.index)
    assert result.status == 6
    assert "catalogue.sqlite and the index differ in 1 documents" in result.out


@pytest.mark.parametrize("command", ["check", "repair", "status"])
def test_no_index(tmp_path: Path, command: str) -> None:
    """Without an index each command says how to build one, with exit status 2, and creates nothing."""
    result = search_index(command, "--index", tmp_path / "none")
    assert (result.status, result.out) == (2, "")
    assert re.fullmatch(r"search-index: there is no index in .*\n", result.err)
    assert list(tmp_path.iterdir()) == []


def test_repair_waits_for_a_run(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """While a run is writing, repair is refused with exit status 3; check and status work, and status names the run."""
    monkeypatch.setenv("KESOU_LOCK_WAIT_SECONDS", "0")
    with lock(workspace.index, 0):
        assert search_index("repair", "--index", workspace.index).status == 3
        assert search_index("check", "--index", workspace.index).status == 0
        assert re.search(r"process \d+ is writing to it now", search_index("status", "--index", workspace.index).out)
    assert "writing" not in search_index("status", "--index", workspace.index).out


def test_status(workspace: Workspace) -> None:
    """Status shows generations, sizes, ages, and the last runs, the newest first."""
    out = search_index("status", "--index", workspace.index).out
    lines = out.splitlines()
    assert lines[0] == str(workspace.index)
    assert re.match(
        r"  generation 2 \(current\): 1 document, 1 segment, \d+ kB, made .* \(less than a minute ago\)", lines[1]
    )
    assert re.match(r"  generation 1: 1 document", lines[2])
    assert re.match(r"  \d+ kB in all, .* free", lines[3])
    assert lines[4] == "Runs, the newest first:"
    assert "published generation 2" in lines[5]
    assert len(json.loads(search_index("status", "--json", "--runs", "1", "--index", workspace.index).out)["runs"]) == 1


def test_status_of_a_damaged_index(workspace: Workspace) -> None:
    """Status names what is wrong and still lists the generations; their sizes are those on the disk."""
    delete(workspace.generation / "generation.json")
    files = {path.stat().st_ino: path.stat().st_size for path in workspace.index.glob("gen-*/**/*") if path.is_file()}
    status = json.loads(search_index("status", "--json", "--index", workspace.index).out)
    assert sum(generation["own_bytes"] for generation in status["generations"]) == sum(files.values())
    result = search_index("status", "--index", workspace.index)
    assert result.status == 0
    assert "generation 2 (current): the index is damaged: gen-000002/generation.json" in result.out
    assert "problem: the index is damaged" in result.out
    assert "generation 1: 1 document" in result.out


def garble(path: Path) -> None:
    """Make every page but the first one random bytes."""
    content = path.read_bytes()
    path.write_bytes(content[:4096] + random.Random(1).randbytes(len(content) - 4096))


def clear_page(path: Path) -> None:
    """Make the last page zeros."""
    content = path.read_bytes()
    path.write_bytes(content[:-4096] + bytes(4096))


def overwrite(path: Path) -> None:
    """Make it a file that is no database."""
    path.write_bytes(random.Random(1).randbytes(path.stat().st_size))


def drop_table(path: Path) -> None:
    """Leave out a table."""
    with closing(sqlite3.connect(path)) as database:
        database.execute("DROP TABLE documents")


@pytest.mark.parametrize("damage", [garble, clear_page, overwrite, drop_table, empty, halve])
@pytest.mark.parametrize("has_checksum", [False, True], ids=["found by its checksum", "with a checksum that fits"])
def test_a_damaged_catalogue(workspace: Workspace, damage: Callable[[Path], None], has_checksum: bool) -> None:
    """Searches and status go on, check names it, and a run makes all documents anew and says so in one line."""
    path = workspace.generation / FILE_NAME
    path.chmod(0o600)
    damage(path)
    if has_checksum:  # as if the memory of the machine had been damaged
        manifest, files = read_manifest(workspace.generation)
        (workspace.generation / "generation.json").chmod(0o600)
        write_manifest(workspace.generation, manifest, {**files, FILE_NAME: describe(path)})
    result = search_index("check", "--index", workspace.index)
    assert (result.status, f"gen-000002/{FILE_NAME}" in result.out) == (6, True)
    assert search_index("status", "--index", workspace.index).status == 0
    workspace.write([*NEW, *OLD])
    result = search_index(workspace.source, "--index", workspace.index)
    lines = [line for line in result.err.splitlines() if "made anew" in line]
    assert (result.status, len(lines)) == (0, 1)
    assert f"documents are made anew: gen-000002/{FILE_NAME}" in lines[0]
    assert sorted(workspace.titles()) == ["新闻", "旧闻"]
    assert search_index("check", "--index", workspace.index).status == 0
