"""A run that finds nothing to do starts fast because it loads little."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

HEAVY = ("numpy", "jieba", "rjieba", "whoosh", "flask", "rich", "bs4", "markdown_it", "corpus.drafts", "corpus.workers")

PROGRAM = """
import atexit, sys
import corpus.sources.stamps
corpus.sources.stamps._CLOCK_NS = 0
from indexer.__main__ import main
atexit.register(lambda: print(*sorted(sys.modules), file=sys.stderr))
main()
"""


def test_a_run_that_finds_nothing_loads_no_heavy_module(tmp_path: Path) -> None:
    """`search-index` says that nothing has changed without the libraries that read files and make documents."""
    (tmp_path / "a.txt").write_text("脑机接口\n关于脑机接口的通知。\n", "utf-8")
    command = [sys.executable, "-c", PROGRAM, str(tmp_path / "a.txt"), "--index", str(tmp_path / "index")]
    unmeasured = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    runs = [
        subprocess.run(command, capture_output=True, text=True, check=True, encoding="utf-8", env=unmeasured)
        for _ in range(2)
    ]
    assert "Nothing has changed since generation 1." in runs[1].stdout
    assert [name for name in HEAVY if name in runs[1].stderr.split()] == []
