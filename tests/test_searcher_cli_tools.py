"""What `search` prints besides hits: explanations, reasons, similar documents, figures, and why nothing was found."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from corpus.settings import Settings
from searcher.commands.batch import answer_lines
from searcher.commands.cli import main
from searcher.service import Searcher

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def search(sample_index: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the command over the sample index: its exit status, what it printed, and what it complained of."""
    monkeypatch.setenv("COLUMNS", "80")

    def run(*arguments: str) -> tuple[int, str, str]:
        try:
            status = main(["--index", str(sample_index), *arguments])
        except SystemExit as end:
            status = int(end.code or 0)
        out, err = capsys.readouterr()
        return status, out, err

    return run


@pytest.fixture
def judged(tmp_path: Path) -> Path:
    """A folder of judgements of the sample corpus."""
    queries: list[dict[str, Any]] = [
        {"id": "q1", "kind": "term", "text": "脑机接口", "filters": {"account": "东岸科创"}},
        {"id": "q2", "kind": "term", "text": "子虚乌有之词"},
    ]
    (tmp_path / "queries.jsonl").write_text("\n".join(map(json.dumps, queries)), "utf-8")
    (tmp_path / "qrels.tsv").write_text("q1\t2247400179_1\t3\nq1\tnobody\t3\n", "utf-8")
    strings = [{"id": "s1", "text": "典型榜单", "docs": []}]
    (tmp_path / "substring.jsonl").write_text("\n".join(map(json.dumps, strings)), "utf-8")
    return tmp_path


# Explaining


def test_explain(search: Run) -> None:
    """--explain prints the query as understood, its terms, and for each hit the parts of its score."""
    status, out, _ = search("--explain", "脑机接口", "且", "患者", "--limit", "2")
    lines = out.splitlines()
    assert status == 0
    assert lines[0] == "query: 脑机接口 患者"
    assert lines[2].split() == ["脑机接口", "string", "15", lines[2].split()[-1]]
    assert sum(line.startswith(("1. ", "2. ")) for line in lines) == 2
    assert any("title 0, headings 0, body " in line and line.endswith("%") for line in lines)
    assert lines[-1].startswith("精确 exact 4 · ")
    assert search("--explain", "子虚乌有之词")[0] == 1


def test_explain_as_json(search: Run) -> None:
    """With --json the answer is that of a search, and "explain" with parts that add up to the score."""
    status, out, _ = search("--explain", "--json", "脑机接口 患者 临床", "--all")
    answer = json.loads(out)
    plain = json.loads(search("--json", "脑机接口 患者 临床", "--all")[1])
    explain = answer.pop("explain")
    assert (status, answer) == (0, plain)
    assert list(explain) == ["canonical", "terms", "hits"]
    assert list(explain["terms"][0]) == ["kind", "text", "documents", "weight"]
    assert list(explain["hits"][0]) == ["id", "rank", "tier", "score", "parts", "other", "missing", "share"]
    assert list(explain["hits"][0]["parts"][0]) == ["kind", "text", "title", "heading", "body", "score", "share"]
    for hit, told in zip(plain["hits"], explain["hits"], strict=True):
        assert (hit["id"], hit["score"]) == (told["id"], told["score"])
        assert sum(part["score"] for part in told["parts"]) == pytest.approx(hit["score"], abs=5.1e-5)
        assert sum(part["share"] for part in told["parts"]) == pytest.approx(1, abs=1e-4)


def test_explain_in_a_batch(sample_index: Path) -> None:
    """A request of a batch may ask for it too."""
    searcher = Searcher(sample_index, Settings())
    lines = [
        b'{"query": "6G", "explain": true}',
        b'{"query": "6G", "explain": false}',
        b'{"query": "6G", "explain": 1}',
    ]
    output = io.StringIO()
    answer_lines(lines, output, searcher, Settings())
    explained, plain, refused = map(json.loads, output.getvalue().splitlines())
    assert explained.pop("explain")["canonical"] == "6g"
    assert explained == plain
    assert refused == {"error": "explain must be true or false"}
    searcher.close()


def test_why_not(search: Run) -> None:
    """--why-not tells what a document lacks (exit status 1), or its rank (0); an unknown one is an error (2)."""
    status, out, _ = search("--why-not", "2247400179_1", "临床试验大桥")
    assert status == 1
    assert "no hit: 临床试验大桥: it contains parts of this string only (it has 临床试验)" in out
    status, out, _ = search("--why-not", "2247400179_1", "脑机接口")
    assert status == 0
    assert "hit: rank 1, exact, score " in out
    status, out, _ = search("--why-not", "2247400179_1", "脑机接口", "--account", "没有的号", "--json")
    report = json.loads(out)
    assert (status, report["is_hit"], report["lacks"]) == (1, False, [])
    assert report["excluded"] == [{"name": "account", "asked": ["没有的号"], "has": ["东岸科创"]}]
    status, out, err = search("--why-not", "nobody", "脑机接口")
    assert (status, out, err) == (2, "", "search: the index has no document with this id or source id\n")


def test_like(search: Run) -> None:
    """--like prints similar documents, as text, as ids and as JSON."""
    status, out, _ = search("--like", "2247400179_1", "--limit", "1")
    assert status == 0
    assert out.splitlines()[0].startswith("硬币大小")
    assert out.splitlines()[1].startswith("words: ")
    assert out.splitlines()[-1] == "similar 1 · copies 0"
    answer = json.loads(search("--like", "2247400179_1", "--limit", "1", "--json")[1])
    assert list(answer) == ["like", "words", "hits", "copies"]
    assert len(answer["words"]) <= 30
    assert answer["hits"][0]["snippets"]
    ids = [hit["source_id"] for hit in answer["hits"]]
    assert search("--like", "2247400179_1", "--limit", "1", "--ids")[1].split() == ids
    assert search("--like", "nobody")[0] == 2


# Figures


def test_eval(search: Run, judged: Path) -> None:
    """--eval prints the figures of a folder of judgements as a table, and the worst queries above it."""
    status, out, _ = search("--eval", str(judged), "--worst", "1")
    lines = out.splitlines()
    assert status == 0
    assert lines[0].startswith("q1 脑机接口 (term): ndcg@10 ")
    assert "  missing: nobody(3) not found: the index has no such document" in lines
    table = {line.split()[0]: line.split()[1:] for line in lines if line.startswith(("overall", "macro", "term"))}
    assert table["overall"] == ["1", table["macro"][0], "0.5000", "1.0000", "1.0000", "1.0000"]
    assert table["term"] == table["overall"]
    assert any(line.split()[:2] == ["with", "nearest"] for line in lines)
    assert any(line == "nil_ok 1.0000 of 1 queries without documents" for line in lines)
    assert any(line.split() == ["substrings", "1", "0.0000", "0.0000", "1.0000"] for line in lines)


def test_eval_as_json(search: Run, judged: Path) -> None:
    """The same as JSON, the worst queries only when they are asked for."""
    answer = json.loads(search("--eval", str(judged), "--json")[1])
    assert list(answer) == ["overall", "nearest", "macro", "kinds", "nil", "substrings", "worst", "failed"]
    assert answer["overall"] == answer["kinds"]["term"] == {**answer["macro"], "n": 1}
    assert (answer["nil"], answer["worst"], answer["failed"]) == ({"nil_ok": 1.0, "n": 1}, [], [])
    assert answer["substrings"]["overall"] == {"exact_set": 0.0, "precision": 0.0, "recall": 1.0, "n": 1}
    worst = json.loads(search("--eval", str(judged), "--json", "--worst", "9")[1])["worst"]
    assert [one["id"] for one in worst] == ["q1"]
    assert worst[0]["returned"][0] == {"id": "2247400179_1", "grade": 3}
    assert [missing["id"] for missing in worst[0]["missing"]] == ["nobody"]


def test_ids_map(search: Run, judged: Path, tmp_path: Path) -> None:
    """--ids-map gives source ids the names of the judgements."""
    names = tmp_path / "names"
    other = json.loads(search("脑机接口", "--account", "东岸科创", "--json", "--limit", "2")[1])["hits"][1]
    names.write_text(f"{other['source_id']} nobody\n", "utf-8")
    answer = json.loads(search("--eval", str(judged), "--json", "--ids-map", str(names))[1])
    assert answer["overall"]["ndcg@10"] == 1.0


@pytest.mark.parametrize(
    ("thresholds", "status", "failed"),
    [
        pytest.param(["mrr=1", "recall@10=0.5"], 0, [], id="met"),
        pytest.param(["mrr=1", "recall@10=0.51"], 1, ["recall@10 is 0.5000 (required: at least 0.51)"], id="not-met"),
        pytest.param(["substring.recall=1", "macro.mrr=1", "nil_ok=1"], 0, [], id="other-figures"),
    ],
)
def test_fail_below(search: Run, judged: Path, thresholds: list[str], status: int, failed: list[str]) -> None:
    """A figure below what is asked makes the exit status 1, and is named."""
    options = [option for threshold in thresholds for option in ("--fail-below", threshold)]
    found, out, _ = search("--eval", str(judged), *options)
    assert (found, [line[2:] for line in out.splitlines() if line.startswith("! ")]) == (status, failed)
    assert json.loads(search("--eval", str(judged), "--json", *options)[1])["failed"] == failed


def test_undefined_measure(search: Run, judged: Path) -> None:
    """A required value for a measure that the judgements do not define is not met."""
    (judged / "substring.jsonl").unlink()
    status, out, _ = search("--eval", str(judged), "--fail-below", "substring.recall=0.1")
    assert status == 1
    assert "! substring.recall is undefined for these judgements" in out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(["--eval", "{}", "--fail-below", "mrr"], "--fail-below takes METRIC=VALUE", id="no-value"),
        pytest.param(["--eval", "{}", "--fail-below", "mrr=2"], "a value from 0 to 1", id="above-1"),
        pytest.param(["--eval", "{}", "--fail-below", "mrr=nan"], "a value from 0 to 1", id="nan"),
        pytest.param(["--eval", "{}", "--fail-below", "f1=0.5"], "METRIC one of ndcg@10, ", id="unknown-metric"),
        pytest.param(["--eval", "{}", "--worst", "-1"], "--worst must not be negative", id="worst"),
        pytest.param(["--eval", "{}/none"], "--eval takes a folder", id="no-folder"),
        pytest.param(["--eval", "{}", "--ids-map", "{}/none"], "none cannot be read", id="no-map"),
        pytest.param(["--eval", "{}", "脑机接口"], "--eval and --like take no query", id="query-and-eval"),
        pytest.param(["--like", "x", "脑机接口"], "--eval and --like take no query", id="query-and-like"),
        pytest.param(["--like", "x", "--explain"], "not allowed with argument", id="two-tools"),
        pytest.param(["--batch", "-", "--explain"], "not allowed with argument", id="batch-and-tool"),
        pytest.param(["--why-not", "x"], "QUERY is missing", id="why-not-without-query"),
    ],
)
def test_wrong_call(search: Run, judged: Path, arguments: list[str], said: str) -> None:
    """A wrong option: exit status 2, nothing on stdout, what is allowed on stderr."""
    status, out, err = search(*(argument.replace("{}", str(judged)) for argument in arguments))
    assert (status, out) == (2, "")
    assert said in err.splitlines()[-1]


def test_bad_line(search: Run, judged: Path) -> None:
    """A bad line of the judgements: exit status 2, file and line."""
    (judged / "qrels.tsv").write_text("q1\ta\t1\nq1\tb\tgood\n", "utf-8")
    status, out, err = search("--eval", str(judged))
    assert (status, out) == (2, "")
    assert err == "search: qrels.tsv line 2: the grade is a whole number from 0 to 10\n"


# Nothing found


def test_why_nothing_was_found(search: Run) -> None:
    """Terms with their counts, what comes near, what a filter took away, and the proof."""
    status, out, _ = search("“脑机接口大桥”", "--account", "没有的号")
    assert status == 1
    lines = out.splitlines()
    assert lines[0] == '"脑机接口大桥": 0 documents'
    assert lines[1] == "  near forms: 脑机接口 (15)"
    assert lines[-2].startswith("0 条：共检 37 篇、")
    assert lines[-2].endswith(" 字，2025-06-12 至 2026-02-10")
    status, out, _ = search("脑机接口", "--account", "没有的号")
    assert "脑机接口: 15 documents, 0 of them pass the filters" in out
    assert "without account=没有的号: 15 hits" in out


def test_why_nothing_was_found_as_json(search: Run) -> None:
    """The same in the JSON; null where something was found."""
    zero = json.loads(search("“首批受试者” “典型榜单”", "--json")[1])["zero"]
    assert list(zero) == ["terms", "missing", "apart", "near", "without"]
    assert zero["terms"] == [
        {"text": '"首批受试者"', "start": 0, "end": 7, "documents": 1, "passing": 1, "is_empty": False},
        {"text": '"典型榜单"', "start": 8, "end": 14, "documents": 1, "passing": 1, "is_empty": False},
    ]
    assert zero["apart"] == [['"首批受试者"', '"典型榜单"']]
    assert json.loads(search("脑机接口", "--json")[1])["zero"] is None
