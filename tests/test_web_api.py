"""The JSON API, the rules for addresses, and what protects the server: headers, hosts, limits, start-up."""

from __future__ import annotations

import json
import logging
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from corpus.errors import KesouError, SettingsError
from corpus.settings import Settings
from indexer.errors import IndexDamaged, IndexMissing, IndexNotWritable, IndexUnreadable, ReindexNeeded
from searcher.errors import BadRequest
from searcher.results import IndexInfo
from searcher.service import Searcher
from web import create_app
from web.cli import banner, main
from web.forms import MAX_PAGE, MAX_PARAMETERS, MAX_VALUE_CHARS
from web.security import HEADERS

ROOT = Path(__file__).parents[1]


def ask(client: FlaskClient, address: str) -> dict[str, Any]:
    """The JSON object of a successful answer."""
    response = client.get(address)
    assert response.status_code == 200, response.get_data(as_text=True)
    assert response.content_type == "application/json"
    return cast("dict[str, Any]", response.get_json())


def error_kind(response: TestResponse, status: int) -> str:
    """The kind of an error in the one shape that all errors of the API have."""
    assert response.status_code == status, response.get_data(as_text=True)
    assert response.content_type == "application/json"
    body = response.get_json()
    assert list(body) == ["error"]
    assert sorted(body["error"]) == ["kind", "message"]
    assert all(isinstance(value, str) and value for value in body["error"].values())
    return str(body["error"]["kind"])


def test_search_agrees_with_the_page(client: FlaskClient) -> None:
    """The API answers the parameters of the page with the same documents in the same order."""
    for question in ("q=脑机接口", "q=科技&genre=申报通知&sort=oldest", "sort=newest&size=5&page=2"):
        body = ask(client, f"/api/search?{question}")
        page = client.get(f"/?{question}").get_data(as_text=True)
        places = [page.index(f'href="/article/{hit["id"]}') for hit in body["hits"]]
        assert places == sorted(places)
        assert page.count('<article class="hit">') == len(body["hits"]) > 0


def test_search_says_chinese_as_it_is(client: FlaskClient) -> None:
    """JSON is UTF-8 with Chinese characters, not escapes, and comes alone: no callback wraps it."""
    raw = client.get("/api/search?q=脑机接口").get_data()
    assert "脑机接口".encode() in raw
    assert json.loads(raw)["query"] == "脑机接口"
    assert error_kind(client.get("/api/search?q=a&callback=f"), 400) == "unknown_parameter"


def test_pages_of_the_api_add_up(client: FlaskClient) -> None:
    """Pages of three hold all hits once, and the page after the last holds none."""
    everything = ask(client, "/api/search?q=科技&size=100")
    found: list[str] = []
    for page in range(1, 100):
        hits = ask(client, f"/api/search?q=科技&size=3&page={page}")["hits"]
        if not hits:
            break
        found += [hit["id"] for hit in hits]
    assert found == [hit["id"] for hit in everything["hits"]]


def test_health_tells_the_index(client: FlaskClient, searcher: Searcher) -> None:
    """Health names the generation and what it holds."""
    info = searcher.info()
    body = ask(client, "/api/health")
    assert body["status"] == "ok"
    assert datetime.fromisoformat(body["index"]["updated"]).tzinfo
    assert body["index"] == {
        "generation": info.generation,
        "documents": info.documents,
        "characters": info.characters,
        "fallback": False,
        "updated": info.updated,
        "date_from": info.date_from,
        "date_to": info.date_to,
    }


@pytest.mark.parametrize(
    ("query_string", "kind"),
    [
        pytest.param("page=0", "bad_number", id="page-zero"),
        pytest.param("page=-1", "bad_number", id="page-negative"),
        pytest.param("page=1.5", "bad_number", id="page-fraction"),
        pytest.param("page=１", "bad_number", id="page-full-width"),
        pytest.param("page=1_0", "bad_number", id="page-underscore"),
        pytest.param("page=9999999999", "bad_number", id="page-huge"),
        pytest.param("size=0", "bad_number", id="size-zero"),
        pytest.param("size=evilword", "bad_number", id="size-word"),
        pytest.param("sort=evilword", "bad_choice", id="sort"),
        pytest.param("lang=evilword", "bad_choice", id="lang"),
        pytest.param("exact=evilword", "bad_flag", id="exact"),
        pytest.param("from=evilword", "bad_date", id="from-word"),
        pytest.param("from=2025-02-29", "bad_date", id="from-no-such-day"),
        pytest.param("from=20250101", "bad_date", id="from-other-form"),
        pytest.param("to=2025-W01-1", "bad_date", id="to-week"),
        pytest.param("from=2025-02-02&to=2025-02-01", "bad_range", id="range-reversed"),
        pytest.param("month=2025-13", "bad_month", id="month-13"),
        pytest.param("month=evilword", "bad_month", id="month-word"),
        pytest.param("q=a&q=evilword", "repeated_parameter", id="q-twice"),
        pytest.param("q=%ff", "bad_encoding", id="no-utf8"),
        pytest.param("q=%ed%a0%80", "bad_encoding", id="surrogate"),
        pytest.param("account=" + "evilword" * 26, "too_long", id="long-value"),
    ],
)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_bad_parameters_are_refused(client: FlaskClient, query_string: str, kind: str, lang: str) -> None:
    """A value that is not what it must be is a 400 on page and API, and is not repeated in the answer."""
    tail = "" if "lang" in query_string else f"&lang={lang}"
    response = client.get(f"/api/search?{query_string}{tail}")
    assert error_kind(response, 400) == kind
    page = client.get(f"/?{query_string}{tail}")
    assert page.status_code == 400
    for answer in (response, page):
        assert "evilword" not in answer.get_data(as_text=True)


def test_limits_hold_exactly(client: FlaskClient) -> None:
    """The largest allowed value works, the next one is refused."""
    limit = Settings().max_page_hits
    for good, bad, kind in (
        (f"size={limit}", f"size={limit + 1}", "bad_number"),
        (f"page={MAX_PAGE}", f"page={MAX_PAGE + 1}", "bad_number"),
        ("account=" + "长" * MAX_VALUE_CHARS, "account=" + "长" * (MAX_VALUE_CHARS + 1), "too_long"),
        (
            "account=a&" * (MAX_PARAMETERS - 1) + "q=",
            "account=a&" * MAX_PARAMETERS + "q=",
            "too_many_parameters",
        ),
        ("month=2025-12", "month=2025-00", "bad_month"),
    ):
        ask(client, f"/api/search?{good}")
        assert error_kind(client.get(f"/api/search?{bad}"), 400) == kind


def test_strangers_are_refused_by_the_api_only(client: FlaskClient) -> None:
    """A mistyped filter must not look like an unfiltered answer; messengers may add to the links of pages."""
    assert error_kind(client.get("/api/search?q=a&acount=x"), 400) == "unknown_parameter"
    assert client.get("/?q=脑机接口&isappinstalled=0").status_code == 200


@pytest.mark.parametrize(
    "query",
    [
        pytest.param("-" * 300, id="only-minus"),
        pytest.param("NOT NOT NOT", id="nots"),
        pytest.param("(" * 5000, id="brackets"),
        pytest.param("脑" * 20000, id="long"),
        pytest.param(" OR ".join(["a"] * 5000), id="ors"),
        pytest.param("*", id="star"),
        pytest.param("title:", id="field-alone"),
        pytest.param("\x00\x01", id="control"),
        pytest.param("\u202e\u200f脑机\u2066", id="direction"),
        pytest.param("“「\"'", id="quotes"),
        pytest.param("　 \t\n", id="blank"),
        pytest.param("\U0010ffff\ufffe", id="noncharacters"),
        pytest.param("a\u0301" * 100, id="combining"),
        pytest.param("＂ＮＯＴ＂", id="full-width"),
    ],
)
def test_hostile_queries_are_answered(client: FlaskClient, caplog: pytest.LogCaptureFixture, query: str) -> None:
    """Whatever is typed is answered by page and API, and nothing is logged as an error."""
    for address in ("/", "/api/search"):
        assert client.get(address, query_string={"q": query}).status_code == 200
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


# ── Protection ───────────────────────────────────────────────────────────────────────────────────────────────


def every_answer(client: FlaskClient) -> Iterator[TestResponse]:
    """An answer of every route and method, and of every way to fail."""
    rules = list(client.application.url_map.iter_rules())
    assert {rule.endpoint for rule in rules} >= {
        "static",
        "pages.search",
        "pages.article",
        "api.search",
        "api.suggest",
        "api.health",
    }
    for rule in rules:
        address = rule.rule.replace("<document_id>", "0" * 16).replace("<path:filename>", "kesou.css")
        assert "<" not in address
        for method in ("GET", "HEAD", "OPTIONS", "POST", "DELETE", "TRACE"):
            yield client.open(address, method=method, buffered=True)
    for address in (
        "/nothing",
        "/api/nothing",
        "/static/nothing",
        "/static/../__init__.py",
        "/?page=0",
        "//x/y",
    ):
        yield client.get(address)
    yield client.get("/", headers={"Host": "evil.example"})
    yield client.post("/", data=b"x" * (Settings().max_body_bytes + 1))


def test_headers_are_on_every_answer(client: FlaskClient) -> None:
    """No answer lacks a protecting header; none sets a cookie, opens to other sites, or names its software."""
    answers = list(every_answer(client))
    assert {answer.status_code for answer in answers} == {200, 400, 404, 405, 413}
    for answer in answers:
        for name, value in HEADERS.items():
            assert answer.headers.getlist(name) == [value], (answer.request.path, name)
        unwanted = ("Set-Cookie", "Access-Control-Allow-Origin", "Server", "X-Powered-By", "Location")
        assert not [name for name in unwanted if name in answer.headers]


def test_the_policy_allows_our_own_files_only() -> None:
    """The content security policy is exactly the strict one, without an exception."""
    assert HEADERS["Content-Security-Policy"] == (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


def test_wrong_methods_name_the_right_ones(client: FlaskClient) -> None:
    """405 says which methods there are."""
    answer = client.post("/api/search")
    assert error_kind(answer, 405) == "method"
    assert "GET" in answer.headers["Allow"]
    assert client.post("/").status_code == 405


@pytest.mark.parametrize(
    ("host", "is_allowed"),
    [
        pytest.param("127.0.0.1", True, id="loopback"),
        pytest.param("127.0.0.1:5000", True, id="loopback-port"),
        pytest.param("localhost", True, id="localhost"),
        pytest.param("LOCALHOST:80", True, id="capitals"),
        pytest.param("[::1]", True, id="ipv6"),
        pytest.param("[::1]:8000", True, id="ipv6-port"),
        pytest.param("kesou.example", True, id="configured"),
        pytest.param("kesou.example:8443", True, id="configured-port"),
        pytest.param("evil.example", False, id="other"),
        pytest.param("localhost.evil", False, id="longer"),
        pytest.param("evil.localhost", False, id="subdomain"),
        pytest.param("a.kesou.example", False, id="subdomain-of-configured"),
        pytest.param("127.0.0.1.evil.example", False, id="loopback-as-prefix"),
        pytest.param("127.0.0.1@evil.example", False, id="user-part"),
        pytest.param("localhost:80:80", False, id="two-ports"),
        pytest.param("localhost:evil", False, id="no-port"),
        pytest.param("localhost, evil.example", False, id="list"),
        pytest.param("::1", False, id="ipv6-bare"),
        pytest.param("", False, id="empty"),
    ],
)
def test_only_known_hosts_are_answered(searcher: Searcher, host: str, is_allowed: bool) -> None:
    """A request for another host name is refused on every route, so that no foreign page can read an answer."""
    client = create_app(Settings(trusted_hosts=" Kesou.example , "), searcher).test_client()
    for address in ("/", "/api/health", "/static/kesou.css", "/nothing"):
        answer = client.get(address, headers={"Host": host}, buffered=True)
        assert (answer.status_code != 400) == is_allowed
    if not is_allowed:
        assert error_kind(client.get("/api/health", headers={"Host": host}), 400) == "bad_host"


def test_bodies_are_limited(client: FlaskClient) -> None:
    """A body at the limit is not the problem, one byte more is."""
    limit = Settings().max_body_bytes
    assert error_kind(client.post("/api/search", data=b"x" * limit), 405) == "method"
    assert error_kind(client.post("/api/search", data=b"x" * (limit + 1)), 413) == "too_large"


class Failing:
    """A searcher that cannot answer."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def search(self, *question: object) -> None:
        """Fails."""
        raise self._error

    article = info = no_type = pinned = search


@pytest.mark.parametrize(
    ("error", "status", "kind"),
    [
        pytest.param(IndexMissing("SECRET"), 503, "index_missing", id="missing"),
        pytest.param(IndexUnreadable(Path("SECRET")), 503, "index_unreadable", id="no-permission"),
        pytest.param(IndexDamaged("SECRET"), 503, "index_damaged", id="damaged"),
        pytest.param(ReindexNeeded("SECRET"), 503, "reindex_needed", id="reindex"),
        pytest.param(SettingsError("SECRET"), 503, "misconfigured", id="setting"),
        pytest.param(IndexNotWritable("SECRET"), 503, "index_unavailable", id="other-index-error"),
        pytest.param(BadRequest("SECRET"), 400, "bad_request", id="bad-request"),
        pytest.param(KesouError("SECRET"), 500, "internal", id="other-error"),
        pytest.param(RuntimeError("SECRET"), 500, "internal", id="unexpected"),
    ],
)
def test_failures_are_answered_and_logged(
    caplog: pytest.LogCaptureFixture, error: Exception, status: int, kind: str
) -> None:
    """Damage is damage and never "no results"; what the reader need not know goes to the log only."""
    client = create_app(Settings(), cast("Searcher", Failing(error))).test_client()
    assert error_kind(client.get("/api/search?q=userword"), status) == kind
    answers = [client.get(address) for address in ("/?q=userword", "/article/00ff?q=userword", "/")]
    for answer in [*answers, client.get("/api/health")]:
        text = answer.get_data(as_text=True)
        assert answer.status_code == status
        assert "SECRET" not in text
        assert "Traceback" not in text
        assert "没有找到" not in text
        assert all(answer.headers[name] == value for name, value in HEADERS.items())
    assert ("SECRET" in caplog.text) == (status >= 500)
    assert "userword" not in caplog.text.replace("q=userword", "")


# ── The command ──────────────────────────────────────────────────────────────────────────────────────────────


def test_a_missing_index_stops_the_start(tmp_path: Path) -> None:
    """Without an index the command says so and ends with status 2."""
    result = CliRunner().invoke(main, ["--index", str(tmp_path / "missing")])
    assert result.exit_code == 2
    assert result.stderr.startswith("search-web: ")
    assert result.stderr.count("\n") == 1
    assert not result.stdout


def test_a_taken_address_stops_the_start(sample_index: Path) -> None:
    """A port that is in use is a sentence and status 2, not a traceback."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = CliRunner().invoke(main, ["--index", str(sample_index), "--port", str(port)])
    assert result.exit_code == 2
    assert f"port {port}" in result.stderr
    assert "--port" in result.stderr


@pytest.mark.parametrize(
    ("host", "address"),
    [
        pytest.param("127.0.0.1", "http://127.0.0.1:8000/", id="loopback"),
        pytest.param("0.0.0.0", "http://127.0.0.1:8000/", id="everywhere"),  # noqa: S104
        pytest.param("::1", "http://[::1]:8000/", id="ipv6"),
        pytest.param("localhost", "http://localhost:8000/", id="name"),
    ],
)
def test_the_banner_is_an_address_to_click(host: str, address: str) -> None:
    """The one line that is printed holds a usable address and the number of documents."""
    info = IndexInfo(generation=1, documents=1234, characters=5, date_from=None, date_to=None)
    line = banner(host, 8000, info)
    assert line.startswith(f"科搜 {address} ")
    assert "1,234 篇" in line


def test_help_names_every_option() -> None:
    """--help shows the settings' own words and defaults."""
    text = " ".join(CliRunner().invoke(main, ["--help"]).output.split())
    for words in ("--index DIR", "--host ADDRESS", "--port PORT", "[default: 127.0.0.1]", "[default: 8000]"):
        assert words in text


def test_the_command_serves_until_it_is_interrupted(sample_index: Path) -> None:
    """`python -m web` prints its address, answers there, and ends quietly on Ctrl-C."""
    command = [sys.executable, "-m", "web", "--index", str(sample_index), "--port", "0"]
    with subprocess.Popen(command, stdout=-1, stderr=-1, text=True, encoding="utf-8", cwd=ROOT) as server:
        assert server.stdout
        assert server.stderr
        address = server.stdout.readline().split()[1]
        with urllib.request.urlopen(address + "api/health", timeout=30) as answer:  # noqa: S310 - our own server
            assert answer.status == 200
        server.send_signal(signal.SIGINT)
        assert server.stderr.read() == ""
    assert server.returncode == 0
