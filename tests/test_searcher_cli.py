"""The command `search`: what it prints, on which stream, and its exit status."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from corpus.fields import FACETS
from searcher.commands.cli import main
from searcher.commands.terminal import display_width, pad

ROOT = Path(__file__).resolve().parents[1]

Run = Callable[..., "Outcome"]


class Outcome:
    """How a run ended and what it printed."""

    def __init__(self, status: int, out: str, err: str) -> None:
        self.status, self.out, self.err = status, out, err

    @property
    def lines(self) -> list[str]:
        """Lines of standard output."""
        return self.out.splitlines()


@pytest.fixture
def search(sample_index: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the command over the sample index, in this process, in a terminal of 80 columns."""
    monkeypatch.setenv("COLUMNS", "80")

    def run(*arguments: str, index: Path | None = None) -> Outcome:
        try:
            status = main(["--index", str(index or sample_index), *arguments])
        except SystemExit as end:
            status = int(end.code or 0)
        return Outcome(status, *capsys.readouterr())

    return run


def outside(**variables: str) -> dict[str, str]:
    """The environment of a program: nothing that changes Python's own ways, such as unbuffered output."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return {**inherited, "PYTHONPATH": str(ROOT), "COLUMNS": "80", **variables}


def program(index: Path, *arguments: str, **options: Any) -> subprocess.CompletedProcess[bytes]:
    """The command as a program of its own."""
    command = [sys.executable, "-m", "searcher", *arguments, "--index", str(index)]
    environment = outside(**options.pop("env", {}))
    return subprocess.run(command, capture_output=True, check=False, env=environment, **options)


# Exit status and streams


def test_hits_as_a_program(sample_index: Path, tmp_path: Path) -> None:
    """`python -m searcher`: exit status 0, hits on stdout in UTF-8 on any locale, no colours, nothing on stderr."""
    result = program(sample_index, "脑机接口", "--limit", "2", cwd=tmp_path, env={"LC_ALL": "C"})
    text = result.stdout.decode()
    assert (result.returncode, result.stderr) == (0, b"")
    assert text.startswith("1. ")
    assert "[脑机接口]" in text
    assert "\x1b" not in text
    assert text.splitlines()[-1].startswith("精确 exact 15 · 相关 related 0 · of 37 documents, ")


def test_none_as_a_program(sample_index: Path, tmp_path: Path) -> None:
    """Nothing found: exit status 1 and a sentence that says what was searched."""
    result = program(sample_index, "没有这样的词语呀", cwd=tmp_path)
    assert (result.returncode, result.stderr) == (1, b"")
    told = result.stdout.decode()
    assert told.splitlines()[-1].startswith("0 results: searched all titles and texts of 37 documents, ")
    assert told.endswith(" characters, 2025-06-12 to 2026-02-10\n")


def test_damage_as_a_program(sample_index: Path, tmp_path: Path) -> None:
    """A damaged index: exit status 2, nothing on stdout, one sentence that names the file on stderr."""
    index = tmp_path / "index"
    shutil.copytree(sample_index, index)
    path = max((index / "gen-000001").rglob("*.*"), key=lambda path: path.stat().st_size)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    result = program(index, "脑机接口", cwd=tmp_path)
    assert (result.returncode, result.stdout) == (2, b"")
    told = result.stderr.decode()
    assert told.startswith("search: the index is damaged: ")
    assert path.name in told
    assert len(told.splitlines()) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["--all"], id="more-than-a-buffer"),
        pytest.param(["--ids"], id="less-than-a-buffer"),
        pytest.param(["--json", "--limit", "1"], id="one-line"),
    ],
)
def test_broken_pipe(sample_index: Path, tmp_path: Path, arguments: list[str]) -> None:
    """When the reader has gone the command ends quietly with exit status 141, however much it had to say."""
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "searcher", "科技", *arguments, "--index", str(sample_index)]
    result = subprocess.run(command, stdout=writing, stderr=-1, env=outside(), cwd=tmp_path, check=False)
    os.close(writing)
    assert (result.returncode, result.stderr) == (141, b"")


def test_bytes_that_are_no_text(sample_index: Path, tmp_path: Path) -> None:
    """An argument that is no UTF-8 finds nothing and does not end in a traceback, in any form of output."""
    odd = os.fsdecode(b"\xff\xfe")
    for form in ([odd], [odd, "--json"], [odd, "--explain"], ["科技", "--account", odd], ["科技", "--why-not", odd]):
        result = program(sample_index, *form, cwd=tmp_path)
        assert (result.returncode, result.stderr) == ((2, result.stderr) if "--why-not" in form else (1, b""))
    result = program(tmp_path / odd, "科技", cwd=tmp_path)
    assert (result.returncode, result.stdout) == (2, b"")
    assert result.stderr.startswith(b"search: there is no index in ")


def test_missing_index(search: Run, tmp_path: Path) -> None:
    """No index: exit status 2, and the command that makes one."""
    result = search("脑机接口", index=tmp_path / "nowhere")
    assert (result.status, result.out) == (2, "")
    assert result.err.startswith(f"search: there is no index in {tmp_path / 'nowhere'}; build one with: search-index ")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param([], "QUERY is missing", id="no-query"),
        pytest.param(["x", "--nonsense"], "unrecognized arguments: --nonsense", id="unknown-option"),
        pytest.param(["x", "--limit", "many"], "invalid int value", id="limit-no-number"),
        pytest.param(["x", "--limit", "1001"], "--limit must be between 0 and 1,000", id="limit-above"),
        pytest.param(["x", "--limit", "-1"], "--limit must be between 0 and 1,000", id="limit-below"),
        pytest.param(["x", "--offset", "-1"], "--offset must not be negative", id="offset-below"),
        pytest.param(["x", "--sort", "best"], "invalid choice", id="sort-unknown"),
        pytest.param(["x", "--from", "2025-02-30"], "--from must be a date that exists", id="no-such-day"),
        pytest.param(["x", "--to", "now"], "--to must be a date that exists", id="no-date"),
        pytest.param(["x", "--from", "2025-02-02", "--to", "2025-02-01"], "later than --to", id="from-after-to"),
        pytest.param(["x", "--month", "2025-6"], "--month must be written YYYY-MM", id="no-month"),
        pytest.param(["x", "--ids", "--json"], "not allowed with argument", id="two-forms"),
        pytest.param(["x", "--batch", "-"], "--batch takes its queries from the file", id="query-and-batch"),
        pytest.param(["--batch", "/nowhere/file"], "the batch file cannot be read", id="batch-missing"),
        pytest.param(["--batch", "/"], "the batch file cannot be read", id="batch-folder"),
    ],
)
def test_wrong_call(search: Run, arguments: list[str], said: str) -> None:
    """A wrong option: exit status 2, nothing on stdout, what is allowed on stderr."""
    result = search(*arguments)
    assert (result.status, result.out) == (2, "")
    assert said in result.err.splitlines()[-1]


@pytest.mark.parametrize("limit", ["0", "1", "1000"])
def test_limits_that_are_allowed(search: Run, limit: str) -> None:
    """Limits from 0 to 1,000 are answered."""
    result = search("科技", "--ids", "--limit", limit)
    assert (result.status, len(result.lines)) == (0, min(int(limit), 22))


#: Arguments that nobody means: a NUL, nothing, control characters, and more than any name or query has.
ODD = ["a\0b", "", "\x1b[31m\u202e", "长" * 100_000]


@pytest.mark.parametrize("value", [pytest.param(value, id=f"{value[:4]!a}") for value in ODD])
@pytest.mark.parametrize(
    "arguments",
    [
        *(["VALUE"], ["VALUE", "--json"], ["VALUE", "--exact", "--explain"], ["--batch", "VALUE"], ["--like", "VALUE"]),
        *(["--eval", "VALUE"], ["--eval", ".", "--fail-below", "VALUE"], ["科技", "--index", "VALUE"]),
        *(
            ["科技", f"--{name}", "VALUE"]
            for name in (*FACETS, "from", "to", "limit", "offset", "sort", "no", "why-not")
        ),
    ],
    ids=lambda arguments: " ".join(arguments),
)
def test_odd_arguments(search: Run, arguments: list[str], value: str) -> None:
    """Whatever an argument holds, the command answers it or says in a line what is wrong; nothing fails inside."""
    result = search(*[value if argument == "VALUE" else argument for argument in arguments])
    assert result.status in (0, 1, 2)
    assert (result.status == 2) == bool(result.err)
    assert "Traceback" not in result.err


@pytest.mark.parametrize("name", ["file", "file/below", "CURRENT"])
def test_index_that_is_a_file(search: Run, tmp_path: Path, sample_index: Path, name: str) -> None:
    """--index that leads to a file is told as such, and a file is no folder to look into."""
    (tmp_path / "file").write_bytes(b"x")
    index = (sample_index if name == "CURRENT" else tmp_path) / name
    result = search("科技", index=index)
    assert (result.status, result.out) == (2, "")
    told = "is a file and not the folder of an index" if "/" not in name else "there is no index in"
    assert told in result.err
    assert str(index) in result.err


def test_settings_file_that_is_wrong(search: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A settings file that cannot be read: exit status 2 and a line with its name."""
    (tmp_path / "kesou.toml").mkdir()
    monkeypatch.chdir(tmp_path)
    result = search("科技")
    assert (result.status, result.out) == (2, "")
    assert result.err == "search: cannot read kesou.toml: Is a directory\n"


def test_bad_setting(search: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable that cannot be used: exit status 2 and its name."""
    monkeypatch.setenv("KESOU_SNIPPET_CHARS", "long")
    result = search("科技")
    assert (result.status, result.out) == (2, "")
    assert result.err.startswith("search: KESOU_SNIPPET_CHARS: 'long' is not a ")


def test_index_from_variable(
    sample_index: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without --index the variable tells the folder."""
    monkeypatch.setenv("KESOU_INDEX", str(sample_index))
    assert main(["", "--ids", "--all"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 37


# Queries


def test_several_arguments_are_one_query(search: Run) -> None:
    """Words given apart are words of one query; --exact takes them as one string."""
    assert search("脑机接口", "康复", "--ids").out == search("脑机接口 康复", "--ids").out != ""
    assert search("脑机接口与", "智能康复", "--exact", "--ids").out == search("“脑机接口与智能康复”", "--ids").out != ""


def test_excluding_word(search: Run) -> None:
    """A word with a minus excludes, where it cannot be taken for an option."""
    everything = search("脑机接口", "--ids", "--all").lines
    rest = search("脑机接口 -患者", "--ids", "--all").lines
    assert set(rest) < set(everything)
    assert search("--ids", "--all", "--", "脑机接口", "-患者").lines == rest


def test_excluding_word_as_an_argument_of_its_own(search: Run) -> None:
    """`search 脑机接口 -患者`, as the help says, excludes."""
    assert search("脑机接口", "-患者", "--ids", "--all").lines == search("脑机接口 -患者", "--ids", "--all").lines


def test_empty_query_lists_everything(search: Run) -> None:
    """An empty query is no mistake: it lists all documents."""
    assert len(search("", "--ids", "--all").lines) == 37


def test_problem_is_told(search: Run) -> None:
    """What could not be taken as written is said before the hits."""
    result = search("“脑机接口", "--limit", "1")
    assert result.status == 0
    assert result.lines[0].startswith("! the quotation mark is not closed")


@pytest.mark.parametrize(
    "options",
    [
        pytest.param(["--account", "东岸科创"], id="account"),
        pytest.param(["--account", "东岸科创", "--account", "江湾经信"], id="two-accounts"),
        pytest.param(["--type", "揭榜挂帅"], id="type"),
        pytest.param(["--genre", "申报通知"], id="genre"),
        pytest.param(["--month", "2025-10", "--month", "2025-09"], id="months"),
        pytest.param(["--source", "东岸时报"], id="source"),
        pytest.param(["--from", "2025-10-01"], id="from"),
        pytest.param(["--to", "2025-10-01"], id="to"),
        pytest.param(["--from", "2025-11-01", "--to", "2025-11-01"], id="one-day"),
    ],
)
def test_filters(search: Run, options: list[str]) -> None:
    """Each filter leaves the hits that pass it, in the same order."""
    whole = json.loads(search("科技", "--all", "--json").out)["hits"]
    given = dict(zip(options[::2], options[1::2], strict=True))
    accounts = [value for name, value in zip(options[::2], options[1::2], strict=True) if name == "--account"]
    months = [value for name, value in zip(options[::2], options[1::2], strict=True) if name == "--month"]
    wanted = [
        hit["source_id"]
        for hit in whole
        if (not accounts or hit["account"] in accounts)
        and ("--type" not in given or given["--type"] in hit["program_types"])
        and ("--genre" not in given or given["--genre"] == hit["genre"])
        and (not months or (hit["date"] or "")[:7] in months)
        and ("--source" not in given or given["--source"] == hit["facts"].get("source"))
        and ("--from" not in given or (hit["date"] or "") >= given["--from"])
        and ("--to" not in given or "" < (hit["date"] or "") <= given["--to"])
    ]
    result = search("科技", "--all", "--ids", *options)
    assert result.lines == wanted
    assert result.status == (0 if wanted else 1)


@pytest.mark.parametrize("sort", ["relevance", "newest", "oldest"])
def test_sorting(search: Run, sort: str) -> None:
    """--sort orders by score or by date."""
    hits = json.loads(search("科技", "--all", "--json", "--sort", sort).out)["hits"]
    keys = {
        "relevance": [-hit["score"] for hit in hits],
        "newest": [-int((hit["date"] or "0").replace("-", "")) for hit in hits],
        "oldest": [int((hit["date"] or "99999999").replace("-", "")) for hit in hits],
    }[sort]
    assert keys == sorted(keys)


# Forms of output


def test_ids(search: Run) -> None:
    """--ids prints source ids, one a line, and nothing else: none when there is none."""
    hits = json.loads(search("脑机接口", "--json", "--limit", "3").out)["hits"]
    assert search("脑机接口", "--ids", "--limit", "3").lines == [hit["source_id"] for hit in hits]
    assert len(hits) == 3
    result = search("没有这样的词语呀", "--ids")
    assert (result.status, result.out, result.err) == (1, "", "")


def test_all_and_offset(search: Run) -> None:
    """--all prints every hit; --offset leaves out the first ones, with --all and without."""
    whole = search("", "--all", "--ids").lines
    assert len(whole) == len(set(whole)) == 37
    assert search("", "--ids").lines == whole[:10]
    assert search("", "--ids", "--limit", "5", "--offset", "30").lines == whole[30:35]
    assert search("", "--ids", "--all", "--offset", "30").lines == whole[30:]
    beyond = search("", "--ids", "--offset", "99")
    assert (beyond.status, beyond.out) == (0, "")


def test_all_whatever_the_limit(search: Run) -> None:
    """--all is every hit, whatever --limit says."""
    assert len(search("", "--all", "--ids", "--limit", "5000").lines) == 37


def test_json_has_the_documented_keys(search: Run) -> None:
    """--json prints one object with exactly these keys, Chinese as it is, on one line."""
    result = search("“典型榜单", "--json", "--limit", "1", "--account", "没有的号", "--account", "")
    answer = json.loads(result.out)
    assert list(answer) == [
        "query",
        "index",
        "total",
        "hits",
        "facets",
        "applied",
        "suggestions",
        "problems",
        "zero",
        "nearest",
    ]
    assert [list(problem) for problem in answer["problems"]] == [["kind", "message", "start", "end"]]
    result = search("“典型榜单”", "--json", "--limit", "1")
    assert (result.status, len(result.lines)) == (0, 1)
    assert "典型榜单" in result.out
    answer = json.loads(result.out)
    assert list(answer["index"]) == ["generation", "documents", "characters", "fallback"]
    assert answer["total"] == {"exact": 1, "related": 0, "set_aside": 0}
    assert list(answer["facets"]) == ["account", "type", "genre", "source", "month"]
    assert [list(value) for value in answer["facets"]["genre"]] == [["value", "count", "selected"]]
    hit = answer["hits"][0]
    assert list(hit) == [
        *("id", "source_id", "title", "url", "account", "date", "program_types", "genre"),
        *("score", "tier", "matches", "section", "snippets", "facts", "cluster", "set_aside"),
    ]
    assert list(hit["section"]) == ["path", "page"]
    assert isinstance(hit["program_types"], list)
    assert isinstance(hit["score"], float)
    assert hit["tier"] == "exact"
    pieces = [piece for snippet in hit["snippets"] for piece in snippet]
    assert all(isinstance(text, str) and isinstance(is_match, bool) for text, is_match in pieces)
    assert [text for text, is_match in pieces if is_match] == ["典型榜单"] * hit["matches"]


def test_json_without_hits(search: Run) -> None:
    """Without hits the JSON still says what was searched; the exit status is 1."""
    result = search("没有这样的词语呀", "--json")
    answer = json.loads(result.out)
    assert (result.status, answer["hits"], answer["total"]) == (1, [], {"exact": 0, "related": 0, "set_aside": 0})
    assert answer["index"]["documents"] == 37


def test_hit_as_text(search: Run) -> None:
    """A hit is its title, a line of facts, the section if any, and its snippets; matches in brackets."""
    lines = search("脑机接口", "--limit", "1").lines
    assert lines[0] == "1. 硬币大小，植入颅骨：东岸企业[脑机接口]产品进入注册临床试验"
    assert lines[1].startswith("   东岸科创 · 2025-11-01 · ")
    assert lines[1].endswith(" · 2247400179_1")
    assert lines[2].startswith("   › ")
    assert lines[-2] == ""


def test_numbers_go_on_with_the_offset(search: Run) -> None:
    """Hits are numbered through the whole answer, aligned at their last digit."""
    lines = search("", "--offset", "8", "--limit", "3").lines
    numbers = [line.split(".")[0] for line in lines if line[:2].strip().isdigit() and line[2:4] == ". "]
    assert numbers == [" 9", "10", "11"]


@pytest.mark.parametrize("columns", [40, 60, 80, 200])
def test_lines_fit_the_terminal(search: Run, monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    """Titles and snippets are broken at the width of the terminal, Chinese characters counting two."""
    monkeypatch.setenv("COLUMNS", str(columns))
    lines = search("脑机接口 企业", "--all").lines
    texts = [line for line in lines if not any(mark in line for mark in (" · ", "§", "──"))]
    assert max(map(display_width, texts)) <= columns + len("[]") * 4
    if columns <= 80:
        assert max(map(display_width, texts)) > columns - 8


def test_facets(search: Run) -> None:
    """--facets prints each facet's values with counts in one column; selected ones have a star."""
    lines = search("脑机接口", "--facets", "--limit", "0", "--account", "东岸科创").lines
    assert [line for line in lines if line and not line.startswith(" ")][:-1] == [
        "公众号 account",
        "计划类型 type",
        "体裁 genre",
        "来源 source",
        "月份 month",
    ]
    accounts = lines[1 : lines.index("计划类型 type")]
    assert [line.split() for line in accounts] == [
        ["*", "东岸科创", "6"],
        ["澄江科技", "4"],
        ["江湾经信", "2"],
        ["云泾观察", "1"],
    ]
    types = lines[lines.index("计划类型 type") + 1 : lines.index("体裁 genre")]
    assert len({display_width(line) for line in types}) == 1
    assert len(types) > 1


def test_related_hits_stand_below_a_line(search: Run) -> None:
    """Between exact and related hits a line tells how many of these there are."""
    result = search("科技创新券 兑付公告", "--all")
    answer = json.loads(search("科技创新券 兑付公告", "--all", "--json").out)
    assert answer["total"]["exact"] == 0 or f"── 相关 related: {answer['total']['related']} ──" in result.out
    assert result.lines[-1].startswith(f"精确 exact {answer['total']['exact']} · 相关 related ")


@pytest.mark.parametrize(
    ("text", "width"),
    [
        pytest.param("abc", 3, id="latin"),
        pytest.param("科技", 4, id="han"),
        pytest.param("，。“", 5, id="punctuation"),
        pytest.param("ｶＡ", 3, id="half-and-full-width"),
        pytest.param("e\u0301", 1, id="combining"),
        pytest.param("a\u200bb", 2, id="zero-width"),
        pytest.param("", 0, id="empty"),
    ],
)
def test_display_width(text: str, width: int) -> None:
    """How many columns of a terminal a text takes, and padding up to a width."""
    assert display_width(text) == width
    assert display_width(pad(text, 12)) == 12
    assert pad(text, 12).startswith(text)


def test_helpers_are_told(search: Run) -> None:
    """What a helper did to the query stands above the hits, with the option that switches it off."""
    told = search("脑际接口", "--limit", "1").lines[0]
    assert told == "= 更正 typo: 脑际接口 → 脑机接口  (--no typo)"
    assert search("腦機接口", "--limit", "1").lines[0] == "= 繁简 traditional: 腦機接口 → 脑机接口"
    assert not search("脑机接口", "--limit", "1").lines[0].startswith("=")


def test_help(search: Run) -> None:
    """--help names every option and the exit status."""
    result = search("--help")
    assert (result.status, result.err) == (0, "")
    for option in ("--limit", "--all", "--exact", "--account", "--type", "--genre", "--from", "--to", "--sort"):
        assert option in result.out
    assert "Exit status: 0 with hits, 1 without, 2" in result.out


def test_version(search: Run) -> None:
    """--version prints the name and the version, and needs no index."""
    outcome = search("--version")
    assert outcome.status == 0
    assert re.fullmatch(r"search \d+\.\d+\.\d+\n", outcome.out)
