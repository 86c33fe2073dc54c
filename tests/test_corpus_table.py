"""Tables: CSV in its dialects, Excel workbooks, and rows that are not what the first row promises."""

from __future__ import annotations

import csv
import io
import json
import sys
import zipfile
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.document import Document
from corpus.loaders import feed, json_records
from corpus.loaders.raw_record import RawRecord
from corpus.loaders.table import load
from corpus.loaders.workbook import load as load_workbook
from corpus.publication_date import parse_day

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


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
@pytest.mark.parametrize("name", ["a.txt", "a.text", "a.dat"])
def test_table_under_another_name_is_a_table(delimiter: str, name: str, read: Read) -> None:
    """Excel's Unicode text, and a CSV with another suffix: a row is an article."""
    rows = [["标题", "发布时间", "正文"], ["港区甲", "2025-11-01", TEXT], ["港区乙", "2025/11/2", f"{TEXT}\n第二段"]]
    documents, lines = read(written(rows, delimiter=delimiter).encode("utf-16" if delimiter == "\t" else "utf-8"), name)
    assert lines == []
    assert [(document.title, document.date) for document in documents] == [
        ("港区甲", "2025-11-01"),
        ("港区乙", "2025-11-02"),
    ]


def test_long_first_row_of_a_table_called_txt(read: Read) -> None:
    """The first article may be longer than what the format is told by."""
    rows = [["title", "content"], ["港区甲", TEXT * 200], ["港区乙", TEXT]]
    assert [document.title for document in read(written(rows), "a.txt")[0]] == ["港区甲", "港区乙"]


@pytest.mark.parametrize(
    "prose",
    [
        pytest.param("标题,正文和日期\n\n写文章时,标题,日期,正文缺一不可。\n", id="words-of-a-header"),
        pytest.param("题目,时间,地点\n\n以上三项请写在首页。\n", id="list-of-words"),
        pytest.param("标题，正文，日期\n\n甲，乙，丙。\n", id="chinese-commas"),
        pytest.param("通知\n\n各单位,请于十一月一日前报送,不得延误。\n", id="commas"),
        pytest.param("标题,正文\n", id="header-only"),
    ],
)
def test_prose_with_commas_is_one_document(prose: str, read: Read) -> None:
    """A text that speaks of titles and dates is no table."""
    documents, _ = read(prose, "散文.txt")
    assert len(documents) == 1
    assert documents[0].source_id == "散文"


def test_unknown_columns_above_long_texts_are_read(read: Read) -> None:
    """A table whose header nobody foresaw: its longest Chinese column is the text, all others are set aside."""
    rows = [
        ["代码", "简称", "年度", "披露文稿"],
        ["600001", "海湾港务", "2024", TEXT * 4],
        ["600002", "岬角航运", "2024", TEXT * 5],
    ]
    documents, lines = read(written(rows), "a.csv")
    assert [(document.title, document.body) for document in documents] == [
        ("海湾港务", TEXT * 4),
        ("岬角航运", TEXT * 5),
    ]
    assert not [line for line in lines if line.startswith("rejected")]


def test_table_without_text_for_readers_is_a_note(read: Read) -> None:
    """Rows of numbers lie beside texts, and nothing failed."""
    assert read("x,y\n1,2\n3,4\n", "a.csv") == ([], [f"note: a.csv: {NO_HEADER}"])


def with_formulas(rows: Sequence[Sequence[Any]], links: dict[str, str]) -> bytes:
    """A workbook with addresses behind cells; formulas have no stored values, as openpyxl writes them."""
    book = openpyxl.Workbook()
    sheet = book.active
    for row in rows:
        sheet.append(row)
    for cell, address in links.items():
        sheet[cell].hyperlink = address
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


HYPERLINK = '=HYPERLINK("https://a.cn/1"'


@pytest.mark.parametrize(
    ("title", "others", "links"),
    [
        pytest.param(f'{HYPERLINK},"港区甲")', {}, {}, id="formula"),
        pytest.param(f'{HYPERLINK};"港区甲")', {}, {}, id="formula-with-semicolon"),
        pytest.param("港区甲", {"链接": f"{HYPERLINK})"}, {}, id="formula-of-an-address-only"),
        pytest.param("=HYPERLINK(C2,D2)", {"链接": "https://a.cn/1", "题": "港区甲"}, {}, id="cells-of-the-row"),
        pytest.param("港区甲", {"链接": "点击查看"}, {"C2": "https://a.cn/1"}, id="behind-the-link"),
        pytest.param("港区甲", {}, {"A2": "https://a.cn/1"}, id="behind-the-title"),
        pytest.param("港区甲", {"备注": "见原文"}, {"C2": "https://a.cn/1"}, id="behind-another-cell"),
        pytest.param("港区甲", {"链接": "https://a.cn/1"}, {"A2": "https://b.cn/"}, id="written-link-wins"),
    ],
)
def test_links_of_cells_are_read(title: str, others: dict[str, str], links: dict[str, str], read: Read) -> None:
    """A formula's text is the cell's, and the address behind a cell is the article's."""
    rows = [["标题", "正文", *others], [title, TEXT, *others.values()]]
    (document,), lines = read(with_formulas(rows, links), "a.xlsx")
    assert (document.title, document.url, document.body) == ("港区甲", "https://a.cn/1", TEXT)
    assert not [line for line in lines if line.startswith("rejected") or "formula" in line]


def test_formula_of_csv_is_read(read: Read) -> None:
    """Tables that were saved as formulas hold them as text."""
    rows = [["标题", "正文", "编号"], [f'{HYPERLINK},"港区""甲""")', TEXT, '="007"']]
    (document,), _ = read(written(rows), "a.csv")
    assert (document.title, document.url) == ('港区"甲"', "https://a.cn/1")


def test_formula_without_a_value_is_named(read: Read) -> None:
    """What only Excel can compute is told, and the row is indexed."""
    (document,), lines = read(with_formulas([["标题", "正文", "备注"], ["港区甲", TEXT, "=A2&B2"]], {}), "a.xlsx")
    assert document.title == "港区甲"
    assert [line for line in lines if "a cell holds a formula without its value" in line]


HAN = st.text(st.sampled_from("港航道潮汐浪能试点名单公布海湾岬角雾号"), min_size=1, max_size=30)
DAYS = st.dates(date(1900, 1, 1), date(2099, 12, 31)).map(str)
RECORDS = st.lists(
    st.builds(
        lambda *values: dict(zip(("标题", "正文", "备注", "发布时间"), values, strict=True)), HAN, HAN, HAN, DAYS
    ),
    min_size=1,
    max_size=4,
)


def as_feed(rows: Sequence[dict[str, str]]) -> str:
    """The rows as items of a feed."""
    items = "".join(
        f"<item><title>{row['标题']}</title><pubDate>{row['发布时间']}</pubDate><category>{row['备注']}</category>"
        f"<description>{row['正文']}</description></item>"
        for row in rows
    )
    return f"<rss><channel><title>港</title>{items}</channel></rss>"


FORMATS: list[Any] = [
    pytest.param(lambda rows: json.dumps(rows), json_records.load, id="json"),
    pytest.param(lambda rows: "\n".join(map(json.dumps, rows)), json_records.load, id="json-lines"),
    pytest.param(lambda rows: json.dumps({"data": {"rows": rows}}), json_records.load, id="api"),
    pytest.param(lambda rows: written([list(rows[0]), *(list(row.values()) for row in rows)]), load, id="csv"),
    pytest.param(as_feed, feed.load, id="rss"),
]


@pytest.mark.parametrize(("write", "loader"), FORMATS)
@given(rows=RECORDS)
def test_random_records_come_back_with_all_their_text(
    write: Callable[[Sequence[dict[str, str]]], str], loader: Any, rows: list[dict[str, str]]
) -> None:
    """Title and text are where they stood, every other text is set aside, and the day is the day."""
    records = list(loader([write(rows)], ""))
    assert [(record.title, record.text, parse_day(record.date)) for record in records] == [
        (row["标题"], row["正文"], row["发布时间"]) for row in rows
    ]
    for record, row in zip(records, rows, strict=True):
        assert row["备注"] in {record.title, record.text, *(text for _, text in record.set_aside)}


@given(rows=RECORDS)
@settings(max_examples=10, deadline=None)
def test_random_rows_of_a_workbook_come_back(rows: list[dict[str, str]]) -> None:
    """The same for Excel."""
    content = workbook([list(rows[0]), *(list(row.values()) for row in rows)])
    records = list(load_workbook(io.BytesIO(content), ""))
    assert [
        (record.title, record.text, parse_day(record.date)) for record in records if isinstance(record, RawRecord)
    ] == [(row["标题"], row["正文"], row["发布时间"]) for row in rows]
