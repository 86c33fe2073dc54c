"""Pinyin input: which Chinese strings typed Latin letters find."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from searcher.expansion.pinyin import splits
from searcher.results import Request
from searcher.service import Searcher

Make = Callable[..., Searcher]


@pytest.fixture(scope="module")
def searcher(make_module_searcher: Make) -> Searcher:
    """Notes with names, one of them with a Latin word that could be pinyin."""
    return make_module_searcher(
        {"title": "脑机接口的伦理规范", "content": "硅巷里有许多孵化器。"},
        {"content": "孵化器在西安和绿色社区。天安门。"},
        {"content": "一篇谈 nanhai 号的短文，作者欧阳晓琳。"},
        {"title": "人工智能的伦理规范", "content": "南海的渔船。"},
    )


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        pytest.param("naojijiekou", ["脑机接口"], id="four-syllables"),
        pytest.param("NaoJiJieKou", ["脑机接口"], id="any-case"),
        pytest.param("nao ji jie kou", ["脑机接口"], id="with-blanks"),
        pytest.param("yuchuan", ["渔船"], id="two-syllables"),
        pytest.param("xi'an", ["西安"], id="apostrophe"),
        pytest.param("xian", ["西安"], id="several-ways-to-cut"),
        pytest.param("lvse", ["绿色"], id="v-for-ü"),
        pytest.param("lüse", ["绿色"], id="ü"),
        pytest.param("rgzn", ["人工智能"], id="initials-of-a-title"),
    ],
)
def test_letters_find_what_they_spell(searcher: Searcher, typed: str, meant: list[str]) -> None:
    """Letters that no text has are taken for the Chinese string that they spell."""
    page = searcher.search(Request(query=typed))
    assert [(helper.kind, helper.before, helper.after) for helper in page.applied] == [
        ("pinyin", typed, text) for text in meant
    ]
    assert page.exact_total


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param("nanhai", id="a-word-of-the-texts"),
        pytest.param("blockchains", id="no-pinyin"),
        pytest.param('"guixiang"', id="quoted"),
        pytest.param("NJJK", id="initials-in-capitals"),
        pytest.param("ji", id="one-syllable"),
        pytest.param("kuaile", id="not-in-the-corpus"),
    ],
)
def test_other_letters_stay(searcher: Searcher, typed: str) -> None:
    """A Latin word that the texts have, and one that spells nothing they have, is searched as it stands."""
    assert searcher.search(Request(query=typed)).applied == ()


def test_they_can_be_switched_off(searcher: Searcher) -> None:
    """Without the helper no text has the letters."""
    page = searcher.search(Request(query="guixiang", helpers_off=frozenset({"pinyin"})))
    assert (page.total, page.applied) == (0, ())


def test_splits() -> None:
    """Letters are split into syllables in all ways, long first syllables first, and not at all if a letter is left."""
    assert list(splits("xian")) == [["xian"], ["xi", "an"]]
    assert list(splits("xi'an")) == [["xi", "an"]]
    assert list(splits("xianb")) == []
    assert list(splits("a" * 300)) == []
