"""The code in the documents runs, and prints what the documents say."""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from corpus.settings import Settings
from searcher.service import Searcher
from web import create_app

ROOT = Path(__file__).parents[1]
FROM_PYTHON = (ROOT / "docs" / "from-python.md").read_text("utf-8")


def test_blocks_of_from_python_print_what_follows_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each Python block runs after those before it; the text block that follows is its output."""
    shutil.copytree(ROOT / "corpus" / "sample", tmp_path / "corpus" / "sample")
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```(?:\n+```text\n(.*?)```)?", FROM_PYTHON, re.DOTALL)
    assert len(blocks) > 5
    names: dict[str, Any] = {}
    for code, expected in blocks:
        with contextlib.redirect_stdout(io.StringIO()) as output:
            exec(compile(code, "docs/from-python.md", "exec"), names)  # noqa: S102  # the document's own code
        assert output.getvalue() == expected, code


def test_commands_of_the_readme_run(sample_index: Path, tmp_path: Path) -> None:
    """The commands that the README shows end well, with the sample corpus as the folder."""
    text = (ROOT / "README.md").read_text("utf-8")
    commands = re.findall(r"^\$ \.venv/bin/(search(?:-index)? .*?)(?:  +#.*)?$", text, re.MULTILINE)
    assert len(commands) == 3
    modules = {"search": "searcher", "search-index": "indexer"}
    environment = {**os.environ, "KESOU_INDEX": str(tmp_path / "index"), "PYTHONPATH": str(ROOT)}
    for command in commands:
        name, *arguments = shlex.split(command.replace("FOLDER", "corpus/sample"))
        arguments = [str(sample_index) if word == ".demo/index" else word for word in arguments]
        program = f"import sys; from {modules[name]}.commands.cli import main; sys.exit(main())"
        process = [sys.executable, "-c", program, *arguments]
        run = subprocess.run(process, capture_output=True, env=environment, cwd=ROOT, check=False)
        assert run.returncode == 0, command


def test_commands_of_the_operations_document_run(tmp_path: Path) -> None:
    """The commands that operations.md shows end well, with the sample corpus as the folder; the watch when told to."""
    commands = re.findall(r"^\$ search-index (.*)$", (ROOT / "docs" / "operations.md").read_text("utf-8"), re.MULTILINE)
    assert len(commands) == 3
    environment = {**os.environ, "KESOU_INDEX": str(tmp_path / "index"), "PYTHONPATH": str(ROOT)}
    for command in commands:
        arguments = shlex.split(command.replace("FOLDER", str(ROOT / "corpus" / "sample")))
        process = [sys.executable, "-m", "indexer", *arguments]
        with subprocess.Popen(process, stdout=subprocess.PIPE, env=environment, cwd=tmp_path) as run:
            assert run.stdout is not None
            assert run.stdout.readline()
            if arguments[0] == "watch":
                run.terminate()
            assert run.wait() == 0, command


def test_python_of_the_readme_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The Python block of both READMEs indexes the sample corpus and prints ten hits."""
    shutil.copytree(ROOT / "corpus" / "sample", tmp_path / "corpus" / "sample")
    monkeypatch.chdir(tmp_path)
    texts = [(ROOT / readme).read_text("utf-8") for readme in ("README.md", "README.zh-CN.md")]
    (code,) = {code for text in texts for code in re.findall(r"```python\n(.*?)```", text, re.DOTALL)}
    with contextlib.redirect_stdout(io.StringIO()) as output:
        exec(compile(code, "README.md", "exec"), {})  # noqa: S102  # the document's own code
    assert len(output.getvalue().splitlines()) == 10


def test_the_batch_of_the_commands_document_is_answered(sample_index: Path) -> None:
    """The shell command of commands.md that pipes requests into `search --batch -` gives an answer for each."""
    (command,) = re.findall(r"^\$ (printf .*)$", (ROOT / "docs" / "commands.md").read_text("utf-8"), re.MULTILINE)
    environment = {**os.environ, "KESOU_INDEX": str(sample_index), "PYTHONPATH": str(ROOT)}
    command = command.replace("| search", f"| {shlex.quote(sys.executable)} -m searcher")
    run = subprocess.run(["bash", "-c", command], capture_output=True, check=True, env=environment)
    answers = [json.loads(line) for line in run.stdout.splitlines()]
    assert [(answer["id"], answer["total"]["exact"]) for answer in answers] == [(1, 15), (2, 6)]


def test_addresses_of_the_curl_examples_are_answered(sample_index: Path) -> None:
    """Each `curl` command of commands.md asks an address that answers."""
    commands = re.findall(r"^\$ curl (.*)$", (ROOT / "docs" / "commands.md").read_text("utf-8"), re.MULTILINE)
    assert len(commands) > 2
    settings = Settings(index=str(sample_index))
    with contextlib.closing(Searcher(sample_index, settings)) as searcher:
        client = create_app(settings, searcher).test_client()
        for command in commands:
            *options, address = shlex.split(command)
            query = dict(option.split("=", 1) for option in options if "=" in option)
            path = address.removeprefix("http://127.0.0.1:8000")
            assert client.get(path, query_string=query).status_code == 200, command


@pytest.mark.parametrize("package", ["corpus", "indexer", "searcher"])
def test_public_names_are_documented(package: str) -> None:
    """The tables of docs/from-python.md hold each public name, and no other."""
    table = FROM_PYTHON.split(f"\n`{package}`\n")[1].split("\n`")[0]
    named = {name for row in re.findall(r"^\| (`.*?) \|", table, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)}
    assert named == set(importlib.import_module(package).__all__)
