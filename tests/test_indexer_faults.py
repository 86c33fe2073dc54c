"""Faults at any operation of a run: the old index or the new one answers, and the next run leaves nothing behind.

A normal run tries a sample of the operations, chosen by a seed that a failure prints; KESOU_ALL_FAULTS=1 tries all.
"""

from __future__ import annotations

import errno
import json
import os
import random
import shutil
import signal
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

import pytest
from faults import ERRORS, KILL, Outcome, count_of, lose_power, preload, run

import indexer.commands.cli  # the child processes find it loaded
from corpus.settings import Settings
from indexer.errors import IndexMissing
from searcher.results import Request
from searcher.service import Searcher

assert indexer.commands.cli

pytestmark = [
    pytest.mark.filterwarnings("ignore:This process:DeprecationWarning"),
    pytest.mark.skipif(not hasattr(os, "fork"), reason="forks"),
]

ALL: Final = bool(os.environ.get("KESOU_ALL_FAULTS"))
SAMPLE: Final = 8
#: What may lie in an index folder between runs, beside generations.
LASTING: Final = {"CURRENT", "index.lock", "runs.jsonl", "runs.lock", "verified.json"}

#: Name of a source file → its articles, before and after the change that the runs index.
BEFORE: Final = {
    "one.json": [
        ("a1", "量子通信试验", "京沪干线第一次分发量子密钥。"),
        ("a2", "脑机接口", "硬币大小的植入物。"),
    ],
    "two.json": [("b1", "合成生物学规划", "到二〇三〇年建成六个平台。")],
    "gone.json": [("c1", "旧的通知", "这一条会被删除。")],
}
AFTER: Final = {
    "one.json": [
        ("a1", "量子通信试验", "京沪干线第二次分发量子密钥。"),
        ("a2", "脑机接口", "硬币大小的植入物。"),
    ],
    "two.json": [("b1", "合成生物学规划", "到二〇三〇年建成六个平台。")],
    "new.json": [("d1", "商业航天", "可重复使用火箭首飞成功。")],
}
QUERIES: Final = ("", "第一次", "第二次", "“硬币大小”", "“六个平台”", "这一条", "火箭 首飞", "规划")

Answers = tuple[tuple[str, ...], ...]


def write_sources(folder: Path, sources: dict[str, list[tuple[str, str, str]]]) -> None:
    """Make these files the sources of an index."""
    shutil.rmtree(folder / "sources", ignore_errors=True)
    (folder / "sources").mkdir()
    for name, articles in sources.items():
        rows = [{"aid": aid, "title": title, "content": content} for aid, title, content in articles]
        (folder / "sources" / name).write_text(json.dumps(rows), "utf-8")


def answers(index: Path) -> Answers:
    """What the index answers to all queries: titles of the hits in order."""
    searcher = Searcher(index, Settings())
    try:
        pages = [searcher.search(Request(query=query)) for query in QUERIES]
    finally:
        searcher.close()
    return tuple(tuple(hit.title for hit in page.hits) for page in pages)


class Trial:
    """A folder with sources and an index, in which one run meets a fault."""

    def __init__(self, folder: Path, base: Path | None) -> None:
        self.folder = folder
        self.index = folder / "index"
        self.base = base or folder / "nothing"
        folder.mkdir()
        if base is not None:
            copy_index(base, self.index)
        write_sources(folder, AFTER)

    def run(self, at: int = 0, fault: int = KILL) -> Outcome:
        """Run the command, with a fault at the n-th operation on the index."""
        arguments = [str(self.folder / "sources"), "--index", str(self.index)]
        return run(arguments, self.index, at=at, fault=fault, environment={"KESOU_KEEP_GENERATIONS": "1"})

    def leftovers(self) -> list[str]:
        """What lies in the index folder and should not, between runs; one generation is kept."""
        names = {path.name for path in self.index.iterdir()} - LASTING
        return sorted(names - {(self.index / "CURRENT").read_text("utf-8")})

    def check_what_answers(self, *expected: Answers) -> None:
        """One of these answers is given, or, if there was no index, none."""
        try:
            assert answers(self.index) in expected
        except IndexMissing:
            assert not self.base.exists()

    def check_next_run(self, *, is_unchanged: bool = False) -> None:
        """The next run succeeds, is searched, and leaves nothing behind; also if it finds the sources as indexed."""
        if is_unchanged and self.base.exists():
            write_sources(self.folder, BEFORE)
        outcome = self.run()
        assert (outcome.status, outcome.err.count("Traceback")) == (0, 0), outcome.err
        assert self.leftovers() == []
        assert answers(self.index) == (old_answers if is_unchanged and self.base.exists() else new_answers)()


def copy_index(base: Path, index: Path) -> None:
    """A copy whose generations are hard links, so that their files are as trusted as those of the original."""
    for path in base.rglob("*"):
        target = index / path.relative_to(base)
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if path.is_file():
            if target.parent == index:
                shutil.copy2(path, target)
            else:
                os.link(path, target)


_answers: dict[str, Answers] = {}


def old_answers() -> Answers:
    """The answers before the change of the sources."""
    return _answers["old"]


def new_answers() -> Answers:
    """The answers after it."""
    return _answers["new"]


@pytest.fixture(scope="module", autouse=True)
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The index of the sources before the change, published by the command; the answers are set aside."""
    folder = tmp_path_factory.mktemp("base")
    with pytest.MonkeyPatch.context() as patch:
        preload(patch)
        yield from _published(folder)


def _published(folder: Path) -> Iterator[Path]:
    for name, sources in (("new", AFTER), ("old", BEFORE)):
        trial = Trial(folder / name, None)
        write_sources(trial.folder, sources)
        outcome = trial.run()
        assert outcome.status == 0, outcome.err
        _answers[name] = answers(trial.index)
    assert old_answers() != new_answers()
    yield folder / "old" / "index"
    _answers.clear()


def chosen(last: int, number: int = SAMPLE) -> list[int]:
    """The operations to try: all, or some of the building and most of the publishing, which comes last."""
    if ALL:
        return list(range(1, last + 1))
    seed = random.randrange(10**6)
    print("seed", seed)
    choose = random.Random(seed)
    publishing = max(1, last - 40)
    return sorted(
        {*choose.sample(range(1, publishing), number // 2), *choose.sample(range(publishing, last + 1), number // 2)}
    )


@cache
def operations_of(folder: Path, base: Path | None) -> int:
    """How many operations a run makes from this state."""
    outcome = Trial(folder / f"count-{base is None}", base).run()
    assert outcome.status == 0, outcome.err
    return count_of(outcome.operations)


@pytest.fixture(params=[pytest.param(True, id="first-build"), pytest.param(False, id="next-build")])
def start(request: pytest.FixtureRequest, base: Path) -> Path | None:
    """The index that the run begins with, or None."""
    return None if request.param else base


def test_kill(base: Path, start: Path | None, tmp_path: Path) -> None:
    """A run killed at any operation: the old answers or the new ones, and a next run that leaves nothing behind."""
    last = operations_of(tmp_path, start)
    assert last > 60
    for number in chosen(last):
        trial = Trial(tmp_path / str(number), start)
        assert trial.run(number).status == -signal.SIGKILL
        trial.check_what_answers(old_answers(), new_answers())
        trial.check_next_run(is_unchanged=number % 2 == 0)
        shutil.rmtree(trial.folder)


def test_power_loss(base: Path, start: Path | None, tmp_path: Path) -> None:
    """The same if the machine goes down, so that what was not synced is damaged or lost."""
    last = operations_of(tmp_path, start)
    choose = random.Random(last)
    for number in chosen(last):
        trial = Trial(tmp_path / str(number), start)
        outcome = trial.run(number)
        lose_power(trial.index, trial.base, outcome.operations, choose)
        trial.check_what_answers(old_answers(), new_answers())
        trial.check_next_run(is_unchanged=number % 2 == 0)
        shutil.rmtree(trial.folder)


@pytest.mark.parametrize("error", ERRORS, ids=errno.errorcode.get)
def test_failing_operation(base: Path, start: Path | None, tmp_path: Path, error: int) -> None:
    """A run whose disk fails once says so in one line with exit status 4, or, if it was no matter, succeeds."""
    last = operations_of(tmp_path, start)
    for number in chosen(last):
        trial = Trial(tmp_path / str(number), start)
        outcome = trial.run(number, error)
        failed = outcome.operations[-1] if outcome.operations else None
        if outcome.status == 0:
            trial.check_what_answers(new_answers())
        else:
            assert outcome.status == 4, (failed, outcome.err)
            last_line = outcome.err.splitlines()[-1]
            assert last_line.startswith(f"search-index: cannot write to {trial.index}: "), outcome.err
            assert ("full" in last_line) == (error == errno.ENOSPC)
            assert "Traceback" not in outcome.err
            trial.check_what_answers(old_answers(), new_answers())
        trial.check_next_run(is_unchanged=number % 2 == 0)
        shutil.rmtree(trial.folder)
