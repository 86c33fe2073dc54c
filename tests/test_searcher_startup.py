"""A plain query starts fast because it loads little."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

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
)

PROGRAM = """
import sys
from searcher.commands.cli import main
status = main(["--index", sys.argv[1], "脑机接口"])
print(status, *sorted(sys.modules), file=sys.stderr)
"""


def test_a_plain_query_loads_no_heavy_module(sample_index: Path) -> None:
    """`search 脑机接口` answers without numpy, Whoosh, jieba, Flask and the terminal libraries."""
    unmeasured = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    command = [sys.executable, "-c", PROGRAM, str(sample_index)]
    run = subprocess.run(command, capture_output=True, text=True, check=True, encoding="utf-8", env=unmeasured)
    status, *modules = run.stderr.split()
    assert status == "0"
    assert "硬币大小" in run.stdout
    assert [name for name in modules if name in HEAVY] == []
