"""GET /api/suggest, and what the pages hold for it."""

from __future__ import annotations

from typing import Any, cast

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from searcher.completions import MAX_COMPLETIONS


def ask(client: FlaskClient, question: dict[str, str]) -> dict[str, Any]:
    """The JSON object of a successful answer."""
    response = client.get("/api/suggest", query_string=question)
    assert response.status_code == 200, response.get_data(as_text=True)
    assert response.content_type == "application/json"
    assert response.headers["Cache-Control"] == "no-cache"
    return cast("dict[str, Any]", response.get_json())


@pytest.mark.parametrize("typed", ["脑机", "腦機", "naoji", "njj"])
def test_a_term_is_suggested(client: FlaskClient, typed: str) -> None:
    """Characters, traditional ones, pinyin and initials lead to the term."""
    body = ask(client, {"q": typed})
    assert list(body) == ["query", "suggestions"]
    assert body["query"] == typed
    terms = [item for item in body["suggestions"] if item["kind"] == "term"]
    assert "脑机接口" in [item["text"] for item in terms]
    assert all(set(item) == {"text", "kind", "count"} for item in terms)
    assert all(item["count"] > 1 for item in terms)


def test_a_title_leads_to_its_document(client: FlaskClient) -> None:
    """A title comes whole, with the id of a document that has it."""
    hit = client.get("/api/search?sort=newest&size=1").get_json()["hits"][0]
    titles = [item for item in ask(client, {"q": hit["title"][:6]})["suggestions"] if item["kind"] == "title"]
    assert (hit["title"], hit["id"]) in [(item["text"], item["id"]) for item in titles]


def test_a_name_leads_to_its_filter(client: FlaskClient) -> None:
    """As many documents have the account as the suggestion counts."""
    account = client.get("/api/search").get_json()["facets"]["account"][0]["value"]
    found = ask(client, {"q": account[:2]})["suggestions"]
    (name,) = [item for item in found if item["kind"] == "account" and item["text"] == account]
    filtered = client.get("/api/search", query_string={"account": account}).get_json()
    assert name["count"] == filtered["total"]["exact"]


def test_limits_of_the_address(client: FlaskClient) -> None:
    """As many as asked for and no more; without a beginning there is nothing to suggest."""
    assert len(ask(client, {"q": "科", "limit": "1"})["suggestions"]) == 1
    assert len(ask(client, {"q": "科"})["suggestions"]) <= 8
    assert len(ask(client, {"q": "科", "limit": str(MAX_COMPLETIONS)})["suggestions"]) > 1
    assert ask(client, {})["suggestions"] == ask(client, {"q": " "})["suggestions"] == []


@pytest.mark.parametrize(
    ("query_string", "kind"),
    [
        pytest.param("q=a&q=b", "repeated_parameter", id="q-twice"),
        pytest.param("q=a&limit=0", "bad_number", id="limit-zero"),
        pytest.param(f"q=a&limit={MAX_COMPLETIONS + 1}", "bad_number", id="limit-large"),
        pytest.param("q=a&limit=x", "bad_number", id="limit-word"),
        pytest.param("q=a&page=2", "unknown_parameter", id="stranger"),
        pytest.param("q=%ff", "bad_encoding", id="no-utf8"),
        pytest.param("q=a&lang=evil", "bad_choice", id="lang"),
    ],
)
def test_bad_addresses_are_refused(client: FlaskClient, query_string: str, kind: str) -> None:
    """Errors have the API's one shape."""
    response = client.get(f"/api/suggest?{query_string}")
    assert response.status_code == 400
    assert response.get_json()["error"]["kind"] == kind


@pytest.mark.parametrize("query", ["<script>", "' OR 1=1", "“", "((((", "\x00", "\U0010ffff", "a" * 5000, "%", "*"])
def test_hostile_beginnings_are_answered(client: FlaskClient, query: str) -> None:
    """Anything may be typed."""
    assert ask(client, {"q": query})["query"] == query


@pytest.mark.parametrize(("address", "label"), [("/", "公众号"), ("/?q=脑机接口", "公众号"), ("/?lang=en", "Account")])
def test_the_form_tells_the_script_where_to_ask(client: FlaskClient, address: str, label: str) -> None:
    """Addresses and words for the list are in the page, so that the script holds neither; the box is a plain one."""
    page = BeautifulSoup(client.get(address).get_data(as_text=True), "html.parser")
    (form,) = page.select("form.ask")
    assert form["data-suggest"] == "/api/suggest"
    assert str(form["data-article"]).startswith("/article/0")
    assert form["data-account"] == label
    assert "{count}" in str(form["data-count"])
    (box,) = page.select("#q")
    assert "role" not in box.attrs
    assert "list" not in box.attrs
