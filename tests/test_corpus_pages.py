"""Saved pages of sites and of WeChat: title, day, source, link, the article, and all else set aside."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.cleaning.placeholders import placeholder_in
from corpus.cleaning.text import clean_line, clean_text
from corpus.document import Document
from corpus.loaders.html import load
from corpus.loaders.raw_record import RawRecord
from corpus.publication_date import parse_day

Read = Callable[..., tuple[list[Document], list[str]]]

TITLE = "关于组织申报低空物流试点的通知"
BODY = "<p>各市交通主管部门：</p><p>为推进低空物流发展，现组织申报试点，每市限报两项，请于月底前报送。</p>"
MENU = (
    "<div class='nav'><ul><li><a>首页</a></li><li><a>政民互动</a></li></ul></div>"
    "<div class='crumb'>您的位置：首页 &gt; 通知</div>"
)
FOOT = "<div class='footer'><p>主办：东海省交通厅</p><p>东海ICP备0001号</p></div>"


def page(head: str = "", top: str = "", body: str = f"<div class='TRS_Editor'>{BODY}</div>") -> str:
    """A page of a government site."""
    window = "" if "<title>" in head else f"<title>{TITLE}_东海省交通厅</title>"
    return f"<!DOCTYPE html><html><head>{window}{head}</head><body>{MENU}{top}{body}{FOOT}</body></html>"


def record_of(markup: str) -> RawRecord:
    """The one record of a page."""
    (record,) = load(markup, "stem")
    assert isinstance(record, RawRecord)
    return record


@pytest.mark.parametrize(
    ("head", "top", "day"),
    [
        pytest.param('<meta name="PubDate" content="2024-03-08 09:00">', "", "2024-03-08", id="pubdate"),
        pytest.param('<META NAME="PUBDATE" CONTENT="2024-03-08">', "", "2024-03-08", id="any-case"),
        pytest.param('<meta name="publishdate" content="2024-03-08">', "", "2024-03-08", id="publishdate"),
        pytest.param(
            '<meta property="article:published_time" content="2024-03-08T08:00:00+08:00">', "", "2024-03-08", id="og"
        ),
        pytest.param('<meta itemprop="datePublished" content="2024-03-08">', "", "2024-03-08", id="itemprop"),
        pytest.param(
            '<script type="application/ld+json">{"@graph":[{"@type":"WebSite","name":"站"},'
            '{"@type":["NewsArticle"],"datePublished":"2024-03-08"}]}</script>',
            "",
            "2024-03-08",
            id="json-ld-graph",
        ),
        pytest.param("", "<time datetime='2024-03-08T10:00:00+08:00'>三天前</time>", "2024-03-08", id="time"),
        pytest.param("", "<div class=info>发布时间：2024-03-08 来源：省交通厅</div>", "2024-03-08", id="line"),
        pytest.param("", "<p>发布日期: 2024年3月8日</p>", "2024-03-08", id="line-in-chinese"),
        pytest.param("", "<p><b>2024-03-08 10:11</b> <b>来源：海报</b></p>", "2024-03-08", id="before-source"),
        pytest.param("", "<p>成文日期：2024-03-01 发布日期：2024-03-08</p>", "2024-03-08", id="published-first"),
        pytest.param("", "<div class=date>2024/03/08</div>", "2024-03-08", id="lone-day"),
        pytest.param("", "", None, id="none"),
    ],
)
def test_day_is_read_as_sites_tell_it(head: str, top: str, day: str | None) -> None:
    """Meta elements in any case, Open Graph, JSON-LD, time elements and the lines that readers see."""
    assert parse_day(record_of(page(head, top)).date) == day


@pytest.mark.parametrize(
    ("head", "top"),
    [
        pytest.param(f'<meta name="ArticleTitle" content="{TITLE}">', "<h1 class=logo>东海省交通厅</h1>", id="meta"),
        pytest.param("", f"<h1>{TITLE}</h1>", id="h1"),
        pytest.param("", f"<h1>东海省交通厅</h1><h2>{TITLE}</h2>", id="site-as-h1"),
        pytest.param("", f"<div class='article-title'>{TITLE}</div>", id="class"),
        pytest.param("<title>通知公告-东海省交通厅</title>", f"<h1>{TITLE}</h1>", id="window-names-the-section"),
        pytest.param("<title>东海省交通厅</title>", f"<h2 class=tit>{TITLE}</h2>", id="window-names-the-site"),
        pytest.param(f'<meta property="og:title" content="{TITLE}"><title>东海省交通厅</title>', "", id="open-graph"),
        pytest.param(
            f'<script type="application/ld+json">{json.dumps({"@type": "Article", "headline": TITLE})}</script>'
            "<title>通知</title>",
            "",
            id="json-ld",
        ),
        pytest.param("", "", id="window-only"),
    ],
)
def test_title_is_the_articles(head: str, top: str) -> None:
    """Neither the site's name nor that of a section; the window's title is set aside where it differs."""
    record = record_of(page(head, top))
    assert clean_line(record.title) == TITLE
    window = re.search("<title>(.*?)</title>", page(head, top))
    assert window is not None
    assert window[1] in "\n".join((record.title, *(aside.text for aside in record.set_aside)))


@pytest.mark.parametrize(
    ("head", "top", "account", "url"),
    [
        pytest.param(
            '<meta name="ContentSource" content="省交通厅"><meta name="Url" content="http://jt.example.cn/1.html">',
            "",
            "省交通厅",
            "http://jt.example.cn/1.html",
            id="meta",
        ),
        pytest.param(
            '<link rel="canonical" href="https://a.example.cn/2"><meta property="og:site_name" content="东海网">',
            "",
            "东海网",
            "https://a.example.cn/2",
            id="canonical",
        ),
        pytest.param('<meta name="Url" content="./t1.html">', "来源：海报", "海报", "", id="shown-source-relative-url"),
    ],
)
def test_source_and_link_are_read(head: str, top: str, account: str, url: str) -> None:
    """Who published the article, and where; a part of an address is none."""
    record = record_of(page(head, top))
    assert (record.account, record.url) == (account, url)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(f"<div class='TRS_Editor'>{BODY}</div>", id="trs"),
        pytest.param(f"<div id='UCAP-CONTENT'>{BODY}</div>", id="ucap"),
        pytest.param(f"<div id=zoom>{BODY}</div>", id="zoom"),
        pytest.param(f"<td class=pages_content>{BODY}</td>", id="pages-content"),
        pytest.param(f"<article>{BODY}</article>", id="article"),
        pytest.param(f"<div role=main>{BODY}</div>", id="role"),
        pytest.param(f"<div><div class=x1>{BODY}</div></div>", id="no-name"),
    ],
)
def test_article_is_told_from_menus_and_footers(body: str) -> None:
    """The text is the article's; menus, paths and footers are set aside, and nothing is lost."""
    record = record_of(page(body=body))
    assert "低空物流发展" in record.text
    aside = "\n".join(part.text for part in record.set_aside if part.reason == "navigation")
    for words in ("政民互动", "您的位置", "主办：东海省交通厅", "ICP备0001号"):
        assert words not in record.text
        assert words in aside


MOMENT = "create_time: JsDecode('2025-02-03 08:00'), nick_name: JsDecode('东海科普'),"
SAYS = "潮间带观测站昨日启用，\\x0a首批布设\\x22海星\\x22浮标十二套。"


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(f"item_show_type: '8' * 1, {MOMENT} content_noencode: JsDecode('{SAYS}')", id="pictures"),
        pytest.param(f"item_show_type: '8' * 1, {MOMENT} content_noencode: '{SAYS}'", id="pictures-without-decoding"),
        pytest.param(
            f"item_show_type: '10' * 1, {MOMENT} text_page_info: {{ content_noencode: JsDecode('{SAYS}') }}", id="text"
        ),
        pytest.param(f"item_show_type: '5' * 1, {MOMENT} desc: JsDecode('{SAYS}')", id="video"),
        pytest.param(f"item_show_type: '7' * 1, {MOMENT} content_noencode: JsDecode('{SAYS}')", id="audio"),
        pytest.param(f"item_show_type: '17' * 1, {MOMENT} content_noencode: JsDecode('{SAYS}')", id="short-post"),
        pytest.param(
            f"item_show_type: '0' * 1, {MOMENT} content_noencode: JsDecode('\\x3cp\\x3e{SAYS}\\x3c/p\\x3e')",
            id="article-not-rendered",
        ),
    ],
)
def test_posts_of_wechat_are_read_from_the_script(script: str, read: Read) -> None:
    """Where the page's elements are empty, text, account and day come from the script, decoded."""
    markup = (
        '<html><head><meta property="og:title" content="观测站启用"><title></title></head><body><div id="js_article">'
        f"<p id='js_text_desc'></p></div><script>window.cgiDataNew = {{ {script} }};</script></body></html>"
    )
    (document,), _ = read(markup, "a.html")
    assert (document.title, document.account, document.date) == ("观测站启用", "东海科普", "2025-02-03")
    assert re.sub(r"\s", "", document.body) == '潮间带观测站昨日启用，首批布设"海星"浮标十二套。'


@pytest.mark.parametrize(
    "head",
    [
        pytest.param("<script>TextContentNoEncode = window.a_value_which_never_exists || '{}';</script>", id="text"),
        pytest.param("<script>videoContentNoEncode = window.a_value_which_never_exists || '{}';</script>", id="video"),
        pytest.param("<script>window.__QMTPL_SSR_DATA__ = {{desc:'{}',title:'x'}};</script>", id="rendered-data"),
        pytest.param("<script>window.cgiDataNew={{}};</script><meta name=description content='{}'>", id="description"),
    ],
)
def test_other_variables_may_hold_a_post(head: str) -> None:
    """Older pages and the description hold the text too."""
    record = record_of(f"<html><head>{head.format(SAYS)}</head><body><div id=js_article></div></body></html>")
    assert '"海星"' in record.text


@pytest.mark.parametrize(
    "notice",
    [
        pytest.param("此内容因违规无法查看", id="violation"),
        pytest.param("该内容已被发布者删除", id="deleted"),
        pytest.param("此账号已被屏蔽, 内容无法查看", id="blocked"),
        pytest.param("此帐号已自主注销，内容无法查看", id="closed"),
        pytest.param("该公众号已迁移", id="moved"),
        pytest.param("参数错误", id="parameters"),
        pytest.param("当前环境异常，完成验证后即可继续访问。", id="check"),
        pytest.param("链接已过期", id="expired"),
        pytest.param("该内容暂时无法查看", id="for-now"),
        pytest.param("此内容被投诉且经审核涉嫌侵权，无法查看。", id="complaint"),
        pytest.param("The content has been deleted by the author.", id="english"),
        pytest.param("微信公众平台\n\n环境异常\n\n当前环境异常，完成验证后即可继续访问。\n\n去验证", id="whole-page"),
    ],
)
def test_notices_of_wechat_are_no_articles(notice: str, read: Read) -> None:
    """As a page with its own structure, as any page, and as the text of a record: rejected with the reason."""
    lines = "".join(f"<p>{line}</p>" for line in notice.splitlines())
    for content, name in (
        (f"<title></title><div class='weui-msg'><h2 class='weui-msg__title'>{notice}</h2></div>", "a.html"),
        (f"<html><body>{lines}</body></html>", "b.html"),
        (json.dumps([{"title": "东海潮汐表", "content": notice}]), "c.json"),
    ):
        documents, report = read(content, name)
        assert documents == []
        assert "export it again" in report[0] or "export the article again" in report[0]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("参数错误怎么办？检查接口文档并重新签名。", id="question"),
        pytest.param("该内容已被发布者删除，读者追问原因，记者联系到作者本人。", id="news-of-one"),
        pytest.param("平台只显示“此内容因违规无法查看”。", id="quotation"),
        pytest.param("验证", id="a-word"),
        pytest.param("", id="nothing"),
    ],
)
def test_article_that_quotes_a_notice_is_an_article(text: str) -> None:
    """Whoever says more than the notice says something."""
    assert placeholder_in(text) is None


HAN = st.text(alphabet="海陆空潮汐风光储能电站。", min_size=1, max_size=30)
TAGS = ("p", "div", "span", "b", "li", "td", "nav", "footer", "article", "h1", "h2", "header", "aside", "section")
NAMES = (
    "",
    " class=TRS_Editor",
    " id=zoom",
    " class='nav'",
    " class=title",
    " id=js_content",
    " class=comments",
    " role=main",
)
BLOCK = st.recursive(
    HAN,
    lambda inner: st.tuples(st.sampled_from(TAGS), st.sampled_from(NAMES), st.lists(inner, max_size=4)).map(
        lambda parts: f"<{parts[0]}{parts[1]}>{''.join(parts[2])}</{parts[0]}>"
    ),
    max_leaves=12,
)


@given(HAN, st.lists(BLOCK, max_size=5).map("".join))
def test_every_visible_character_of_a_page_is_kept(window: str, body: str) -> None:
    """In title, text or what is set aside, as often as the page shows it at least."""
    record = record_of(f"<html><head><title>{window}</title></head><body>{body}</body></html>")
    kept = clean_text("\n".join((record.title, record.text, *(part.text for part in record.set_aside))))
    for words in (window, *re.findall("[\u3400-\u9fff]+", body)):
        assert "".join(words.split()) in "".join(kept.split())
    seen = "".join(re.findall("[\u3400-\u9fff]", body))
    assert len(re.findall("[\u3400-\u9fff]", kept)) >= len(seen)


@pytest.mark.parametrize(
    "markup",
    [
        pytest.param("<nav>甲" * 5000, id="nested-menus"),
        pytest.param("<article>甲" * 5000, id="nested-articles"),
        pytest.param("<span><div>甲。" * 5000, id="nested-blocks"),
        pytest.param("<h1>甲乙丙丁</h1>" * 5000, id="headings"),
        pytest.param("<script>content_noencode: '" + "\\x0a" * 50_000, id="script-without-end"),
        pytest.param("<script type='application/ld+json'>" + "[" * 100_000 + "</script>甲", id="deep-data"),
        pytest.param("发布时间" * 30_000, id="repeated-words"),
        pytest.param("<p class='title'>" * 5000 + "甲", id="nested-titles"),
    ],
)
def test_hostile_pages_cost_little(markup: str) -> None:
    """Time grows with the length of the page."""
    start = time.monotonic()
    assert len(load(markup, "stem")) == 1
    assert time.monotonic() - start < 20


SITES = json.loads((Path(__file__).parent / "data" / "pages" / "expected.json").read_text("utf-8"))


@pytest.mark.parametrize("name", sorted(SITES))
def test_pages_in_the_shapes_of_real_sites(name: str) -> None:
    """Twenty kinds of sites: title, day, first and last words of the article, and nothing of the menus in it."""
    markup = (Path(__file__).parent / "data" / "pages" / f"{name}.html").read_text("utf-8")
    record, expected = record_of(markup), SITES[name]
    text = clean_text(record.text)
    assert (clean_line(record.title), parse_day(record.date)) == (expected["title"], expected["date"])
    assert [words for words in expected["has"] if words not in text] == []
    assert [words for words in expected["lacks"] if words in text] == []
    kept = "\n".join((record.title, record.text, *(part.text for part in record.set_aside)))
    assert [words for words in expected["lacks"] if words not in kept] == []
