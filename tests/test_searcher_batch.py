"""`search --batch`: one JSON request a line in, one JSON result a line out, in order and at once."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
from contextlib import closing
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest

from corpus.fields import FACETS
from corpus.settings import Settings
from searcher.commands.batch import MAX_LINE_BYTES, answer_lines, read_lines
from searcher.commands.json_form import page_json
from searcher.results import Request, SearchPage
from searcher.service import Searcher

ROOT = Path(__file__).resolve().parents[1]


def answers(index: Path, *lines: str | bytes) -> list[dict[str, Any]]:
    """The answers to lines of a batch."""
    searcher = Searcher(index, Settings())
    output = StringIO()
    raw = [(line.encode() if isinstance(line, str) else line) + b"\n" for line in lines]
    answer_lines(raw, output, searcher, Settings())
    searcher.close()
    return [json.loads(line) for line in output.getvalue().splitlines()]


def batch(index: Path, *arguments: str, **options: Any) -> subprocess.Popen[bytes]:
    """The command as a program, with pipes."""
    command = [sys.executable, "-m", "searcher", "--index", str(index), *arguments]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    environment |= {"PYTHONPATH": str(ROOT), "LC_ALL": "C"}
    return subprocess.Popen(command, stdin=-1, stdout=-1, stderr=-1, env=environment, **options)


def test_answers_come_in_order_with_their_ids(sample_index: Path) -> None:
    """Each line that is not blank is answered, in order, with the id it had, of whatever kind; without one, without."""
    found = answers(
        sample_index,
        '{"id": 7, "query": "脑机接口", "limit": 1}',
        "",
        '{"id": "a", "query": "没有这样的词语呀"}',
        "   ",
        '{"query": "科技", "limit": 2}',
        '{"id": null, "query": "科技", "limit": 0}',
        '{"id": [1, {"x": 2}], "query": "", "limit": 0}',
    )
    assert [answer.get("id", "none") for answer in found] == [7, "a", "none", None, [1, {"x": 2}]]
    assert [len(answer["hits"]) for answer in found] == [1, 0, 2, 0, 0]
    assert [answer["query"] for answer in found] == ["脑机接口", "没有这样的词语呀", "科技", "科技", ""]


def test_answer_is_the_result(sample_index: Path) -> None:
    """An answer is the JSON form of the result that the same request gives, after its id."""
    searcher = Searcher(sample_index, Settings())
    expected = page_json(
        searcher.search(
            Request(
                query="科技 企业",
                filters={"account": ("东岸科创", "江湾经信"), "type": ("无",), "genre": ("企业产业报道",)},
                date_from="2025-06-01",
                date_to="2026-12-31",
                sort="oldest",
                limit=3,
                offset=1,
            )
        )
    )
    searcher.close()
    request = {
        "id": 1,
        "query": "科技 企业",
        "account": ["东岸科创", "江湾经信"],
        "type": "无",
        "genre": ["企业产业报道"],
        "from": "2025-06-01",
        "to": "2026-12-31",
        "sort": "oldest",
        "limit": 3,
        "offset": 1,
    }
    answer = answers(sample_index, json.dumps(request))[0]
    assert answer == {"id": 1, **expected}
    keys = ["id", "query", "index", "total", "hits", "facets", "applied", "suggestions", "problems", "zero", "nearest"]
    assert list(answer) == keys


def test_every_facet_filters(sample_index: Path) -> None:
    """Each facet is a key of a request; its values leave as many hits as the facet counts."""
    facets = answers(sample_index, '{"query": "", "limit": 0}')[0]["facets"]
    for name in FACETS:
        value = facets[name][0]
        answer = answers(sample_index, json.dumps({"query": "", "limit": 0, name: value["value"]}))[0]
        assert answer["total"]["exact"] == value["count"] > 0


def test_exact(sample_index: Path) -> None:
    """`exact` takes the query as one string."""
    found = answers(
        sample_index,
        '{"query": "AI", "limit": 99}',
        '{"query": "AI", "exact": true, "limit": 99}',
        '{"query": "AI", "exact": false, "limit": 99}',
    )
    bounded, literal, also_bounded = [answer["total"]["exact"] for answer in found]
    assert bounded == also_bounded < literal


def test_absent_and_null_are_the_same(sample_index: Path) -> None:
    """A key with null is a key that is not there."""
    keys = ("exact", "account", "type", "genre", "from", "to", "sort", "limit", "offset")
    full = {"query": "科技", **dict.fromkeys(keys)}
    plain, with_nulls = answers(sample_index, '{"query": "科技"}', json.dumps(full))
    assert plain == with_nulls
    assert len(plain["hits"]) == 10


@pytest.mark.parametrize(
    ("line", "said"),
    [
        pytest.param("{", "not valid JSON", id="cut"),
        pytest.param("脑机接口", "not valid JSON", id="plain-text"),
        pytest.param(b"\xff\xfe", "not valid JSON", id="no-utf8"),
        pytest.param("[" * 5000, "not valid JSON", id="nested-without-end"),
        pytest.param('{"id": ' + "[" * 980 + "]" * 980 + "}", "not valid JSON", id="nested-id"),
        pytest.param('{"query": "x", "limit": ' + "9" * 5000 + "}", "not valid JSON", id="number-without-end"),
        pytest.param('["脑机接口"]', "JSON object", id="array"),
        pytest.param('"脑机接口"', "JSON object", id="string"),
        pytest.param("null", "JSON object", id="null"),
        pytest.param("{}", "query is missing", id="no-query"),
        pytest.param('{"query": null}', "query is missing", id="null-query"),
        pytest.param('{"query": 1}', "query must be a string", id="query-no-text"),
        pytest.param('{"query": "x", "limit": 1001}', "limit must not exceed 1,000", id="limit-above"),
        pytest.param('{"query": "x", "limit": -1}', "limit must be a whole number", id="limit-below"),
        pytest.param('{"query": "x", "limit": "1"}', "limit must be a whole number", id="limit-text"),
        pytest.param('{"query": "x", "limit": 1.5}', "limit must be a whole number", id="limit-fraction"),
        pytest.param('{"query": "x", "limit": true}', "limit must be a whole number", id="limit-truth-value"),
        pytest.param('{"query": "x", "offset": -1}', "offset must be a whole number", id="offset-below"),
        pytest.param('{"query": "x", "sort": "best"}', "sort must be", id="sort-unknown"),
        pytest.param('{"query": "x", "sort": ["newest"]}', "sort must be", id="sort-list"),
        pytest.param('{"query": "x", "exact": 1}', "exact must be true or false", id="exact-number"),
        pytest.param('{"query": "x", "account": 1}', "account must be a string", id="account-number"),
        pytest.param('{"query": "x", "type": ["a", 1]}', "type must be a string", id="type-mixed"),
        pytest.param('{"query": "x", "genre": {}}', "genre must be a string", id="genre-object"),
        pytest.param('{"query": "x", "from": 2025}', "from must be a string", id="from-number"),
        pytest.param('{"query": "x", "from": "2025-02-30"}', "--from must be a date that exists", id="no-such-day"),
        pytest.param('{"query": "x", "from": "2025-02-02", "to": "2025-02-01"}', "is later than", id="from-after-to"),
        pytest.param('{"query": "x", "month": "2025-13"}', "--month must be written YYYY-MM", id="no-such-month"),
        pytest.param('{"query": "x", "source": 1}', "source must be a string", id="source-number"),
        pytest.param('{"query": "x", "<b>": 1}', "unknown key", id="unknown-key"),
    ],
)
def test_bad_line(sample_index: Path, line: str | bytes, said: str) -> None:
    """A bad line is answered by an error that does not repeat it, and the lines after it are answered."""
    found = answers(sample_index, line, '{"id": 2, "query": "科技", "limit": 0}')
    assert list(found[0]) == ["error"]
    assert said in found[0]["error"]
    assert "<b>" not in found[0]["error"]
    assert found[1]["id"] == 2
    assert found[1]["total"]["exact"] > 0


def test_unforeseen_error_does_not_end_the_batch(sample_index: Path) -> None:
    """A line whose search fails for a reason that nobody foresaw is answered by an error, and the next one follows."""

    class Failing(Searcher):
        def search(self, request: Request, *arguments: Any) -> SearchPage:
            if request.query == "fail":
                raise MemoryError
            return super().search(request, *arguments)

    output = StringIO()
    with closing(Failing(sample_index, Settings())) as searcher:
        lines = [b'{"id": 1, "query": "fail"}\n', b'{"id": 2, "query": "x"}\n']
        answer_lines(lines, output, searcher, Settings())
    first, second = map(json.loads, output.getvalue().splitlines())
    assert first == {"id": 1, "error": "internal error: MemoryError"}
    assert (second["id"], "total" in second) == (2, True)


def test_long_lines_are_refused(sample_index: Path) -> None:
    """A line that is longer than the limit is one error, however long it is; one at the limit is answered."""
    request = b'{"query": "x", "limit": 0}'
    fits = request + b" " * (MAX_LINE_BYTES - len(request) - 1) + b"\n"
    raw = BytesIO(b"".join((b"x" * (3 * MAX_LINE_BYTES) + b"\n", fits, b" " + fits, request)))
    output = StringIO()
    with closing(Searcher(sample_index, Settings())) as searcher:
        answer_lines(read_lines(raw), output, searcher, Settings())
    found = [json.loads(line) for line in output.getvalue().splitlines()]
    assert ["error" in answer for answer in found] == [True, False, True, False]
    assert found[0]["error"] == "the line is longer than 1,048,576 bytes"


def test_error_has_the_id(sample_index: Path) -> None:
    """An error has the id of its request, where that could be read."""
    assert answers(sample_index, '{"id": "q7", "query": "x", "limit": -1}')[0]["id"] == "q7"


@pytest.mark.parametrize(
    ("limit", "is_answered"), [pytest.param(1000, True, id="at-the-limit"), pytest.param(1001, False, id="above")]
)
def test_limit(sample_index: Path, limit: int, is_answered: bool) -> None:
    """A thousand hits may be asked for at once."""
    answer = answers(sample_index, json.dumps({"query": "", "limit": limit}))[0]
    assert ("error" not in answer) is is_answered
    assert not is_answered or len(answer["hits"]) == 37


def test_byte_order_mark(sample_index: Path) -> None:
    """A file that begins with a byte-order mark is read all the same."""
    assert "error" not in answers(sample_index, '\ufeff{"query": "科技", "limit": 0}')[0]


def test_id_that_is_no_json(sample_index: Path) -> None:
    """Whatever comes in, what goes out is JSON."""
    searcher = Searcher(sample_index, Settings())
    output = StringIO()
    answer_lines([b'{"id": NaN, "query": "x", "limit": 0}\n'], output, searcher, Settings())
    searcher.close()
    assert "NaN" not in output.getvalue()


def test_lone_surrogates_do_not_end_the_batch(sample_index: Path, tmp_path: Path) -> None:
    """A request that no UTF-8 can answer is answered somehow, and so are those after it."""
    lines = (
        rb'{"id": 1, "query": "\ud800"}' + b"\n" + rb'{"id": "\udcff", "query": "x"}' + b'\n{"id": 3, "query": ""}\n'
    )
    process = batch(sample_index, "--batch", "-", cwd=tmp_path)
    out, err = process.communicate(lines)
    assert (process.returncode, err) == (0, b"")
    assert len(out.splitlines()) == 3


def next_answer(process: subprocess.Popen[bytes]) -> dict[str, Any]:
    """The next line of a process; that none comes is a failure, not a wait without end."""
    assert process.stdout
    if not select.select([process.stdout], [], [], 30)[0]:
        process.kill()
        pytest.fail("no answer although the request has been sent")
    answer: dict[str, Any] = json.loads(process.stdout.readline())
    return answer


def test_conversation(sample_index: Path, tmp_path: Path) -> None:
    """Through a pipe each request is answered before the next one is sent; at the end the exit status is 0."""
    process = batch(sample_index, "--batch", "-", cwd=tmp_path)
    assert process.stdin
    for number, query in enumerate(["脑机接口", "没有这样的词语呀", "科技"]):
        request = {"id": number, "query": query, "limit": 1}
        process.stdin.write(json.dumps(request, ensure_ascii=False).encode() + b"\n")
        process.stdin.flush()
        answer = next_answer(process)
        assert (answer["id"], answer["query"]) == (number, query)
    process.stdin.write(b"{\n")
    process.stdin.flush()
    assert list(next_answer(process)) == ["error"]
    out, err = process.communicate()
    assert (out, err, process.returncode) == (b"", b"", 0)


def test_file(sample_index: Path, tmp_path: Path) -> None:
    """A batch may be a file, its last line without a line break; no line at all gives no answer."""
    path = tmp_path / "batch.jsonl"
    path.write_text('{"query": "脑机接口", "limit": 1}\r\n{"query": "科技", "limit": 1}', "utf-8")
    out, err = batch(sample_index, "--batch", str(path), cwd=tmp_path).communicate()
    assert ([json.loads(line)["query"] for line in out.splitlines()], err) == (["脑机接口", "科技"], b"")


def test_missing_index_is_told_at_once(tmp_path: Path) -> None:
    """Without an index the batch is refused before its first line: exit status 2, nothing on stdout."""
    process = batch(tmp_path / "nowhere", "--batch", "-", cwd=tmp_path)
    out, err = process.communicate(b'{"query": "x"}\n')
    assert (process.returncode, out) == (2, b"")
    assert err.startswith(b"search: there is no index in ")
