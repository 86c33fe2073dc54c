"""Whatever a record says is in its document: in title, text, notes, or among what is set aside."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.cleaning.boilerplate import AccountBoilerplate
from corpus.collection import Collection
from corpus.document import Document, SetAside
from corpus.drafts import Draft, finish, make_drafts
from corpus.import_issue import ImportIssue
from corpus.ledger import CharacterCounts, missing_lines
from corpus.loaders.raw_record import RawRecord
from corpus.settings import Settings
from corpus.sources.files import find_files
from corpus.taxonomy.classify import Taxonomy

SEEDS = Path(__file__).parents[2] / "shared" / "seeds"
TITLE = "海湾区数据要素管理规定"
BOILERPLATE = AccountBoilerplate(frozenset({("tail", "长按关注公众号"), ("head", "点击蓝字关注我们")}))
LINES = st.sampled_from(
    [
        *("长按关注公众号", "点击蓝字关注我们", TITLE, "海湾区数据要素", "管理规定", "编辑：小舟", "来源："),
        *("第一条 数据要素应当登记。", "目录", "一、总则1", "一、总则", "## （一）目的", "- 3 -", "第 4 页", "3"),
        *("登记机构负责核验。编辑：小舟", "核验结果向社会公布。长按关注公众号", "海湾发布", "2025年3月1日", "第 5 页"),
        *("<!-- page 2 -->", "", "数 据 要 素"),
    ]
)


@pytest.mark.parametrize(
    ("read", "held", "missing"),
    [
        pytest.param("甲乙\n丙丁", ["甲乙丙丁"], [], id="joined"),
        pytest.param("甲乙\n丙丁", ["丙丁", "甲乙"], [], id="in-two-texts"),
        pytest.param("甲乙\n丙丁", ["甲乙丙"], ["丙丁"], id="a-line-is-missing"),
        pytest.param("甲乙。丙丁", ["丙丁", "甲乙"], [], id="clauses-in-two-texts"),
        pytest.param("甲乙丙丁", ["甲乙", "丙丁"], ["甲乙丙丁"], id="across-two-texts"),
        pytest.param("ＡＢＣ１２", ["abc12"], [], id="another-width"),
        pytest.param("## 甲\n<!-- page 3 -->", ["甲"], [], id="marks-that-nobody-sees"),
        pytest.param("", [], [], id="nothing"),
    ],
)
def test_missing_lines(read: str, held: Sequence[str], missing: list[str]) -> None:
    """Lines that no text has, whatever their blanks, marks and widths."""
    assert missing_lines(read, held) == missing


def test_comparison_is_bounded() -> None:
    """A hostile text whose lines are all missing costs a bounded time, and each line is kept."""
    lines = [f"{number}甲" for number in range(100_000)]
    assert missing_lines("\n".join(lines), ["乙" * 1_000_000]) == lines


def document_of(record: RawRecord, taxonomy: Taxonomy) -> tuple[Document, CharacterCounts]:
    """The document of a record, and what became of its characters."""
    (draft,) = [item for item in make_drafts(record, "a.json", Settings()) if isinstance(item, Draft)]
    finished = finish(draft, BOILERPLATE, taxonomy)
    return finished.document, finished.characters


@settings(deadline=None, derandomize=True, max_examples=300)
@given(
    lines=st.lists(LINES, max_size=14),
    source_format=st.sampled_from(["article", "text", "markdown"]),
    aside=st.lists(LINES, max_size=2),
    seen=st.lists(LINES, max_size=3),
)
def test_no_line_of_a_record_is_lost(
    packaged_taxonomy: Taxonomy, lines: list[str], source_format: str, aside: list[str], seen: list[str]
) -> None:
    """Title, text, what the loader set aside, and what only its plain rendering shows."""
    record = RawRecord(
        number=1,
        title=TITLE,
        text="\n".join(lines),
        source_format=source_format,  # type: ignore[arg-type]
        set_aside=tuple(SetAside("navigation", line) for line in aside),
        visible="\n".join([TITLE, *lines, *aside, *seen]),
    )
    document, counts = document_of(record, packaged_taxonomy)
    held = [document.title, document.body, *document.notes, *(text for _, text in document.set_aside)]
    assert not missing_lines("\n".join([TITLE, *lines, *aside, *seen]), [*held, *document.original_texts])
    assert counts.unaccounted == 0
    assert counts.read == counts.indexed + counts.set_aside


def test_reasons(packaged_taxonomy: Taxonomy) -> None:
    """A copy of the title, boilerplate, what the loader set aside, and what it overlooked, each under its reason."""
    record = RawRecord(
        number=1,
        title=TITLE,
        text=f"{TITLE}\n\n数据要素应当登记。长按关注公众号",
        set_aside=(SetAside("navigation", "首页\n政务公开"), SetAside("navigation", " ")),
        visible=f"首页\n政务公开\n{TITLE}\n数据要素应当登记。\n主办：海湾区数据局",
    )
    document, _ = document_of(record, packaged_taxonomy)
    assert document.set_aside == (
        SetAside("page_title", TITLE),
        SetAside("boilerplate", "长按关注公众号"),
        SetAside("navigation", "首页\n政务公开"),
        SetAside("other", "主办：海湾区数据局"),
    )
    assert document.seams == (f"{TITLE}\n数据要素应当登记。长按关注公众号",)


def test_what_a_limit_cuts_is_listed() -> None:
    """Text beyond the longest document is named with its beginning, and counted."""
    record = RawRecord(number=1, title="题", text="甲乙", set_aside=(SetAside("navigation", "丙丁戊己"),))
    note, draft = make_drafts(record, "a.json", Settings(max_document_chars=3))
    assert isinstance(note, ImportIssue)
    assert isinstance(draft, Draft)
    assert str(note) == "a.json, record 1: 1 characters are not in the index: 己"
    assert (draft.set_aside, draft.unaccounted) == ((SetAside("navigation", "丙丁戊"),), 1)


def test_files_without_an_account_share_no_boilerplate(
    tmp_path: Path, read_files: Callable[..., list[Document | ImportIssue]]
) -> None:
    """A folder of files is not one account: what they all say is in each of them."""
    articles = [{"title": f"第{number}篇", "content": f"第{number}件事。\n\n长按关注公众号"} for number in range(5)]
    (tmp_path / "a.json").write_text(json.dumps(articles), "utf-8")
    documents = [item for item in read_files(find_files([tmp_path])[0]) if isinstance(item, Document)]
    assert all(document.body.endswith("长按关注公众号") for document in documents)


@pytest.mark.shared
def test_seeds_are_accounted_for(packaged_taxonomy: Taxonomy, tmp_path: Path) -> None:
    """Each character of the five real files is indexed or set aside."""
    if not SEEDS.is_dir():
        pytest.skip("needs ../shared")
    files, _ = find_files([SEEDS])
    collection = Collection(files, packaged_taxonomy, Settings(), tmp_path)
    assert sum(isinstance(item, Document) for item in collection) == 232
    for counts in collection.characters.values():
        assert counts.unaccounted == 0
        assert 0 <= counts.read - counts.indexed - counts.set_aside <= 5
