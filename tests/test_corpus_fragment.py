"""HTML in the fields of exports: what is mark-up and goes, and what only looks like it and stays."""

from __future__ import annotations

import html
import json
import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.cleaning.text import clean_text
from corpus.document import Document
from corpus.loaders.page.fragment import html_to_text

Read = Callable[..., tuple[list[Document], list[str]]]
MANY = 50_000


@pytest.mark.parametrize(
    ("field", "text"),
    [
        pytest.param("智能<em class='hl'>网联</em>汽车", "智能网联汽车", id="inline"),
        pytest.param("智能<b>网</b><i>联</i>汽车", "智能网联汽车", id="one-letter-tags"),
        pytest.param("氢能<!--begin-->储运<!--end-->", "氢能储运", id="comments"),
        pytest.param("H<sub>2</sub>O 与 km<sup>2</sup>", "H2O 与 km2", id="sub-and-sup"),
        pytest.param("甲<br>乙<br/>丙<BR />丁", "甲\n乙\n丙\n丁", id="breaks"),
        pytest.param("<ol><li>甲</li><li>乙</li></ol>丙", "甲\n\n乙\n\n丙", id="lists"),
        pytest.param("<table><tr><td>甲</td><td>乙</td></tr></table>", "甲 乙", id="cells"),
        pytest.param("<p>甲<p>乙", "甲\n\n乙", id="paragraphs-without-end"),
        pytest.param("甲<a href='/x?a=1&b=2' title=\"a>b\">乙</a>丙", "甲乙丙", id="attributes"),
        pytest.param("<mp-common-profile data-x='1'></mp-common-profile>甲<o:p></o:p>乙", "甲乙", id="custom-elements"),
        pytest.param("<p>\n 甲\n\n\n <!-- x -->\n <b>乙</b>\n</p>", "甲 乙", id="source-line-breaks"),
        pytest.param("<pre>a\n  b</pre>", "a\nb", id="pre"),
        pytest.param(
            "<em>电子</em>标签与<b>元素</b>周期，<i>DOM</i>节点", "电子标签与元素周期，DOM节点", id="words-for-tags"
        ),
        pytest.param("&amp;quot;甲&amp;quot;&amp;mdash;&amp;#20057;", '"甲"—乙', id="signs-escaped-twice"),
        pytest.param("&lt;p&gt;甲&lt;b&gt;乙&lt;/b&gt;丙&lt;/p&gt;丁", "甲乙丙\n\n丁", id="escaped"),
        pytest.param("&amp;lt;p&amp;gt;甲&amp;amp;nbsp;乙&amp;lt;/p&amp;gt;", "甲 乙", id="escaped-twice"),
        pytest.param("<p>若 a<b 则停，<名称> 与 x<10</p>", "若 a<b 则停，<名称> 与 x<10", id="signs-in-markup"),
        pytest.param("<p>写 &lt;b&gt; 即可</p>", "写 <b> 即可", id="escaped-in-markup"),
        pytest.param("<style>p{}</style><script>x</script><p hidden>甲</p><p>乙</p>", "乙", id="hidden"),
    ],
)
def test_markup_becomes_the_text_that_a_reader_sees(field: str, text: str) -> None:
    """Inline tags part nothing; blocks, breaks and cells do; escaped mark-up is mark-up."""
    assert clean_text(html_to_text(field)) == text


@pytest.mark.parametrize(
    "field",
    [
        pytest.param("功率<10 kW 的机组", id="number"),
        pytest.param("若a<b且c>d则a<d", id="comparisons"),
        pytest.param("x < y > z", id="blanks"),
        pytest.param("请填写<单位名称>和<日期>", id="han"),
        pytest.param("List<String> a; Map<K, V> b; vector<int> c; Box<a> d", id="generics"),
        pytest.param("用 <strong> 标签加粗，<br> 标签换行", id="tags-by-name"),
        pytest.param("写作“<b>”和“</b>”", id="quoted-tags"),
        pytest.param("`<p>` 与 `</p>`", id="code"),
        pytest.param("联系<zhang@example.org>", id="address"),
        pytest.param("<- 上页 | 下页 ->", id="arrows"),
        pytest.param("p<0.05, n>30", id="statistics"),
    ],
)
def test_text_that_speaks_of_tags_stays(field: str) -> None:
    """Real names and shapes decide, not a `<`; neither does an escaped one."""
    assert html_to_text(field) == field
    assert clean_text(html_to_text(html.escape(field, quote=False))) == field


@pytest.mark.parametrize(
    "field",
    [
        pytest.param("<a " * MANY, id="unclosed-tags"),
        pytest.param("<!--" * MANY, id="comments"),
        pytest.param("<a x='" * MANY, id="quotes"),
        pytest.param("<b" + " x=1" * MANY, id="attributes"),
        pytest.param("&lt;" * MANY, id="escapes"),
        pytest.param("<b>" * MANY + "</b>", id="open"),
        pytest.param("<!doctype " * MANY, id="doctypes"),
    ],
)
def test_hostile_fields_cost_little(field: str) -> None:
    """Time grows with the length, whatever is left open."""
    start = time.monotonic()
    html_to_text(field)
    assert time.monotonic() - start < 20


HAN = st.text(alphabet="海陆空潮汐风光储能电站", min_size=1, max_size=8)
PIECES = st.recursive(
    HAN,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=4).map("".join),
        st.tuples(st.sampled_from(["b", "em", "p", "div", "li", "td", "blockquote", "h2"]), inner).map(
            lambda pair: f"<{pair[0]}>{pair[1]}</{pair[0]}>"
        ),
    ),
    max_leaves=8,
)


@given(PIECES, st.integers(0, 2))
def test_no_han_character_of_a_field_is_lost(markup: str, escapes: int) -> None:
    """However deep the tags and however often they are escaped, the text is what stands between them."""
    escaped = markup
    for _ in range(escapes):
        escaped = html.escape(escaped)
    text = clean_text(html_to_text(escaped))
    assert "<" not in text
    assert [char for char in text if char > "\u3400"] == [char for char in markup if char > "\u3400"]


def test_titles_and_texts_of_exports_hold_no_tags(read: Read) -> None:
    """Every field that is shown goes the same way: titles, texts, accounts, summaries."""
    record = {"title": "<em>潮</em>汐", "content": "海<i>流</i>能", "account": "<b>海</b>湾"}
    (document,), _ = read(json.dumps([record]), "a.json")
    assert (document.title, document.body, document.account) == ("潮汐", "海流能", "海湾")


def test_markdown_in_a_field_is_read_as_its_reader_sees_it(read: Read) -> None:
    """Headings, links, pictures, lists and tables lose their marks; HTML that shows such marks keeps them."""
    markdown = "## 沙丘志\n\n见[固沙*草方*格](https://a.cn/1)与`a_b`\n\n| 林 | 草 |\n| --- | --- |\n| 胡**杨** | 梭梭 |"
    shown = "<p>写作 [链接](https://a.cn/2)</p>"
    linked = "一、固沙\n![图](https://a.cn/3.png)[草方格](/4)宽一米\n二、治水"
    entries = [{"id": str(at), "title": f"题{at}", "text": text} for at, text in enumerate((markdown, shown, linked))]
    documents, _ = read(json.dumps(entries, ensure_ascii=False), "甲.json")
    first, second, third = documents
    assert first.body == "沙丘志\n\n见固沙草方格与a_b\n\n林\t草\n胡杨\t梭梭".replace("\t", " ")
    assert [section.title for section in first.sections] == ["沙丘志"]
    assert second.body == "写作 [链接](https://a.cn/2)"
    assert third.body.split() == ["一、固沙", "草方格宽一米", "二、治水"]
