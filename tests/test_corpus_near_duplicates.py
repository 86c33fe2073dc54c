"""Copies are found whatever their title; a template's next batch, year or project is none."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.document import Cluster, Document
from corpus.import_issue import ImportIssue
from corpus.minhash import Shingler
from corpus.near_duplicates import LEAST_SIMILARITY, SHORT_CHARS, Duplicates, Sketcher
from corpus.sources.files import find_files

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"

Entry = tuple[str, str, str | None]  # title, body, date

SKETCHER = Sketcher()

NOTICE = """关于申报“{name}”重点专项{year}年度{batch}项目的通知

{number}
各有关单位：

为推动本区科学技术事业的发展，现就“{name}”重点专项{year}年度{batch}项目的申报工作通知如下。

一、申报条件
申报单位应当在本区注册满一年，经营状况良好，信用记录完整，并且有专门的研究人员和实验场地。项目负责人应当
年富力强，在相关领域有扎实的工作基础，能够保证投入足够的时间。每个单位限报一项，正在承担同类项目的不再受理。

二、申报方式
申报单位登录网上办事平台，如实填写申请表，上传营业执照、财务报表以及合作协议等附件，经主管部门审核盖章后提交。
纸质材料一式三份，采用普通纸质材料作为封面，不采用胶圈、文件夹等带有突出棱边的装订方式，邮寄至受理窗口。

三、评审与资助
受理后由专家对项目的创新性、可行性和预期成效进行评审，择优给予资助，资助经费分两次拨付，验收合格后拨付余款。
对弄虚作假的单位，一经查实即取消资格，追回已经拨付的经费，并且记入诚信档案，三年之内不得再次申报任何项目。
"""


def notice(name: str = "深海勘探", year: int = 2025, batch: str = "", number: str = "") -> tuple[str, str]:
    """Title and text of a notice that our template gives."""
    text = NOTICE.format(name=name, year=year, batch=batch, number=number)
    title, _, body = text.partition("\n\n")
    return title, body


def clusters(*entries: Entry) -> dict[str, Cluster]:
    """The clusters of these documents, whose ids are their numbers."""
    texts = {str(number): entry for number, entry in enumerate(entries)}
    duplicates = Duplicates()
    for id, (title, body, date) in texts.items():
        duplicates.add(id, date, SKETCHER.sketch(title, body))
    return duplicates.clusters(lambda id: texts[id][:2])


def sentences(count: int, seed: int) -> list[str]:
    """Sentences of 20 to 40 random Han characters."""
    chance = random.Random(seed)
    return [
        "".join(chr(chance.randrange(0x4E00, 0x9000)) for _ in range(chance.randrange(20, 40))) + "。"
        for _ in range(count)
    ]


def test_a_copy_names_the_earliest() -> None:
    """All members share the cluster's id, the oldest is its earliest and wholly like itself, a stranger has none."""
    title, body = notice()
    found = clusters(
        (title, body + "编辑：张三，校对：李四，欢迎转发给身边的朋友。", "2025-03-02"),
        (title, body, "2025-03-01"),
        ("另一篇", "".join(sentences(20, 1)), "2025-03-01"),
        (f"【通知】{title}", body, None),
    )
    assert found.keys() == {"0", "1", "3"}
    assert {(cluster.id, cluster.earliest) for cluster in found.values()} == {("1", "1")}
    assert found["1"].similarity == found["3"].similarity == 1.0
    assert LEAST_SIMILARITY < found["0"].similarity < 1.0


def test_earliest_without_dates() -> None:
    """A dated document is earlier than an undated one; of two that are alike in date the lesser id is."""
    title, body = notice()
    assert clusters((title, body, None), (title, body, "2025-01-01"))["0"].earliest == "1"
    assert clusters((title, body, None), (title, body, None))["1"].earliest == "0"


@pytest.mark.parametrize(
    ("other", "changed"),
    [
        pytest.param({"name": "绿色制造"}, {}, id="project"),
        pytest.param({"year": 2024}, {}, id="year"),
        pytest.param({"batch": "第三批"}, {"batch": "第四批"}, id="batch"),
        pytest.param({"batch": "第3批"}, {"batch": "第十三批"}, id="batch-in-other-digits"),
        pytest.param({"number": "区科指〔2025〕7号"}, {"number": "区科指〔2025〕8号"}, id="own-number"),
        pytest.param(
            {"name": "绿色制造", "number": "区科指〔2025〕7号"},
            {"number": "区科指〔2025〕8号"},
            id="project-and-own-number",
        ),
        pytest.param(
            {"year": 2024, "number": "区科指〔2025〕7号"}, {"number": "区科指〔2025〕7号"}, id="year-under-one-number"
        ),
    ],
)
def test_a_template_is_no_copy(other: dict[str, str | int], changed: dict[str, str | int]) -> None:
    """Notices of one template that name another project, year, batch or number stay apart, alike as they are."""
    one, two = notice(**changed), notice(**other)  # type: ignore[arg-type]
    shingler = Shingler()
    assert shingler.jaccard(shingler.shingles(one[1]), shingler.shingles(two[1])) > 0.85
    assert clusters((*one, None), (*two, None)) == {}


def test_a_template_with_a_title_that_never_changes() -> None:
    """A yearly notice under the same title is another one: its text names another year."""
    body_2024, body_2025 = notice(year=2024)[1], notice(year=2025)[1]
    assert clusters(("申报通知", body_2024, "2024-05-01"), ("申报通知", body_2025, "2025-05-01")) == {}


def test_a_monthly_template() -> None:
    """A notice that comes again in the same year with other days is another one; a dateline makes no difference."""
    title, body = notice()
    spring = body + "\n申报自3月1日开始，于3月31日截止。"
    autumn = body + "\n申报自9月1日开始，于9月30日截止。"
    assert clusters((title, spring, "2025-02-20"), (title, autumn, "2025-08-20")) == {}
    assert len(clusters((title, "本报3月1日讯 " + body, None), (title, "本报3月2日讯 " + body, None))) == 2


def test_a_renamed_notice_is_a_reissue() -> None:
    """One notice whose plan was renamed keeps its own number, and is a copy, however its agency is spelt."""
    first = notice("深海勘探", number="区科指〔2025〕7号")
    second = notice("蓝色伙伴", number="区科技指南 〔2025〕 7 号")
    found = clusters((*first, "2025-03-01"), (*second, "2025-03-09"))
    assert found["1"].earliest == "0"
    assert found["1"].similarity < 1.0


def test_a_cited_number_is_not_the_own_one() -> None:
    """Two projects of which both notices cite one rule are two projects."""
    cited = "各有关单位：根据《区科技计划管理办法》（区科规〔2023〕1号），通知如下。"
    one, two = notice("深海勘探"), notice("绿色制造")
    assert clusters((one[0], cited + one[1], None), (two[0], cited + two[1], None)) == {}


@pytest.mark.parametrize(
    "title",
    [
        pytest.param("最高资助500万！这个专项开始申报了→", id="of-their-own"),
        pytest.param("转发 | 关于申报“深海勘探”重点专项2025年度项目的通知", id="with-a-prefix"),
        pytest.param("关于申报深海勘探重点专项项目的通知", id="without-the-year"),
    ],
)
def test_a_repost_with_another_title(title: str) -> None:
    """The same text under an editor's title is a copy, also with the title repeated in it and credits below."""
    own, body = notice()
    repost = f"{title}\n\n{body}\n来源：区科委 编辑：王五"
    assert len(clusters((own, f"{own}\n\n{body}", "2025-03-01"), (title, repost, "2025-03-05"))) == 2


def test_breaks_blanks_and_punctuation_make_no_difference() -> None:
    """Exports differ in line breaks, width and quotes: such copies are wholly alike."""
    title, body = notice()
    other = body.replace("\n", " ").replace("，", ",").replace("“", "「").replace("2025", "２０２５") + "👍"
    assert clusters((title, body, None), (title, other, None))["1"].similarity == 1.0


@pytest.mark.parametrize(
    ("body", "other_title", "other_body", "expected"),
    [
        pytest.param("今日多云转晴", "天气", "今日，多云转晴。", 2, id="equal"),
        pytest.param("今日多云转晴", "气象", "今日多云转晴", 0, id="other-title"),
        pytest.param("今日多云转晴" * 6, "天气", "今日多云转晴" * 6 + "了", 0, id="other-text"),
        pytest.param("", "天气", "", 2, id="empty"),
        pytest.param("今" * (SHORT_CHARS - 1), "气象", "今" * (SHORT_CHARS - 1), 0, id="just-short"),
        pytest.param("今" * SHORT_CHARS, "气象", "今" * SHORT_CHARS, 2, id="just-long-enough"),
    ],
)
def test_short_texts(body: str, other_title: str, other_body: str, expected: int) -> None:
    """A text of a few words is a copy only of an equal one with an equal title."""
    assert len(clusters(("天气", body, None), (other_title, other_body, None))) == expected


def test_every_member_is_like_the_earliest() -> None:
    """No chains: a text that is like a copy only, and not like the earliest, is not in its cluster."""
    parts = sentences(40, 2)
    steps = ["".join(parts[at : at + 30]) for at in (0, 3, 6)]
    found = clusters(*(("题", body, f"2025-01-0{day}") for day, body in enumerate(steps, 1)))
    assert found.keys() == {"0", "1"}


@pytest.mark.parametrize("count", [pytest.param(0, id="none"), pytest.param(1, id="one")])
def test_nothing_to_compare(count: int) -> None:
    """Without two documents there is no cluster."""
    assert clusters(*[("题", "".join(sentences(10, 3)), None)] * count) == {}


def test_odd_characters() -> None:
    """Lone surrogates, rare Han characters and emoji are no obstacle; rare characters count as text."""
    rare = "".join(chr(0x20000 + number) for number in range(80))
    body = "\ud800👍" + rare
    assert len(clusters(("\ud800", body, None), ("题", body, None))) == 2
    assert clusters(("题", rare, None), ("题", rare[::-1], None)) == {}


@given(st.integers(0, 10**6), st.integers(1, 60))
@settings(max_examples=40, deadline=None)
def test_identical_texts_always_merge(seed: int, count: int) -> None:
    """The same text is in one cluster, whatever the titles, beside texts that are not."""
    body = "".join(sentences(3 + count, seed))
    found = clusters(("甲", body, None), ("其他", "".join(sentences(count, seed + 1)), None), ("第2批", body, None))
    assert found.keys() == {"0", "2"}


@given(st.integers(0, 10**6), st.integers(0, 10))
@settings(max_examples=40, deadline=None)
def test_one_sentence_added_to_ten(seed: int, at: int) -> None:
    """A text that was extended by a sentence is a copy."""
    ten = sentences(10, seed)
    eleven = [*ten[:at], "这一句话是后来由编辑加到文章里的。", *ten[at:]]
    assert len(clusters(("题", "".join(ten), None), ("题", "".join(eleven), None))) == 2


@given(st.integers(0, 10**6))
@settings(max_examples=40, deadline=None)
def test_half_a_text_is_no_copy(seed: int) -> None:
    """Texts that share half of their sentences, or none, stay apart."""
    ten = sentences(10, seed)
    other = [*ten[:5], *sentences(5, seed + 1)]
    stranger = sentences(10, seed + 2)
    assert clusters(*(("题", "".join(body), None) for body in (ten, other, stranger))) == {}


@given(st.randoms(use_true_random=False))
@settings(max_examples=30, deadline=None)
def test_order_of_adding_makes_no_difference(chance: random.Random) -> None:
    """The clusters depend on the documents only."""
    base = sentences(12, 7)
    texts = {}
    for number in range(24):
        body = list(base)
        for _ in range(chance.randrange(4)):
            body[chance.randrange(len(body))] = sentences(1, chance.randrange(6))[0]
        texts[str(number)] = ("题", "".join(body), f"2025-01-{chance.randrange(1, 9):02}")
    results = []
    for _ in range(2):
        ids = list(texts)
        chance.shuffle(ids)
        duplicates = Duplicates()
        for id in ids:
            title, text, date = texts[id]
            duplicates.add(id, date, SKETCHER.sketch(title, text))
        results.append(duplicates.clusters(lambda id: texts[id][:2]))
    assert results[0] == results[1]


def test_thousands_of_one_template() -> None:
    """Many documents that differ by a number only take time by their number, not by its square."""
    body = "".join(sentences(5, 9))
    entries = [(f"第{number}批名单", f"现公布第{number}批名单。{body}", None) for number in range(2000)]
    asked = 0

    def text_of(id: str) -> tuple[str, str]:
        nonlocal asked
        asked += 1
        return entries[int(id)][:2]

    duplicates = Duplicates()
    for number, entry in enumerate(entries):
        duplicates.add(str(number), None, SKETCHER.sketch(*entry[:2]))
    assert duplicates.clusters(text_of) == {}
    assert asked <= 100 * len(entries)


def test_numpy_is_loaded_only_when_needed() -> None:
    """Importing the module costs nothing that a search would have to pay."""
    code = "import sys, corpus.near_duplicates; print('numpy' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert run.stdout.strip() == "False"


@pytest.mark.shared
def test_the_real_articles(real_documents: list[Document]) -> None:
    """Of all real articles one notice was issued again under another name; no template was taken for a copy."""
    duplicates = Duplicates()
    for document in real_documents:
        duplicates.add(document.id, document.date, SKETCHER.sketch(document.title, document.body))
    texts = {document.id: document for document in real_documents}
    found = duplicates.clusters(lambda id: (texts[id].title, texts[id].body))
    assert {texts[id].source_id for id in found} == {"2651163461_2", "2651163596_3"}
    assert {texts[cluster.earliest].source_id for cluster in found.values()} == {"2651163461_2"}


@pytest.fixture(scope="module")
def real_documents(read_files: Callable[..., list[Document | ImportIssue]]) -> list[Document]:
    """The documents of the five real source files."""
    if not SHARED.is_dir():
        pytest.skip("needs ../shared")
    files, _ = find_files([SHARED / "seeds"])
    return [item for item in read_files(files) if isinstance(item, Document)]
