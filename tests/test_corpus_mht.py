"""Web archives: the page inside, its encodings and frames, and archives made to hurt."""

from __future__ import annotations

import base64
import io
import quopri

import pytest

from corpus.loaders.mht import load
from corpus.loaders.raw_record import Item, LoadIssue, RawRecord

PAGE = "<html><head><title>地热站点</title></head><body><h1>地热站点名录</h1><p>共有九处站点。</p></body></html>"


def part(page: str, charset: str = "utf-8", coding: str = "quoted-printable", declared: str | None = None) -> bytes:
    """A MIME part that holds a page."""
    raw = page.encode(charset)
    coded = {"base64": base64.encodebytes(raw), "quoted-printable": quopri.encodestring(raw)}.get(coding, raw)
    named = charset if declared is None else declared
    head = f"Content-Type: text/html; charset={named}\r\nContent-Transfer-Encoding: {coding}\r\n\r\n"
    return head.encode() + coded


def archive(*parts: bytes, head: str = "") -> bytes:
    """A web archive of these parts."""
    top = f'{head}MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="--=b"\r\n\r\n'
    return top.encode() + b"".join(b"----=b\r\n%s\r\n" % piece for piece in parts) + b"----=b--\r\n"


def items(raw: bytes) -> list[Item]:
    """What the loader makes of an archive."""
    return list(load(io.BytesIO(raw), "archive"))


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(archive(part(PAGE)), id="quoted-printable"),
        pytest.param(archive(part(PAGE, coding="base64")), id="base64"),
        pytest.param(archive(part(PAGE, coding="8bit")), id="8bit"),
        pytest.param(archive(part(PAGE, charset="gb18030", declared="gb2312", coding="base64")), id="gb2312"),
        pytest.param(archive(part(PAGE, charset="gb18030", declared="utf-8", coding="base64")), id="wrong-charset"),
        pytest.param(archive(part(PAGE, declared="x-nothing", coding="base64")), id="unknown-charset"),
        pytest.param(b"MIME-Version: 1.0\r\n" + part(PAGE, coding="base64"), id="single-part"),
    ],
)
def test_page_of_an_archive_is_read(raw: bytes) -> None:
    """However the page is encoded, its title and text come out."""
    (record,) = items(raw)
    assert isinstance(record, RawRecord)
    assert record.title == "地热站点名录"
    assert "共有九处站点。" in record.text


def test_archive_knows_its_address_and_frames() -> None:
    """The address that the browser wrote is the link; what frames show is set aside."""
    head = "From: <Saved by Blink>\r\nSnapshot-Content-Location: https://example.org/d/1\r\n"
    (record,) = items(archive(part(PAGE), part("<p>框架内的附表</p>"), head=head))
    assert isinstance(record, RawRecord)
    assert record.url == "https://example.org/d/1"
    assert ["".join(aside.text.split()) for aside in record.set_aside if aside.reason == "other"][-1] == "框架内的附表"


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        pytest.param(b"", "holds no HTML page", id="empty"),
        pytest.param(archive(b"Content-Type: image/png\r\n\r\nx"), "holds no HTML page", id="pictures"),
        pytest.param(
            b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(5000)),
            "more than 30 nested parts",
            id="deep",
        ),
    ],
)
def test_archive_without_a_page_is_one_line(raw: bytes, message: str) -> None:
    """Damaged and hostile archives yield one issue."""
    (issue,) = items(raw)
    assert isinstance(issue, LoadIssue)
    assert message in issue.message
