"""More like this: documents that share the telling words of one, its copies apart."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from filler import FILLER

from corpus.document import Cluster, Document
from corpus.settings import Settings
from searcher.diagnostics.more_like_this import split_copies
from searcher.errors import BadRequest
from searcher.execution.collectors import RankedHit
from searcher.results import Hit, Request
from searcher.service import Searcher

MakeSearcher = Callable[..., Searcher]

PASTURE = "海洋牧场投产，深水网箱养殖大黄鱼，渔民转产上岸，苗种繁育基地同时开工，年产量有望翻番。"


def document(number: int, cluster: str | None = None) -> Document:
    """A document, maybe one of the copies of a cluster."""
    return Document(
        id=f"{number:016x}",
        source_id=str(number),
        title="题",
        account="",
        date=None,
        url="",
        body="",
        program_types=(),
        genre="",
        cluster=Cluster(id=cluster, earliest=cluster, similarity=1.0) if cluster else None,
    )


def ids(hits: tuple[Hit, ...]) -> list[str]:
    """Source ids in order."""
    return [hit.source_id for hit in hits]


def test_what_is_like_a_document(make_searcher: MakeSearcher) -> None:
    """Documents on the same subject come, the nearest first; others and the document itself stay out."""
    searcher = make_searcher(
        {"aid": "this", "title": "海洋牧场投产", "content": FILLER + PASTURE},
        {"aid": "far", "title": "渔业会议", "content": FILLER * 2 + "大黄鱼养殖渔民增收。"},
        {"aid": "near", "title": "又一海洋牧场", "content": FILLER + "深水网箱养殖大黄鱼，海洋牧场的苗种繁育见效。"},
        {"aid": "not", "title": "桥梁", "content": FILLER + "大桥合龙，隧道贯通。"},
        {"aid": "nor", "title": "桥梁", "content": FILLER + "大桥隧道通车。"},
    )
    similar = searcher.similar("this")
    assert ids((similar.of,)) == ["this"]
    assert ids(similar.hits) == ["near", "far"]
    assert similar.copies == ()
    assert "海洋" in "".join(similar.words)
    assert not {"大桥", "隧道"} & set(similar.words)
    assert [hit.tier for hit in similar.hits] == ["related", "related"]
    assert searcher.similar(similar.of.id, limit=1).hits == similar.hits[:1]


def test_copies_come_apart() -> None:
    """Copies are told as copies, whatever their rank, and take no place among the similar ones."""
    documents = [document(0, "a"), document(1), document(2, "a"), document(3, "b"), document(4, "a"), document(5)]
    scores = {2: 11.0, 0: 10.0, 1: 9.0, 3: 8.0, 4: 7.0, 5: 0.1}
    ranking = [RankedHit(number, score, "related") for number, score in scores.items()]

    def split(number: int, limit: int) -> tuple[list[int], list[int]]:
        found, copies = split_copies(documents[number], number, ranking, documents.__getitem__, limit)
        return [hit.number for hit in found], [hit.number for hit in copies]

    assert split(0, 10) == ([1, 3], [2, 4])
    assert split(0, 1) == ([1], [2])
    assert split(1, 10) == ([2, 0, 3, 4], [])


def test_copies_in_an_index(make_searcher: MakeSearcher) -> None:
    """A repost under another title is told as a copy."""
    text = PASTURE + "首批养殖工船出港，冷链码头同步启用，加工车间招收上岸渔民，海上风电为网箱供电。"
    searcher = make_searcher(
        {"aid": "this", "title": "海洋牧场投产", "content": text, "account": "甲", "date": "2025-01-01"},
        {"aid": "copy", "title": "转发：海洋牧场投产", "content": text, "account": "乙", "date": "2025-01-02"},
        {"aid": "near", "title": "又一海洋牧场", "content": "深水网箱养殖大黄鱼，海洋牧场苗种繁育见效。"},
        {"aid": "not", "title": "桥梁", "content": FILLER + "大桥合龙，隧道贯通。"},
    )
    similar = searcher.similar("this")
    assert (ids(similar.hits), ids(similar.copies)) == (["near"], ["copy"])


def test_ties_are_broken(make_searcher: MakeSearcher) -> None:
    """Documents that are equally like it come newest first, then by id, every time."""
    text = "深水网箱养殖大黄鱼。"
    searcher = make_searcher(
        {"aid": "this", "title": "海洋牧场投产", "content": PASTURE},
        *(
            {
                "aid": f"t{n}",
                "title": "渔业",
                "content": f"{text}{n}",
                "account": f"号{n}",
                "date": f"2025-01-0{1 + n % 2}",
            }
            for n in range(6)
        ),
        *({"aid": f"b{n}", "title": "会议", "content": FILLER + f"第{n}次。"} for n in range(20)),
    )
    hits = searcher.similar("this").hits
    assert len(hits) == 6
    assert len({hit.score for hit in hits}) == 1
    assert [hit.id for hit in hits] == [
        hit.id for hit in sorted(sorted(hits, key=lambda hit: hit.id), key=lambda hit: hit.date or "", reverse=True)
    ]
    assert searcher.similar("this").hits == hits


@pytest.mark.parametrize(
    "article",
    [
        pytest.param({"title": "？！", "content": "……" + FILLER}, id="no-telling-word"),
        pytest.param({"title": "独一无二", "content": "此篇之外别无分号"}, id="words-of-its-own"),
    ],
)
def test_nothing_is_like_it(make_searcher: MakeSearcher, article: dict[str, str]) -> None:
    """A document that shares no telling word with any other has nothing like it."""
    searcher = make_searcher(
        {"aid": "this", **article}, {"aid": "b", "title": "桥梁", "content": "大桥合龙，隧道贯通。"}
    )
    similar = searcher.similar("this")
    assert (similar.hits, similar.copies) == ((), ())


def test_snippets_when_wanted(sample_index: Path) -> None:
    """Every document of the sample has an answer; snippets come with it when they are asked for."""
    searcher = Searcher(sample_index, Settings())
    hits = searcher.search(Request(query="", limit=100, snippets=False)).hits
    answers = [searcher.similar(hit.id, limit=3) for hit in hits]
    assert all(len(answer.hits) <= 3 and answer.of.id == hit.id for answer, hit in zip(answers, hits, strict=True))
    assert sum(bool(answer.hits) for answer in answers) > 25
    assert all(not hit.snippets for answer in answers for hit in answer.hits)
    best = next(answer for answer in answers if answer.hits)
    assert searcher.similar(best.of.id, snippets=True).hits[0].snippets
    searcher.close()


def test_an_unknown_document(make_searcher: MakeSearcher) -> None:
    """No such document is said."""
    searcher = make_searcher({"title": "桥梁", "content": FILLER})
    with pytest.raises(BadRequest, match="the index has no document with this id"):
        searcher.similar("nobody")
