"""Values of the taxonomy that code treats specially are known by their roles, so that a rule file may rename them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

import corpus.taxonomy.rule_file
import indexer.catalogue.facts
from corpus.settings import Settings
from corpus.taxonomy.classify import Taxonomy
from corpus.taxonomy.rule_file import PACKAGED_TAXONOMY, TaxonomyError
from searcher.results import Request
from searcher.service import Searcher
from web import create_app

#: Equal but for the words of the digest's title, and in an order of account names that puts the digest first.
ARTICLES = (
    {
        "aid": "digest",
        "title": "量子通信一周要闻",
        "content": "量子通信网络建成。",
        "account": "甲",
        "date": "2025-03-01",
    },
    {
        "aid": "article",
        "title": "量子通信一线见闻",
        "content": "量子通信网络建成。",
        "account": "乙",
        "date": "2025-03-01",
    },
    {
        "aid": "notice",
        "title": "关于申报五年规划的通知",
        "content": "请报五年规划。",
        "account": "丙",
        "date": "2025-03-01",
    },
)
SHORT = "[[type]]\nname = '无'\n{none}\n[[genre]]\nname = '甲'\n{first}\n[[genre]]\nname = '乙'\n{second}\n"


@pytest.fixture(params=[pytest.param(False, id="packaged-names"), pytest.param(True, id="renamed")])
def names(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    """The names of the digest and of no type: those of the packaged rules, or others of a changed copy."""
    if not request.param:
        return "汇编盘点", "无"
    text = PACKAGED_TAXONOMY.read_text("utf-8")
    renamed = text.replace('"汇编盘点"', '"每周摘要"').replace('name = "无"', 'name = "不属于计划"')
    use_rules(renamed, tmp_path, monkeypatch)
    return "每周摘要", "不属于计划"


def use_rules(text: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a text stand for the packaged rules."""
    path = folder / "taxonomy.toml"
    path.write_text(text, "utf-8")
    monkeypatch.setattr(corpus.taxonomy.rule_file, "PACKAGED_TAXONOMY", path)
    monkeypatch.setattr(indexer.catalogue.facts, "PACKAGED_TAXONOMY", path)


def test_digests_are_demoted(names: tuple[str, str], make_searcher: Callable[..., Searcher]) -> None:
    """A digest comes after an article that matches as well, whatever its genre is called."""
    hits = make_searcher(*ARTICLES).search(Request(query="量子通信")).hits
    assert [(hit.source_id, hit.genre == names[0]) for hit in hits] == [("article", False), ("digest", True)]


def test_pages_treat_no_type_as_none(names: tuple[str, str], make_searcher: Callable[..., Searcher]) -> None:
    """Pages list the value for "no type" after all types, and show it beside no document."""
    searcher = make_searcher(*ARTICLES)
    client = create_app(Settings(), searcher).test_client()
    page = BeautifulSoup(client.get("/?q=量子 OR 规划").text, "html.parser")
    choices = [choice.get_text(" ", strip=True) for choice in page.select("section:has(#facet-type) a.choice")]
    assert choices[-1].startswith(names[1])
    assert len(choices) == 2
    chips = {chip.get_text(strip=True) for chip in page.select(".chip")}
    assert names[0] in chips
    assert names[1] not in chips
    article = client.get(f"/article/{searcher.search(Request(query='量子通信')).hits[0].id}").text
    assert names[1] not in article


@pytest.mark.parametrize(
    ("roles", "fault"),
    [
        pytest.param(("", "role='digest'", "role='default'"), "the role none is given to 0 values", id="no-none"),
        pytest.param(("role='none'", "", "role='default'"), "the role digest is given to 0 values", id="no-digest"),
        pytest.param(
            ("role='none'", "role='digest'", "role='digest'"), "the role digest is given to 2 values", id="two-digests"
        ),
        pytest.param(
            ("role='digest'", "role='digest'", "role='default'"), "无: role: not one of none", id="role-of-a-genre"
        ),
    ],
)
def test_each_role_belongs_to_one_value(
    roles: tuple[str, str, str], fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rules in which a role is missing, given twice or given to a value of the wrong kind are refused."""
    none, first, second = roles
    use_rules(SHORT.format(none=none, first=first, second=second), tmp_path, monkeypatch)
    with pytest.raises(TaxonomyError, match=fault):
        Taxonomy.load()


def test_a_user_file_gives_no_roles(tmp_path: Path) -> None:
    """A user's own file adds types; roles stay with the packaged rules."""
    own = tmp_path / "own.toml"
    own.write_text("[[type]]\nname = '空'\ngroup = 'H'\ndefinition = '空'\nrole = 'none'\n", "utf-8")
    with pytest.raises(TaxonomyError, match="空: unknown key role"):
        Taxonomy.load(own)
