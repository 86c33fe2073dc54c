"""The outcome of every command: one line and an exit status of its own when output is lost, and on Ctrl-C."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "corpus" / "sample"
FULL = Path("/dev/full")

NO_OUTPUT = 74
INTERNAL = 70
INTERRUPTED = 130
BROKEN_PIPE = 141

needs_full = pytest.mark.skipif(not FULL.exists(), reason="needs /dev/full")


def run(command: list[str], index: Path, **options: Any) -> tuple[int, list[str], str]:
    """The exit status of a command, the lines on stderr that are no reports of its work, and its stdout."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    environment |= {"PYTHONPATH": str(ROOT), "KESOU_INDEX": str(index)}
    options = {"stdout": -1, "stderr": -1, "input": b"", **options}
    if "stdin" in options:
        del options["input"]
    result = subprocess.run([sys.executable, *command], env=environment, check=False, timeout=120, **options)
    told = (result.stderr or b"").decode().splitlines()
    own = [line for line in told if not line.startswith(("indexing: ", "note: "))]
    return result.returncode, own, (result.stdout or b"").decode()


COMMANDS = [
    pytest.param("search", ["-m", "searcher", "科技"], id="search"),
    pytest.param("search", ["-m", "searcher", "没有这样的词语呀"], id="search-without-hits"),
    pytest.param("search", ["-m", "searcher", "", "--all", "--json"], id="search-much"),
    pytest.param("search", ["-m", "searcher", "科技", "--explain"], id="search-explain"),
    pytest.param("search", ["-m", "searcher", "--batch", "BATCH"], id="search-batch"),
    pytest.param("search", ["-m", "searcher", "--help"], id="search-help"),
    pytest.param("search", ["-m", "searcher", "--version"], id="search-version"),
    pytest.param("search-index", ["-m", "indexer", str(SAMPLE / "accounts_b.json")], id="search-index"),
    pytest.param("search-index", ["-m", "indexer", str(SAMPLE / "accounts_b.json"), "--json"], id="search-index-json"),
    pytest.param("search-index", ["-m", "indexer", "inspect", str(SAMPLE)], id="inspect"),
    pytest.param("search-index", ["-m", "indexer", "classify", str(SAMPLE)], id="classify"),
    pytest.param("search-index", ["-m", "indexer", "check"], id="check"),
    pytest.param("search-index", ["-m", "indexer", "status"], id="status"),
    pytest.param("search-index", ["-m", "indexer", "--help"], id="search-index-help"),
    pytest.param("search-web", ["-m", "web", "--port", "0"], id="search-web"),
    pytest.param("search-web", ["-m", "web", "--help"], id="search-web-help"),
]

#: One command of each way to write.
WAYS = [
    command for command in COMMANDS if command.id in ("search", "search-batch", "search-index", "inspect", "search-web")
]


@pytest.fixture
def index_of(sample_index: Path, tmp_path: Path) -> Any:
    """The index of a command, and its arguments with the file of a batch: one that writes gets an index of its own."""

    def index_of(program: str, command: list[str]) -> tuple[Path, list[str]]:
        batch = tmp_path / "batch.jsonl"
        batch.write_text('{"query": "科技"}\n', "utf-8")
        is_reader = program != "search-index" or command[-1] in ("check", "status")
        index = sample_index if is_reader else tmp_path / "index"
        return index, [str(batch) if word == "BATCH" else word for word in command]

    return index_of


@needs_full
@pytest.mark.parametrize(("program", "command"), COMMANDS)
def test_full_output(program: str, command: list[str], index_of: Any) -> None:
    """When standard output takes nothing more, each command says so in one line; the status does not say "no hits"."""
    index, command = index_of(program, command)
    with FULL.open("wb") as full:
        status, told, _ = run(command, index, stdout=full)
    assert (status, told) == (NO_OUTPUT, [f"{program}: cannot write to standard output: No space left on device"])


@pytest.mark.parametrize(("program", "command"), WAYS)
def test_closed_output(program: str, command: list[str], index_of: Any) -> None:
    """The same when standard output is closed from the beginning."""
    index, command = index_of(program, command)
    status, told, _ = run(command, index, stdout=None, preexec_fn=lambda: os.close(1))
    assert (status, told) == (NO_OUTPUT, [f"{program}: cannot write to standard output: Bad file descriptor"])


@pytest.mark.parametrize(("program", "command"), WAYS)
def test_reader_that_has_gone(program: str, command: list[str], index_of: Any) -> None:
    """When the reader of a pipe has gone each command ends without a word, as others do that SIGPIPE ends."""
    index, command = index_of(program, command)
    with gone_reader() as pipe:
        status, told, _ = run(command, index, stdout=pipe)
    assert (status, told) == (BROKEN_PIPE, [])


@contextmanager
def gone_reader() -> Iterator[int]:
    """A pipe that nobody reads."""
    reading, writing = os.pipe()
    os.close(reading)
    yield writing
    os.close(writing)


def test_lost_output_loses_no_index(sample_index: Path, tmp_path: Path) -> None:
    """A run whose report cannot be written has published its index all the same."""
    index = tmp_path / "index"
    status, _, _ = run(["-m", "indexer", str(SAMPLE)], index, stdout=None, preexec_fn=lambda: os.close(1))
    assert status == NO_OUTPUT
    ids = [run(["-m", "searcher", "", "--all", "--ids"], folder)[2] for folder in (index, sample_index)]
    assert ids[0] == ids[1] != ""


@pytest.mark.parametrize(
    "is_closed", [pytest.param(True, id="closed"), pytest.param(False, marks=needs_full, id="full")]
)
@pytest.mark.parametrize(
    ("command", "status"),
    [
        pytest.param(["-m", "searcher", "x", "--limit", "-1"], 2, id="wrong-limit"),
        pytest.param(["-m", "searcher", "--nonsense"], 2, id="wrong-option"),
        pytest.param(["-m", "searcher", "没有这样的词语呀"], 1, id="no-hits"),
        pytest.param(["-m", "indexer", "--nonsense"], 64, id="wrong-option-of-search-index"),
        pytest.param(["-m", "indexer", str(SAMPLE)], 0, id="run-with-notes"),
        pytest.param(["-m", "web", "--port", "99999"], 2, id="wrong-port"),
    ],
)
def test_messages_that_cannot_be_written(command: list[str], status: int, is_closed: bool, tmp_path: Path) -> None:
    """A full or closed standard error loses messages, and neither the work nor the exit status."""
    index = tmp_path / "index"
    run(["-m", "indexer", str(SAMPLE / "accounts_b.json")], index)
    options: dict[str, Any] = {"preexec_fn": lambda: os.close(2)} if is_closed else {}
    with (Path(os.devnull) if is_closed else FULL).open("wb") as stream:
        assert run(command, index, stderr=None if is_closed else stream, **options)[0] == status


def test_closed_input(sample_index: Path) -> None:
    """A batch from a closed standard input is an error, not an empty batch."""
    command = ["-m", "searcher", "--batch", "-"]
    status, told, out = run(command, sample_index, stdin=None, preexec_fn=lambda: os.close(0))
    assert (status, told, out) == (2, ["search: the batch cannot be read: Bad file descriptor"], "")


#: Runs a command whose N-th import after the guard interrupts it, as Ctrl-C at that moment would.
INTERRUPTED_IMPORT = """
import os, runpy, signal, sys
module, left = sys.argv[1], int(sys.argv[2])
sys.argv = [module, *sys.argv[3:]]
is_guarded = False
def hook(event, arguments):
    global left, is_guarded
    is_guarded = is_guarded or signal.getsignal(signal.SIGINT) is not signal.default_int_handler
    if event == "import" and is_guarded:
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGINT)
sys.addaudithook(hook)
runpy.run_module(module, run_name="__main__", alter_sys=True)
"""


@pytest.mark.parametrize("number", [1, 9, 60])
@pytest.mark.parametrize(
    "command",
    [
        pytest.param(["searcher", "科技"], id="search"),
        pytest.param(["indexer", str(SAMPLE / "accounts_b.json")], id="search-index"),
        pytest.param(["web", "--port", "0"], id="search-web"),
    ],
)
def test_interrupted_imports(command: list[str], number: int, sample_index: Path, tmp_path: Path) -> None:
    """Ctrl-C while a command is still importing ends it at once: exit status 130 and nothing else."""
    module, *arguments = command
    index = tmp_path / "index" if module == "indexer" else sample_index
    outcome = run(["-c", INTERRUPTED_IMPORT, module, str(number), *arguments], index)
    assert outcome == (INTERRUPTED, [], "")
    assert not (tmp_path / "index").exists()


#: Runs a command in which something fails that nobody foresaw, or that is interrupted at work.
FAILING = """
import runpy, sys
import searcher.service, indexer.commands.run
def fail(*arguments, **options):
    raise {error}
searcher.service.Searcher.search = searcher.service.Searcher.info = fail
indexer.commands.run.build_index = fail
runpy.run_module({module!r}, run_name="__main__", alter_sys=True)
"""


@pytest.mark.parametrize(
    ("program", "module", "argument"),
    [
        pytest.param("search", "searcher", "科技", id="search"),
        pytest.param("search-index", "indexer", str(SAMPLE), id="search-index"),
        pytest.param("search-web", "web", "--port=0", id="search-web"),
    ],
)
def test_unforeseen_error(program: str, module: str, argument: str, sample_index: Path) -> None:
    """An error that nobody foresaw is one line with its kind and place, and a status of its own."""
    code = FAILING.format(error="RuntimeError('lines\\nof text')", module=module)
    status, told, _ = run(["-c", code, argument], sample_index)
    assert status == INTERNAL
    assert told == [
        f"{program}: internal error: RuntimeError: lines of text (<string> line 5); python -X dev shows the traceback"
    ]
    assert "Traceback" in "\n".join(run(["-X", "dev", "-W", "ignore", "-c", code, argument], sample_index)[1])


def test_interrupted_run(sample_index: Path) -> None:
    """Ctrl-C during a run is one line and exit status 130."""
    code = FAILING.format(error="KeyboardInterrupt", module="indexer")
    assert run(["-c", code, str(SAMPLE)], sample_index)[:2] == (INTERRUPTED, ["search-index: interrupted"])
