"""Figures against judged queries: the definitions, the files they are read from, and the worst queries."""

from __future__ import annotations

import importlib.util
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from filler import FILLER

from corpus.settings import Settings
from searcher.errors import BadRequest
from searcher.relevance.judgements import read_judgements
from searcher.relevance.metrics import FIGURES, METRICS, Evaluation, evaluate
from searcher.relevance.worst import worst_queries
from searcher.results import Request
from searcher.service import Searcher

MakeSearcher = Callable[..., Searcher]
Write = Callable[..., Path]

ROOT = Path(__file__).resolve().parents[1]
GOLD = ROOT.parent / "shared" / "gold"
#: What the gold collection calls the two documents that are files of their own.
GOLD_NAMES = {"003_455ecf3996094f4c": "report-2025", "004_55d5ce1acf6b8e99": "plan-145"}


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a folder of judgements."""

    def write(queries: list[Any], qrels: str, strings: list[Any] | None = None, ids: str | None = None) -> Path:
        folder = tmp_path / "judged"
        folder.mkdir(exist_ok=True)
        for name, rows in (("queries.jsonl", queries), ("substring.jsonl", strings)):
            if rows is not None:
                lines = [row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows]
                (folder / name).write_text("\n".join(lines), "utf-8")
        (folder / "qrels.tsv").write_text(qrels, "utf-8")
        if ids is not None:
            (folder / "ids.tsv").write_text(ids, "utf-8")
        return folder

    return write


@pytest.fixture
def searcher(make_searcher: MakeSearcher) -> Searcher:
    """Five documents in a known order for 海洋牧场: a, b, c."""
    return make_searcher(
        {"aid": "a", "title": "海洋牧场", "content": FILLER, "account": "甲"},
        {"aid": "b", "title": "会议", "content": FILLER + "海洋牧场投产。", "account": "乙"},
        {"aid": "c", "title": "会议", "content": FILLER * 3 + "海洋牧场苗种。", "account": "甲"},
        {"aid": "d", "title": "网箱", "content": FILLER + "大黄鱼。", "account": "乙"},
        {"aid": "e", "title": "会议", "content": FILLER + "散会。"},
    )


def figures(searcher: Searcher, folder: Path) -> Evaluation:
    """Evaluate a folder."""
    return evaluate(searcher, read_judgements(folder))


# Figures


def test_figures_by_hand(searcher: Searcher, write: Write) -> None:
    """Every figure of one query as computed by hand: a is not relevant, b and d are, d is not found."""
    folder = write([{"id": "q", "text": "海洋牧场"}], "q a 1\nq\tb\t2\nq d 3\n")
    row = figures(searcher, folder).rows[0]
    assert row.returned == ("a", "b", "c")
    assert row.figures == {
        "ndcg@10": pytest.approx((1 + 3 / math.log2(3)) / (7 + 3 / math.log2(3) + 1 / 2)),
        "recall@10": 0.5,
        "mrr": 0.5,
        "success@1": 0.0,
        "answered": 1.0,
    }


def test_grades_of_one_alone_are_relevant(searcher: Searcher, write: Write) -> None:
    """Where no grade is above 1, that is the relevant one."""
    folder = write([{"id": "q", "text": "海洋牧场"}], "q a 1\nq b 0\n")
    assert figures(searcher, folder).rows[0].figures["success@1"] == 1.0


def test_means(searcher: Searcher, write: Write) -> None:
    """Overall every query weighs the same, in macro every kind; queries with nothing to find are apart."""
    queries = [
        {"id": "1", "kind": "x", "text": "网箱"},
        {"id": "2", "kind": "x", "text": "大黄鱼"},
        {"id": "3", "kind": "y", "text": "无中生有"},
        {"id": "4", "kind": "nil", "text": "子虚乌有"},
        {"id": "5", "kind": "nil", "text": "散会"},
    ]
    evaluation = figures(searcher, write(queries, "1 d 3\n2 d 3\n3 d 3\n4 a 0\n"))
    assert evaluation.overall.count == 3
    assert [evaluation.figure(name) for name in METRICS] == [pytest.approx(2 / 3)] * 5
    assert [evaluation.figure(f"macro.{name}") for name in METRICS] == [0.5] * 5
    assert {kind: group.count for kind, group in evaluation.kinds.items()} == {"x": 2, "y": 1}
    assert (evaluation.nil.count, evaluation.figure("nil_ok")) == (2, 0.5)
    assert evaluation.figure("substring.recall") is None


def test_filters(searcher: Searcher, write: Write) -> None:
    """Filters are one text or a list, days with them."""
    queries = [
        {"id": "1", "text": "海洋牧场", "filters": {"account": "乙"}},
        {"id": "2", "text": "海洋牧场", "filters": {"account": ["甲", "乙"], "date_from": "2099-01-01"}},
        {"id": "3", "text": "海洋牧场", "filters": None},
    ]
    rows = figures(searcher, write(queries, "1 b 2\n2 a 2\n3 a 2\n")).rows
    assert [row.returned for row in rows] == [("b",), (), ("a", "b", "c")]


def test_substrings(searcher: Searcher, write: Write) -> None:
    """Exact sets; documents of `either` count on neither side."""
    strings = [
        {"id": "1", "text": "海洋牧场", "docs": ["a", "b", "c"], "kind": "x"},
        {"id": "2", "text": "海洋牧场", "docs": ["a", "b"], "either": ["c"], "class": "x"},
        {"id": "3", "text": "海洋牧场", "docs": ["a", "d"], "class": "y"},
        {"id": "4", "text": "子虚乌有", "docs": [], "class": "y"},
    ]
    evaluation = figures(searcher, write([], "", strings))
    assert {kind: (group.count, group.figures["exact_set"]) for kind, group in evaluation.strings.items()} == {
        "": (4, 0.75),
        "x": (2, 1.0),
        "y": (2, 0.5),
    }
    assert evaluation.figure("substring.precision") == pytest.approx((3 + 1 / 3) / 4)
    assert evaluation.figure("substring.recall") == pytest.approx(3.5 / 4)
    assert evaluation.figure("mrr") is None


def test_names_of_documents(searcher: Searcher, write: Write, tmp_path: Path) -> None:
    """A document is judged by its source id, by our id, or by the name that a map gives its source id."""
    ours = next(hit.id for hit in searcher.search(Request(query="海洋牧场")).hits if hit.source_id == "b")
    queries = [{"id": "q", "text": "海洋牧场"}]
    assert figures(searcher, write(queries, f"q\t{ours}\t2\n")).rows[0].returned == ("a", ours, "c")
    folder = write(queries, "q the-report 2\n", ids="b the-report\n")
    assert figures(searcher, folder).rows[0].returned == ("a", "the-report", "c")
    names = tmp_path / "names.tsv"
    names.write_text("a\tthe report\n", "utf-8")
    folder = write(queries, "q\tthe report\t2\n")
    assert evaluate(searcher, read_judgements(folder, names)).rows[0].figures["mrr"] == 1.0


def test_every_figure_has_a_name(searcher: Searcher, write: Write) -> None:
    """Each name that is offered is known, and no other."""
    evaluation = figures(searcher, write([{"id": "q", "text": "网箱"}], "q d 2\n"))
    assert all(evaluation.figure(name) in (None, 1.0) for name in FIGURES)
    for name in ("ndcg", "macro.nil", "kind.mrr", "substring.mrr"):
        with pytest.raises(KeyError):
            evaluation.figure(name)


# Files


@pytest.mark.parametrize(
    ("queries", "qrels", "said"),
    [
        pytest.param(["{"], "", "queries.jsonl line 1 is no valid JSON", id="no-json"),
        pytest.param(
            [{"id": "1", "text": "x"}, "", "[]"], "", "queries.jsonl line 3 is no JSON object", id="no-object"
        ),
        pytest.param(["[" * 100_000], "", "queries.jsonl line 1 is no valid JSON", id="deep"),
        pytest.param([{"id": "1"}], "", "queries.jsonl line 1: text is missing", id="no-text"),
        pytest.param([{"text": "x"}], "", "queries.jsonl line 1: id is missing", id="no-id"),
        pytest.param([{"id": "1", "text": "x"}] * 2, "", "an id occurs twice", id="twice"),
        pytest.param([{"id": "1", "text": "x", "filters": {"colour": "red"}}], "", "filters is an object", id="filter"),
        pytest.param(
            [{"id": "1", "text": "x", "filters": {"type": 7}}], "", "type must be a text or a list", id="value"
        ),
        pytest.param([{"id": "1", "text": "x"}], "1 a\n", "qrels.tsv line 1: write query id, document", id="columns"),
        pytest.param([{"id": "1", "text": "x"}], "\n1 a -1\n", "qrels.tsv line 2: the grade is", id="below-0"),
        pytest.param([{"id": "1", "text": "x"}], "1 a 11\n", "qrels.tsv line 1: the grade is", id="above-10"),
        pytest.param(
            [{"id": "1", "text": "x"}], "1 a 1\n1 a 2\n", "line 2: this document has another", id="two-grades"
        ),
        pytest.param([{"id": "1", "text": "x"}], "2 a 1\n", "judges the query '2', which", id="unknown-query"),
    ],
)
def test_bad_lines(write: Write, queries: list[Any], qrels: str, said: str) -> None:
    """What cannot be read is told with file and line."""
    with pytest.raises(BadRequest, match=said):
        read_judgements(write(queries, qrels))


def test_files_that_are_not_there(write: Write, tmp_path: Path) -> None:
    """No folder, no file, a wrong map, and bytes that are no text are told too."""
    with pytest.raises(BadRequest, match="takes a folder with"):
        read_judgements(tmp_path / "nowhere")
    with pytest.raises(BadRequest, match=r"qrels\.tsv cannot be read"):
        read_judgements(tmp_path)
    folder = write([], "")
    with pytest.raises(BadRequest, match="names cannot be read"):
        read_judgements(folder, tmp_path / "names")
    (folder / "ids.tsv").write_text("a b c\n", "utf-8")
    with pytest.raises(BadRequest, match=r"ids\.tsv line 1: write source id and judged id"):
        read_judgements(folder)
    (folder / "qrels.tsv").write_bytes(b"q \xff 1\n")
    with pytest.raises(BadRequest, match=r"qrels\.tsv line 1 is not UTF-8"):
        read_judgements(folder)


def test_other_forms_of_lines(write: Write) -> None:
    """TREC's four columns, a byte order mark, blank lines and Windows line ends are read."""
    folder = write(["\ufeff" + json.dumps({"id": 7, "text": "x"}), ""], "7 0 a 2\r\n\r\n7\tb c\t1\r\n")
    judgements = read_judgements(folder)
    assert [(query.id, query.kind, query.grades) for query in judgements.queries] == [
        ("7", "other", {"a": 2, "b c": 1}),
    ]


# The worst queries


def test_worst_queries(searcher: Searcher, write: Write) -> None:
    """The worst first, perfect ones never: what was returned, and why a relevant document is not among it."""
    queries = [
        {"id": "good", "text": "网箱"},
        {"id": "bad", "text": "“海洋苗种”"},
        {"id": "so-so", "text": "海洋牧场", "filters": {"account": ["甲"]}},
    ]
    judgements = read_judgements(write(queries, "good d 3\nbad c 3\nbad nobody 2\nso-so a 3\nso-so b 3\n"))
    evaluation = evaluate(searcher, judgements)
    worst = worst_queries(searcher, judgements, evaluation, 5)
    assert [one.row.query.id for one in worst] == ["bad", "so-so"]
    assert worst[0].returned == ()
    assert [(missing.id, missing.rank) for missing in worst[0].missing] == [("c", None), ("nobody", None)]
    assert worst[0].missing[0].reason.startswith('"海洋苗种": it contains parts of this string')
    assert worst[0].missing[1].reason == "the index has no such document"
    assert worst[1].returned == (("a", 3), ("c", 0))
    assert [(missing.id, missing.reason) for missing in worst[1].missing] == [
        ("b", "the filter account=甲 leaves it out"),
    ]
    assert worst_queries(searcher, judgements, evaluation, 1) == worst[:1]
    assert worst_queries(searcher, judgements, evaluation, 0) == []


# The gold collection's own program


@pytest.mark.shared
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # it leaves its files open
@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")
def test_figures_of_the_gold_collection(seeds_index: Path, tmp_path: Path) -> None:
    """On the gold collection all figures are those of its own program."""
    spec = importlib.util.spec_from_file_location("gold_eval", GOLD / "eval.py")
    assert spec is not None
    assert spec.loader is not None
    gold = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(gold)
    names = tmp_path / "names.tsv"
    names.write_text("".join(f"{ours}\t{theirs}\n" for ours, theirs in GOLD_NAMES.items()), "utf-8")
    searcher = Searcher(seeds_index, Settings())
    judgements = read_judgements(GOLD / "dev", names)
    evaluation = evaluate(searcher, judgements)
    run = {row.query.id: list(row.returned) for row in evaluation.rows}
    told = gold.ranked(run, str(GOLD / "dev"), 10, 2, True)
    theirs = {"ndcg@10": "ndcg", "recall@10": "recall", "mrr": "mrr", "success@1": "s1", "answered": "ans"}
    assert len(evaluation.rows) == len(told["per_query"]) > 100
    for ours, row in zip(evaluation.rows, told["per_query"], strict=True):
        for name, column in theirs.items():
            value = ours.figures[name]
            assert (math.nan if value is None else value) == pytest.approx(row[column], abs=1e-9, nan_ok=True)
    for name in METRICS:  # theirs are rounded to four digits
        assert evaluation.figure(name) == pytest.approx(told["overall"][name], abs=5.1e-5)
        assert evaluation.figure(f"macro.{name}") == pytest.approx(told["macro"][name], abs=1.1e-4)
    assert evaluation.nil.count == told["nil"]["n"]
    answers = {}
    for string in judgements.strings:
        _, hits = searcher.all(Request(query=string.text, exact=True, snippets=False))
        answers[string.id] = [GOLD_NAMES.get(hit.source_id, hit.source_id) for hit in hits]
    strings = gold.substring(answers, str(GOLD / "dev"))
    for name in ("exact_set", "precision", "recall"):
        assert evaluation.figure(f"substring.{name}") == pytest.approx(strings["overall"][name], abs=5.1e-5)
    searcher.close()
