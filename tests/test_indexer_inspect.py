"""The command `search-index inspect`: documents as they will be indexed, as JSON and as text."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from corpus.document import Cluster, Document, Facts, Section, SetAside
from corpus.ledger import CharacterCounts
from corpus.taxonomy.classify import Evidence
from indexer.commands.cli import main
from indexer.commands.inspect import inspection_json
from indexer.commands.read_documents import ReadDocument

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "corpus" / "sample"

BODY = "一、申报条件\n在本区注册的企业均可以申报本项目。\n\n二、申报方式\n登录网上平台，于3月31日前提交申请表和附件。"
NOTICE = {
    "aid": "n1",
    "title": "【通知】关于组织申报本区技术改造专项的通知",
    "account": "东岸科创",
    "date": "2025-03-01",
    "content": BODY + "以上材料一式三份，逾期不予受理。",
}
REPOST = {**NOTICE, "aid": "n2", "title": "技术改造专项开始申报", "account": "东岸发布", "date": "2025-03-05"}
EMPTY = {"aid": "e1", "title": "只有标题", "content": ""}
BROKEN = '{"aid":"b1","title":'


def source_of(tmp_path: Path, *records: dict[str, Any] | str) -> Path:
    """Write a JSON Lines file of these records."""
    source = tmp_path / "source.jsonl"
    lines = (record if isinstance(record, str) else json.dumps(record, ensure_ascii=False) for record in records)
    source.write_text("\n".join(lines), "utf-8")
    return source


def inspect(source: Path, *arguments: str) -> Result:
    """Run the command."""
    return CliRunner().invoke(main, ["inspect", str(source), *arguments])


def objects(result: Result) -> list[dict[str, Any]]:
    """The JSON objects that were printed."""
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_json(tmp_path: Path) -> None:
    """--json prints one object per line, in reading order, with these keys and values."""
    result = inspect(source_of(tmp_path, NOTICE, REPOST, EMPTY), "--json")
    assert result.exit_code == 0
    notice, repost, empty = objects(result)
    assert list(notice) == [
        *("source_id", "id", "title", "account", "date", "url", "genre", "program_types", "evidence", "facts"),
        *("state", "cluster", "sections", "body", "notes", "dropped", "set_aside", "ledger"),
    ]
    assert (notice["source_id"], notice["account"], notice["date"]) == ("n1", "东岸科创", "2025-03-01")
    assert (notice["genre"], notice["program_types"]) == ("申报通知", ["产业专项资金与技改"])
    evidence = notice["evidence"][0]
    assert evidence.pop("text").startswith("技术改造")
    assert evidence == {"kind": "type", "value": "产业专项资金与技改", "position": "title"}
    assert notice["evidence"][-1]["kind"] == "genre"
    first = notice["id"]
    assert notice["cluster"] == {"id": first, "earliest": first, "similarity": 1.0}
    assert repost["cluster"] == notice["cluster"]
    assert (empty["state"], empty["cluster"], empty["body"]) == ("empty", None, "")
    assert [section["title"] for section in notice["sections"]] == ["一、申报条件", "二、申报方式"]
    for section in notice["sections"]:
        stretch = notice["body"][section["start"] : section["start"] + section["length"]]
        assert stretch.startswith(section["title"])


def test_json_shape() -> None:
    """A document with all fields has every key, in a stable order."""
    document = Document(
        id="0" * 16,
        source_id="s",
        title="题",
        account="号",
        date=None,
        url="",
        body="文",
        program_types=("无",),
        genre="申报通知",
        state="partial",
        sections=(Section(level=1, title="章", path=("章",), page=3, start=0, length=1),),
        notes=("来源：某报",),
        set_aside=(SetAside("boilerplate", "点赞"), SetAside("page_number", "3")),
        facts=Facts(
            deadlines=("2025-03-31T16:30",),
            issuers=("某委",),
            document_numbers=("某科〔2025〕1号",),
            cited_numbers=("某科〔2024〕2号",),
            issued_on="2025-03-01",
            public_notice=("2025-03-01", "2025-03-08"),
            reposted_from="某号",
            source="某报",
        ),
        cluster=Cluster(id="1", earliest="1", similarity=0.9),
    )
    evidence = (Evidence("genre", "申报通知", "title", "申报"),)
    reading = ReadDocument(document=document, file="a.json", characters=CharacterCounts(read=9, indexed=6, set_aside=3))
    assert json.loads(json.dumps(inspection_json(reading, evidence))) == {
        "source_id": "s",
        "id": "0" * 16,
        "title": "题",
        "account": "号",
        "date": None,
        "url": "",
        "genre": "申报通知",
        "program_types": ["无"],
        "evidence": [{"kind": "genre", "value": "申报通知", "position": "title", "text": "申报"}],
        "facts": {
            "deadlines": ["2025-03-31T16:30"],
            "issuers": ["某委"],
            "document_numbers": ["某科〔2025〕1号"],
            "cited_numbers": ["某科〔2024〕2号"],
            "issued_on": "2025-03-01",
            "reposted_from": "某号",
            "source": "某报",
            "public_notice": ["2025-03-01", "2025-03-08"],
        },
        "state": "partial",
        "cluster": {"id": "1", "earliest": "1", "similarity": 0.9},
        "sections": [{"level": 1, "title": "章", "path": ["章"], "page": 3, "start": 0, "length": 1}],
        "body": "文",
        "notes": ["来源：某报"],
        "dropped": ["点赞"],
        "set_aside": [{"reason": "boilerplate", "text": "点赞"}, {"reason": "page_number", "text": "3"}],
        "ledger": {"read": 9, "indexed": 6, "set_aside": 3, "unaccounted": 0},
    }


@pytest.mark.parametrize("which", [pytest.param("source_id", id="its-own"), pytest.param("id", id="ours")])
def test_one_document(tmp_path: Path, which: str) -> None:
    """An ID selects a document by either of its ids; its near-duplicates are still detected."""
    source = source_of(tmp_path, NOTICE, REPOST)
    wanted = objects(inspect(source, "--json"))[1]
    assert objects(inspect(source, wanted[which], "--json")) == [wanted]


def test_unknown_id(tmp_path: Path) -> None:
    """An unknown ID: one line on stderr, exit status 1, nothing on stdout."""
    result = inspect(source_of(tmp_path, NOTICE), "nope")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith(f"search-index: no document of {tmp_path / 'source.jsonl'} has the id nope")


def test_text_output(tmp_path: Path) -> None:
    """Without --json: title, metadata and facts with their evidence, sections, then the text; no colours in a file."""
    result = inspect(source_of(tmp_path, NOTICE, REPOST), "n2")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0] == "技术改造专项开始申报"
    assert "published      东岸发布 · 2025-03-05" in lines
    assert any(line.startswith("program type   产业专项资金与技改 ← title: 技术改造") for line in lines)
    assert any(line.startswith("copies         a near-duplicate of ") for line in lines)
    assert any("── 二、申报方式" in line for line in lines)
    assert "以上材料一式三份，逾期不予受理。" in result.stdout
    assert "\x1b" not in result.stdout


def test_long_texts_are_cut_in_lists(tmp_path: Path) -> None:
    """In a list texts are cut, with the number of missing characters; --full and an ID show the whole text."""
    long = {**NOTICE, "content": "本文很长。" * 200 + "终。"}
    source = source_of(tmp_path, long, EMPTY)
    listed = inspect(source).stdout
    assert "… 402 more characters; --full shows them" in listed
    assert "终。" not in listed
    assert "只有标题" in listed
    assert "终。" in inspect(source, "--full").stdout
    assert "终。" in inspect(source, "n1").stdout


def test_a_line_of_the_text_is_not_folded(tmp_path: Path) -> None:
    """Without a terminal a paragraph is one line, however long."""
    body = "没有断行的一段话" * 60
    assert body in inspect(source_of(tmp_path, {**NOTICE, "content": body}), "--full").stdout.splitlines()


def test_markup_is_text(tmp_path: Path) -> None:
    """Text that looks like markup of the terminal library is printed unchanged."""
    record = {**NOTICE, "title": "[bold]题[/bold] :smile:", "content": "[red]文[/] " + BODY}
    result = inspect(source_of(tmp_path, record))
    assert result.stdout.startswith("[bold]题[/bold] :smile:\n")
    assert "[red]文[/] " in result.stdout


@pytest.mark.parametrize("form", [pytest.param((), id="page"), pytest.param(("--json",), id="json")])
def test_problems(tmp_path: Path, form: tuple[str, ...]) -> None:
    """Import issues are lines on stderr, also with --json; exit status 1 if something was rejected."""
    result = inspect(source_of(tmp_path, NOTICE, BROKEN, EMPTY, NOTICE), *form)
    assert result.exit_code == 1
    lines = result.stderr.splitlines()
    assert [line.split(": ")[0] for line in lines] == ["rejected", "note", "note"]
    assert lines[0].startswith("rejected: source.jsonl, record 2: ")
    assert lines[2].endswith("the same article as one in source.jsonl, which is kept: n1")
    if form:
        assert [item["source_id"] for item in objects(result)] == ["n1", "e1"]


@pytest.mark.parametrize(
    "arguments",
    [pytest.param((), id="all"), pytest.param(("n1",), id="one"), pytest.param(("--json",), id="json")],
)
def test_nothing_usable(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """Without any document: exit status 2 and the reason on stderr."""
    result = inspect(source_of(tmp_path, BROKEN), *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.splitlines()[-1] == "search-index: no document could be read; the lines above say why"
    missing = inspect(tmp_path / "nowhere", *arguments)
    assert missing.exit_code == 2
    assert "no such file or folder" in missing.stderr


def test_bad_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An invalid setting is one line on stderr and exit status 2."""
    monkeypatch.setenv("KESOU_TAXONOMY", str(tmp_path / "absent.toml"))
    result = inspect(source_of(tmp_path, NOTICE))
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("search-index: absent.toml: cannot be read")
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize("form", [pytest.param((), id="page"), pytest.param(("--json",), id="json")])
def test_reader_that_leaves(form: tuple[str, ...]) -> None:
    """A closed pipe, as with `| head`, ends the command without a message."""
    command = [sys.executable, "-m", "indexer", "inspect", str(SAMPLE), *form]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        errors = process.stderr.read().decode()
    assert [line for line in errors.splitlines() if not line.startswith("note: ")] == []


def test_a_terminal_that_cannot_show_chinese() -> None:
    """The command works with any encoding of the terminal."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "LC_"))}
    environment |= {"PYTHONIOENCODING": "ascii", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "indexer", "inspect", str(SAMPLE)]
    result = subprocess.run(command, capture_output=True, cwd=ROOT, env=environment, check=False)
    assert result.returncode == 0
    assert rb"\u" in result.stdout
