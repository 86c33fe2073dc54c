"""The normal form: which texts count as the same, and where each of its characters comes from."""

from __future__ import annotations

import re
import unicodedata

import hypothesis
import pytest
from hypothesis import strategies as st

from corpus.chinese import is_han
from indexer.analysis.normalise import Normalised, fold_table, normalise

#: Characters that meet in real texts and those that have broken folding before: marks, ligatures, jamo, blanks.
AWKWARD = "甲乙龍國々〇𠮷a1ＡßſŉİΣς ﬁ㈱⒈…ｶﾞカ\u3099か\u1100\u1161\u11a8가é\u0301\u0345\u0307—·“’´¨｜〜"
BLANKS = " \t\n\r\v\f\x1c\x1f\x85\u00a0\u2028\u2029\u3000"
INVISIBLE = "\x00\x01\x7f\u00ad\u200b\u200d\u202e\u2060\ufe0f\ufeff\U000e0041"

texts = st.text(st.one_of(st.sampled_from(AWKWARD + BLANKS + INVISIBLE), st.characters()), max_size=16)
thorough = hypothesis.settings(deadline=None, derandomize=True, max_examples=1500)


@thorough
@hypothesis.given(texts)
def test_both_forms_agree(text: str) -> None:
    """The fast form and the form with the way back give the same text."""
    assert Normalised(text).text == normalise(text)


@thorough
@hypothesis.given(texts)
def test_ways_back_lead_into_the_text(text: str) -> None:
    """Every character of the normal form comes from a stretch of the text, and the stretches ascend."""
    normal = Normalised(text)
    spans = [normal.span(at, at + 1) for at in range(len(normal.text))]
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert [start for start, _ in spans] == sorted(start for start, _ in spans)
    assert [end for _, end in spans] == sorted(end for _, end in spans)


@thorough
@hypothesis.given(texts, st.data())
def test_way_back_of_a_stretch(text: str, data: st.DataObject) -> None:
    """A stretch comes from where its first character begins to where its last one ends, and folds to what it was."""
    normal = Normalised(text)
    hypothesis.assume(normal.text)
    start = data.draw(st.integers(0, len(normal.text) - 1))
    end = data.draw(st.integers(start + 1, len(normal.text)))
    first, last = normal.span(start, end)
    assert (first, last) == (normal.span(start, start + 1)[0], normal.span(end - 1, end)[1])
    assert normal.text[start:end].strip() in normalise(text[first:last])


@thorough
@hypothesis.given(texts)
def test_normal_form_is_its_own_normal_form(text: str) -> None:
    """Normalising twice gives what normalising once gives, but for the line break of a paragraph (see below)."""
    once = normalise(text)
    hypothesis.assume("\n" not in once)
    assert normalise(once) == once


def test_paragraph_break_survives_a_second_pass() -> None:
    """N(N(text)) = N(text) also where two paragraphs meet."""
    once = normalise("甲。\n\n乙")
    assert normalise(once) == once == "甲。 乙"
    once = normalise("甲\n\n乙")
    assert normalise(once) == once


@thorough
@hypothesis.given(texts)
def test_normal_form_has_no_stray_blanks(text: str) -> None:
    """No blank at an end, no two in a row, none but the blank and the line break, no invisible character."""
    normal = normalise(text)
    assert normal == normal.strip()
    assert re.fullmatch(r"(?:\S|[ \n](?=\S))*", normal)
    assert not any(character in INVISIBLE for character in normal)


@thorough
@hypothesis.given(st.text("甲乙ab1Ａ，—。 \n\u3000", max_size=12), st.text("甲乙ab1Ａ，—。 \n\u3000", max_size=12))
def test_folding_does_not_reach_across_a_full_stop(left: str, right: str) -> None:
    """What stands before a full stop of text folds the same whatever follows it."""
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
        pytest.param("句。\n\n句", "句。 句", id="empty-line-after-punctuation"),
        pytest.param("𠮷 野", "𠮷野", id="blank-between-han-outside-the-plane"),
        pytest.param("人 々", "人々", id="blank-before-iteration-mark"),
        pytest.param("6G 网络", "6g 网络", id="blank-between-latin-and-han"),
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
        pytest.param("〔2025〕27号", "〔2025〕27号", id="brackets-of-file-numbers-stay"),
        pytest.param("甲、乙《丙》", "甲、乙《丙》", id="chinese-punctuation-stays"),
        pytest.param("𝟞𝔾", "6g", id="mathematical-letters"),
        pytest.param("🚀", "🚀", id="emoji-stays"),
    ],
)
def test_folds(text: str, normal: str) -> None:
    """Each kind of variant that authors and exporters mix, and what it becomes."""
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
    """A stretch of the normal form leads back to the characters as the author wrote them."""
    normal = Normalised(text)
    at = normal.text.index(part)
    start, end = normal.span(at, at + len(part))
    assert text[start:end] == original


def test_fold_table_is_final() -> None:
    """No fold leads to a character that is itself folded, and each leads to a single character in NFKC."""
    table = fold_table()
    assert len(table) > 3000
    for folded in table.values():
        assert len(folded) == 1
        assert ord(folded) not in table
        assert unicodedata.normalize("NFKC", folded) == folded


def test_fold_table_equals_opencc() -> None:
    """Every Han character folds as OpenCC's table of single characters says."""
    opencc = pytest.importorskip("opencc")
    convert = opencc.OpenCC("t2s").convert
    ours = {code: folded for code, folded in fold_table().items() if is_han(chr(code)) or is_han(folded)}
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
