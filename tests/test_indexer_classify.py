"""The command `search-index classify`: its classification with evidence, and the comparison with labels."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from indexer.commands.cli import main
from indexer.commands.labels import Comparison, LabelsError, Score, read_labels

SHARED = Path(__file__).resolve().parents[2] / "shared"

RECORDS = (
    {"aid": "a1", "title": "关于组织申报本区技术改造专项的通知", "content": "在本区注册的企业均可以申报本项目，欢迎。"},
    {"aid": "a2", "title": "孵化器里的三年", "content": "三年前他带着一个想法走进来，如今团队已经有三十个人。"},
    {"aid": "a3", "title": "春天来了", "content": "公园里的花都开了，很多市民带着孩子来看花，十分热闹。"},
)
OWN_RULES = """
[[type]]
name = "赏花"
group = "H 生活"
definition = "花"
trigger = [{ position = ["body"], pattern = "看花" }]
"""


def classify(tmp_path: Path, *arguments: str, records: tuple[dict[str, Any], ...] = RECORDS) -> Result:
    """Run the command on a file with these records."""
    source = tmp_path / "source.json"
    source.write_text(json.dumps(records, ensure_ascii=False), "utf-8")
    return CliRunner().invoke(main, ["classify", str(source), *arguments])


def labels_of(tmp_path: Path, *lines: dict[str, Any] | str) -> Path:
    """Write a file of labels."""
    path = tmp_path / "labels.jsonl"
    path.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines), "utf-8")
    return path


def ids(result: Result) -> list[str]:
    """The ids of the documents listed with --json."""
    return [json.loads(line)["source_id"] for line in result.stdout.splitlines()]


def test_text(tmp_path: Path) -> None:
    """Each document is printed with its values and evidence, then the counts of each value."""
    result = classify(tmp_path)
    assert result.exit_code == 0
    lines = [line.rstrip() for line in result.stdout.splitlines()]
    assert lines[0] == "a1  关于组织申报本区技术改造专项的通知"
    assert lines[1].startswith("  genre        申报通知 ← title: ")
    assert lines[2].startswith("  program type 产业专项资金与技改 ← title: 技术改造")
    assert "  program type 无 (no rule matched)" in lines
    assert "3 documents" in lines
    counts = {tuple(line.split()) for line in lines[lines.index("3 documents") :]}
    assert {("孵化器与创业载体", "1"), ("申报通知", "1"), ("无", "1")} < counts


def test_json(tmp_path: Path) -> None:
    """--json prints one object per line with these keys, and nothing else."""
    result = classify(tmp_path, "--json")
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert [list(row) for row in rows] == [["source_id", "id", "title", "genre", "program_types", "evidence"]] * 3
    assert rows[0]["program_types"] == ["产业专项资金与技改"]
    assert rows[0]["evidence"][0]["text"].startswith("技术改造")


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        pytest.param(("--type", "孵化器与创业载体"), ["a2"], id="type"),
        pytest.param(("--type", "孵化器与创业载体", "--type", "无"), ["a2", "a3"], id="any-of-two"),
        pytest.param(("--genre", "申报通知"), ["a1"], id="genre"),
        pytest.param(("--genre", "申报通知", "--type", "无"), [], id="both-must-hold"),
    ],
)
def test_selection(tmp_path: Path, options: tuple[str, ...], expected: list[str]) -> None:
    """--type and --genre list only the documents that have them."""
    result = classify(tmp_path, "--json", *options)
    assert (result.exit_code, ids(result)) == (0, expected)


@pytest.mark.parametrize(
    ("option", "message"),
    [pytest.param("--type", "program type", id="type"), pytest.param("--genre", "genre", id="genre")],
)
def test_unknown_value(tmp_path: Path, option: str, message: str) -> None:
    """An unknown program type or genre is an error that lists the known ones."""
    result = classify(tmp_path, option, "什么")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"search-index: unknown {message}: 什么; the taxonomy has: ")


def test_own_rules(tmp_path: Path) -> None:
    """--taxonomy reads a file of rules, whose program types --type accepts."""
    rules = tmp_path / "own.toml"
    rules.write_text(OWN_RULES, "utf-8")
    result = classify(tmp_path, "--taxonomy", str(rules), "--type", "赏花")
    assert result.exit_code == 0
    assert "  program type 赏花 ← body: 看花" in result.stdout.splitlines()
    result = classify(tmp_path, "--taxonomy", str(tmp_path / "absent.toml"))
    assert result.exit_code == 2
    assert result.stderr == "search-index: absent.toml: cannot be read: No such file or directory\n"


def test_exit_status(tmp_path: Path) -> None:
    """The exit status is 1 if a record was rejected, 2 if no document could be read."""
    assert classify(tmp_path, records=(*RECORDS, {"views": 3})).exit_code == 1
    nothing = classify(tmp_path, records=({"views": 3},))
    assert (nothing.exit_code, nothing.stdout) == (2, "")
    assert nothing.stderr.splitlines()[-1] == "search-index: no document could be read; the lines above say why"


def test_labels(tmp_path: Path) -> None:
    """--labels prints the differences, the scores of each program type and of all, and the genre accuracy."""
    labels = labels_of(
        tmp_path,
        {"aid": "a1", "program_type": ["产业专项资金与技改"], "genre": "申报通知"},
        "",
        {"source_id": "a2", "program_types": ["孵化器与创业载体", "园区与科创承载区"], "genre": "活动预告"},
        {"aid": "a3", "program_type": "科普计划与基地"},
        {"aid": "z9", "program_type": "无"},
    )
    result = classify(tmp_path, "--labels", str(labels), "--type", "无")
    assert result.exit_code == 0
    lines = [" ".join(line.split()) for line in result.stdout.splitlines()]
    assert "missed: 科普计划与基地; extra: 无" in lines
    assert any(
        line.startswith("missed: 园区与科创承载区; genre: ") and line.endswith(", label 活动预告") for line in lines
    )
    assert "孵化器与创业载体 1 1 0 0 1.000 1.000 1.000" in lines
    assert "all (micro) 4 2 2 1 0.667 0.500 0.571" in lines
    assert "1 labels have no document in the sources: z9" in lines
    assert "3 labelled documents, 2 of them differ; genre accuracy 0.500 (1 of 2)" in lines


def test_labels_beside_json(tmp_path: Path) -> None:
    """With --json the comparison is on stderr, and stdout has JSON only."""
    labels = labels_of(tmp_path, {"aid": "a1", "genre": "申报通知"})
    result = classify(tmp_path, "--labels", str(labels), "--json")
    assert ids(result) == ["a1", "a2", "a3"]
    assert "genre accuracy 1.000 (1 of 1)" in result.stderr


@pytest.mark.parametrize(
    ("line", "message"),
    [
        pytest.param("{", "line 2: not valid JSON", id="no-json"),
        pytest.param("[" * 100_000, "line 2: not valid JSON", id="deep"),
        pytest.param("[]", "line 2: write an object", id="no-object"),
        pytest.param({"genre": "申报通知"}, "line 2: the object needs aid or source_id", id="no-id"),
        pytest.param({"aid": "a1"}, "line 2: the object needs program_type or genre", id="no-label"),
        pytest.param(
            {"aid": "a1", "program_type": [3]},
            "line 2: program_type must be a string or a list of strings",
            id="no-texts",
        ),
        pytest.param({"aid": "a1", "genre": []}, "line 2: genre must be a string", id="no-genre"),
    ],
)
def test_bad_labels(tmp_path: Path, line: dict[str, Any] | str, message: str) -> None:
    """An invalid line of labels is named by its number; exit status 2, nothing on stdout."""
    labels = labels_of(tmp_path, {"aid": "a2", "genre": "申报通知"}, line)
    result = classify(tmp_path, "--labels", str(labels))
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"search-index: labels.jsonl, {message}")
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(None, "cannot read", id="missing"),
        pytest.param(b"\xff\xfe\x00", "cannot read", id="no-text"),
        pytest.param(b"\n\n", "has no labels", id="empty"),
    ],
)
def test_useless_labels(tmp_path: Path, content: bytes | None, message: str) -> None:
    """A file without labels, or one that cannot be read, is an error."""
    path = tmp_path / "labels.jsonl"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(LabelsError, match=message):
        read_labels(path)


def test_scores_of_nothing() -> None:
    """Scores without any value are 1."""
    assert (Score(0, 0, 0).precision, Score(0, 0, 0).recall, Score(0, 0, 0).f1) == (1.0, 1.0, 1.0)
    assert Comparison({}).genre_accuracy == 1.0


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.is_dir(), reason="the labelled articles are not here")
def test_the_real_labels() -> None:
    """On the labelled articles every label has a document, and micro-F1 is at least 0.9."""
    command = ["classify", str(SHARED / "seeds"), "--labels", str(SHARED / "gold" / "labels_dev.jsonl"), "--json"]
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 0
    assert "have no document in the sources" not in result.stderr
    total = next(line.split() for line in result.stderr.splitlines() if line.startswith("all (micro)"))
    assert float(total[-1]) >= 0.9
