"""The documents say what is true: settings, options and files that they name exist."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from corpus.settings import Settings
from searcher.commands.cli import _parser

ROOT = Path(__file__).parents[1]
READMES = [pytest.param(name, id=name) for name in ("README.md", "README.zh-CN.md")]


@pytest.mark.parametrize("readme", READMES)
def test_settings_table_is_up_to_date(readme: str) -> None:
    """Both READMEs list every setting with its default and its help."""
    text = (ROOT / readme).read_text("utf-8")
    for row in fields(Settings):
        assert f"| `{row.name}` | {row.default or '—'} | {row.metadata['help']} |" in text


@pytest.mark.parametrize("readme", READMES)
def test_every_option_of_search_is_documented(readme: str) -> None:
    """Both READMEs name every option of `search`."""
    text = (ROOT / readme).read_text("utf-8")
    options = {option for action in _parser()._actions for option in action.option_strings if option.startswith("--")}
    assert [option for option in sorted(options - {"--help", "--version"}) if option not in text] == []


@pytest.mark.parametrize("document", ["ARCHITECTURE.md", "DECISIONS.md"])
def test_named_files_exist(document: str) -> None:
    """Every test and tool that a document cites is there."""
    cited = set(
        re.findall(r"`((?:tests|tools|indexer|searcher|corpus|web)/[\w./-]+)`", (ROOT / document).read_text("utf-8"))
    )
    assert cited
    assert [path for path in sorted(cited) if not (ROOT / path).exists()] == []


def test_the_demo_prints_what_the_readme_shows(sample_index: Path) -> None:
    """The first screen of the README is real output."""
    command = [sys.executable, "-m", "searcher", "脑机接口", "--limit", "1", "--index", str(sample_index)]
    run = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", cwd=ROOT, check=True)
    first, *_, last = run.stdout.strip().splitlines()
    for readme in ("README.md", "README.zh-CN.md"):
        text = (ROOT / readme).read_text("utf-8")
        assert first in text
        assert last in text
