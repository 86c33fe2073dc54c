"""README, ARCHITECTURE and DECISIONS name what exists, and show what the commands print."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
READMES = ("README.md", "README.zh-CN.md")
PARTS = ["Context", "Decision", "Rejected", "Evidence"]
DOCUMENTS = [path.relative_to(ROOT).as_posix() for path in sorted((*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")))]


@pytest.mark.parametrize("document", ["ARCHITECTURE.md", "DECISIONS.md"])
def test_named_files_exist(document: str) -> None:
    """Every file that a document cites is there, and so is the test function that a citation ends with."""
    folders = "tests|tools|benchmarks|indexer|searcher|corpus|web"
    cited = set(re.findall(rf"`((?:{folders})/[\w./-]+)(?:::(\w+))?`", (ROOT / document).read_text("utf-8")))
    assert cited
    assert [path for path, _ in sorted(cited) if not (ROOT / path).exists()] == []
    functions = [(path, name) for path, name in sorted(cited) if name]
    assert [name for path, name in functions if f"def {name}(" not in (ROOT / path).read_text("utf-8")] == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_named_make_targets_exist(document: str) -> None:
    """Every `make …` that a document tells to run is a target of the Makefile."""
    targets = re.findall(r"`make ([\w-]+)", (ROOT / document).read_text("utf-8"))
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert [target for target in targets if not re.search(rf"^{target}:", makefile, re.MULTILINE)] == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_between_documents_lead_somewhere(document: str) -> None:
    """Each relative link and each picture of a document is a file."""
    text = (ROOT / document).read_text("utf-8")
    targets = re.findall(r"\]\((?!https?:)([^)#]+)", text) + re.findall(r"(?:src|srcset)=\"([^\"]+)\"", text)
    folder = (ROOT / document).parent
    assert [target for target in targets if not (folder / target).exists()] == []


def test_the_demo_prints_what_the_readme_shows(sample_index: Path) -> None:
    """The first screen of the README is real output."""
    command = [sys.executable, "-m", "searcher", "脑机接口", "--limit", "1", "--index", str(sample_index)]
    run = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", cwd=ROOT, check=True)
    first, *_, last = run.stdout.strip().splitlines()
    for readme in READMES:
        text = (ROOT / readme).read_text("utf-8")
        assert first in text
        assert last in text


@pytest.mark.parametrize("readme", READMES)
def test_readme_is_short(readme: str) -> None:
    """A README is read in one go: 120 lines at most."""
    assert len((ROOT / readme).read_text("utf-8").splitlines()) <= 120


def test_readmes_are_twins() -> None:
    """Both READMEs have the same number of sections, rows and points, and the same commands."""

    def shape(readme: str) -> tuple[list[int], list[str]]:
        text = (ROOT / readme).read_text("utf-8")
        counts = [len(re.findall(start, text, re.MULTILINE)) for start in ("^## ", r"^\| ", "^- ", "^```")]
        return counts, re.findall(r"^\$ (\S+)|^30 2 .*", text, re.MULTILINE)

    assert shape(READMES[0]) == shape(READMES[1])


def test_changelog_begins_with_this_version() -> None:
    """Each version of the changelog has a date, and the first one is that of setup.cfg."""
    versions = re.findall(r"^## (.*)$", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert all(re.fullmatch(r"\d+\.\d+\.\d+ \(\d{4}-\d\d-\d\d\)", version) for version in versions)
    assert f"version = {versions[0].split()[0]}\n" in (ROOT / "setup.cfg").read_text("utf-8")


def test_decisions_have_their_four_parts() -> None:
    """Decisions are numbered without a gap, and each has a context, a decision, what was rejected and evidence."""
    _, *decisions = re.split(r"^## ", (ROOT / "DECISIONS.md").read_text("utf-8"), flags=re.MULTILINE)
    assert [int(text.split(".")[0]) for text in decisions] == list(range(1, len(decisions) + 1))
    for text in decisions:
        assert re.findall(r"^- \*\*(\w+):\*\*", text, re.MULTILINE) == PARTS, text.splitlines()[0]
        assert re.search(r"\*\*Evidence:\*\*[^*]*(`tests/\w+\.py`|`make \w+`)", text), text.splitlines()[0]


def test_the_map_of_architecture_is_complete() -> None:
    """ARCHITECTURE.md has a generated table of each folder with code in the four packages and tools."""
    mapped = set(re.findall(r"<!-- table: (\S+)/ -->", (ROOT / "ARCHITECTURE.md").read_text("utf-8")))
    folders = {
        path.parent.relative_to(ROOT).as_posix()
        for package in ("corpus", "indexer", "searcher", "web", "tools")
        for path in (ROOT / package).rglob("*.py")
    }
    assert mapped == folders


def test_the_glossary_says_where_things_are() -> None:
    """Each row of the glossary ends with a file or folder that exists, and defines a term that no other row defines."""
    rows = [
        line.split(" | ") for line in (ROOT / "docs" / "glossary.md").read_text("utf-8").splitlines() if " | " in line
    ]
    places = [place for row in rows for place in re.findall(r"`([a-z]+/[\w./-]*)`", row[-1])]
    assert len(places) > 50
    assert [place for place in places if not (ROOT / place).exists()] == []
    terms = [row[0] for row in rows if row[1] != "Chinese"]
    assert len(terms) == len(set(terms))
