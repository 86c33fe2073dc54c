"""The promise: an exact query gives exactly the documents whose normal form contains its normal form."""

from __future__ import annotations

import json
import random
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import pytest
from hypothesis import strategies as st

from corpus.chinese import is_han
from corpus.collection import Collection
from corpus.document import Document
from corpus.settings import Settings
from corpus.sources.files import find_files
from corpus.taxonomy.classify import Taxonomy
from indexer.analysis.normalise import context_forms, normalise
from indexer.build import build_index
from searcher.query.parser import parse
from searcher.query.tree import Term
from searcher.results import HELPERS, Request
from searcher.service import Searcher

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "corpus" / "sample"
GOLD = ROOT.parent / "shared" / "gold" / "dev" / "substring.jsonl"

#: Few of each kind, so that strings repeat: Han (𠮷 outside the plane, 臺 traditional), letters, digits, symbols.
#: 二, O, ○, commas and brackets are what numbers are written with.
ALPHABET = "科技量𠮷臺二aAiIßO○6２Ｇé，,〔]。-—·“%& \n\u3000"
#: What stands between documents and queries that are drawn: two line breaks, and what cleaning and folding touch.
PIECES = (*ALPHABET, "\n\n", "&amp;", "&lt;", "\u200b", "ﬁ", "ｶﾞ", "e\u0301", "\x1f", "\x00", "~", "'", "\t", "\r")

searching = hypothesis.settings(
    deadline=None,
    derandomize=True,
    max_examples=250,
    suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture],
)


@pytest.fixture(params=["numpy", "standard-library"])
def arrays(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the searcher answer once as where numpy is loaded, once as in a command that has just started."""
    if request.param == "numpy":
        pytest.importorskip("numpy")
    else:
        monkeypatch.delitem(sys.modules, "numpy", raising=False)


def read(*sources: Path) -> list[Document]:
    """The documents that an index of the sources holds, as reading makes them."""
    with tempfile.TemporaryDirectory() as folder:
        collection = Collection(find_files(sources)[0], Taxonomy.load(), Settings(), Path(folder))
        return [item for item in collection if isinstance(item, Document)]


def texts_of(document: Document) -> tuple[str, ...]:
    """The texts in which unquoted terms are looked for."""
    return document.title, document.body, *document.notes, *document.original_texts


def beside(document: Document) -> tuple[str, ...]:
    """The texts in which quoted strings are looked for, too."""
    return *(text for _, text in document.set_aside), *document.seams


def containing(documents: list[Document], query: str) -> set[str]:
    """Source ids of the documents that contain the query, by plain comparison of normal forms."""
    forms = context_forms(query)
    return {
        document.source_id
        for document in documents
        if any(form in normalise(text) for text in (*texts_of(document), *beside(document)) for form in forms)
    }


def standing(documents: list[Document], query: str, *, is_everywhere: bool = False) -> set[str]:
    """The same for an unquoted term: it must not begin or end within a run of letters or of digits.

    What is set aside counts only if `is_everywhere`.
    """
    wanted = normalise(query)
    return {
        document.source_id
        for document in documents
        for texts in [(*texts_of(document), *beside(document)) if is_everywhere else texts_of(document)]
        if any(stands_in(normalise(text), wanted) for text in texts)
    }


def stands_in(text: str, term: str) -> bool:
    """True when some occurrence of the term cuts no run."""
    start = text.find(term)
    while start >= 0:
        end = start + len(term)
        if not cuts_run(text, start) and not cuts_run(text, end):
            return True
        start = text.find(term, start + 1)
    return False


def cuts_run(text: str, at: int) -> bool:
    """True between two digits, or between two letters that are not Han."""
    if not 0 < at < len(text):
        return False
    return run_kind(text[at - 1]) == run_kind(text[at]) != "none"


def run_kind(character: str) -> str:
    """Which run a character belongs to."""
    if character.isdecimal():
        return "digits"
    return "letters" if character.isalnum() and not is_han(character) else "none"


def found(searcher: Searcher, query: str, *, exact: bool = True) -> set[str]:
    """Source ids of all exact hits, checked against the total that the page tells."""
    page = searcher.search(Request(query=query, exact=exact, limit=1000, helpers_off=frozenset(HELPERS)))
    hits = [hit.source_id for hit in page.hits if hit.tier == "exact"]
    assert len(hits) == len(set(hits)) == page.exact_total
    if exact:
        assert page.related_total == 0
    return set(hits)


def random_text(source: random.Random, longest: int) -> str:
    """A text of random pieces."""
    return "".join(source.choices(PIECES, k=source.randint(0, longest)))


@pytest.fixture(scope="module")
def noise(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Searcher, list[Document]]]:
    """Two hundred documents of random pieces, and a searcher over them."""
    folder = tmp_path_factory.mktemp("noise")
    source = random.Random(20261120)
    tails = ("", "", "\n关注我们科技", "\n关注我们２Ｇ", "\n编辑：量二")
    rows = [
        {
            "aid": f"d{number}",
            "account": "号",
            "title": f"{random_text(source, 6)}题",
            "content": random_text(source, 60) + source.choice(tails),
        }
        for number in range(200)
    ]
    path = folder / "noise.json"
    path.write_text(json.dumps(rows), "utf-8")
    settings = Settings(index=str(folder / "index"), snippets_per_hit=1)
    report = build_index([path], settings)
    documents = read(path)
    assert report.indexed == len(documents) > 190
    assert sum(bool(document.set_aside) for document in documents) > 30
    searcher = Searcher(settings.index_dir, settings)
    yield searcher, documents
    searcher.close()


@pytest.fixture(scope="module")
def sample(sample_index: Path) -> Iterator[tuple[Searcher, list[Document]]]:
    """The sample corpus and a searcher over it."""
    searcher = Searcher(sample_index, Settings(snippets_per_hit=1))
    yield searcher, read(SAMPLE)
    searcher.close()


@pytest.mark.usefixtures("arrays")
@searching
@hypothesis.given(query=st.lists(st.sampled_from(PIECES), min_size=1, max_size=5).map("".join))
def test_random_queries(noise: tuple[Searcher, list[Document]], query: str) -> None:
    """Any string that has content finds exactly the documents that contain it."""
    searcher, documents = noise
    hypothesis.assume(normalise(query))
    assert found(searcher, query) == containing(documents, query)


@pytest.mark.usefixtures("arrays")
@searching
@hypothesis.given(data=st.data())
def test_substrings(noise: tuple[Searcher, list[Document]], data: st.DataObject) -> None:
    """Any stretch of any document, whole documents included, finds exactly the documents that contain it."""
    searcher, documents = noise
    document = data.draw(st.sampled_from(documents))
    text = data.draw(st.sampled_from([document.title, document.body, *beside(document)]))
    start = data.draw(st.integers(0, len(text)))
    query = text[start : start + data.draw(st.integers(1, 80))]
    hypothesis.assume(normalise(query))
    assert found(searcher, query) == containing(documents, query)


@pytest.mark.usefixtures("arrays")
@searching
@hypothesis.given(query=st.text(st.sampled_from("科技量𠮷臺二aAiIßO○6２Ｇé，〔。%&·"), min_size=1, max_size=4))
def test_unquoted_terms(noise: tuple[Searcher, list[Document]], query: str) -> None:
    """An unquoted term is exact in exactly the documents where it stands without cutting a run."""
    searcher, documents = noise
    root = parse(query, Settings())[0].root
    # Not where & joins nothing, and where marks at the end are no part of what is asked.
    hypothesis.assume(isinstance(root, Term) and root.text == normalise(query) and not root.is_literal)
    in_text, everywhere = standing(documents, query), standing(documents, query, is_everywhere=True)
    assert found(searcher, query, exact=False) == in_text
    assert found(searcher, f"{query} in:all", exact=False) == everywhere
    page = searcher.search(Request(query=query, limit=1000, helpers_off=frozenset(HELPERS)))
    assert page.set_aside_total == len(everywhere - {hit.source_id for hit in page.hits})


@hypothesis.settings(deadline=None, derandomize=True, max_examples=8)
@hypothesis.given(
    bodies=st.lists(st.lists(st.sampled_from(PIECES), max_size=12).map("".join), min_size=3, max_size=6),
    query=st.lists(st.sampled_from(PIECES), min_size=1, max_size=3).map("".join),
    stretch=st.tuples(st.integers(0, 4), st.integers(0, 11), st.integers(1, 12)),
)
def test_small_corpora(bodies: list[str], query: str, stretch: tuple[int, int, int]) -> None:
    """The same over indexes of one to five short documents, alone in their index."""
    number, start, length = stretch
    with tempfile.TemporaryDirectory() as name:
        path = Path(name, "source.json")
        rows = [{"aid": f"d{at}", "title": f"题{at}", "content": body} for at, body in enumerate(bodies)]
        path.write_text(json.dumps(rows), "utf-8")
        settings = Settings(index=str(Path(name, "index")), snippets_per_hit=1)
        build_index([path], settings)
        documents = read(path)
        searcher = Searcher(settings.index_dir, settings)
        own = bodies[number % len(bodies)][start : start + length]
        for wanted in (query, own, "题", "题0"):
            if normalise(wanted):
                assert found(searcher, wanted) == containing(documents, wanted), wanted
        searcher.close()


@pytest.mark.usefixtures("arrays")
def test_every_substring_of_every_title(sample: tuple[Searcher, list[Document]]) -> None:
    """All strings of two to four characters of all sample titles are counted as plain comparison counts them."""
    searcher, documents = sample
    titles = [normalise(document.title) for document in documents]
    texts = [[normalise(text) for text in (*texts_of(each), *beside(each))] for each in documents]
    strings = {title[at : at + size] for title in titles for size in (2, 3, 4) for at in range(len(title) - size + 1)}
    assert len(strings) > 1500
    wrong = []
    for string in sorted(strings):
        if normalise(string) == string:
            page = searcher.search(Request(query=string, exact=True, limit=0))
            forms = context_forms(string)
            if page.exact_total != sum(any(form in text for text in each for form in forms) for each in texts):
                wrong.append(string)
    assert wrong == []


def test_titles_and_long_stretches(sample: tuple[Searcher, list[Document]]) -> None:
    """Every whole title, and two hundred characters of the middle of every body, find their document."""
    searcher, documents = sample
    for document in documents:
        middle = len(document.body) // 2
        for query in (document.title, document.body[middle : middle + 200]):
            if normalise(query):
                assert found(searcher, query) == containing(documents, query)


ARTICLES = (
    {"aid": "g26", "title": "试验场", "content": "在26GHz频段上修路，覆盖三公里。"},
    {"aid": "g6", "title": "网络", "content": "面向6G的网络试验，与 5G 并行。"},
    {"aid": "fair", "title": "沙龙", "content": "科学数据FAIR原则实践。"},
    {"aid": "ai", "title": "智能", "content": "AI+制造，AI4S平台。"},
    {"aid": "trad", "title": "合作函", "content": "初步建議聚焦腦機接口之臨床倫理。"},
    {"aid": "simp", "title": "产品", "content": "植入式脑机\n接口产品进入临床。"},
    {"aid": "wide", "title": "征集", "content": "２０２５年“ＡＩ＋制造”征集。"},
    {"aid": "para", "title": "两段", "content": "本段以量子\n\n通信开头的另一段。"},
)


@pytest.fixture(scope="module")
def articles(make_module_searcher: Callable[..., Searcher]) -> Searcher:
    """A searcher over ARTICLES."""
    return make_module_searcher(*ARTICLES)


@pytest.mark.usefixtures("arrays")
@pytest.mark.parametrize(
    ("query", "exact", "ids"),
    [
        pytest.param("6G", False, {"g6"}, id="not-inside-a-number-with-a-unit"),
        pytest.param("“6G”", False, {"g6", "g26"}, id="quoted-inside-too"),
        pytest.param("6G", True, {"g6", "g26"}, id="exact-inside-too"),
        pytest.param("GHz", False, {"g26"}, id="letters-after-digits-stand-alone"),
        pytest.param("AI", False, {"ai", "wide"}, id="not-inside-a-word"),
        pytest.param("“AI”", False, {"ai", "fair", "wide"}, id="quoted-inside-a-word"),
        pytest.param("ai", False, {"ai", "wide"}, id="case"),
        pytest.param("2025", False, {"wide"}, id="full-width-text"),
        pytest.param("ＦＡＩＲ", False, {"fair"}, id="full-width-query"),
        pytest.param("02", False, set(), id="not-inside-a-number"),
        pytest.param("“02”", False, {"wide"}, id="quoted-inside-a-number"),
        pytest.param("脑机接口", False, {"simp", "trad"}, id="traditional-text-and-line-break"),
        pytest.param("腦機接口", False, {"simp", "trad"}, id="traditional-query"),
        pytest.param("脑机 接口", True, {"simp", "trad"}, id="blank-between-han-in-an-exact-query"),
        pytest.param("脑机\n接口", True, {"simp", "trad"}, id="line-break-in-an-exact-query"),
        pytest.param("机接", False, {"simp", "trad"}, id="across-words"),
        pytest.param("口", False, {"simp", "trad"}, id="one-character"),
        pytest.param("，", True, {"g26", "g6", "ai"}, id="punctuation"),
        pytest.param(",", True, {"g26", "g6", "ai"}, id="punctuation-half-width"),
        pytest.param('"AI+制造"', True, {"wide"}, id="exact-takes-quotes-as-text"),
        pytest.param("与 5G", True, {"g6"}, id="blank-between-han-and-digits"),
        pytest.param("量子通信", True, set(), id="not-across-paragraphs"),
        pytest.param("量子\n\n通信", True, {"para"}, id="paragraph-break-in-the-query"),
        pytest.param("试验场在", True, set(), id="not-from-title-into-body"),
        pytest.param("三公里。在26", True, set(), id="not-from-the-end-to-the-beginning"),
        pytest.param("产品进入临床。２０２５", True, set(), id="not-into-the-next-document"),
        pytest.param("试验", False, {"g26", "g6"}, id="title-or-body"),
        pytest.param("在26GHz频段上修路，覆盖三公里。", True, {"g26"}, id="whole-body"),
        pytest.param("龘", False, set(), id="character-that-occurs-nowhere"),
        pytest.param("\x01G", True, {"g26", "g6"}, id="control-character-is-dropped-like-in-texts"),
    ],
)
def test_boundaries(articles: Searcher, query: str, exact: bool, ids: set[str]) -> None:
    """What unquoted, quoted and exact strings find in Latin, digits, traditional, full width, and at every border."""
    assert found(articles, query, exact=exact) == ids


@pytest.mark.usefixtures("arrays")
@pytest.mark.parametrize(
    "query",
    [
        pytest.param("\ud800", id="high"),
        pytest.param("\udcff", id="low-as-from-a-broken-argument"),
        pytest.param("量子\ud800", id="after-text"),
    ],
)
def test_lone_surrogates(articles: Searcher, query: str) -> None:
    """A string that no UTF-8 file can hold, as broken input produces, is in no document and does not raise."""
    for exact in (True, False):
        assert found(articles, query, exact=exact) == set()


@pytest.mark.shared
def test_gold_substrings(seeds_index: Path) -> None:
    """On the real sources all 200 gold strings have precision and recall 1."""
    names = {"003_455ecf3996094f4c": "report-2025", "004_55d5ce1acf6b8e99": "plan-145"}
    searcher = Searcher(seeds_index, Settings(snippets_per_hit=1))
    rows = [json.loads(line) for line in GOLD.read_text("utf-8").splitlines()]
    wrong = {}
    for row in rows:
        either = set(row.get("either", ()))
        answer = {names.get(id, id) for id in found(searcher, row["text"])}
        if answer - either != set(row["docs"]) - either:
            wrong[row["text"]] = sorted((answer ^ set(row["docs"])) - either)
    searcher.close()
    assert len(rows) == 200
    assert wrong == {}


def test_same_text_quoted_and_not(make_searcher: Callable[..., Searcher]) -> None:
    """A term stays bounded beside its quoted twin, in either order."""
    searcher = make_searcher({"aid": "whole", "title": "AI制造"}, {"aid": "cut", "title": "FAI制造"})
    for query in ('AI制造 "AI制造"', '"AI制造" AI制造'):
        assert [hit.source_id for hit in searcher.search(Request(query=query)).hits] == ["whole"]
