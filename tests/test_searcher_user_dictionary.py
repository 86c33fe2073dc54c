"""The user dictionary: its words act at once on documents that were indexed before it was written."""

from __future__ import annotations

import io
import json
import os
import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from filler import FILLER
from flask.testing import FlaskClient
from hypothesis import strategies as st

from corpus.settings import Settings
from indexer.analysis.normalise import normalise
from indexer.build import build_index
from indexer.user_dictionary import read_words
from searcher.commands.batch import answer_lines
from searcher.commands.cli import main
from searcher.execution.arrays import numpy_, plain
from searcher.execution.embedded_engine import EmbeddedSource
from searcher.results import Request
from searcher.service import Searcher
from web import create_app

#: 衔枢神经 is a name that jieba cuts into 衔, 枢 and 神经.
ARTICLES = [
    {"aid": "exact", "title": "通报", "content": FILLER + "衔枢神经产品获批。"},
    {"aid": "name", "title": "通报", "content": FILLER + "衔枢神经开业，产品发布。"},
    {"aid": "parts", "title": "通报", "content": FILLER + "神经产品获批，天枢、军衔。神经产品，神经产品，神经产品。"},
    {"aid": "products", "title": "通报", "content": FILLER + "产品获批。"},
    {"aid": "6g", "title": "通报", "content": FILLER + "建设6G 基站。"},
    {"aid": "16g", "title": "通报", "content": FILLER + "建设16G基站。"},
    *({"aid": f"other{n}", "title": "会议", "content": FILLER + f"第{n}次。"} for n in range(9)),
]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index made without any user dictionary."""
    folder = tmp_path_factory.mktemp("index")
    (folder / "source.json").write_text(json.dumps(ARTICLES, ensure_ascii=False), "utf-8")
    build_index([folder / "source.json"], Settings(index=str(folder / "index")))
    return folder / "index"


@pytest.fixture
def open_with(index: Path, tmp_path: Path) -> Iterable[Callable[..., Searcher]]:
    """Searchers of the index with these words in the user dictionary."""
    searchers: list[Searcher] = []

    def open_with(*words: str) -> Searcher:
        settings = Settings(index=str(index))
        if words:
            path = tmp_path / f"words{len(searchers)}.txt"
            path.write_text("\n".join(words), "utf-8")
            settings = replace(settings, user_dictionary=str(path))
        searchers.append(Searcher(index, settings))
        return searchers[-1]

    yield open_with
    for searcher in searchers:
        searcher.close()


def ids(searcher: Searcher, query: str, **options: Any) -> list[str]:
    """The source ids of the hits of a query."""
    return [hit.source_id for hit in searcher.search(Request(query=query, limit=50, **options)).hits]


def scores(searcher: Searcher, query: str) -> dict[str, float]:
    """Source id → score."""
    return {hit.source_id: hit.score for hit in searcher.search(Request(query=query, limit=50)).hits}


# What a word does


def test_a_word_acts_on_documents_indexed_before(open_with: Callable[..., Searcher]) -> None:
    """The document that has the word comes before one that has its parts more often; nothing is indexed again."""
    assert ids(open_with(), "衔枢神经产品") == ["exact", "parts", "name"]
    assert ids(open_with("衔枢神经"), "衔枢神经产品") == ["exact", "name", "parts"]


def test_a_word_is_found_wherever_its_string_is(open_with: Callable[..., Searcher]) -> None:
    """Blanks and capitals do not hide it; a longer run of digits is another string."""
    searcher = open_with("6G基站")
    explanation = searcher.explain(Request(query="6G基站产品"))
    assert [(term.text, term.documents) for term in explanation.terms if term.kind == "user_word"] == [("6g基站", 1)]
    assert ids(searcher, "6G基站产品")[0] == "6g"
    assert scores(searcher, "6G基站产品")["16g"] == scores(open_with(), "6G基站产品")["16g"]


def test_a_word_weighs_by_the_documents_that_have_it(open_with: Callable[..., Searcher]) -> None:
    """The word is as rare as its string, is explained as the user's, and is an addend of the score."""
    explanation = open_with("衔枢神经").explain(Request(query="衔枢神经产品"))
    weights = {term.text: term for term in explanation.terms if term.kind != "pair"}
    assert (weights["衔枢神经"].kind, weights["衔枢神经"].documents) == ("user_word", 2)
    report = explanation.hits[1]
    assert explanation.page.hits[1].source_id == "name"
    part = next(part for part in report.parts if part.kind == "user_word")
    assert (part.text, part.title, part.body) == ("衔枢神经", 0, 1)
    assert sum(part.score for part in report.parts) == pytest.approx(report.score, abs=5.1e-5)


def test_its_parts_still_find_related_documents(open_with: Callable[..., Searcher]) -> None:
    """A document that has parts of the word only is still a related hit, with a smaller share than before."""
    shares = []
    for words in ([], ["衔枢神经"]):
        explanation = open_with(*words).explain(Request(query="衔枢神经产品"))
        reports = dict(zip((hit.source_id for hit in explanation.page.hits), explanation.hits, strict=True))
        assert reports["parts"].share is not None
        shares.append(reports["parts"].share)
    assert shares[0].asked == shares[1].asked
    assert shares[0].held > shares[1].held


def test_a_word_is_marked_as_one(open_with: Callable[..., Searcher]) -> None:
    """Snippets mark the whole word, not only the part that jieba knows."""
    hits = {hit.source_id: hit for hit in open_with("衔枢神经").search(Request(query="衔枢神经产品")).hits}
    assert ("衔枢神经", True) in [piece for snippet in hits["name"].snippets for piece in snippet]


@pytest.mark.parametrize("query", ["衔枢神经产品", "“衔枢神经”", "产品 -衔枢神经", "title:通报 衔枢*"])
@pytest.mark.parametrize("is_exact", [False, True])
def test_exact_hits_are_the_same(open_with: Callable[..., Searcher], query: str, is_exact: bool) -> None:
    """Words change neither the exact hits of a query nor those of `--exact`."""
    request = Request(query=query, exact=is_exact, limit=50)
    found = [
        {hit.source_id for hit in searcher.search(request).hits if hit.tier == "exact"}
        for searcher in (open_with(), open_with("衔枢神经", "枢神", "神经产品", "产品"))
    ]
    assert found[0] == found[1]


def test_a_word_without_documents_changes_nothing(open_with: Callable[..., Searcher]) -> None:
    """A word that no document has, and one that documents were cut into anyway, leave answers as they are."""
    plain, ours = open_with(), open_with("产品线", "产品", "衔枢神经产品线")
    for query in ("神经产品线", "产品 神经", "衔枢神经产品线"):
        assert ours.search(Request(query=query)) == plain.search(Request(query=query))


ALPHABET = "衔枢神经产品获批6g基站"


@hypothesis.settings(deadline=None, derandomize=True, max_examples=150)
@hypothesis.given(
    words=st.sets(st.text(ALPHABET, min_size=2, max_size=5), max_size=4),
    query=st.text(ALPHABET, min_size=2, max_size=9),
)
def test_words_add_only_hits_that_have_one(index: Path, words: set[str], query: str) -> None:
    """Whatever the words: exact hits stay the same, and each further related hit contains one of the words."""
    texts = {article["aid"]: normalise(article["content"]) for article in ARTICLES}
    found = []
    path = index.parent / "words.txt"
    path.write_text("\n".join(words), "utf-8")
    for own in ("", str(path)):
        searcher = Searcher(index, Settings(user_dictionary=own))
        hits = searcher.search(Request(query=query, limit=50, helpers_off=frozenset({"typo", "pinyin"}))).hits
        found.append({tier: {hit.source_id for hit in hits if hit.tier == tier} for tier in ("exact", "related")})
        searcher.close()
    assert found[0]["exact"] == found[1]["exact"]
    added = found[1]["related"] - found[0]["related"]
    assert [id for id in added if not any(word in texts[id] for word in words)] == []


def test_both_implementations_agree(index: Path, tmp_path: Path) -> None:
    """Answers with a word do not depend on which implementation of the array operations served."""
    (tmp_path / "words.txt").write_text("衔枢神经\n6G基站\n", "utf-8")
    settings = Settings(index=str(index), user_dictionary=str(tmp_path / "words.txt"))
    pages = []
    for arrays in (plain, numpy_):
        searcher = Searcher(EmbeddedSource(index, arrays=arrays), settings)
        pages.append([searcher.search(Request(query=query)) for query in ("衔枢神经产品", "6G基站 衔枢神经产品")])
        searcher.close()
    assert pages[0] == pages[1]
    assert all(page.hits for page in pages[0])


# Helpers and tools


def test_corrections_lead_to_a_word(open_with: Callable[..., Searcher]) -> None:
    """A word is never corrected, a misspelt one is, and its pinyin and its initials find it."""
    searcher = open_with("衔枢神经", "衔疏神经")
    assert searcher.search(Request(query="衔疏神经")).applied == ()
    for typed in ("衔书神经", "xianshushenjing", "xssj"):
        applied = searcher.search(Request(query=typed)).applied
        assert [helper.after for helper in applied] == ["衔枢神经"]


def test_similar_documents_share_a_word(open_with: Callable[..., Searcher]) -> None:
    """More like this compares the word, and finds the other document that has it."""
    similar = open_with("衔枢神经").similar("name")
    assert "衔枢神经" in similar.words
    assert similar.hits[0].source_id == "exact"
    assert "衔枢神经" not in open_with().similar("name").words


@pytest.mark.parametrize("typed", ["衔枢", "衔", "xianshu", "xssj", "建设 衔枢"])
def test_completions_offer_a_word(open_with: Callable[..., Searcher], typed: str) -> None:
    """A word that documents have completes what is typed, also in pinyin; one that none has does not."""
    kept = "建设 " if typed.startswith("建设") else ""
    offered = open_with("衔枢神经", "衔枢无人").complete(typed)
    assert [(one.text, one.kind, one.count) for one in offered][:1] == [(f"{kept}衔枢神经", "term", 2)]
    assert not any("无人" in one.text for one in offered)
    assert open_with("衔枢神经").complete("衔枢神经") == ()


def test_why_not_names_a_word(open_with: Callable[..., Searcher]) -> None:
    """What a document has of a missing term is named in the user's words."""
    why = open_with("衔枢神经").why_not("name", Request(query="新衔枢神经群产品"))
    assert [lack.near for lack in why.lacks] == [("衔枢神经", "产品")]


def test_explanation_in_the_terminal(
    index: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`search --explain` calls it your word."""
    (tmp_path / "words.txt").write_text("衔枢神经\n", "utf-8")
    monkeypatch.setenv("KESOU_USER_DICTIONARY", str(tmp_path / "words.txt"))
    assert main(["--index", str(index), "--explain", "衔枢神经产品"]) == 0
    assert re.search(r"衔枢神经 +your word +2", capsys.readouterr().out)


# The file


def test_lines_of_other_programs(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A word alone, with frequency, with part of speech, in the notations of jieba, IK and tables."""
    path = tmp_path / "words.txt"
    lines = (
        *("潮汐港", "浪能站 12", "盐差湾 12 n", "温差岛\t3", "海流滩,5,ns", "岬角灯 n", "# 注"),
        *("", "雾号台 # 注", "，", "6G基站 20 n", "５Ｇ－Ａ", "GPT-4o", "AI+制造", "β-葡聚糖", "tidal 5", "脑機"),
    )
    path.write_text("\r\n".join(lines), "utf-8-sig")
    words = {"潮汐港", "浪能站", "盐差湾", "温差岛", "海流滩", "岬角灯", "雾号台"}
    assert read_words(path).own == words | {"6g基站", "5g-a", "gpt-4o", "ai+制造", "β-葡聚糖", "tidal", "脑机"}
    assert len(caplog.messages) == 1  # the comma


def test_lines_without_effect_are_named(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Two words on a line, sentences, and words of more than 50 characters are named with their lines."""
    path = tmp_path / "words.txt"
    lines = ("潮汐港", "浪能站 盐差湾", "open source", "这是一条说明。", "长" * 50, "长" * 51, "长" * 20_000, "-")
    path.write_text("\n".join(lines), "utf-8")
    assert read_words(path).own == {"潮汐港", "长" * 50}
    named = [re.search(r"words\.txt, line (\d+) has no effect", line)[1] for line in caplog.messages]  # type: ignore[index]
    assert named == ["2", "3", "4", "6", "7", "8"]


def test_many_bad_lines_are_counted(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Only the first lines without effect are named, the others are counted."""
    path = tmp_path / "words.txt"
    path.write_text("说明。\n" * 100, "utf-8")
    assert not any(read_words(path))
    assert len(caplog.messages) == 21
    assert "80 further lines have no effect" in caplog.messages[-1]


@hypothesis.settings(deadline=None, derandomize=True, max_examples=300)
@hypothesis.given(st.text(max_size=60))
def test_words_of_any_text(index: Path, text: str) -> None:
    """Whatever a file holds, its words are short, not empty, and in normal form."""
    path = index.parent / "any.txt"
    path.write_bytes(text.encode())
    assert [
        word for words in read_words(path) for word in words if word != normalise(word) or not 0 < len(word) <= 50
    ] == []


def _missing(path: Path) -> None:
    pass


def _folder(path: Path) -> None:
    path.mkdir()


def _other_encoding(path: Path) -> None:
    path.write_bytes("潮汐港\n".encode() + "衔枢神经\n".encode("gbk"))


def _too_large(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(17 * 1024 * 1024)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        pytest.param(_missing, "No such file", id="missing"),
        pytest.param(_folder, "no file of at most 16 MB", id="folder"),
        pytest.param(_other_encoding, "line 2 is not UTF-8", id="gbk"),
        pytest.param(_too_large, "no file of at most 16 MB", id="too-large"),
    ],
)
def test_unreadable_files(
    index: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    make: Callable[[Path], None],
    message: str,
) -> None:
    """A file that cannot be read ends the search with one line that names setting, file and reason."""
    path = tmp_path / "words.txt"
    make(path)
    monkeypatch.setenv("KESOU_USER_DICTIONARY", str(path))
    assert main(["--index", str(index), "产品"]) == 2
    error = capsys.readouterr().err
    assert re.fullmatch(rf"search: user_dictionary: {re.escape(str(path))}\b.*{message}.*\n", error)


# Changes while a process runs


def change(path: Path, text: str) -> None:
    """Write a file anew, as editors do."""
    (path.parent / "new").write_text(text, "utf-8")
    os.replace(path.parent / "new", path)


def test_a_batch_reads_a_changed_file(index: Path, tmp_path: Path) -> None:
    """The line after a change is answered with the new words."""
    path = tmp_path / "words.txt"
    path.write_text("# 无\n", "utf-8")
    settings = Settings(index=str(index), user_dictionary=str(path))
    request = json.dumps({"query": "衔枢神经产品"}).encode()

    def lines() -> Iterable[bytes]:
        yield request
        change(path, "衔枢神经\n")
        yield request

    output, searcher = io.StringIO(), Searcher(index, settings)
    answer_lines(lines(), output, searcher, settings)
    searcher.close()
    answers = [[hit["source_id"] for hit in json.loads(line)["hits"]] for line in output.getvalue().splitlines()]
    assert answers == [["exact", "parts", "name"], ["exact", "name", "parts"]]


def test_a_server_reads_a_changed_file(index: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A changed file acts at the next request; one that is broken or gone leaves the words, and is logged."""
    path = tmp_path / "words.txt"
    path.write_text("# 无\n", "utf-8")
    settings = Settings(index=str(index), user_dictionary=str(path))
    searcher = Searcher(index, settings)
    client: FlaskClient = create_app(settings, searcher).test_client()

    def found() -> list[str]:
        return [hit["source_id"] for hit in client.get("/api/search?q=衔枢神经产品").get_json()["hits"]]

    without, with_word = ["exact", "parts", "name"], ["exact", "name", "parts"]
    assert found() == without
    change(path, "衔枢神经\n")
    assert found() == with_word
    path.unlink()
    assert [found(), found()] == [with_word, with_word]
    assert len(caplog.messages) == 1
    assert "the words that were read before stay" in caplog.messages[0]
    path.write_bytes("衔枢神经".encode("gbk"))
    assert found() == with_word
    change(path, "# 无\n")
    assert found() == without
    searcher.close()
