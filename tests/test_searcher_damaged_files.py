"""Files of an index that rot on disk: every answer is right, or the damage is named, and no error is an internal one.

A file is trusted as long as its stamp is the one that it was published with, so that readers decode what has changed
below it. A normal run damages each file at few places, chosen by a seed that a failure prints; KESOU_ALL_FAULTS=1
tries many.
"""

from __future__ import annotations

import io
import json
import os
import random
from collections.abc import Iterator
from contextlib import closing, contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Final

import pytest
from compared_builds import QUERIES
from edited_sources import Article

from corpus.settings import Settings
from indexer.build import build_index
from indexer.errors import IndexDamaged
from indexer.upkeep.check import check_generation
from searcher.commands.cli import main
from searcher.execution.embedded_engine import EmbeddedSource
from searcher.results import Request
from searcher.service import Searcher

ALL: Final = bool(os.environ.get("KESOU_ALL_FAULTS"))
#: Places of each file that are damaged, one after the other.
PLACES: Final = 40 if ALL else 1
SEARCHED: Final = QUERIES if ALL else QUERIES[::4]
#: Files that no search reads.
UNREAD: Final = ("report.json", "catalogue.sqlite", "generation.json")
TYPED: Final = ("概念", "tan", "第", "", "东岸")


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of two segments with deleted documents, whose files can be written to."""
    folder = tmp_path_factory.mktemp("rotten")
    settings = Settings(index=str(folder / "index"), workers=1, keep_generations=1)
    for articles in (
        [Article(number=number, tail=number % 4) for number in range(30)],
        [Article(number=number, edition=number == 8, tail=number % 4) for number in range(1, 33)],
    ):
        (folder / "in.json").write_text(json.dumps([article.record for article in articles]), "utf-8")
        build_index([folder / "in.json"], settings)
    (folder / "batch").write_text("\n".join(json.dumps({"query": query}) for query in SEARCHED), "utf-8")
    generation = newest(folder / "index")
    assert len(list(generation.glob("seg-*"))) == 2
    assert (generation / "deleted_grams.data").exists()
    for path in generation.rglob("*"):
        path.chmod(0o700)
    return folder / "index"


def newest(index: Path) -> Path:
    """The generation that answers."""
    return index / (index / "CURRENT").read_text("utf-8")


@contextmanager
def damaged(path: Path, choose: random.Random) -> Iterator[str]:
    """Rot in place: size and time of the file stay as they were; gives what was done."""
    whole, status = path.read_bytes(), path.stat()
    at = choose.randrange(len(whole))
    kind = choose.choice(("bit", "bytes", "page"))
    rotten = bytes([whole[at] ^ 1 << choose.randrange(8)])
    if kind != "bit":
        size = 4096 if kind == "page" else 4
        at -= at % size
        rotten = bytes([choose.choice((0, 255))]) * min(size, len(whole) - at)
        if rotten == whole[at : at + size]:
            rotten = bytes(byte ^ 255 for byte in rotten)
    _overwrite(path, at, rotten, status)
    try:
        yield f"{kind} at {at} of {path.name}"
    finally:
        _overwrite(path, at, whole[at : at + len(rotten)], status)


def _overwrite(path: Path, at: int, content: bytes, status: os.stat_result) -> None:
    with path.open("r+b") as file:
        file.seek(at)
        file.write(content)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def run(index: Path, *arguments: str) -> str:
    """What `search` prints; raises the error that it would call an internal one."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        status = main(["--index", str(index), *arguments])
    assert status in (0, 1) or err.getvalue().startswith("search: the index is damaged: "), err.getvalue()
    return "damaged" if status == 2 else out.getvalue()


def printed(index: Path, choose: random.Random) -> None:
    """Ask in every way for something of everything."""
    assert "internal error" not in run(index, "--batch", str(index.parent / "batch"))
    query, other = choose.sample(QUERIES, 2)
    for options in ((), ("--json", "--facets"), ("--ids",), ("--explain",), ("--all", "--sort", "newest")):
        run(index, *options, "--", query, *other.split())
    run(index, "--like", str(choose.randrange(2, 33)))
    run(index, "--why-not", str(choose.randrange(2, 33)), "观测站")


def ask(searcher: Searcher) -> None:
    """Ask a searcher for pages, documents and completions; it may say that the index is damaged."""
    for query in SEARCHED:
        try:
            for hit in searcher.search(Request(query=query, limit=3)).hits:
                searcher.article(hit.id, query)
            list(searcher.all(Request(query=query))[1])
        except IndexDamaged:
            continue
    for typed in TYPED:
        try:
            searcher.complete(typed)
        except IndexDamaged:
            continue


@pytest.mark.parametrize("is_open", [False, True], ids=["before it is opened", "while it is open"])
def test_rotten_files_are_named(index: Path, is_open: bool) -> None:
    """Whatever rots in whichever file, searches answer or name the damage and the remedy; check names the file."""
    generation = newest(index)
    seed = random.randrange(1 << 32)
    choose = random.Random(seed)
    for path in sorted(path for path in generation.rglob("*") if path.is_file() and path.stat().st_size):
        name = path.relative_to(generation).as_posix()
        for _ in range(1 if name in UNREAD else PLACES):
            with closing(Searcher(index, Settings(index=str(index)))) as searcher:
                if is_open:
                    searcher.complete("概念")
                with damaged(path, choose) as what:
                    try:
                        ask(searcher)
                        if not is_open:
                            printed(index, choose)
                    except Exception as error:
                        raise AssertionError(f"seed {seed}: {what}") from error
                    assert [damage for damage in check_generation(generation).damages if name in damage], what


def test_damage_after_another_error_is_named(index: Path) -> None:
    """An error that tells itself what is wrong does not put off the search for the damage behind the next error."""
    with closing(EmbeddedSource(index).open()) as engine:
        engine.raise_damage(IndexDamaged("a document cannot be read"))
        with damaged(newest(index) / "columns.data", random.Random(1)), pytest.raises(IndexDamaged, match="columns"):
            engine.raise_damage(IndexError("index out of bounds"))
