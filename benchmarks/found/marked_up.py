"""Documents written in the formats that users bring, each with the lines that a reader of the file sees."""

from __future__ import annotations

import html
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

from benchmarks.documents import BenchmarkDocument


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A file's suffix and bytes, and its visible lines without any mark-up."""

    suffix: str
    content: bytes
    lines: tuple[str, ...]


Writer = Callable[[BenchmarkDocument, Random], Written]

_LINES: Final = 24
_NAVIGATION: Final = ("首页", "要闻动态", "政务公开", "互动交流", "专题专栏")
_FOOTER: Final = ("主办单位：示例市科学技术局", "版权所有 未经许可不得转载", "网站标识码：3700000001")
_CODE: Final = ("def __init__(self, **kwargs):", "x = a**2 + b_1 * c_2", 'print("<span>")', "rows[0] \\| rows[1]")


def _paragraphs(document: BenchmarkDocument) -> list[str]:
    lines = (re.sub(r"\s+", " ", line).strip() for line in document.text.splitlines())
    return [line[:400] for line in lines if line][:_LINES]


def _cut(line: str, draw: Random) -> tuple[str, str, str]:
    """Three parts of a line, the middle one of a few characters that no blank surrounds: mark-up goes around it."""
    start = draw.randrange(max(len(line) - 6, 1))
    end = min(start + draw.randint(2, 5), len(line))
    middle = line[start:end]
    if not middle.strip() or middle != middle.strip():
        return line, "", ""
    return line[:start], middle, line[end:]


def markdown(document: BenchmarkDocument, draw: Random) -> Written:
    """Markdown with every kind of mark inside words, escapes, code, tables, lists, notes and front matter."""
    seen = [document.title]
    blocks = [f"---\ntitle: {json.dumps(document.title, ensure_ascii=False)}\ndate: {document.date}\n---"]
    for number, line in enumerate(_paragraphs(document)):
        before, middle, after = _cut(line, draw)
        wrap = draw.choice(_MARKDOWN_MARKS)
        text = f"{_escape(before)}{wrap.format(_escape(middle)) if middle else ''}{_escape(after)}"
        block = draw.choice(_MARKDOWN_BLOCKS).format(text)
        if block.startswith("|"):
            block = "| 项目 | 内容 |\n|---|---|\n" + block
            seen += ["项目", "内容", "甲"]
        blocks.append(block)
        seen.append(line)
        if number % 6 == 5:
            code = draw.sample(_CODE, 2)
            blocks.append("```python\n" + "\n".join(code) + "\n```")
            seen += code
    return Written(suffix=".md", content="\n\n".join(blocks).encode(), lines=tuple(seen))


_MARKDOWN_MARKS: Final = (
    *("**{}**", "*{}*", "~~{}~~", "[{}](https://example.org/a_b)", '[{}](/a "b")', "<kbd>{}</kbd>", "<ins>{}</ins>"),
    *("{}", "<sub>{}</sub>", "[{}][1]"),
)
_MARKDOWN_BLOCKS: Final = (
    *("{}", "{}", "{}", "## {}", "- {}", "- [ ] {}", "> {}", "| 甲 | {} |", "{}\n---", "* {}", "### {} ###"),
)


def _escape(text: str) -> str:
    return re.sub(r"([\\`*_{}\[\]()#+\-.!|<>~$&])", r"\\\1", text)


def page(document: BenchmarkDocument, draw: Random) -> Written:
    """A saved page: navigation, article with inline tags and source line breaks, a table, footer."""
    seen = [document.title, *_NAVIGATION, *_FOOTER]
    body = []
    for number, line in enumerate(_paragraphs(document)):
        before, middle, after = (html.escape(part) for part in _cut(line, draw))
        tag = draw.choice(("b", "em", "span style='color:red'", "a href='/x'", "font", "mark"))
        inline = f"{before}<{tag}>{middle}</{tag.split()[0]}>{after}"
        if number % 7 == 6:
            body.append(f"<table><tr><td>第{number}行</td>\n<td>{inline}</td></tr></table>")
            seen.append(f"第{number}行")
        else:
            body.append(draw.choice(("<p>\n  {}\n</p>", "<div>{}</div>", "<li>{}</li>", "{}<br/>\n")).format(inline))
        seen.append(line)
    items = "".join(f"<li><a href='/{number}'>{name}</a></li>" for number, name in enumerate(_NAVIGATION))
    content = (
        f"<!DOCTYPE html><html><head><meta charset='utf-8'><title>{html.escape(document.title)}</title></head><body>"
        f"<nav><ul>{items}</ul></nav><article><h1>{html.escape(document.title)}</h1>{''.join(body)}</article>"
        f"<footer>{''.join(f'<p>{line}</p>' for line in _FOOTER)}</footer></body></html>"
    )
    return Written(suffix=".html", content=content.encode(), lines=tuple(seen))


def json_fields(document: BenchmarkDocument, draw: Random) -> Written:
    """An export whose texts are HTML, escaped once more in some."""
    lines = _paragraphs(document)
    inner = []
    for line in lines:
        before, middle, after = (html.escape(part, quote=False) for part in _cut(line, draw))
        inner.append(f"<p>{before}<strong>{middle}</strong>{after}</p>")
    text = "".join(inner)
    if draw.random() < 0.3:
        text = html.escape(text)
    record = {"id": document.id, "title": document.title, "content": text, "publishTime": document.date}
    return Written(
        suffix=".json", content=json.dumps([record], ensure_ascii=False).encode(), lines=(document.title, *lines)
    )


_WORD: Final = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_RELATIONS: Final = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def word(document: BenchmarkDocument, draw: Random) -> Written:
    """A Word file: runs cut inside words, headings, automatic numbers 第一条, a table, page header and footer."""
    seen = [document.title]
    body = [_paragraph([document.title], "<w:pStyle w:val='Title'/>")]
    numbered = 0
    for number, line in enumerate(_paragraphs(document)):
        runs = [part for part in _cut(line, draw) if part]
        if number % 5 == 4:
            numbered += 1
            body.append(_paragraph(runs, "<w:numPr><w:ilvl w:val='0'/><w:numId w:val='1'/></w:numPr>"))
            seen.append(f"第{'零一二三四五六七八九'[numbered]}条")
        elif number % 7 == 6:
            cells = "".join(f"<w:tc>{_paragraph([part], '')}</w:tc>" for part in ("事项", line))
            body.append(f"<w:tbl><w:tr>{cells}</w:tr></w:tbl>")
            seen.append("事项")
        else:
            body.append(_paragraph(runs, draw.choice(("", "", "<w:pStyle w:val='Heading1'/>"))))
        seen.append(line)
    seen += [f"页眉：{document.account or '示例市'}简报", _FOOTER[0]]
    section = (
        f"<w:sectPr><w:headerReference xmlns:r='{_OFFICE}' w:type='default' r:id='h'/>"
        f"<w:footerReference xmlns:r='{_OFFICE}' w:type='default' r:id='f'/></w:sectPr>"
    )
    parts = {
        "[Content_Types].xml": "<Types xmlns='http://schemas.openxmlformats.org/package/2006/content-types'>"
        "<Default Extension='xml' ContentType='application/xml'/>"
        "<Override PartName='/word/document.xml' ContentType='application/vnd.openxmlformats-officedocument."
        "wordprocessingml.document.main+xml'/></Types>",
        "_rels/.rels": f"<Relationships xmlns='{_RELATIONS}'><Relationship Id='d' Type='{_OFFICE}/officeDocument' "
        "Target='word/document.xml'/></Relationships>",
        "word/_rels/document.xml.rels": f"<Relationships xmlns='{_RELATIONS}'>"
        + "".join(
            f"<Relationship Id='{part[0]}' Type='{_OFFICE}/{part}' Target='{part}.xml'/>"
            for part in ("header", "footer", "styles", "numbering")
        )
        + "</Relationships>",
        "word/document.xml": f"<w:document xmlns:w='{_WORD}'><w:body>{''.join(body)}{section}</w:body></w:document>",
        "word/header.xml": f"<w:hdr xmlns:w='{_WORD}'>{_paragraph([seen[-2]], '')}</w:hdr>",
        "word/footer.xml": f"<w:ftr xmlns:w='{_WORD}'>{_paragraph([seen[-1]], '')}</w:ftr>",
        "word/styles.xml": f"<w:styles xmlns:w='{_WORD}'><w:style w:styleId='Title'><w:name w:val='Title'/></w:style>"
        "<w:style w:styleId='Heading1'><w:name w:val='heading 1'/></w:style></w:styles>",
        "word/numbering.xml": f"<w:numbering xmlns:w='{_WORD}'><w:abstractNum w:abstractNumId='0'><w:lvl w:ilvl='0'>"
        "<w:start w:val='1'/><w:numFmt w:val='chineseCounting'/><w:lvlText w:val='第%1条'/></w:lvl></w:abstractNum>"
        "<w:num w:numId='1'><w:abstractNumId w:val='0'/></w:num></w:numbering>",
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as package:
        for name, text in parts.items():
            package.writestr(name, text)
    return Written(suffix=".docx", content=packed.getvalue(), lines=tuple(seen))


def _paragraph(runs: Sequence[str], properties: str) -> str:
    texts = "".join(f"<w:r><w:t xml:space='preserve'>{html.escape(run)}</w:t></w:r>" for run in runs)
    return f"<w:p><w:pPr>{properties}</w:pPr>{texts}</w:p>"


def strings(written: Written, draw: Random, count: int) -> Iterator[str]:
    """Random strings of 4 to 16 characters out of single visible lines; none is blank or punctuation alone."""
    lines = [line for line in written.lines if len(line) > 1]
    for line in draw.choices(lines, weights=list(map(len, lines)), k=count):
        start = draw.randrange(max(len(line) - 4, 1))
        found = line[start : start + draw.randint(4, 16)].strip()
        if re.search(r"\w", found):
            yield found
