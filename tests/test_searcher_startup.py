"""A plain query starts fast because it loads little."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = (
    "numpy",
    "jieba",
    "rjieba",
    "whoosh",
    "flask",
    "click",
    "rich",
    "bs4",
    "hashlib",
    "importlib.metadata",
    "tomllib",
    "dataclasses",
    "inspect",
)

PROGRAM = """
import sys
from searcher.commands.cli import main
status = main(["--index", sys.argv[1], "脑机接口"])
print(status, *sorted(sys.modules), file=sys.stderr)
"""


@pytest.mark.parametrize("words", [None, "硬币大小 10 n\n6G基站\n"])
def test_a_plain_query_loads_no_heavy_module(sample_index: Path, tmp_path: Path, words: str | None) -> None:
    """`search 脑机接口` answers without numpy, Whoosh, jieba, Flask and the terminal libraries, also with own words."""
    unmeasured = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    if words is not None:
        (tmp_path / "words.txt").write_text(words, "utf-8")
        unmeasured["KESOU_USER_DICTIONARY"] = str(tmp_path / "words.txt")
    command = [sys.executable, "-c", PROGRAM, str(sample_index)]
    run = subprocess.run(command, capture_output=True, text=True, check=True, encoding="utf-8", env=unmeasured)
    status, *modules = run.stderr.split()
    assert status == "0"
    assert "硬币大小" in run.stdout
    assert [name for name in modules if name in HEAVY] == []
    assert ("indexer.user_dictionary" in modules) == (words is not None)


@pytest.mark.parametrize(
    "program",
    [
        pytest.param("from searcher import Searcher", id="library"),
        pytest.param("from web import create_app", id="server"),
        pytest.param("import searcher.commands.batch", id="batch"),
    ],
)
def test_programs_with_many_questions_load_numpy_before_the_first(program: str) -> None:
    """No question waits for numpy where others may follow."""
    command = [sys.executable, "-c", f"{program}\nimport sys\nprint('numpy' in sys.modules)"]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "True\n"
