"""Saved pages: where title, day and text stand, what stays hidden, and markup made to hurt."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.cleaning.text import clean_text
from corpus.document import Document
from corpus.loaders.html import load
from corpus.loaders.page.tree import guard, text_of_html

MANY = 20_000

Read = Callable[..., tuple[list[Document], list[str]]]


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        pytest.param("<p>甲</p><p>乙</p>", "甲\n\n乙", id="paragraphs"),
        pytest.param("甲<br>乙<br/>丙", "甲\n乙\n丙", id="breaks"),
        pytest.param("<section>甲</section><div>乙</div>", "甲\n\n乙", id="blocks"),
        pytest.param("国家<em>重点</em>研<span>发</span>", "国家重点研发", id="inline-tags-part-no-words"),
        pytest.param(
            "<h3>一、任务</h3>各单位<ul><li>甲<li>乙</ul>", "一、任务\n各单位\n\n甲\n乙", id="headings-and-lists"
        ),
        pytest.param(
            "<tr><td>经费</td><td>812</td></tr><tr><td>占比</td><td>4.6</td></tr>", "经费 812\n\n占比 4.6", id="table"
        ),
        pytest.param(
            "5&nbsp;μW &lt;8 R&amp;D &amp;lt;p&amp;gt; &ldquo;引&rdquo;",
            "5 μW <8 R&D &lt;p&gt; “引”",
            id="entities-once",
        ),
        pytest.param("<![CDATA[甲]]>乙", "乙", id="cdata-is-a-comment-in-html"),
        pytest.param("<p>甲<p>乙", "甲\n\n乙", id="unclosed-paragraphs"),
        pytest.param("</p></div>甲<b>", "甲", id="closed-before-opened"),
        pytest.param("a < b, c > d", "a < b, c > d", id="signs"),
        pytest.param("<![if IE]>甲<![endif]>乙", "甲乙", id="conditions-of-word"),
        pytest.param("甲<![x]>乙<!-- 鲸 -->", "甲<![x]>乙<!-- 鲸 -->", id="section-that-no-parser-knows"),
    ],
)
def test_visible_text_has_a_line_for_each_block(markup: str, text: str, read: Read) -> None:
    """Blocks part lines, inline tags part nothing, entities are decoded once."""
    (document,), _ = read(f"<html><head><title>题</title></head><body>{markup}</body></html>", "a.html")
    assert document.body == text
    assert clean_text(text_of_html(markup)) == text


@pytest.mark.parametrize(
    "markup",
    [
        pytest.param("<script>鲸鱼</script>", id="script"),
        pytest.param("<script>document.write('<p>鲸鱼</p>')</script>", id="script-with-markup"),
        pytest.param("<style>.鲸鱼{}</style>", id="style"),
        pytest.param("<noscript>鲸鱼</noscript>", id="noscript"),
        pytest.param("<template><p>鲸鱼</p></template>", id="template"),
        pytest.param("<textarea>鲸鱼</textarea>", id="textarea"),
        pytest.param("<iframe srcdoc='<p>鲸鱼</p>'>鲸鱼</iframe>", id="iframe"),
        pytest.param("<svg onload=鲸鱼><text>鲸鱼</text></svg>", id="svg"),
        pytest.param("<!-- 鲸鱼 --><!---><p>-->", id="comment"),
        pytest.param("<p hidden>鲸鱼<b>鲸鱼</b></p>", id="hidden"),
        pytest.param("<p style='color:red; DISPLAY : none'>鲸鱼</p>", id="display-none"),
        pytest.param("<img alt=鲸鱼 onerror=鲸鱼><a href='javascript:鲸鱼'></a>", id="attributes"),
        pytest.param("<base href=鲸鱼><meta http-equiv=refresh content='0;鲸鱼'>", id="base-and-refresh"),
        pytest.param("<?php 鲸鱼 ?><!DOCTYPE 鲸鱼>", id="instruction-and-doctype"),
        pytest.param("<title>鲸鱼</title>", id="second-title"),
    ],
)
def test_what_readers_do_not_see_is_not_text(markup: str, read: Read) -> None:
    """Scripts, styles, comments, attributes and hidden elements are nowhere in the document."""
    (document,), _ = read(f"<title>题</title><body>前{markup}后</body>", "a.html")
    assert "鲸鱼" not in repr(document)
    assert document.body.startswith("前")
    assert document.body.endswith("后")


@pytest.mark.parametrize(
    ("markup", "title"),
    [
        pytest.param(
            "<title>窗</title><h1>首</h1><h2 id=activity-name> 题\n<span>目</span> </h2>", "题 目", id="wechat"
        ),
        pytest.param("<title>窗</title><h1>国家<em>重点</em>研发</h1>", "国家重点研发", id="first-heading"),
        pytest.param("<title>窗 &amp; 门</title><h1> </h1>", "窗 & 门", id="window"),
        pytest.param("<h1>A&amp;lt;B</h1>", "A&lt;B", id="entities-once"),
        pytest.param("<h1>题<script>x</script><i hidden>鲸</i></h1>", "题", id="hidden-parts"),
    ],
)
def test_title_is_taken_from_the_best_place(markup: str, title: str, read: Read) -> None:
    """WeChat's own title, else the first heading, else the window's; it is not repeated in the text."""
    (document,), _ = read(f"{markup}<p>正文。</p>", "a.html")
    assert document.title == title
    assert title not in document.body


@pytest.mark.parametrize(
    ("markup", "date"),
    [
        pytest.param("<em id=publish_time>2025年10月21日 09:30</em>", "2025-10-21", id="shown"),
        pytest.param(
            "<em id=publish_time>昨天</em><script>ct = '1761010200'</script>", "2025-10-21", id="shown-as-yesterday"
        ),
        pytest.param('<script>var ct="1761010200"</script>', "2025-10-21", id="seconds-in-the-script"),
        pytest.param("<script>{'create_time':'2025-10-21 09:30'}</script>", "2025-10-21", id="written-there"),
        pytest.param("<em id=publish_time>2025-10-21 09:30</em>", "2025-10-21", id="shown-with-dashes"),
        pytest.param("<em id=publish_time>2025/10/21</em>", "2025-10-21", id="shown-with-slashes"),
        pytest.param("<script>var oriCreateTime = '1761010200';</script>", "2025-10-21", id="original-moment"),
        pytest.param("<script>var createTime = '2025-10-21 09:30';</script>", "2025-10-21", id="create-time"),
        pytest.param("<script>ori_create_time: 1761010200 * 1,</script>", "2025-10-21", id="number"),
        pytest.param("<script>create_time: JsDecode('2025-10-21 09:30'),</script>", "2025-10-21", id="decoded-there"),
        pytest.param(
            "<script>{create_time: 1700000000, nick_name: '读者'}; ct = '1761010200'</script>",
            "2025-10-21",
            id="not-that-of-a-comment",
        ),
        pytest.param('<script>product = "1761010200"</script>', None, id="other-variable"),
        pytest.param("", None, id="nowhere"),
    ],
)
def test_day_is_found_in_the_page(markup: str, date: str | None, read: Read) -> None:
    """The day that the page shows counts, or the moment in its script."""
    (document,), lines = read(f"<h1>题</h1>{markup}<p>正文。</p>", "a.html")
    assert document.date == date
    assert lines == []


ASIDES = "<div id=meta_content>鲸鱼</div><div id=js_tags_preview_toast>鲸鱼</div><div id=content_bottom_area>鲸鱼</div>"
COMMENTS = "<div id=js_article_bottom_bar>鲸鱼</div><!-- 评论 --><div class=discuss>读者 鲸鱼</div>"
RENDERED = (
    "<title>题</title><div class=__page_content__><h1 class=title>题</h1><div class=__meta__>"
    "<span class=copyright>鲸鱼</span><span class=author>undefined</span><span class=nick_name>号</span>"
    "<span class=create_time>2025-10-21 09:30</span></div><blockquote class=source>鲸鱼:"
    " <a href='http://a.cn/?a=1&amp;b=2'>鲸鱼</a></blockquote>{}</div>"
)


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(
            "<h1 id=activity-name>题</h1><a id=js_name>号</a><em id=publish_time>2025年10月21日 09:30</em>"
            f"<div id=js_content style='visibility: hidden'><p>正文。</p></div>{COMMENTS}",
            id="saved-by-the-browser",
        ),
        pytest.param(
            "<title>题</title><div id=js_article><a id=js_name>号</a><em id=publish_time>2025年10月21日</em>"
            f"{ASIDES}<div id=js_content><p>正文。</p></div></div>{COMMENTS}",
            id="exporters-page",
        ),
        pytest.param(
            f"<title>题</title><div id=js_article><em id=publish_time>2025年10月21日 09:30</em><a id=js_name>号</a>"
            f"{ASIDES}<div id=js_content></div><p id=js_text_desc>正文。</p></div>{COMMENTS}",
            id="text-message",
        ),
        pytest.param(
            f"<h1>题</h1><div id=js_article><div id=meta_content><a id=js_name>号</a></div>{ASIDES}<p>正文。</p></div>"
            f"{COMMENTS}<script>var ct = '1761010200'</script>",
            id="body-of-another-kind",
        ),
        pytest.param(RENDERED.format("<section class=item_show_type_0><p>正文。</p></section>"), id="rendered"),
        pytest.param(
            RENDERED.format("<section class=item_show_type_8><p class=text_content>正文。</p></section>"), id="pictures"
        ),
    ],
)
def test_article_is_found_on_every_kind_of_page(page: str, read: Read) -> None:
    """WeChat's own page and what exporters make of it: title, account, day and text, no comments, no credits."""
    (document,), lines = read(f"<!DOCTYPE html><html><body>{page}</body></html>", "index.html")
    assert lines == []
    assert (document.title, document.account, document.date) == ("题", "号", "2025-10-21")
    assert document.body.strip() == "正文。"
    assert document.url in ("", "http://a.cn/?a=1&b=2")


def test_page_with_several_articles_keeps_all(read: Read) -> None:
    """One <article> is the text of the page; of several none is left out."""
    (one,), _ = read("<h1>题</h1><article><p>甲</p></article><p>页脚</p>", "a.html")
    (two,), _ = read("<h1>题</h1><article><p>甲</p></article><article><p>乙</p></article>", "b.html")
    assert (one.body, two.body) == ("甲", "甲\n\n乙")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param("<html><body><script>x</script></body></html>", "neither title nor text", id="script-only"),
        pytest.param("<!-- nothing -->", "neither title nor text", id="comment-only"),
        pytest.param("<title>题</title><p>获取全文失败</p>", "placeholder 获取全文失败", id="placeholder"),
    ],
)
def test_page_without_an_article_is_one_line(content: str, expected: str, read: Read) -> None:
    """A page that shows nothing is rejected with its reason."""
    documents, lines = read(content, "a.html")
    assert documents == []
    assert len(lines) == 1
    assert expected in lines[0]


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        pytest.param("<a " * MANY, "<a " * MANY, id="unclosed-tags"),
        pytest.param("<a " * MANY + ">甲", "甲", id="one-tag-of-many"),
        pytest.param("<!--" * MANY, "<!--" * MANY, id="unclosed-comments"),
        pytest.param("<!--" * MANY + "-->甲", "甲", id="one-comment-of-many"),
        pytest.param("<![CDATA[" * MANY, "<![CDATA[" * MANY, id="unclosed-cdata"),
        pytest.param("<div>" * MANY + "甲", "甲", id="nested-blocks"),
        pytest.param("<span>" * MANY + "甲", "甲", id="nested-inline"),
        pytest.param("<p>甲</p>" * MANY, "\n\n".join(["甲"] * MANY), id="many-paragraphs"),
        pytest.param("甲<br>" * MANY, "\n".join(["甲"] * MANY), id="many-breaks"),
        pytest.param("<b hidden>鲸</b>" * MANY + "甲", "甲", id="many-hidden"),
        pytest.param("<title>" * MANY, "", id="unclosed-titles"),
        pytest.param("<textarea>" * MANY + ">", "", id="unclosed-textareas"),
        pytest.param("<script>" * MANY + ">鲸", "", id="unclosed-scripts"),
        pytest.param("&#" * MANY, "&#" * MANY, id="unfinished-entities"),
        pytest.param("</" * MANY + ">甲", "甲", id="closing-of-nothing"),
    ],
)
def test_hostile_markup_is_read_for_what_it_is(markup: str, text: str) -> None:
    """Markup on which html.parser or tree changes take quadratic time (CVE-2025-6069) is a text like any other."""
    assert clean_text(text_of_html(markup)) == text.strip()


@given(st.text(alphabet="<>!-[]/a &;#'\"=甲\n") | st.text())
def test_no_markup_makes_the_reader_fail(markup: str) -> None:
    """Any text at all gives one record or one fault."""
    assert len(load(markup, "stem")) == 1


@given(st.lists(st.sampled_from(["甲", "乙 ", "<b>丙</b>", "<p>丁</p>", "<!--x-->", "&lt;", "<br>"])).map("".join))
def test_guard_leaves_sound_markup_alone(markup: str) -> None:
    """Only what is never closed is changed."""
    assert guard(markup) == markup


@given(st.text(alphabet="甲乙<>&;a/p!- "))
def test_text_of_html_shows_no_tag_of_blocks(markup: str) -> None:
    """Whatever the order of brackets, a closed paragraph tag never survives as text."""
    assert not re.search("<p>", text_of_html(markup))
