"""Tables: CSV in its dialects, Excel workbooks, and rows that are not what the first row promises."""

from __future__ import annotations

import csv
import io
import sys
import zipfile
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.document import Document
from corpus.loaders.raw_record import RawRecord
from corpus.loaders.table import load

openpyxl = pytest.importorskip("openpyxl")

TEXT = "科技创新券在本市各区通用，企业可以凭券购买检测服务。"
NO_HEADER = (
    "no row names the columns; write a first row such as 标题, 文章内容, 链接, 发布时间, 公众号"
    " (or title, content, url, date, account)"
)
NO_TEXT = "note: a.csv, record {}: no text; found by its title only"
BROKEN = (
    "rejected: a.csv, record {}: its quotation marks are not closed or are misplaced;"
    " double the quotation marks inside cells"
)
EXPORTER = [
    *("公众号", "ID", "链接", "标题", "封面", "摘要", "创建时间", "发布时间", "阅读", "点赞", "分享", "喜欢", "留言"),
    *("作者", "是否原创", "文章类型", "所属合集", "文章内容"),
]

Read = Callable[..., tuple[list[Document], list[str]]]


def written(rows: Sequence[Sequence[str]], **options: Any) -> str:
    """The rows as Python's csv module writes them."""
    target = io.StringIO()
    csv.writer(target, **options).writerows(rows)
    return target.getvalue()


def workbook(*sheets: Sequence[Sequence[Any]]) -> bytes:
    """A workbook of these sheets."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for rows in sheets:
        sheet = book.create_sheet()
        for row in rows:
            sheet.append(row)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def row_of_exporter(**cells: Any) -> list[Any]:
    """A row of the exporter's sheet."""
    return [cells.get(name, "") for name in EXPORTER]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize(
    "options",
    [
        pytest.param({}, id="commas-of-windows"),
        pytest.param({"lineterminator": "\n", "quoting": csv.QUOTE_ALL}, id="all-quoted"),
        pytest.param({"delimiter": "\t"}, id="tabs"),
        pytest.param({"delimiter": ";"}, id="semicolons"),
    ],
)
def test_every_dialect_gives_the_same_articles(options: dict[str, Any], encoding: str, read: Read) -> None:
    """Encodings, delimiters, quotes and line ends differ; the articles do not."""
    rows = [
        ["公众号", "标题", "链接", "发布日期", "正文", "其他"],
        ["号", '题，"一";', "http://a.cn/?a=1&amp;b=2", "2025-11-01 09:30:00", f"第一段，{TEXT}\n\n“第二段”;\t完", ""],
        ["号", "题二", "http://a.cn/2", "1761926400", TEXT, "x"],
    ]
    documents, lines = read(written(rows, **options).encode(encoding), "a.csv")
    assert lines == []
    assert [(document.title, document.url, document.date, document.account) for document in documents] == [
        ('题，"一";', "http://a.cn/?a=1&b=2", "2025-11-01", "号"),
        ("题二", "http://a.cn/2", "2025-11-01", "号"),
    ]
    assert [document.body for document in documents] == [f"第一段，{TEXT}\n\n“第二段”; 完", TEXT]


@pytest.mark.parametrize(
    ("content", "titles"),
    [
        pytest.param("Title,URL\n甲,http://a.cn/\n", ["甲"], id="capitals"),
        pytest.param("标题\n甲\n乙，丙\n", ["甲", "乙，丙"], id="one-column"),
        pytest.param("一月推送一览\n\n序号,标题 ,链接\n1,甲,http://a.cn/\n", ["甲"], id="remark-above"),
        pytest.param("sep=;\r\n标题;链接\r\n甲,乙;http://a.cn/\r\n", ["甲,乙"], id="line-of-excel"),
        pytest.param("标题,正文\n\n甲\n,\n乙,,,\n", ["甲", "乙"], id="blank-rows-and-cells"),
        pytest.param("标题\t链接\n甲\thttp://a.cn/\n", ["甲"], id="tabs-in-csv"),
    ],
)
def test_row_of_names_is_found(content: str, titles: list[str], read: Read) -> None:
    """Names in capitals, remarks above, Excel's own line: the columns are recognised all the same."""
    documents, lines = read(content, "a.csv")
    assert [document.title for document in documents] == titles
    assert {line.split(": ")[-1] for line in lines} == {"no text; found by its title only"}


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("甲,乙\n丙,丁\n", id="no-names"),
        pytest.param("阅读,点赞,链接\n1,2,http://a.cn/\n", id="neither-title-nor-text"),
        pytest.param("编号,内容\n1,甲\n", id="a-lone-word"),
        pytest.param("甲\n" * 12 + "标题,正文\n乙,丙\n", id="far-below"),
        pytest.param('"甲\n' * 3, id="broken-quotes"),
    ],
)
def test_table_without_names_is_one_line(content: str, read: Read) -> None:
    """A table whose columns nobody named is not guessed at."""
    assert read(content, "a.csv") == ([], [f"rejected: a.csv: {NO_HEADER}"])


@pytest.mark.parametrize(
    ("broken", "titles", "expected"),
    [
        pytest.param('乙,"没有结束\n', ["甲", "丙"], [BROKEN.format(2)], id="never-closed"),
        pytest.param('乙,"他说"好"。\n第二段",x\n', ["甲", "丙"], [BROKEN.format(2)], id="quotes-inside"),
        pytest.param('"乙"二,文\n', ["甲", "乙二", "丙"], [], id="quoted-in-part"),
        pytest.param('5" 屏,文\n', ["甲", '5" 屏', "丙"], [], id="inch"),
        pytest.param(
            "乙,文,又\n",
            ["甲", "丙"],
            ["rejected: a.csv, record 2: the row has 3 cells, the header 2; quote cells that contain a delimiter"],
            id="too-many-cells",
        ),
        pytest.param(
            ",\n,文二\n",
            ["甲", "文二", "丙"],
            ["note: a.csv, record 3: no title; the first line of the text is used as the title"],
            id="no-title",
        ),
        pytest.param("乙\n", ["甲", "乙", "丙"], [NO_TEXT.format(2)], id="too-few-cells"),
    ],
)
def test_broken_row_costs_only_itself(broken: str, titles: list[str], expected: list[str], read: Read) -> None:
    """Rows before and after a broken one are read, also those that its open quotation mark had swallowed."""
    documents, lines = read(f'标题,正文\n甲,文\n{broken}丙,"文\n文"\n', "a.csv")
    assert ([document.title for document in documents], lines) == (titles, expected)


def test_many_open_quotation_marks_end_soon(read: Read) -> None:
    """Where each row's quotation mark is open, each is named, and reading takes no longer than the file."""
    content = "标题,正文\n" + '甲,"乙\n' * 20_001
    documents, lines = read(content, "a.csv")
    assert documents == []
    assert lines == [BROKEN.format(1)]


def test_huge_cell_is_read(read: Read) -> None:
    """Cells are longer than the csv module expects."""
    (document,), lines = read(f"标题,正文\n甲,{'字' * 1_000_000}\n", "a.csv")
    assert (len(document.body), lines) == (1_000_000, [])


def test_summary_stands_in_for_a_missing_text(read: Read) -> None:
    """A list of links with summaries is found by them, and the report says so."""
    documents, lines = read("标题,摘要,链接\n甲,摘要一句。,http://a.cn/\n", "a.csv")
    assert [(document.title, document.body) for document in documents] == [("甲", "摘要一句。")]
    assert lines == ["note: a.csv, record 1: no text; its summary is used instead"]


@given(st.lists(st.lists(st.text(), min_size=2, max_size=2), max_size=5), st.sampled_from(",;\t"))
def test_what_csv_writes_is_read_back(rows: list[list[str]], delimiter: str) -> None:
    """Any cells at all survive the way through a file written with quotes."""
    text = written([["标题", "正文"], *rows], delimiter=delimiter, quoting=csv.QUOTE_ALL, lineterminator="\n")
    blanks = " \t\r\n\ufeff\u3000\xa0"
    kept = [row for row in rows if any(cell.strip(blanks) for cell in row) and any(row)]
    found = [(item.title, item.text) for item in load([text], "") if isinstance(item, RawRecord)]
    assert [title for title, _ in found] == [row[0] for row in kept]


@given(st.text(alphabet='甲",\n;\t') | st.text())
def test_any_text_is_rows_and_faults(text: str) -> None:
    """Nothing that a file called .csv may hold makes the reader raise."""
    list(load([text], ""))
    list(load(["标题,正文\n", *text], ""))


def test_workbook_of_the_exporter(read: Read) -> None:
    """The exporter's own sheet gives articles with everything that records have; other sheets are looked into."""
    content = workbook(
        [
            EXPORTER,
            row_of_exporter(
                公众号="号",
                ID="7_1",
                链接="http://a.cn/1",
                标题="题",
                摘要="摘",
                创建时间="2025-10-31 08:00:00",
                发布时间="2025-11-01 09:30:00",
                作者="某",
                文章内容=f"题\n\n{TEXT}",
            ),
            row_of_exporter(),
            row_of_exporter(
                标题="题二",
                发布时间=datetime(2025, 11, 2, 9),  # noqa: DTZ001 - as sheets have them
                ID=22475,
                文章内容="a_x000D_b _x4E2D_",
            ),
        ],
        [],
        [["更多"], ["title", "content"], ["题三", TEXT]],
        [["随手记"], ["一句"]],
    )
    documents, lines = read(content, "a.xlsx")
    assert [(document.title, document.date, document.account) for document in documents] == [
        ("题", "2025-11-01", "号"),
        ("题二", "2025-11-02", ""),
        ("题三", None, ""),
    ]
    assert [document.body for document in documents] == [TEXT, "a\nb 中", TEXT]
    assert [document.source_id for document in documents][:2] == ["7_1", "22475"]
    assert lines == [f"rejected: a.xlsx: sheet 'Sheet3': {NO_HEADER}"]


@pytest.mark.parametrize(
    ("length", "is_noted"),
    [
        pytest.param(32_765, False, id="below"),
        pytest.param(32_766, True, id="one-short"),
        pytest.param(32_767, True, id="longest"),
    ],
)
def test_cell_as_long_as_excel_allows_is_noted(length: int, is_noted: bool, read: Read) -> None:
    """A text that fills its cell was probably cut; it is read, and the report says so."""
    note = "record 1: its text is as long as Excel's longest cell (32,767 characters) and may be cut off there"
    content = workbook([["标题", "正文"], ["甲", "字" * length]])
    (document,), lines = read(content, "a.xlsx")
    assert len(document.body) == length
    assert lines == ([f"note: a.xlsx, {note}"] if is_noted else [])


def test_workbook_that_lies_about_its_size_is_read_whole(read: Read) -> None:
    """Some writers declare a sheet of one cell."""
    content = rewritten(
        workbook([["标题", "正文"], ["甲", TEXT]]), "xl/worksheets/sheet1.xml", lambda part: part.replace("A1:B2", "A1")
    )
    (document,), lines = read(content, "a.xlsx")
    assert (document.title, document.body, lines) == ("甲", TEXT, [])


def rewritten(content: bytes, name: str, change: Callable[[str], str]) -> bytes:
    """The package with one part changed."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            text = old.read(part)
            new.writestr(part, change(text.decode()).encode() if part == name else text)
    return target.getvalue()


BOMB = (
    '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>'
)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda raw: raw[: len(raw) // 2], id="cut"),
        pytest.param(lambda raw: raw[:-30] + b"x" * 30, id="directory"),
        pytest.param(lambda raw: raw[:300] + b"\xff" * 60 + raw[360:], id="noise"),
        pytest.param(lambda raw: rewritten(raw, "xl/workbook.xml", lambda part: part[:99]), id="workbook-cut"),
        pytest.param(
            lambda raw: rewritten(raw, "xl/worksheets/sheet1.xml", lambda part: part[: len(part) // 2]), id="sheet-cut"
        ),
        pytest.param(
            lambda raw: rewritten(raw, "xl/worksheets/sheet1.xml", lambda part: BOMB + part[part.find("<work") :]),
            id="entities",
        ),
        pytest.param(
            lambda raw: rewritten(raw, "xl/workbook.xml", lambda part: BOMB + part[part.find("<workbook") :]),
            id="entities-in-the-list-of-sheets",
        ),
    ],
)
def test_broken_workbook_is_one_line(change: Callable[[bytes], bytes], read: Read) -> None:
    """A damaged or hostile workbook is a line of the report, or is read whole: lxml, if installed, skips entities."""
    rows = [[f"甲{number}", TEXT] for number in range(200)]
    documents, lines = read(change(workbook([["标题", "正文"], *rows])), "a.xlsx")
    rejections = [line for line in lines if line.startswith("rejected")]
    assert rejections or len(documents) == 200
    assert all("cannot be read as an" in line for line in rejections)


def test_row_numbers_out_of_this_world_end(read: Read) -> None:
    """A sheet that claims a row of a billion is read to Excel's own last row, in no time."""
    content = rewritten(
        workbook([["标题", "正文"], ["甲", TEXT]]),
        "xl/worksheets/sheet1.xml",
        lambda part: part.replace('r="2"', 'r="999999999"').replace('r="A2"', 'r="A999999999"'),
    )
    documents, lines = read(content, "a.xlsx")
    assert documents == []
    assert len(lines) == 1


def test_workbook_that_expands_too_far_is_refused(read: Read) -> None:
    """The limit on a file's size counts what its parts expand to."""
    content = workbook([["标题", "正文"], ["甲", "字" * 30_000]])
    documents, lines = read(content, "a.xlsx", max_file_bytes=50_000)
    assert documents == []
    assert lines == [
        "rejected: a.xlsx: cannot be read as an Office file: it expands to more than 50,000 bytes (max_file_bytes)"
    ]


def test_without_the_extra_a_line_says_what_to_install(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    """Excel needs a library that not everybody has."""
    content = workbook([["标题"], ["甲"]])
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    assert read(content, "a.xlsx") == (
        [],
        ["rejected: a.xlsx: Excel files are read with an extra: pip install 'kesou[office]'"],
    )
