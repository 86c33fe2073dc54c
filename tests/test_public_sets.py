"""The measures of public sets, on a set of three texts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.public_sets import main

CORPUS = (
    {"id": "d1", "title": "", "text": "爬行垫按材质分为两种，家里有孩子的多半选厚的一种。"},
    {"id": "d2", "title": "", "text": "爬行垫的材质关系到气味，爬行垫的材质也关系到价格。"},
    {"id": "d3", "title": "", "text": "水稻在南方一年可以种两季，北方只种一季。"},
)
QUERIES = (
    {"id": "q1", "text": "水稻"},
    {"id": "q2", "text": "爬行垫 材质"},
    {"id": "q3", "text": "水星"},
    {"id": "q4", "text": "没有人判过的问题"},
)


def write_lines(path: Path, lines: tuple[dict[str, str], ...]) -> None:
    """Write JSON Lines."""
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), "utf-8")


def test_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Judged questions count, whether there are hits or not; the second answer has rank 2, the third is only near."""
    folder = tmp_path / "small"
    folder.mkdir()
    write_lines(folder / "corpus.jsonl", CORPUS)
    write_lines(folder / "queries.jsonl", QUERIES)
    (folder / "qrels.tsv").write_text("q1\td3\t1\nq2\td1\t1\nq3\td3\t1\n", "utf-8")
    main([str(folder), "--indexes", str(tmp_path / "indexes"), "--no-helpers", "--worst", "1"])
    *_, row, nearest, worst = capsys.readouterr().out.splitlines()
    assert row.split("|")[1:8] == [" small ", " 3 ", " 0.3333 ", " 0.6667 ", " 0.5000 ", " 0.5436 ", " 0.3333 "]
    assert nearest.split("|")[1:8] == [
        " small, with nearest ",
        *(" 3 ", " 0.6667 ", " 1.0000 ", " 0.8333 ", " 0.8770 ", " 0.0000 "),
    ]
    assert worst == "0.00  q3  水星  right: d3  first: -"
