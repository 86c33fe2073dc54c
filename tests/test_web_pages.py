"""The pages as a reader sees them: start, results, filters, paging, one document, errors."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, cast, get_args

import pytest
from bs4 import BeautifulSoup, Tag
from flask.testing import FlaskClient

from corpus.document import Facts
from corpus.settings import Settings
from searcher.diagnostics.reports import Similar
from searcher.results import (
    Applied,
    Article,
    FacetValue,
    Heading,
    Hit,
    IndexInfo,
    ProblemKind,
    QueryProblem,
    SearchPage,
)
from searcher.service import Searcher
from web import create_app
from web.article_body import MAX_PARAGRAPH_CHARS, Entry, build_outline, split_blocks
from web.i18n import TEXTS, Words
from web.links import page_numbers

WEB = Path(__file__).parent.parent / "web"
HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' autofocus onfocus=alert(1) x='",
    "</title><svg onload=alert(1)>",
    "{{7*7}}{% raw %}",
    "&lt;script&gt;",
    "javascript:alert(1)",
    "</script><b>",
    "\x00\x1b[31m\u202e",
]


def see(client: FlaskClient, address: str, status: int = 200) -> BeautifulSoup:
    """The page at an address, which has the expected status."""
    response = client.get(address)
    assert response.status_code == status, response.get_data(as_text=True)[:2000]
    assert response.content_type == "text/html; charset=utf-8"
    return BeautifulSoup(response.get_data(as_text=True), "html.parser")


def one(page: BeautifulSoup | Tag, selector: str) -> Tag:
    """The only element of a selector."""
    found = page.select(selector)
    assert len(found) == 1, (selector, found)
    return found[0]


def link(page: BeautifulSoup | Tag, selector: str) -> str:
    """Where the only element of a selector leads."""
    return str(one(page, selector)["href"])


def total(page: BeautifulSoup) -> int:
    """The hits that a result page says there are, of both tiers."""
    found = page.select_one(".totals")
    return sum(int(n.replace(",", "")) for n in re.findall(r"[\d,]+", found.get_text())) if found else 0


def ids(page: BeautifulSoup) -> list[str]:
    """The ids of the hits on a page, in order."""
    return [str(a["href"]).partition("?")[0].rpartition("/")[2] for a in page.select(".hit h3 a")]


def all_ids(client: FlaskClient, address: str) -> list[str]:
    """The ids on a page and on all that follow it."""
    page = see(client, address)
    following = page.select('a[rel="next"]')
    return ids(page) + (all_ids(client, str(following[0]["href"])) if following else [])


def test_start_page_says_what_is_covered(client: FlaskClient, searcher: Searcher) -> None:
    """The start page names the real number of documents and characters, and lists the newest first."""
    info = searcher.info()
    page = see(client, "/")
    covered = one(page, ".covered").get_text()
    assert f"{info.documents:,} 篇" in covered
    assert f"{info.characters:,} 字" in covered
    days = [str(time["datetime"]) for time in page.select(".newest time")]
    assert days == sorted(days, reverse=True)
    assert days[0] == info.date_to
    assert see(client, link(page, ".newest a.more")).select(".hit")


def test_results_keep_the_query_and_mark_it(client: FlaskClient) -> None:
    """A result page has the query in its box; every exact hit marks it, in traditional characters too."""
    page = see(client, "/?q=脑机接口")
    assert one(page, "#q")["value"] == "脑机接口"
    hits = page.select(".tier.exact .hit")
    assert hits
    for hit in hits:
        assert {"脑机接口", "腦機接口"} & {mark.get_text() for mark in hit.select("mark")}
    assert one(page, "title").get_text() == "脑机接口 - 科搜"


def test_pages_together_hold_every_hit_once(client: FlaskClient) -> None:
    """Following the link to the next page shows as many documents as the total says, each once."""
    page = see(client, "/?q=科技&size=3")
    found = all_ids(client, "/?q=科技&size=3")
    assert len(found) == len(set(found)) == total(page) > 6
    assert all_ids(client, "/?q=科技&size=100") == found


def test_all_documents_can_be_browsed(client: FlaskClient) -> None:
    """The list without a query holds the whole index, newest first or oldest first."""
    page = see(client, "/?sort=newest&size=100")
    assert len(ids(page)) == total(page)
    assert sorted(ids(page)) == sorted(ids(see(client, "/?sort=oldest&size=100")))


def test_ranks_go_on_from_page_to_page(client: FlaskClient) -> None:
    """The numbers of the list continue on its second page."""
    ranks = [item["value"] for item in see(client, "/?q=科技&size=3&page=2").select(".hits > li")]
    assert ranks == ["4", "5", "6"]


@pytest.mark.parametrize("facet", ["account", "type", "genre", "source", "month"])
def test_a_facet_value_narrows_and_widens_again(client: FlaskClient, facet: str) -> None:
    """Selecting a value leaves as many hits as its count says; selecting it again undoes that."""
    before = see(client, "/?q=科技")
    choice = before.select(f".side section:has(#facet-{facet}) a.choice")[0]
    narrowed = see(client, str(choice["href"]))
    assert total(narrowed) == int(one(choice, ".count").get_text().replace(",", ""))
    chosen = one(narrowed, ".chosen a.chip")
    assert one(choice, ".value").get_text() in chosen.get_text()
    for undo in (
        str(chosen["href"]),
        link(narrowed, ".chosen a.clear"),
        link(narrowed, f".side section:has(#facet-{facet}) a.choice.on"),
    ):
        assert all_ids(client, undo) == all_ids(client, "/?q=科技")


def test_values_of_one_facet_are_alternatives(client: FlaskClient) -> None:
    """Two accounts together have the documents of both."""
    page = see(client, "/?q=科技")
    first, second = page.select(".side section:has(#facet-account) a.choice")[:2]
    names = [one(choice, ".value").get_text() for choice in (first, second)]
    both = see(client, f"/?q=科技&account={names[0]}&account={names[1]}&size=100")
    counts = [int(one(choice, ".count").get_text()) for choice in (first, second)]
    assert total(both) == sum(counts)
    assert {account.get_text() for account in both.select(".hit .account")} == set(names)


def test_days_limit_the_hits(client: FlaskClient) -> None:
    """A range of days leaves the documents of these days; the range is one removable filter."""
    page = see(client, "/?sort=newest&size=100&from=2025-10-01&to=2025-10-31")
    assert page.select(".hit")
    assert {str(time["datetime"])[:7] for time in page.select(".hit .meta:not(.told) time")} == {"2025-10"}
    everything = see(client, "/?sort=newest&size=100")
    assert total(see(client, link(page, ".chosen a.chip"))) == total(everything)


def test_forms_keep_what_they_do_not_ask(client: FlaskClient) -> None:
    """A new query keeps filters, order and language; new days keep the query too."""
    page = see(client, "/?q=科技&genre=申报通知&sort=newest&lang=en&from=2025-01-01&page=1&exact=1")
    names = {str(field["name"]) for field in page.select(".ask input")}
    assert names == {"q", "exact", "genre", "sort", "lang", "from"}
    names = {str(field["name"]) for field in page.select(".dates input")}
    assert names == {"q", "exact", "genre", "sort", "lang", "from", "to"}


def test_nothing_found_says_what_was_searched(client: FlaskClient, searcher: Searcher) -> None:
    """Zero hits come with the number of documents and characters that were looked at."""
    info = searcher.info()
    page = see(client, "/?q=“潜水艇的发动机舱”")
    said = one(page, ".nothing").get_text()
    assert "没有找到" in said
    for number in (f"{info.documents:,}", f"{info.characters:,}", str(info.date_from), str(info.date_to)):
        assert number in said
    assert page.select(".nearest .hit") == page.select(".hit") != []


def test_nothing_found_under_filters_offers_the_way_out(client: FlaskClient) -> None:
    """If only the filters stand in the way, the page says how many documents there are without them."""
    page = see(client, "/?q=“脑机接口”&from=1999-01-01&to=1999-12-31")
    way = one(page, ".nothing .tries li:first-child a")
    count = int(re.findall(r"(\d+) 篇", way.get_text())[0])
    assert count == total(see(client, str(way["href"]))) > 0


def test_a_page_beyond_the_end_is_honest(client: FlaskClient) -> None:
    """Beyond the last page there is no hit, the true total, and a link to the first page."""
    page = see(client, "/?q=脑机接口&page=999")
    assert not page.select(".hit")
    assert total(page) == total(see(client, "/?q=脑机接口"))
    assert ids(see(client, link(page, ".ways a:first-child"))) == ids(see(client, "/?q=脑机接口"))
    assert ids(see(client, link(page, ".ways a:last-child")))


def test_an_article_marks_its_matches(client: FlaskClient) -> None:
    """The page of a hit has numbered marks without a gap, each linked to the next, and the way back."""
    results = see(client, "/?q=脑机接口&genre=申报通知")
    page = see(client, str(results.select(".hit h3 a")[0]["href"]))
    anchors = [str(mark["id"]) for mark in page.select(".body mark[id]")]
    assert anchors == [f"m{n}" for n in range(1, len(anchors) + 1)]
    assert anchors
    assert {str(mark["href"])[1:] for mark in page.select(".body mark a")} == set(anchors[1:])
    assert {mark.get_text() for mark in page.select(".body mark")} == {"脑机接口"}
    back = see(client, link(page, ".back a"))
    assert ids(back) == ids(results)


def test_an_article_shows_its_whole_text(client: FlaskClient, searcher: Searcher) -> None:
    """Taking the markup away leaves every character of the body, for every document of the sample."""
    for document_id in ids(see(client, "/?sort=newest&size=100")):
        article = searcher.article(document_id)
        assert article is not None
        body = "".join(piece for piece, _ in article.body_marked)
        shown = one(see(client, f"/article/{document_id}"), ".body").get_text()
        # Signs of Markdown become headings and tables; they are not shown.
        drop = re.compile(r"[#|\s]|-{3,}|:-+")
        assert drop.sub("", shown) == drop.sub("", body)


def test_contents_lead_to_headings(client: FlaskClient) -> None:
    """A long document has a contents list, and each line leads to the heading it names."""
    page = see(client, str(see(client, "/?q=“规划（节选）”").select(".hit h3 a")[0]["href"]))
    entries = page.select(".contents li a")
    assert len(entries) > 10
    for entry in entries:
        assert one(page, str(entry["href"])).get_text().strip() == one(entry, ".words").get_text()


@pytest.mark.parametrize(
    "document_id",
    [
        pytest.param("0000000000000000", id="unknown"),
        pytest.param("..%2f..%2fetc%2fpasswd", id="traversal"),
        pytest.param("%2e%2e", id="dots"),
        pytest.param("a%00b", id="nul"),
        pytest.param("a%0ab", id="newline"),
        pytest.param("%ff%fe", id="no-utf8"),
        pytest.param("a" * 65, id="long"),
        pytest.param("", id="empty"),
    ],
)
def test_what_is_no_document_is_not_found(client: FlaskClient, document_id: str) -> None:
    """An id that is not in the index is a 404 page that does not repeat it."""
    page = see(client, f"/article/{document_id}", 404)
    assert "passwd" not in page.get_text()
    assert see(client, link(page, ".ways a"))


def test_english_stays_english(client: FlaskClient) -> None:
    """With lang=en every link within the site keeps it, but for the one back to Chinese."""
    for address in ("/?lang=en", "/?q=脑机接口&lang=en", "/nothing?lang=en", "/?page=0&lang=en"):
        page = BeautifulSoup(client.get(address).get_data(as_text=True), "html.parser")
        assert one(page, "html")["lang"] == "en"
        links = [str(a["href"]) for a in page.select('a[href^="/"]:not(.language)')]
        assert links
        assert all("lang=en" in address for address in links)
        assert "lang" not in link(page, ".language")
        for words in (one(page, ".foot"), one(page, ".ask button")):
            assert not re.search("[一-鿿]", words.get_text())


@pytest.mark.parametrize("text", [pytest.param(text, id=f"hostile-{n}") for n, text in enumerate(HOSTILE)])
def test_a_query_is_never_markup(client: FlaskClient, text: str) -> None:
    """Whatever is typed comes back as text, in the box and nowhere as an element or an attribute."""
    response = client.get("/", query_string={"q": text, "account": text})
    page = BeautifulSoup(response.get_data(as_text=True), "html.parser")
    assert response.status_code == 200
    assert one(page, "#q")["value"] == text.replace("\x00", "\ufffd") or "\x00" in text
    assert_harmless(page)


def assert_harmless(page: BeautifulSoup) -> None:
    """No element, attribute or link that could run anything but our own files."""
    assert [str(script["src"]) for script in page.select("script")] == ["/static/kesou.js", "/static/suggest.js"]
    assert not page.select("img, iframe, object, embed, base, meta[http-equiv], style, [style]")
    for element in page.find_all(True):
        assert not [name for name in element.attrs if name.startswith("on")], element
        for name in ("href", "action", "src"):
            assert re.match(r"(/|#|https?://)", str(element.get(name, "/"))), element


# ── Answers made by hand: what no sample corpus should hold ──────────────────────────────────────────────────

INFO = IndexInfo(generation=3, documents=1234, characters=5678901, date_from="2025-01-02", date_to="2025-11-30")


def hit(**changes: Any) -> Hit:
    """A hit that a test changes in one place."""
    plain: dict[str, Any] = {
        "id": "00ff",
        "source_id": "1_1",
        "title": "题",
        "title_marked": (("题", False),),
        "url": "https://example.org/a",
        "account": "号",
        "date": "2025-01-02",
        "program_types": ("揭榜挂帅",),
        "genre": "申报通知",
        "score": 1.0,
        "tier": "exact",
        "matches": 2,
        "section": None,
        "snippets": ((("前", False), ("词", True)),),
    }
    return Hit(**plain | changes)


def answer(*hits: Hit, **changes: Any) -> SearchPage:
    """An answer with these hits."""
    tiers = [one.tier for one in hits]
    plain: dict[str, Any] = {
        "query": "词",
        "index": INFO,
        "exact_total": tiers.count("exact"),
        "related_total": tiers.count("related"),
        "hits": hits,
        "facets": {},
        "applied": (),
        "problems": (),
    }
    return SearchPage(**plain | changes)


class Canned:
    """A searcher whose answers are known."""

    def __init__(self, page: SearchPage | None = None, article: Article | None = None) -> None:
        self._page, self._article = page, article

    def search(self, request: object) -> SearchPage | None:
        """The page, whatever is asked."""
        return self._page

    def pinned(self) -> Canned:
        """The same for one request."""
        return self

    def article(self, *question: object) -> Article | None:
        """The article, whatever is asked."""
        return self._article

    def info(self) -> IndexInfo:
        """What is covered."""
        return INFO

    def no_type(self) -> str:
        """The type of documents without one."""
        return "无"

    def similar(self, *question: object) -> Similar:
        """The hits of the page, the first as the document itself, the last as a copy of it."""
        of, *others = self._page.hits if self._page else (hit(),)
        return Similar(of=of, words=(), hits=tuple(others[:-1]), copies=tuple(others[-1:]))


def canned(page: SearchPage | None = None, article: Article | None = None) -> FlaskClient:
    """A browser before a server with known answers."""
    return create_app(Settings(), cast("Searcher", Canned(page, article))).test_client()


def test_the_related_tier_is_set_apart() -> None:
    """Both tiers have their heading, in order; with one tier, or exact only, there is none to explain."""
    both = see(canned(answer(hit(), hit(id="01", tier="related"))), "/?q=词")
    assert [label.get_text() for label in both.select(".divider .label")] == ["精确", "相关"]
    assert one(both, ".totals").get_text(" ", strip=True) == "精确 1 · 相关 1"
    assert "exact=1" in link(both, ".switch a:not([aria-current])[href*=exact]")
    assert not see(canned(answer(hit())), "/?q=词").select(".divider")
    related = see(canned(answer(hit(tier="related"))), "/?q=词")
    assert [label.get_text() for label in related.select(".divider .label")] == ["相关"]
    alone = see(canned(answer(hit())), "/?q=词&exact=1")
    assert one(alone, ".totals").get_text(" ", strip=True) == "精确 1"


def test_helpers_and_problems_are_told() -> None:
    """What was changed or left out of a query stands above the hits, with a way to undo it."""
    page = see(
        canned(
            answer(
                hit(),
                query="naojijiekou <b>",
                applied=(Applied(kind="pinyin", before="naojijiekou", after="脑机接口"),),
                problems=(QueryProblem(kind="unbalanced", message="括号没有配对", start=12, end=15),),
            )
        ),
        "/?q=naojijiekou <b>",
    )
    assert "脑机接口" in one(page, ".helped").get_text()
    undone = link(page, ".helped a")
    assert "q=naojijiekou" in undone
    assert "off=pinyin" in undone
    problem = one(page, ".notice:not(.helped) li")
    assert "括号没有配对" in problem.get_text()
    assert one(problem, "code").get_text() == "<b>"


@pytest.mark.parametrize("text", [pytest.param(text, id=f"hostile-{n}") for n, text in enumerate(HOSTILE[:-1])])
def test_a_document_is_never_markup(text: str) -> None:
    """Title, account, types, snippets, headings, body and link of a hostile document are shown as text."""
    marked = ((text, False), (text, True))
    facts = Facts(issuers=(text,), document_numbers=(text,), cited_numbers=(text,), reposted_from=text, source=text)
    page = answer(
        hit(
            title=text,
            title_marked=marked,
            url=text,
            account=text,
            genre=text,
            program_types=(text,),
            snippets=(marked,),
            facts=facts,
        ),
        hit(title=text, account=text, facts=facts),
        hit(title=text, account=text),
        facets={"account": (FacetValue(value=text, count=1, selected=False),)},
    )
    article = Article(
        id="00ff",
        source_id=text,
        title_marked=marked,
        title=text,
        url=text,
        account=text,
        date=None,
        program_types=(text,),
        genre=text,
        state="full",
        body_marked=marked,
        matches=2,
        headings=tuple(Heading(level=1, title=text, page=None, start=n) for n in range(3)),
        notes_marked=(marked,),
        facts=facts,
    )
    client = canned(page, article)
    for address in ("/?q=x", "/", "/article/00ff?q=x"):
        shown = see(client, address)
        assert_harmless(shown)
        assert text in shown.get_text()


def test_only_web_addresses_are_links() -> None:
    """http and https lead out, without a referrer; anything else is not clickable."""
    for url, is_link in (
        ("https://mp.weixin.qq.com/s?__biz=a&mid=1#rd", True),
        ("HTTP://EXAMPLE.ORG", True),
        ("javascript:alert(1)", False),
        ("java\nscript:alert(1)", False),
        (" https://example.org", False),
        ("https://a b", False),
        ("file:///etc/passwd", False),
        ("//example.org", False),
        ("", False),
    ):
        out = see(canned(answer(hit(url=url))), "/?q=词").select("a.out")
        assert [(a["href"], a["rel"]) for a in out] == ([(url, ["noreferrer", "noopener"])] if is_link else [])


def test_a_heading_ends_where_its_title_ends() -> None:
    """A heading that is the first clause of its paragraph leaves the rest of the paragraph beside it."""
    text = "甲乙发布新规。\n甲乙发布新规，自明年起施行。"
    heading = Heading(level=1, title="甲乙发布新规", page=None, start=text.index("\n") + 1)
    before, block = split_blocks(((text, False),), [heading])
    assert before.level == 0
    assert ["".join(p.text for p in part) for part in (block.pieces, block.rest)] == [
        "甲乙发布新规",
        "，自明年起施行。",
    ]


def test_the_outline_is_a_tree() -> None:
    """Headings lie below the last one of a higher level, also where levels are left out."""
    levels = [2, 3, 5, 3, 1, 2]
    found = build_outline([Heading(level=level, title=str(n), page=n, start=n) for n, level in enumerate(levels)])

    def shape(entries: list[Entry]) -> list[Any]:
        return [(entry.title, shape(entry.below)) for entry in entries]

    assert shape(found) == [("0", [("1", [("2", [])]), ("3", [])]), ("4", [("5", [])])]


def test_a_body_is_cut_into_paragraphs() -> None:
    """Lines, headings, tables, over-long lines and a match across two lines each become the block they are."""
    text = "# 一\n甲乙\n\n丙丁\n| 年 | 数 |\n|---|---|\n| 1 | 2 |\n" + "长句。" * MAX_PARAGRAPH_CHARS
    cut = text.index("乙")
    body = ((text[:cut], False), (text[cut : cut + 4], True), (text[cut + 4 :], False))
    found = list(split_blocks(body, [Heading(level=3, title="一", page=None, start=0)]))
    assert [(b.level, b.anchor) for b in found[:3]] == [(2, 0), (0, -1), (0, -1)]
    assert [[(p.text, p.match, p.has_anchor) for p in b.pieces] for b in found[:3]] == [
        [("一", 0, False)],
        [("甲", 0, False), ("乙", 1, True)],
        [("丙", 1, False), ("丁", 0, False)],
    ]
    rows = [["".join(p.text for p in cell).strip() for cell in row] for row in found[3].rows]
    assert rows == [["年", "数"], ["1", "2"]]
    assert "".join(p.text for b in found[4:] for p in b.pieces) == "长句。" * MAX_PARAGRAPH_CHARS
    assert max(len(p.text) for b in found[4:] for p in b.pieces) <= MAX_PARAGRAPH_CHARS


@pytest.mark.parametrize(
    ("current", "last", "shown"),
    [
        pytest.param(1, 1, (1,), id="only-one"),
        pytest.param(1, 5, (1, 2, 3, 4, 5), id="a-gap-of-one-is-that-page"),
        pytest.param(1, 9, (1, 2, 3, None, 9), id="start"),
        pytest.param(9, 20, (1, None, 7, 8, 9, 10, 11, None, 20), id="middle"),
        pytest.param(20, 20, (1, None, 18, 19, 20), id="end"),
    ],
)
def test_page_numbers(current: int, last: int, shown: tuple[int | None, ...]) -> None:
    """The ends and the neighbourhood are offered."""
    assert page_numbers(current, last) == shown


def test_every_text_exists_in_both_languages() -> None:
    """Both languages have a text for every key, with the same values to fill in."""
    assert TEXTS["zh"].keys() == TEXTS["en"].keys()
    for key, chinese in TEXTS["zh"].items():
        english = TEXTS["en"][key]
        assert chinese, key
        assert english, key
        assert set(re.findall(r"{\w+}", chinese)) == set(re.findall(r"{\w+}", english)), key


def test_every_text_is_used() -> None:
    """Pages use only keys that exist, and no key is left over."""
    files = [*(WEB / "templates").glob("*.html"), *(path for path in WEB.glob("*.py") if path.name != "i18n.py")]
    sources = "".join(path.read_text("utf-8") for path in files)
    keys = set(TEXTS["zh"])
    assert set(re.findall(r'words(?:\.around)?\(\s*["\'](\w+)["\'](?! ~)', sources)) <= keys
    prefixes = (*re.findall(r'["\'](\w+_)["\'] ~', sources), "error_", "bad_")  # completed by a name or number
    quoted = set(re.findall(r'["\'](\w+)["\']', sources))
    assert {key for key in keys - quoted if not key.startswith(prefixes)} == set()


def test_numbers_take_their_plural() -> None:
    """English texts agree with their numbers; numbers have commas in both languages."""
    assert Words("en")("total_documents", count=1) == "1 document"
    assert Words("en")("total_documents", count=1234) == "1,234 documents"
    assert Words("zh")("total_documents", count=1234) == "1,234 篇"
    assert Words("en")("beyond_end_note", count=1, last=1) == "There is 1 document on 1 page."


def test_every_problem_of_a_query_has_its_text() -> None:
    """No kind of query problem is without a sentence."""
    assert {f"problem_{kind}" for kind in get_args(ProblemKind)} <= TEXTS["zh"].keys()


def test_colours_have_contrast() -> None:
    """Text on its grounds reaches WCAG AA (4.5 : 1), light and dark."""
    css = (WEB / "static" / "kesou.css").read_text("utf-8")
    light, dark = (dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", part)) for part in css.split("@media", 2)[:2])
    pairs = [("ink", ground) for ground in ("paper", "sheet", "sunken", "tint", "warn")]
    pairs += [(text, ground) for text in ("soft", "accent") for ground in ("paper", "sheet", "sunken", "tint", "warn")]
    pairs += [("visited", "paper"), ("mark-ink", "mark"), ("mark-ink", "mark-here")]
    pairs += [("on-accent", "accent"), ("on-accent", "accent-hover")]
    for palette in (light, dark):
        for text, ground in pairs:
            assert contrast(palette[text], palette[ground]) >= 4.5, (text, ground)


def contrast(first: str, second: str) -> float:
    """The contrast ratio of two colours, as WCAG 2 defines it."""

    def luminance(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)
