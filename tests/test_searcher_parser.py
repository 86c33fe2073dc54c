"""Query texts: what they mean, and what is said about those that cannot be taken as written."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from corpus.settings import Settings
from searcher.query.canonical import canonical_form
from searcher.query.parser import parse, parse_exact
from searcher.query.tree import And, DateRange, FieldValue, Leaf, Node, Not, Or, Query, Term
from searcher.results import QueryProblem

DEFAULTS = Settings()
TODAY = date(2025, 10, 31)


def meaning(text: str) -> str:
    """The query in canonical form, which is plain for all but signs that would be operators."""
    return canonical_form(parse(text, DEFAULTS, TODAY)[0])


def kinds(text: str) -> list[str]:
    """The kinds of the problems in order."""
    return [problem.kind for problem in parse(text, DEFAULTS, TODAY)[1]]


def leaves(node: Node | None) -> list[Leaf]:
    """The terms, values and days of a tree in order."""
    if node is None or isinstance(node, Leaf):
        return [] if node is None else [node]
    assert isinstance(node, And | Or | Not)
    parts = (node.part,) if isinstance(node, Not) else node.parts
    return [leaf for part in parts for leaf in leaves(part)]


def terms(query: Query) -> list[str]:
    """The texts of the query's terms in order."""
    return [leaf.text for leaf in leaves(query.root) if isinstance(leaf, Term)]


def is_everything(query: Query) -> bool:
    """True if the query matches every document."""
    return query.root is None


WORDS_AND_QUOTES = [
    pytest.param("", "", id="empty"),
    pytest.param(" \u3000\n", "", id="blanks"),
    pytest.param("脑机接口", "脑机接口", id="one-term"),
    pytest.param("脑机接口\u3000上海\t\n北京", "脑机接口 上海 北京", id="blanks-part-terms"),
    pytest.param("腦機接口 ６Ｇ", "脑机接口 6g", id="folded"),
    pytest.param("上海 上海 ", "上海", id="repeated-once"),
    pytest.param('上海 "上海"', '上海 "上海"', id="quoted-is-another-term"),
    pytest.param('"量子 计算"', '"量子计算"', id="straight-quotes"),
    pytest.param("“量子通信与量子计算机”", '"量子通信与量子计算机"', id="curved-quotes"),
    pytest.param("「量子」『通信』", '"量子" "通信"', id="corner-quotes"),
    pytest.param("＂量子＂", '"量子"', id="full-width-quotes"),
    pytest.param("”量子“", '"量子"', id="wrong-way-round"),
    pytest.param('“量子"', '"量子"', id="mixed-double-quotes"),
    pytest.param("「量子“通信”」", '"量子〞通信〞"', id="quotes-inside-corner-quotes"),
    pytest.param('上海"量子"北京', "上海 量子 北京", id="quotes-inside-a-word"),
    pytest.param('5" disks', "5〞 disks", id="inch-mark-is-no-quote"),
    pytest.param('"脑机"*', '"脑机"', id="no-star-after-quotes"),
    pytest.param("a(b\u200b)c\x00", "a(b)c", id="invisible-characters"),
    pytest.param("c¨d", '"c ̈d"', id="a-sign-with-a-blank-in-its-normal-form"),
]
EXCLUDED = [
    pytest.param("脑机接口 -上海", "脑机接口 -上海", id="minus"),
    pytest.param("脑机接口 －上海 −北京", "脑机接口 -上海 -北京", id="full-width-minus-and-minus-sign"),
    pytest.param("-上海", "-上海", id="only-excluded"),
    pytest.param('-"量子 通信"', '-"量子通信"', id="quoted"),
    pytest.param("-(a OR b) -（a b）", "-(a OR b) -(a b)", id="group"),
    pytest.param("-title:x", "-title:x", id="field"),
    pytest.param("a NOT b ＮＯＴ c 非 d", "a -b -c -d", id="words"),
    pytest.param("NOT(a) NOT NOT b", "-a b", id="not-before-a-bracket-and-twice"),
    pytest.param("非遗 非标准 南非 非", "非遗 非标准 南非 非\u200b", id="words-with-fei"),
    pytest.param("a not b", "a not b", id="lower-case-is-a-word"),
    pytest.param("!x ！x", "!x", id="exclamation-mark-is-text"),
    pytest.param("covid-19 a-", "covid-19 a-", id="hyphen-inside-a-word"),
    pytest.param("a - b", "a ‐ b", id="lone-hyphen-is-text"),
    pytest.param("--x -- -> -=", "‐‐x ‐‐ ‐﹥ ‐﹦", id="minus-before-another-sign-is-text"),
    pytest.param("“a”-b （ADO）-based", "a ‐b ado ‐based", id="minus-after-quotes-or-a-group-is-text"),
]
JOINED = [
    pytest.param("a OR b c", "a OR b c", id="and-before-or"),
    pytest.param("(a OR b) c", "(a OR b) c", id="group"),
    pytest.param("（a OR b) -c OR NOT d", "(a OR b) -c OR -d", id="mixed-brackets-and-not-first"),
    pytest.param("a | b || c ｜ d 或 e", "a OR b OR c OR d OR e", id="signs-for-or"),
    pytest.param("a|b||c", "a OR b OR c", id="bars-without-blanks"),
    pytest.param("a AND b && c 且 d + e ＋ f & g", "a b c d e f g", id="signs-for-and"),
    pytest.param("a or b and c", "a or b and c", id="lower-case-are-words"),
    pytest.param("和 与 a和b", "和 与 a和b", id="words-that-texts-are-full-of"),
    pytest.param("“量子”或“计算”", "量子 计算", id="no-operator-between-quotes-without-blanks"),
    pytest.param("或 a 或 或", "或\u200b a OR 或\u200b", id="han-operators-with-nothing-to-join"),
    pytest.param("a OR a", "a", id="repeated-alternative"),
    pytest.param("((a b) (c (d))) OR (e OR f)", "a b c d OR e OR f", id="flat"),
    pytest.param("(a OR b)(c OR d)", "(a OR b) (c OR d)", id="groups-without-a-blank"),
    pytest.param("上海(脑机 OR 量子) 上海（脑机|量子）", "上海 (脑机 OR 量子)", id="group-glued-to-a-word"),
    pytest.param("OR(b c)", "or b c", id="dangling-before-a-group"),
]
PASTED = [
    pytest.param("行动方案（2024-2027年）的通知", "行动方案(2024-2027年)的通知", id="brackets-in-a-title"),
    pytest.param("R(D) f(g(x))", "r(d) f(g(x))", id="brackets-in-a-word"),
    pytest.param("方案（“AI+”行动）的通知", '方案 "ai+" 行动 的通知', id="quotes-in-brackets-in-a-title"),
    pytest.param("（征求意见稿）", "征求意见稿", id="brackets-around-a-word"),
    pytest.param("一图读懂｜关于深入 一线丨传真", "一图读懂丨关于深入 一线丨传真", id="bars-of-titles"),
    pytest.param("《办法》《细则（试行）》", "《办法》《细则(试行)》", id="title-marks"),
    pytest.param("哪里有脑机接口企业？", "哪里有脑机接口企业", id="question"),
    pytest.param("什么是“量子”？真好！", "量子 ?真好", id="question-with-quotes"),
    pytest.param("什么是“量子”？", "量子", id="question-that-ends-in-quotes"),
    pytest.param("脑机接口， 上海、 AI;", "脑机接口 上海 ai", id="list-with-marks"),
    pytest.param("首家！在哪里？一文读懂。", "首家!在哪里?一文读懂", id="marks-inside-stay"),
    pytest.param("？！ *", "?! *", id="marks-alone-stay"),
    pytest.param("c + + 异步", "c ﹢ 异步", id="plus-signs"),
]
FIELDS = [
    pytest.param("title:量子 标题：计算 TITLE：“量子 a”", 'title:量子 title:计算 title:"量子a"', id="title"),
    pytest.param("account:甲 公众号：乙", "account:甲 account:乙", id="account"),
    pytest.param("type:申报 类型:公示", "type:申报 type:公示", id="type"),
    pytest.param("genre:通知 体裁：解读", "genre:通知 genre:解读", id="genre"),
    pytest.param('source:甲 來源：乙 来源:"丙"', 'source:甲 source:乙 source:"丙"', id="source"),
    pytest.param("ｔｉｔｌｅ：x", "title:x", id="full-width-name"),
    pytest.param("title:(a OR “b”) x", '(title:a OR title:"b") x', id="group"),
    pytest.param("title:(a -account:b (c))", "title:a -account:b title:c", id="inner-field-wins"),
    pytest.param("title:-x title:OR", "title:‐x title:or", id="no-operator-in-a-value"),
    pytest.param("title:a|b", "title:a OR b", id="one-value-only"),
    pytest.param("title:脑机* account:上海*", "title:脑机* account:上海", id="prefix"),
    pytest.param("时间：10点 https://a.b/c xyz:1", "时间:10点 https://a.b/c xyz:1", id="other-names-are-text"),
    pytest.param("a,title:x (a b)来源：x", "a,title:x a b 来源﹕x", id="only-where-a-term-begins"),
    pytest.param(
        "date:2025-10 日期：2025-09..2025-12", "date:2025-10-01..2025-10-31 date:2025-09-01..2025-12-31", id="d"
    ),
    pytest.param("-date:(2024 OR 近7天)", "-(date:2024-01-01..2024-12-31 OR date:2025-10-25..2025-10-31)", id="dates"),
    pytest.param("日期：2025年？", "date:2025-01-01..2025-12-31", id="date-in-a-question"),
    pytest.param("date:“2025 年 10 月”", "date:2025-10-01..2025-10-31", id="quoted-date"),
]
PREFIXES = [
    pytest.param("脑机* ab＊ abc**", "脑机* ab* abc*", id="prefix"),
    pytest.param("脑机*？", "脑机*", id="prefix-in-a-question"),
    pytest.param("*x a*b a*b*", "*x a*b a*b*", id="star-elsewhere"),
    pytest.param("脑机 脑机*", "脑机 脑机*", id="not-the-same-as-the-word"),
]


@pytest.mark.parametrize(("text", "expected"), WORDS_AND_QUOTES + EXCLUDED + JOINED + PASTED + FIELDS + PREFIXES)
def test_meaning(text: str, expected: str) -> None:
    """What each way of writing means."""
    assert meaning(text) == expected


@pytest.mark.parametrize(
    ("text", "expected", "told"),
    [
        pytest.param("“量子", '"量子"', ["open_quote"], id="open-quote"),
        pytest.param("(上海 “量子) b", '上海 "量子)b"', ["open_quote"], id="open-quote-in-a-group"),
        pytest.param('上海 "', "上海", ["open_quote", "empty_term"], id="open-quote-at-the-end"),
        pytest.param('""', '""', ["empty_term"], id="empty-quotes-find-nothing"),
        pytest.param('"" 上海', "上海", ["empty_term"], id="empty-quotes-beside-a-term"),
        pytest.param('-""', '""', ["empty_term"], id="excluded-empty-quotes-find-nothing"),
        pytest.param("\u200b", '""', ["empty_term"], id="invisible-term-finds-nothing"),
        pytest.param("()", '""', ["empty_term"], id="empty-group-finds-nothing"),
        pytest.param("-( ) OR (())", '""', ["empty_term", "empty_term"], id="empty-groups-find-nothing"),
        pytest.param("() 上海", "上海", ["empty_term"], id="empty-group-beside-a-term"),
        pytest.param("((", '""', ["unbalanced"], id="brackets-alone-find-nothing"),
        pytest.param("-(", '""', ["empty_term", "unbalanced"], id="minus-before-nothing"),
        pytest.param("(上海 量子", "上海 量子", ["unbalanced"], id="open-bracket"),
        pytest.param("上海 量子) x", "上海 量子 x", ["unbalanced"], id="closing-bracket"),
        pytest.param("(a OR b)) c", "(a OR b) c", ["unbalanced"], id="one-bracket-too-many"),
        pytest.param("方案（2024", "方案﹙2024", ["unbalanced"], id="open-bracket-inside-a-word"),
        pytest.param("2024年）的通知", "2024年﹚的通知", ["unbalanced"], id="closing-bracket-inside-a-word"),
        pytest.param("上海 OR", "上海 or", ["dangling"], id="or-at-the-end"),
        pytest.param("AND OR NOT", "and OR not", ["dangling", "dangling"], id="operators-alone"),
        pytest.param("(| a)", "丨 a", ["dangling"], id="bar-before-its-first-operand"),
        pytest.param("a AND AND b", "a and b", ["dangling"], id="twice"),
        pytest.param("title:", '""', ["empty_field"], id="field-alone-finds-nothing"),
        pytest.param("标题： 量子", "量子", ["empty_field"], id="field-before-a-blank"),
        pytest.param("(a type:)", "a", ["empty_field"], id="field-at-the-end-of-a-group"),
        pytest.param('title:""', '""', ["empty_term"], id="field-with-empty-quotes"),
        pytest.param("a* title:脑*", "a title:脑", ["short_prefix", "short_prefix"], id="short-prefix"),
        pytest.param("date:2025-13", "date﹕2025‐13", ["bad_date"], id="no-such-month"),
        pytest.param("量子 -日期：2025-02-30", "量子 -日期﹕2025‐02‐30", ["bad_date"], id="no-such-day"),
        pytest.param(
            "date:(2025 OR 昨儿)", "date:2025-01-01..2025-12-31 OR 昨儿", ["bad_date"], id="no-day-in-a-group"
        ),
        pytest.param("date:2025-12..2025-09", "date:2025-09-01..2025-12-31", ["reversed_range"], id="reversed-range"),
        pytest.param(
            "锚点 | 让光理解语义，全光大规模智能生成",
            "锚点 丨 让光理解语义,全光大规模智能生成",
            ["bar_text"],
            id="title",
        ),
        pytest.param(
            "公益课|为山里娃传授环保知识，献爱心 ｜ a",
            "公益课丨为山里娃传授环保知识,献爱心 丨 a",
            ["bar_text"],
            id="title-with-bars-inside",
        ),
    ],
)
def test_problems(text: str, expected: str, told: list[str]) -> None:
    """What cannot be taken as written still means something that is never more than asked for, and it is told."""
    assert meaning(text) == expected
    assert kinds(text) == told


@pytest.mark.parametrize(
    ("text", "place"),
    [
        pytest.param("上海 “量子", "“量子", id="open-quote-from-its-mark-to-the-end"),
        pytest.param('上海 "" 量子', '""', id="empty-quotes-with-both-marks"),
        pytest.param("上海 -( ) 量子", "( )", id="empty-group-with-its-brackets"),
        pytest.param("a b))) c", ")))", id="brackets"),
        pytest.param("a OR", "OR", id="operator"),
        pytest.param("a title: b", "title:", id="field"),
        pytest.param("a -title:x* b", "title:x*", id="prefix-with-its-field"),
        pytest.param("a -date:2025-13 b", "date:2025-13", id="date-with-its-field"),
        pytest.param("让光理解，生成|新知", "|", id="bar"),
    ],
)
def test_problem_spans(text: str, place: str) -> None:
    """A problem names the characters it is about."""
    _, problems = parse(text, DEFAULTS)
    assert [text[problem.start : problem.end] for problem in problems] == [place]


def test_problems_come_in_the_order_of_the_text() -> None:
    """Whoever finds a problem, the reader meets them from left to right."""
    _, problems = parse('"" title: a* ( OR “', DEFAULTS)
    assert [problem.start for problem in problems] == sorted(problem.start for problem in problems)
    assert len(problems) == 6


def test_term_spans() -> None:
    """The span of a leaf includes quotes, star and the name of its own field; a minus is not part of it."""
    text = '上海  -"量子 通信" “北京” NOT title:脑机* account:(甲 -“乙”) date:2025？ (x)'
    query, _ = parse(text, DEFAULTS)
    assert [text[leaf.start : leaf.end] for leaf in leaves(query.root)] == [
        *("上海", '"量子 通信"', "“北京”", "title:脑机*", "甲", "“乙”", "date:2025？", "x"),
    ]


def test_leaves() -> None:
    """Each kind of leaf holds what it was written with."""
    text = '脑机 title:"a b" ab* title:ab* type:申报 source:“甲” date:2025-10-09.. date:..2024'
    query, problems = parse(text, DEFAULTS)
    assert problems == ()
    first, last = date(2025, 10, 9).toordinal(), date(2024, 12, 31).toordinal()
    assert leaves(query.root) == [
        Term(text="脑机"),
        Term(text="a b", is_literal=True, is_title=True),
        Term(text="ab", is_prefix=True),
        Term(text="ab", is_prefix=True, is_title=True),
        FieldValue(field="type", text="申报"),
        FieldValue(field="source", text="甲", is_literal=True),
        DateRange(first=first, last=None),
        DateRange(first=None, last=last),
    ]


def test_equality_ignores_spans() -> None:
    """Leaves with the same meaning are equal, and one set element, wherever they stand in the query."""
    text = '上海 (甲 OR title:"b" OR type:申报 OR date:2025)'
    first, second = (leaves(parse(query, DEFAULTS, TODAY)[0].root) for query in (text, f" {text}"))
    assert first == second
    assert set(first) == set(second)
    assert [leaf.start + 1 for leaf in first] == [leaf.start for leaf in second]


@pytest.mark.parametrize("text", ['""', "()", "-()", "(", "title:", "\u200b", '-""', '"" OR ()', "「」 -“”"])
def test_marks_alone_do_not_find_everything(text: str) -> None:
    """A query without content has the one term that no document has, and a problem."""
    query, problems = parse(text, DEFAULTS)
    assert query.root == Term(text="", is_literal=True, start=0, end=len(text))
    assert problems


@pytest.mark.parametrize("text", ["", " ", "\u3000\n", " " * 257])
def test_blanks_ask_for_everything(text: str) -> None:
    """A query of blanks, of any length, stands for every document."""
    assert is_everything(parse(text, DEFAULTS)[0])


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        pytest.param('上海 -北京 | "量子"', '上海-北京|"量子"', id="operators"),
        pytest.param("title:量子 (脑机*", "title:量子(脑机*", id="field-bracket-and-star"),
        pytest.param("真的吗？", "真的吗?", id="marks"),
    ],
)
def test_exact_has_no_operators(text: str, normal: str) -> None:
    """Under --exact the whole text is one literal string."""
    query, problems = parse_exact(text, DEFAULTS)
    assert query.root == Term(text=normal, is_literal=True, start=0, end=len(text))
    assert problems == ()


@pytest.mark.parametrize("text", ["", " ", "\u200b"])
def test_exact_without_content_finds_nothing(text: str) -> None:
    """Under --exact an empty text is told, and stands for no document."""
    query, problems = parse_exact(text, DEFAULTS)
    assert isinstance(query.root, Term)
    assert query.root.text == ""
    assert [problem.kind for problem in problems] == ["empty_query"]


@pytest.mark.parametrize("parser", [parse, parse_exact])
def test_character_limit(parser: Callable[[str, Settings], tuple[Query, tuple[QueryProblem, ...]]]) -> None:
    """256 characters are searched, the 257th is not, and the answer says so."""
    longest = "科" * 256
    query, problems = parser(longest, DEFAULTS)
    assert (terms(query), problems) == ([longest], ())
    query, problems = parser(longest + "技", DEFAULTS)
    assert terms(query) == [longest]
    assert [(problem.kind, problem.start, problem.end) for problem in problems] == [("too_long", 256, 257)]
    assert "256" in problems[0].message


def test_term_limit() -> None:
    """64 terms are searched, the 65th is not, and the answer says so; excluded ones, values and days count."""
    text = " ".join(chr(0x3042 + number) for number in range(61)) + " -上 type:申报 date:2025"
    query, problems = parse(text, DEFAULTS)
    assert (len(leaves(query.root)), problems) == (64, ())
    text += " (海 OR 北) 上"
    query, problems = parse(text, DEFAULTS)
    assert len(leaves(query.root)) == 65  # 上 is there twice, as excluded and as wanted
    assert [(problem.kind, text[problem.start : problem.end]) for problem in problems] == [
        ("too_many_terms", "海 OR 北) 上")
    ]
    assert "64" in problems[0].message


def test_repeated_terms_do_not_count() -> None:
    """A term that was there before does not use up the limit."""
    assert (meaning("上 " * 64 + "海"), kinds("上 " * 64 + "海")) == ("上 海", [])


def test_depth_limit() -> None:
    """20 brackets inside each other are read, the 21st is left out, and the answer says so."""
    deepest = "(a OR b c " * 20 + "x" + ")" * 20
    assert kinds(deepest) == []
    text = "-(a " * 21 + "b" + ")" * 21
    query, problems = parse(text, DEFAULTS)
    assert {term.text for term in leaves(query.root) if isinstance(term, Term)} == {"a", "b"}
    assert [(problem.kind, text[problem.start : problem.end]) for problem in problems] == [("too_deep", "(")]
    assert "20" in problems[0].message


def test_limits_are_settings() -> None:
    """All limits follow the settings, and a limit of no terms does not ask for everything."""
    query, problems = parse("一 ((二)) 三 四", Settings(max_query_chars=9, max_query_terms=2, max_query_depth=1))
    assert canonical_form(query) == "一 二"
    assert [problem.kind for problem in problems] == ["too_deep", "too_many_terms", "too_long"]
    assert canonical_form(parse("一", Settings(max_query_terms=0))[0]) == '""'


def test_messages_do_not_echo() -> None:
    """No message repeats what the user typed."""
    texts = ["“秘密", '"" 秘密', "秘密" * 200, " ".join(f"秘密{number}" for number in range(40)) * 2, "date:秘密"]
    problems: list[QueryProblem] = [problem for text in texts for problem in parse(text, DEFAULTS)[1]]
    assert len(problems) >= len(texts)
    assert not any("秘密" in problem.message for problem in problems)
