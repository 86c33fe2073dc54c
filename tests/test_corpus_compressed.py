"""Compressed sources: read as what they hold, up to a limit, and as far as they are whole."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from collections.abc import Callable

import pytest

from corpus.document import Document

TEXT = "科技创新券在本市各区通用，企业可以凭券购买检测服务。"
LINES = "\n".join(f'{{"aid":"{number}","title":"题{number}","content":"{TEXT}{number}"}}' for number in range(2000))
DAMAGED = "the compressed file {}; what follows is unread, copy or download it again"

Read = Callable[..., tuple[list[Document], list[str]]]


def tar(content: bytes) -> bytes:
    """An archive of one file."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as archive:
        member = tarfile.TarInfo("a.json")
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    return target.getvalue()


@pytest.mark.parametrize(
    "compress", [pytest.param(module.compress, id=module.__name__) for module in (gzip, lzma, bz2)]
)
@pytest.mark.parametrize(
    ("content", "name"),
    [
        pytest.param(LINES.encode(), "a.jsonl.gz", id="lines"),
        pytest.param(LINES.encode("gb18030"), "a.jsonl", id="another-encoding-and-no-suffix"),
        pytest.param(LINES.encode("utf-16"), "a.txt.XZ", id="json-called-txt"),
    ],
)
def test_compressed_file_is_read_by_what_it_holds(
    compress: Callable[[bytes], bytes], content: bytes, name: str, read: Read
) -> None:
    """Compression and format are told by content; the name matters as little as without compression."""
    documents, lines = read(compress(content), name)
    assert lines == []
    assert [document.title for document in documents] == [f"题{number}" for number in range(2000)]


def test_compressed_text_is_called_without_both_suffixes(read: Read) -> None:
    """`plan.md.gz` is Markdown, and `plan` to its owner."""
    (document,), lines = read(gzip.compress("## 二、任务\n\n正文。".encode()), "plan.md.gz")
    assert lines == []
    assert (document.title, document.source_id, document.body) == ("二、任务", "plan", "二、任务\n\n正文。")


def test_parts_one_after_another_are_one_file(read: Read) -> None:
    """Programs append to logs by writing a second gzip member."""
    first, second = LINES[: len(LINES) // 2], LINES[len(LINES) // 2 :]
    documents, lines = read(gzip.compress(first.encode()) + gzip.compress(second.encode()), "a.jsonl.gz")
    assert (len(documents), lines) == (2000, [])


@pytest.mark.parametrize("compress", [pytest.param(module.compress, id=module.__name__) for module in (gzip, lzma)])
def test_cut_file_gives_what_is_there(compress: Callable[[bytes], bytes], read: Read) -> None:
    """Of a download that broke off, the records before its end are read, and two lines tell of the rest."""
    whole = compress(LINES.encode())
    documents, lines = read(whole[: len(whole) * 9 // 10], "a.jsonl")
    assert 0 < len(documents) < 2000
    assert documents[0].title == "题0"
    assert lines[-1] == f"rejected: a.jsonl: {DAMAGED.format('is cut off')}"
    assert len(lines) <= 2


def test_file_cut_within_a_character_is_still_read(read: Read) -> None:
    """The cut may fall into a character; that alone does not make the encoding unknown."""
    for size in range(3):
        text = '{"title":"第一篇","content":"正文"}\n{"title":"第二篇","content":"'.encode() + "正".encode()[:size]
        cut = gzip.compress(text)[:-8]  # the checksum and the length are missing
        documents, lines = read(cut, "a.jsonl")
        assert [document.title for document in documents] == ["第一篇"]
        assert lines[-1] == f"rejected: a.jsonl: {DAMAGED.format('is cut off')}"


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(gzip.compress(LINES.encode())[:-6] + b"xxxxxx", id="gzip-wrong-checksum"),
        pytest.param(gzip.compress(LINES.encode()) + b"more", id="gzip-and-more"),
        pytest.param(b"\x1f\x8b\x08\x00" + b"\xff" * 40, id="gzip-noise"),
        pytest.param(b"\xfd7zXZ\x00" + b"\xff" * 40, id="xz-noise"),
        pytest.param(b"BZh91AY&SY" + b"\xff" * 40, id="bzip2-noise"),
        pytest.param(lzma.compress(LINES.encode())[:-40] + b"x" * 40, id="xz-wrong-end"),
    ],
)
def test_damaged_file_is_named(raw: bytes, read: Read) -> None:
    """Damage is one line at the end of what could be read, never an exception."""
    documents, lines = read(raw, "a.jsonl")
    assert len(documents) in (0, 2000)
    assert lines == [f"rejected: a.jsonl: {DAMAGED.format('is damaged')}"]


@pytest.mark.parametrize(
    "compress", [pytest.param(module.compress, id=module.__name__) for module in (gzip, lzma, bz2)]
)
def test_bomb_is_refused_at_the_limit(compress: Callable[[bytes], bytes], read: Read) -> None:
    """A text that is one document is limited exactly; a stream may expand to 200 times the size of its file."""
    content = f"题\n\n{LINES}".encode()
    assert len(read(compress(content), "a.txt", max_file_bytes=len(content))[0]) == 1
    documents, lines = read(compress(content), "a.txt", max_file_bytes=len(content) - 1)
    assert documents == []
    assert lines == [f"rejected: a.txt: expands to more than {len(content) - 1:,} bytes (max_file_bytes)"]
    assert len(read(compress(LINES.encode()), "a.jsonl", max_file_bytes=1)[0]) == 2000
    documents, lines = read(compress(b" " * 50_000_000), "a.json", max_file_bytes=10_000_000)
    assert lines == ["rejected: a.json: expands to more than 10,000,000 bytes (max_file_bytes)"]


def test_archives_are_named(read: Read) -> None:
    """An archive of several files is to be unpacked first."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("a.json", "[]")
    assert read(target.getvalue(), "a.json")[1] == [
        "rejected: a.json: a ZIP archive; unpack it and give the folder as a source"
    ]
    assert read(gzip.compress(tar(b"[]")), "a.json.gz")[1] == [
        "rejected: a.json.gz: a file in tar format; save it as JSON, HTML, Markdown or text and try again"
    ]


def test_empty_compressed_file_is_an_empty_file(read: Read) -> None:
    """Nothing, compressed, is nothing."""
    assert read(gzip.compress(b""), "a.json.gz")[1] == ["rejected: a.json.gz: the file is empty"]
