"""The reference in docs/ agrees with the code: options, settings, formats, JSON keys, examples of queries."""

from __future__ import annotations

import contextlib
import io
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, get_args

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from corpus.settings import Settings
from corpus.sources.conversion import CONVERTED
from corpus.sources.suffixes import ARCHIVES, COMPRESSED, MAYBE_TEXT, SUFFIXES
from indexer.commands.cli import main as search_index
from indexer.commands.upkeep import status_json
from indexer.runs import Changes, read_runs
from indexer.upkeep.reports import ClusterIndex, ClusterStatus, IndexStatus
from searcher.commands import batch
from searcher.commands.cli import main as search
from searcher.commands.json_form import page_json
from searcher.relevance.metrics import FIGURES
from searcher.results import HELPERS, ProblemKind, Request
from searcher.service import Searcher
from web import create_app
from web.forms import API_PARAMETERS

ROOT = Path(__file__).parents[1]
SAMPLE = str(ROOT / "corpus" / "sample")
QUERY_LANGUAGE = ("query-language.md", "query-language.zh-CN.md")


def document(name: str) -> str:
    """The text of a document of docs/."""
    return (ROOT / "docs" / name).read_text("utf-8")


def rows(text: str) -> Iterator[list[str]]:
    """The cells of each row of the tables in a text."""
    for line in text.splitlines():
        if line.startswith("| ") and not set(line) <= set("|- "):
            yield [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


def test_generated_tables_are_up_to_date() -> None:
    """Settings, options of all commands and names of columns are as tools/write_reference.py writes them."""
    command = [sys.executable, "tools/write_reference.py", "--check"]
    run = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", cwd=ROOT, check=False)
    assert (run.stdout, run.stderr, run.returncode) == ("", "", 0)


def test_commands_name_every_choice() -> None:
    """commands.md names all helpers, measures and parameters of the API."""
    text = document("commands.md")
    measures = {name.removeprefix("macro.").removeprefix("nearest.") for name in FIGURES}
    for name in (*HELPERS, *measures, *API_PARAMETERS):
        assert f"`{name}`" in text, name


def test_formats_are_the_suffixes_that_are_read() -> None:
    """formats.md lists the suffixes that folders are searched for, and no other."""
    table = document("formats.md").split("## Names")[0]
    listed = [suffix for row in rows(table) for suffix in re.findall(r"`(\.\w+)`", row[0])]
    assert sorted(listed) == sorted(filter(None, (*SUFFIXES, *CONVERTED, *COMPRESSED, *ARCHIVES, *MAYBE_TEXT)))


# The query language


def examples(name: str) -> list[tuple[str, str]]:
    """Each query of the tables of a document, and what its last column says."""
    found = []
    for row in rows(document(name)):
        if re.fullmatch(r"—|\d+( \+ \d+)?", row[-1]):
            found += [(query, row[-1]) for query in re.findall(r"`(.*?)`", row[0])]
    return found


@pytest.fixture(scope="module")
def searcher(sample_index: Path) -> Iterator[Searcher]:
    """A searcher over the sample corpus."""
    with contextlib.closing(Searcher(sample_index, Settings())) as searcher:
        yield searcher


@pytest.mark.parametrize("name", QUERY_LANGUAGE)
def test_examples_find_what_their_table_says(searcher: Searcher, name: str) -> None:
    """Each query of query-language.md has the number of exact and related hits of its row."""
    queries = examples(name)
    assert len(queries) > 50
    for query, expected in queries:
        page = searcher.search(Request(query=query, limit=0))
        hits = str(page.exact_total) + (f" + {page.related_total}" if page.related_total else "")
        assert expected in ("—", hits), query


@pytest.mark.parametrize("name", QUERY_LANGUAGE)
def test_problems_and_helpers_are_those_that_their_row_names(searcher: Searcher, name: str) -> None:
    """A query with the name of a problem or helper beside it has that one; every problem and helper is documented."""
    named = set(re.findall(r"`(\w+)`", document(name)))
    assert {*get_args(ProblemKind), *HELPERS} <= named
    for row in rows(document(name)):
        kind = re.match(r"`(\w+)`", row[1])
        if kind:
            for query in re.findall(r"`(.*?)`", row[0]):
                page = searcher.search(Request(query=query, limit=0))
                said = {*(problem.kind for problem in page.problems), *(helper.kind for helper in page.applied)}
                assert kind[1] in said, query


def test_both_languages_have_the_same_examples() -> None:
    """The Chinese document has the queries of the English one, in the same order."""
    english, chinese = map(examples, QUERY_LANGUAGE)
    assert english == chinese


# JSON


def keys_of(section: str) -> set[str]:
    """The keys that a section of json.md lists."""
    text = document("json.md").split(f"\n## {section}\n")[1].split("\n## ")[0]
    return {row[0].strip("`") for row in rows(text) if row[0].startswith("`")}


def paths(value: Any, path: str = "") -> set[str]:
    """The keys of a JSON value, those inside objects and arrays included: `hits[].id`."""
    if isinstance(value, list):
        return set().union(*(paths(entry, f"{path}[]") for entry in value))
    if not isinstance(value, dict):
        return set()
    inner = {key: f"{path}.{key}" if path else key for key in value}
    return set(inner.values()).union(*(paths(value[key], inner[key]) for key in value))


def assert_documented(section: str, *outputs: Any) -> None:
    """Each key of the outputs is in the section, and each key of the section in the outputs; `*` is any key."""
    found = set().union(*map(paths, outputs))
    patterns = {key: re.compile(re.escape(key).replace(r"\*", r"[^.\[]+")) for key in keys_of(section)}
    assert {key for key in found if not any(pattern.fullmatch(key) for pattern in patterns.values())} == set()
    assert {key for key, pattern in patterns.items() if not any(map(pattern.fullmatch, found))} == set()


@pytest.fixture
def run(sample_index: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run `search --json` over the sample index, and give the objects that it prints."""
    monkeypatch.setenv("KESOU_INDEX", str(sample_index))

    def run(*arguments: str) -> list[Any]:
        with contextlib.redirect_stdout(io.StringIO()) as output:
            search(["--json", *arguments])
        return [json.loads(line) for line in output.getvalue().splitlines()]

    return run


@pytest.fixture
def client(sample_index: Path, searcher: Searcher) -> FlaskClient:
    """A program that asks the API."""
    return create_app(Settings(index=str(sample_index)), searcher).test_client()


def test_keys_of_an_answer(run: Any, searcher: Searcher, client: FlaskClient) -> None:
    """The section "Answer" has the keys of `search --json` and of /api/search."""
    page = searcher.search(Request(query="naojijiekou"))
    proposed = page_json(replace(page, suggestions=page.applied))
    empty = run("临床试验月球") + run("脑机接口 (高企", "--genre", "党政要闻", "--account", "云泾观察")
    answers = [*run("--all", "date:2000.."), *empty, proposed, client.get("/api/search?q=6G").get_json()]
    nearest = [hit for answer in empty for hit in answer["nearest"]]
    assert nearest
    assert paths(nearest, "hits") <= keys_of("Answer")
    answers = [{**answer, "nearest": []} for answer in answers]
    assert_documented("Answer", *answers)
    assert all(f"`{name}`" in document("json.md") for name in page.facets)


def test_keys_of_batch_requests(searcher: Searcher) -> None:
    """The section "Batch request" has the keys that a request may have, and all of them together are answered."""
    assert keys_of("Batch request") == batch._KEYS
    line = {
        "id": 7,
        "query": "脑机接口",
        "exact": False,
        "account": "东岸科创",
        "type": ["无"],
        "genre": [],
        "limit": 1,
    }
    line |= {"from": "2025-01-01", "to": "2026-12-31", "sort": "newest", "offset": 0, "helpers": {"typo": False}}
    output = io.StringIO()
    batch.answer_lines([json.dumps({**line, "explain": True}).encode(), b"{"], output, searcher, Settings())
    answer, refusal = map(json.loads, output.getvalue().splitlines())
    assert (answer["id"], len(answer["hits"]), list(refusal)) == (7, 1, ["error"])


def test_keys_of_explanations(run: Any, client: FlaskClient) -> None:
    """The section "Explanation" has the keys that an explained answer has besides those of an answer."""
    explained = [*run("--explain", "脑机接口", "标准"), client.get("/api/search?q=6G&explain=1").get_json()]
    assert_documented("Explanation", *({"explain": answer["explain"]} for answer in explained))


def test_keys_of_why_not(run: Any) -> None:
    """The section "Why not" has the keys of hits, of documents that lack a term and of those that a filter excludes."""
    reports = [run("--why-not", "2247400179_1", *query)[0] for query in (("脑机接口",), ("脑机接口", "标准", "产品"))]
    reports += run("--why-not", "2247400179_1", "脑机接口", "--account", "x")
    assert_documented("Why not", *reports)


def test_keys_of_similar_documents(run: Any) -> None:
    """The section "Similar documents" has the keys of `--like`, whose documents have the keys of hits."""
    (answer,) = run("--like", "2247400179_1")
    assert set(answer) == keys_of("Similar documents")
    assert paths([answer["like"], *answer["hits"]], "hits") <= keys_of("Answer")


def test_keys_of_evaluations(run: Any, tmp_path: Path) -> None:
    """The section "Evaluation" has the keys of `--eval`."""
    query = {"id": "q1", "kind": "term", "text": "脑机接口", "filters": {"account": "东岸科创"}}
    (tmp_path / "queries.jsonl").write_text(json.dumps(query), "utf-8")
    (tmp_path / "qrels.tsv").write_text("q1\t2247400179_1\t3\nq1\tnobody\t3\n", "utf-8")
    (tmp_path / "substring.jsonl").write_text(
        json.dumps({"id": "s1", "text": "典型榜单", "docs": [], "kind": "a"}), "utf-8"
    )
    answers = run("--eval", str(tmp_path), "--worst", "1")
    assert_documented("Evaluation", *answers)


def test_keys_of_run_reports(tmp_path: Path) -> None:
    """The section "Run report" has the keys of `search-index --json`."""
    result = CliRunner().invoke(search_index, ["--json", "--index", str(tmp_path), SAMPLE])
    assert_documented("Run report", json.loads(result.stdout))


def test_keys_of_logs_and_of_the_history(tmp_path: Path) -> None:
    """The sections "Log" and "Run history" have the keys of `--log-json` and of runs.jsonl."""
    command = ["--log-json", "--quiet", "--index", str(tmp_path), SAMPLE, "--on-publish", "echo done"]
    *events, end = map(json.loads, CliRunner().invoke(search_index, command).stderr.splitlines())
    assert_documented("Log", *events)
    assert {event["event"] for event in (*events, end)} == {"start", "progress", "issue", "message", "end"}
    (run,) = read_runs(tmp_path)
    assert end == {"time": end["time"], "event": "end", **asdict(run), "sources": list(run.sources)}
    changes = Changes(added=1)
    assert_documented("Run history", asdict(replace(run, files={"a": changes}, issues={"no_text": 1})))


def test_keys_of_upkeep(tmp_path: Path) -> None:
    """The sections "Check", "Repair" and "Status" have the keys of these commands."""
    CliRunner().invoke(search_index, ["--quiet", "--index", str(tmp_path), SAMPLE])
    for command in ("check", "repair", "status"):
        result = CliRunner().invoke(search_index, [command, "--json", "--index", str(tmp_path)])
        answer = json.loads(result.stdout)
        if command == "status":
            assert answer["runs"]
            answer["runs"] = None
            index = ClusterIndex(
                name="a", is_current=True, health="green", shards=1, replicas=1, documents=1, waiting=0, bytes=1
            )
            cluster = ClusterStatus(nodes="a", health="green", nodes_with_data=1, missing_shards=0, indices=(index,))
            status = IndexStatus(
                index="a",
                generations=(),
                writer=None,
                problem=None,
                unfinished_bytes=0,
                free_bytes=0,
                runs=(),
                cluster=cluster,
            )
            answer["cluster"] = json.loads(json.dumps(status_json(status)))["cluster"]
        assert_documented(command.capitalize(), answer)


@pytest.mark.parametrize("command", ["inspect", "classify"])
def test_keys_of_inspected_documents(command: str) -> None:
    """The sections "Inspect" and "Classify" have the keys of these commands."""
    result = CliRunner().invoke(search_index, [command, "--json", SAMPLE])
    assert_documented(command.title(), *map(json.loads, result.stdout.splitlines()))


def test_keys_of_the_other_addresses(client: FlaskClient) -> None:
    """The sections "Completions", "Health" and "Error" have the keys of /api/suggest, /api/health and refusals."""
    assert_documented("Completions", *(client.get(f"/api/suggest?q={begin}").get_json() for begin in ("naoji", "硬币")))
    assert_documented("Health", client.get("/api/health").get_json())
    assert_documented("Error", client.get("/api/search?q=6G&nonsense=1").get_json())
