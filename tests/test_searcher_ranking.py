"""The order of hits: name-like titles, texts without a title, and long texts."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from filler import FILLER

from searcher.results import Request
from searcher.service import Searcher

MakeSearcher = Callable[..., Searcher]

QUESTION = "青团在冰箱里可以保存几天"
ANSWER = "青团放在冰箱里冷藏，可以保存三天；青团若是冷冻，保存一个月也行。"

#: Enough other documents to make the words of the question rare.
OTHERS = [{"aid": f"b{n}", "title": f"会议{n}", "content": FILLER + f"第{n}次。"} for n in range(12)]


def order(searcher: Searcher, query: str) -> list[str]:
    """Source ids of the hits in order."""
    return [hit.source_id for hit in searcher.search(Request(query=query, limit=50)).hits]


@pytest.mark.parametrize("title", ["", "网友的回答"], ids=["untitled", "titled"])
def test_answer_before_names(make_searcher: MakeSearcher, title: str) -> None:
    """A text that answers the question comes before one that only has words of the question in its title."""
    searcher = make_searcher(
        {"aid": "name", "title": "青团冰箱", "content": FILLER + "新款的青团冰箱上市了，门店可以预订。"},
        {"aid": "answer", "title": title, "content": ANSWER + FILLER},
        *OTHERS,
    )
    assert order(searcher, QUESTION)[0] == "answer"


def test_long_text_has_characters_by_chance(make_searcher: MakeSearcher) -> None:
    """A pair or a character of a question counts less in a longer text, and more so than a word does."""
    searcher = make_searcher(
        {"aid": "short", "title": "杂记一", "content": "青团在冰箱里。"},
        {"aid": "long", "title": "杂记二", "content": FILLER * 4 + "青团在冰箱里。"},
        *OTHERS,
    )
    explanation = searcher.explain(Request(query=QUESTION))
    scores = {hit.source_id: part for hit, part in zip(explanation.page.hits, explanation.hits, strict=True)}
    short, long = ({(part.kind, part.text): part.score for part in scores[id].parts} for id in ("short", "long"))
    ratios = {key: short[key] / long[key] for key in short}
    words = [ratio for (kind, _), ratio in ratios.items() if kind == "word"]
    others = [ratio for (kind, _), ratio in ratios.items() if kind in ("pair", "character")]
    assert min(others) > max(words) > 1


@pytest.mark.parametrize("untitled", [0, 100])
def test_untitled_texts_do_not_shorten_titles(make_searcher: MakeSearcher, untitled: int) -> None:
    """How much a title counts depends on the lengths of titles, and not on how many texts have none."""
    searcher = make_searcher(
        {"aid": "title", "title": "海洋牧场建设", "content": FILLER},
        {"aid": "text", "title": "会议", "content": "海洋牧场投产，相关处室负责人参加。"},
        *OTHERS,
        *({"aid": f"u{n}", "title": "", "content": FILLER + f"第{n}件。"} for n in range(untitled)),
    )
    assert order(searcher, "海洋牧场")[:2] == ["title", "text"]
