"""The normal form: which texts have the same one, and the offset map to the original text."""

from __future__ import annotations

import re
import unicodedata

import hypothesis
import pytest
from hypothesis import strategies as st

from corpus.chinese import is_han
from indexer.analysis.normalise import Normalised, context_forms, fold_table, normalise

#: Characters that meet in real texts and those that have broken folding before: marks, ligatures, jamo, blanks.
AWKWARD = (
    "甲乙二十年龍國⻓⻳⼈々〇○oО0,，〔]）%𠮷a1"
    "ＡßſŉİΣς ﬁ㈱⒈…ｶﾞカ\u3099か\u1100\u1161\u11a8가é\u0301\u0345\u0307—·“’´¨｜〜"
)
BLANKS = " \t\n\r\v\f\x1c\x1f\x85\u00a0\u2028\u2029\u3000"
INVISIBLE = "\x00\x01\x7f\u00ad\u200b\u200d\u202e\u2060\ufe0f\ufeff\U000e0041"

texts = st.text(st.one_of(st.sampled_from(AWKWARD + BLANKS + INVISIBLE), st.characters()), max_size=16)
thorough = hypothesis.settings(deadline=None, derandomize=True, max_examples=1500)


@thorough
@hypothesis.given(texts)
@hypothesis.example("ßA\u0301")
def test_both_forms_agree(text: str) -> None:
    """`normalise` and `Normalised` return the same text."""
    assert Normalised(text).text == normalise(text)


@thorough
@hypothesis.given(texts)
def test_ways_back_lead_into_the_text(text: str) -> None:
    """Every character of the normal form maps to a span of the text, and the spans ascend."""
    normal = Normalised(text)
    spans = [normal.span(at, at + 1) for at in range(len(normal.text))]
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert [start for start, _ in spans] == sorted(start for start, _ in spans)
    assert [end for _, end in spans] == sorted(end for _, end in spans)


@thorough
@hypothesis.given(texts, st.data())
def test_way_back_of_a_stretch(text: str, data: st.DataObject) -> None:
    """A span maps from the start of its first character to the end of its last one, and has the same normal form."""
    normal = Normalised(text)
    hypothesis.assume(normal.text)
    start = data.draw(st.integers(0, len(normal.text) - 1))
    end = data.draw(st.integers(start + 1, len(normal.text)))
    first, last = normal.span(start, end)
    assert (first, last) == (normal.span(start, start + 1)[0], normal.span(end - 1, end)[1])
    assert any(normal.text[start:end].strip() in form for form in context_forms(text[first:last]))


@thorough
@hypothesis.given(texts)
def test_normal_form_is_its_own_normal_form(text: str) -> None:
    """N is idempotent, except for line breaks between paragraphs (see the next test)."""
    once = normalise(text)
    hypothesis.assume("\n" not in once)
    assert normalise(once) == once


def test_paragraph_break_survives_a_second_pass() -> None:
    """N is idempotent between two paragraphs, too."""
    once = normalise("A.\n\n乙")
    assert normalise(once) == once == "a.\n\n乙"
    once = normalise("甲\n\n乙")
    assert normalise(once) == once


@thorough
@hypothesis.given(texts)
@hypothesis.example("甲\n\n甲")
def test_normal_form_has_no_stray_blanks(text: str) -> None:
    """The normal form has no whitespace at its ends, no double blank, no other whitespace, no invisible character."""
    normal = normalise(text)
    assert normal == normal.strip()
    assert re.fullmatch(r"(?:\S|(?: |\n\n)(?=\S))*", normal)
    assert not any(character in INVISIBLE for character in normal)


@thorough
@hypothesis.given(st.text("甲乙ab1Ａ，—。 \n\u3000", max_size=12), st.text("甲乙ab1Ａ，—。 \n\u3000", max_size=12))
def test_folding_does_not_reach_across_a_full_stop(left: str, right: str) -> None:
    """The normal form of a text before a full stop does not depend on what follows."""
    assert normalise(left + "。" + right).startswith(normalise(left + "。"))


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        pytest.param("", "", id="empty"),
        pytest.param(" \t\n\u3000 ", "", id="blanks-only"),
        pytest.param("\u200b\ufeff", "", id="invisible-only"),
        pytest.param("６Ｇ", "6g", id="full-width"),
        pytest.param("ＡＩ＋制造", "ai+制造", id="full-width-plus"),
        pytest.param("５０％", "50%", id="full-width-percent"),
        pytest.param("FAIR", "fair", id="case"),
        pytest.param("Straße", "strasse", id="case-folding-not-lowering"),
        pytest.param("Γραφείο ΣΟΦΟΣ", "γραφείο σοφοσ", id="greek-final-sigma"),
        pytest.param("ﬁnance", "finance", id="ligature"),
        pytest.param("μ与µ", "μ与μ", id="micro-sign"),
        pytest.param("㎡", "m2", id="square-metre"),
        pytest.param("①⑩Ⅳ", "110iv", id="enclosed-and-roman-numbers"),
        pytest.param("e\u0301", "é", id="decomposed"),
        pytest.param("ｶﾞ", "ガ", id="half-width-kana"),
        pytest.param("腦機接口", "脑机接口", id="traditional"),
        pytest.param("發展與髮型", "发展与发型", id="traditional-many-to-one"),
        pytest.param("臺灣臺北", "台湾台北", id="traditional-taiwan"),
        pytest.param("量子 计算", "量子计算", id="blank-between-han"),
        pytest.param("量子\u3000计算", "量子计算", id="ideographic-blank-between-han"),
        pytest.param("量子\n计算", "量子计算", id="line-break-between-han"),
        pytest.param("量子\r\n计算", "量子计算", id="windows-line-break-between-han"),
        pytest.param("量子 \n 计算", "量子计算", id="line-break-with-blanks-between-han"),
        pytest.param("量子\n\n计算", "量子\n\n计算", id="empty-line-between-han-stays"),
        pytest.param("量子\r\n\r\n计算", "量子\n\n计算", id="windows-empty-line-between-han"),
        pytest.param("量子 \n\u3000\n\n 计算", "量子\n\n计算", id="many-empty-lines-are-one"),
        pytest.param("句。\n\n句", "句。\n\n句", id="empty-line-after-punctuation"),
        pytest.param("𠮷 野", "𠮷野", id="blank-between-han-outside-the-plane"),
        pytest.param("人 々", "人々", id="blank-before-iteration-mark"),
        pytest.param("6G 网络", "6g网络", id="blank-between-latin-and-han"),
        pytest.param("open   source", "open source", id="many-blanks-are-one"),
        pytest.param("open\nsource", "open source", id="line-break-between-words"),
        pytest.param("  open  ", "open", id="blanks-at-the-ends"),
        pytest.param("量\u200b子", "量子", id="zero-width-blank"),
        pytest.param("co\u00adoperate", "cooperate", id="soft-hyphen"),
        pytest.param("量\ufe00子", "量子", id="variation-selector"),
        pytest.param("❤️", "❤", id="emoji-presentation"),
        pytest.param("“十五五”‘甲’「乙」『丙』«丁»", '"十五五"\'甲\'"乙""丙""丁"', id="quotes"),
        pytest.param("—–―‑−─", "------", id="dashes"),
        pytest.param("马克·吐温•甲・乙‧丙", "马克·吐温·甲·乙·丙", id="middle-dots"),
        pytest.param("甲｜乙|丙", "甲|乙|丙", id="bars"),
        pytest.param("1～2〜3", "1~2~3", id="tildes"),
        pytest.param("等等……", "等等......", id="ellipsis"),
        pytest.param("（一）【甲】，。：；！？", "(一)【甲】,。:;!?", id="punctuation-by-nfkc-only"),
        pytest.param("〔2025〕27号", "(2025)27号", id="brackets-of-document-numbers"),
        pytest.param("【２０２５】 27 号［3］", "(2025)27号(3)", id="other-brackets-of-document-numbers"),
        pytest.param("〔甲〕【乙】[c]", "〔甲〕【乙】[c]", id="brackets-of-words-stay"),
        pytest.param("3,200万元，1,234,567元", "3200万元,1234567元", id="grouped-digits"),
        pytest.param("１２，０００人", "12000人", id="grouped-digits-full-width"),
        pytest.param("2,3,4 1234,567 1,2345", "2,3,4 1234,567 1,2345", id="lists-are-no-groups"),
        pytest.param("二○二五年二О三O年一0年", "二〇二五年二〇三〇年一〇年", id="zeros-between-numerals"),
        pytest.param("HO1甲O2一GO二", "ho1甲o2一go二", id="letters-beside-no-numeral-stay"),
        pytest.param("⻓三⻆⺠⾧⽚", "长三角民长片", id="radicals"),
        pytest.param("到 2025 年底", "到2025年底", id="blank-between-han-and-digits"),
        pytest.param("占比 50 % 以上", "占比50%以上", id="blank-before-percent"),
        pytest.param("国科发 〔2025〕 18 号", "国科发(2025)18号", id="blank-beside-brackets"),
        pytest.param("再建12\n座，A\n级", "再建12座,a级", id="line-break-between-han-and-latin"),
        pytest.param("AI + 制造，AI＋ 制造", "ai+制造,ai+制造", id="blank-beside-plus"),
        pytest.param("C++ 语言 ；R & D， GB/T 12 — 2020", "c++语言;r&d,gb/t 12-2020", id="blank-beside-signs"),
        pytest.param("￥ 3,500 元 / 吨； 1 : 3", "¥3500元/吨;1:3", id="blank-beside-currency-and-ratio"),
        pytest.param("“ 互联网 + ” 《 办法 》", '"互联网+"《办法》', id="blank-inside-quotes-and-brackets"),
        pytest.param("3, 200 与 12 .5 与 第 2, 345", "3, 200与12 .5与第2, 345", id="blank-between-numbers-stays"),
        pytest.param("open, source . End", "open,source.end", id="blank-beside-points"),
        pytest.param("नमस्ते दुनिया", "नमस्ते दुनिया", id="blank-beside-combining-marks-stays"),
        pytest.param("open source 2025 2026", "open source 2025 2026", id="blank-between-words-stays"),
        pytest.param("甲、乙《丙》", "甲、乙《丙》", id="chinese-punctuation-stays"),
        pytest.param("𝟞𝔾", "6g", id="mathematical-letters"),
        pytest.param("🚀", "🚀", id="emoji-stays"),
    ],
)
def test_folds(text: str, normal: str) -> None:
    """Each kind of variant has the expected normal form."""
    assert normalise(text) == normal
    assert Normalised(text).text == normal


@pytest.mark.parametrize(
    ("text", "part", "original"),
    [
        pytest.param("研究腦機接口產品", "脑机接口", "腦機接口", id="traditional"),
        pytest.param("发展６Ｇ网络", "6g", "６Ｇ", id="full-width"),
        pytest.param("量子\n计算机", "子计", "子\n计", id="across-a-line-break"),
        pytest.param("面积5㎡左右", "m2", "㎡", id="one-character-becomes-two"),
        pytest.param("cafe\u0301 bar", "é", "e\u0301", id="two-characters-become-one"),
        pytest.param("a  b", " ", "  ", id="blanks"),
        pytest.param("\ufeff 量子", "量", "量", id="after-dropped-characters"),
        pytest.param("ﬁne", "i", "ﬁ", id="half-of-a-ligature"),
    ],
)
def test_offsets_give_the_authors_characters(text: str, part: str, original: str) -> None:
    """A span of the normal form maps to the original characters."""
    normal = Normalised(text)
    at = normal.text.index(part)
    start, end = normal.span(at, at + len(part))
    assert text[start:end] == original


def test_fold_table_is_final() -> None:
    """Every fold is final and yields a single character in NFKC."""
    table = fold_table()
    assert len(table) > 3000
    for folded in table.values():
        assert len(folded) == 1
        assert ord(folded) not in table
        assert unicodedata.normalize("NFKC", folded) == folded


@pytest.mark.parametrize(
    ("text", "forms"),
    [
        pytest.param("脑机接口", ("脑机接口",), id="no-number"),
        pytest.param("3,200万元", ("3200万元", "3,200万元"), id="a-group-may-be-part-of-a-longer-number"),
        pytest.param("共3,2", ("共3,2", "共32"), id="cut-inside-a-group"),
        pytest.param("O二五年", ("o二五年", "〇二五年"), id="cut-before-a-zero"),
        pytest.param("二O", ("二o", "二〇"), id="cut-behind-a-zero"),
        pytest.param("发〔", ("发〔", "发("), id="cut-behind-a-bracket"),
    ],
)
def test_context_forms(text: str, forms: tuple[str, ...]) -> None:
    """A string with a number at an end has all the normal forms that it can have as a substring."""
    assert context_forms(text) == forms


@thorough
@hypothesis.given(st.text(st.sampled_from("甲二〇oO0123,，〔［]】)( 年\n"), max_size=14), st.data())
def test_context_forms_cover_every_cut(text: str, data: st.DataObject) -> None:
    """A substring of a text is in the normal form in one of its context forms, except commas at ends and a single O."""
    start = data.draw(st.integers(0, len(text)))
    string = text[start : data.draw(st.integers(start, len(text)))].strip(", ，\n")
    hypothesis.assume(string.strip("oO0"))
    assert any(form in normalise(text) for form in context_forms(string))


def test_fold_table_equals_opencc() -> None:
    """Every Han character folds as in OpenCC's table of single characters."""
    opencc = pytest.importorskip("opencc")
    convert = opencc.OpenCC("t2s").convert
    ours = {code: folded for code, folded in fold_table().items() if is_han(chr(code))}
    theirs = {}
    for first, last in ((0x3400, 0x4DC0), (0x4E00, 0xA000), (0x20000, 0x323B0)):
        for code in range(first, last):
            simplified = convert(chr(code))
            while simplified != (further := convert(simplified)):
                simplified = further
            if len(simplified) == 1 and simplified != chr(code):
                theirs[code] = simplified
    differing = {chr(code) for code in ours.keys() | theirs.keys() if ours.get(code) != theirs.get(code)}
    assert differing <= {"丨"}, "a stroke that people type for a bar is the only Han character we fold otherwise"
