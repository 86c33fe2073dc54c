"""Archives as sources: read like folders, with names in any encoding, and harmless when they are hostile."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import struct
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from corpus.document import Document
from corpus.import_issue import ImportIssue
from corpus.settings import Settings
from corpus.sources import archive
from corpus.sources.files import find_files
from indexer import build_index

Read = Callable[..., tuple[list[Document], list[str]]]
ReadFiles = Callable[..., list[Document | ImportIssue]]

PAGES = {
    "导出/第一篇/index.html": "<h1>第一篇</h1><p>储能电站验收。</p>",
    "导出/第二篇.md": "# 第二篇\n\n氢能管网建设。",
    "导出/数据.json": '[{"aid":"7","title":"第三篇","content":"潮汐发电试验。"}]',
}


def zipped(members: Mapping[str, str | bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP archive of these members."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", compression) as package:
        for name, content in members.items():
            package.writestr(name, content)
    return target.getvalue()


def tarred(members: Mapping[str, Any], encoding: str = "utf-8") -> bytes:
    """A tar archive of these members; a TarInfo stands for itself."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w", format=tarfile.GNU_FORMAT, encoding=encoding) as package:
        for name, content in members.items():
            if isinstance(content, tarfile.TarInfo):
                package.addfile(content)
                continue
            raw = content.encode() if isinstance(content, str) else content
            info = tarfile.TarInfo(name)
            info.size = len(raw)
            package.addfile(info, io.BytesIO(raw))
    return target.getvalue()


def link(name: str, target: str, kind: bytes = tarfile.SYMTYPE) -> tarfile.TarInfo:
    """A link in a tar archive."""
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


@pytest.mark.parametrize(
    ("content", "name"),
    [
        pytest.param(zipped(PAGES), "归档.zip", id="zip"),
        pytest.param(tarred(PAGES), "归档.tar", id="tar"),
        pytest.param(gzip.compress(tarred(PAGES)), "归档.tar.gz", id="tar-gz"),
        pytest.param(gzip.compress(tarred(PAGES)), "归档.TGZ", id="tgz"),
        pytest.param(bz2.compress(tarred(PAGES)), "归档.tbz2", id="bzip2"),
        pytest.param(lzma.compress(tarred(PAGES)), "归档.tar.xz", id="xz"),
        pytest.param(tarred(PAGES, "gb18030"), "归档.tar", id="tar-names-in-gbk"),
    ],
)
def test_archive_is_read_like_a_folder(content: bytes, name: str, read: Read) -> None:
    """Each member is read by its own format, under its own name below the archive's."""
    documents, lines = read(content, name)
    assert lines == []
    assert sorted((document.title, document.source_id, document.body) for document in documents) == sorted(
        [
            ("第一篇", "第一篇", "储能电站验收。"),
            ("第二篇", "第二篇", "第二篇\n\n氢能管网建设。"),
            ("第三篇", "7", "潮汐发电试验。"),
        ]
    )


def test_members_have_names_below_their_archive(tmp_path: Path) -> None:
    """Reports call a member archive/path; hidden files and those of systems are passed over."""
    hidden = {"__MACOSX/导出/._a.txt": "x", "导出/.DS_Store": "x", "导出/~$公文.docx": "x", "导出/": ""}
    (tmp_path / "归档.zip").write_bytes(zipped({**PAGES, **hidden, "导出/图.png": "x", "index.html": "<p>页</p>"}))
    files, problems = find_files([tmp_path])
    assert [file.name for file in files] == [f"归档.zip/{name}" for name in (*PAGES, "index.html")]
    assert [file.stem for file in files] == ["第一篇", "第二篇", "数据", "归档"]
    assert [file.size for file in files[:3]] == [len(content.encode()) for content in PAGES.values()]
    assert [problem.file for problem in problems] == ["归档.zip/导出/图.png"]


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8"])
def test_names_without_a_mark_are_decoded(encoding: str, tmp_path: Path) -> None:
    """Programs for Windows write names in GBK, others UTF-8 without saying so."""
    name = "公文/关于验收的通知.txt"
    raw = zipped({"X" * len(name.encode(encoding)): "文字"})
    (tmp_path / "a.zip").write_bytes(raw.replace(b"X" * len(name.encode(encoding)), name.encode(encoding)))
    files, problems = find_files([tmp_path])
    assert ([file.name for file in files], problems) == ([f"a.zip/{name}"], [])


def test_archive_in_an_archive_is_read_one_level_deep(tmp_path: Path, read_files: ReadFiles) -> None:
    """A ZIP of ZIPs is common; deeper ones are named, so that an archive of itself ends."""
    deepest = zipped({"c.txt": "第三层"})
    middle = zipped({"b.txt": "第二层", "深.zip": deepest, "深.tar.gz": gzip.compress(tarred({"d.txt": "丁"}))})
    (tmp_path / "外.zip").write_bytes(zipped({"a.txt": "第一层", "内.zip": middle}))
    files, problems = find_files([tmp_path])
    bodies = [item.title for item in read_files(files) if isinstance(item, Document)]
    assert bodies == ["第一层", "第二层"]
    assert [problem.file for problem in problems] == ["外.zip/内.zip/深.zip", "外.zip/内.zip/深.tar.gz"]
    assert "unpack it" in problems[0].message


def test_compressed_and_office_members_are_read(read: Read) -> None:
    """Members pass through the code that reads files: compression, encodings, formats told by content."""
    members = {"a.json.gz": gzip.compress(b'[{"title":"A","content":"B"}]'), "b.txt": "公报公报公报".encode("gb18030")}
    documents, lines = read(zipped(members), "x.zip")
    assert ([document.title for document in documents], lines) == (["A", "公报公报公报"], [])


@pytest.mark.parametrize("name", ["../out.txt", "/etc/out.txt", "a/../../out.txt", "C:\\out.txt", "..\\out.txt", "\\x"])
@pytest.mark.parametrize("pack", [pytest.param(zipped, id="zip"), pytest.param(tarred, id="tar")])
def test_names_that_lead_out_are_refused(pack: Callable[..., bytes], name: str, read: Read) -> None:
    """No member has a name outside its archive; the others are read."""
    documents, lines = read(pack({name: "外面", "in.txt": "里面"}), "x.zip")
    assert [document.title for document in documents] == ["里面"]
    assert len(lines) == 1
    assert "its name leads out of the archive" in lines[0]


def test_links_and_devices_in_archives_are_not_followed(read: Read) -> None:
    """A link may point at any file of the computer."""
    members: dict[str, str | tarfile.TarInfo] = {
        "x.txt": link("x.txt", "/etc/passwd"),
        "y.txt": link("y.txt", "a.txt", tarfile.LNKTYPE),
        "pipe": link("pipe", "", tarfile.FIFOTYPE),
        "a.txt": "文字",
    }
    documents, lines = read(tarred(members), "x.tar")
    assert [document.title for document in documents] == ["文字"]
    assert lines == [
        "note: x.tar/x.txt: a link in an archive is not followed",
        "note: x.tar/y.txt: a link in an archive is not followed",
        "rejected: x.tar/pipe: not a regular file",
    ]
    info = zipfile.ZipInfo("x.txt")
    info.external_attr = 0o120777 << 16
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as package:
        package.writestr(info, "/etc/passwd")
    assert read(target.getvalue(), "x.zip") == ([], ["note: x.zip/x.txt: a link in an archive is not followed"])


def test_encrypted_members_are_named(read: Read) -> None:
    """Without the password nothing is read; of many members one line tells."""
    raw = bytearray(zipped({"a.txt": "密", "b.txt": "文"}))
    for number, place in ((0, raw.find(b"PK\x01\x02")), (1, raw.rfind(b"PK\x01\x02"))):
        assert place > 0 or number
        raw[place + 8] |= 1
    documents, lines = read(bytes(raw), "x.zip")
    assert documents == []
    fault = "it is encrypted; unpack the archive with its password and give the folder as a source"
    assert lines == [f"rejected: x.zip/{name}.txt: {fault}" for name in "ab"]


def test_bombs_are_refused(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    """What expands beyond all measure, or has members beyond number, is one line; nothing is unpacked."""
    monkeypatch.setattr(archive, "RATIO_FROM_BYTES", 1_000_000)
    zeros = b" " * 1_000_001
    for content, name in (
        (zipped({"a.txt": zeros}), "x.zip"),
        (gzip.compress(tarred({"a.txt": zeros})), "x.tgz"),
        (zipped({f"{number}.txt": zeros[:200_000] for number in range(6)}), "x.zip"),
    ):
        documents, lines = read(content, name)
        assert documents == []
        assert len(lines) == 1
        assert "more than 200 times its size" in lines[0]
    documents, lines = read(zipped({"内.zip": zipped({"a.txt": zeros}), "b.txt": "文字"}), "x.zip")
    assert [document.title for document in documents] == ["文字"]
    assert len(lines) == 1
    monkeypatch.setattr(archive, "MAX_MEMBERS", 3)
    many = {f"{number}.txt": "文" for number in range(4)}
    for content, name in ((zipped(many), "x.zip"), (tarred(many), "x.tar")):
        assert "members" in read(content, name)[1][0]
    assert len(read(zipped({name: f"文{name}" for name in ("1.txt", "2.txt", "3.txt")}), "x.zip")[0]) == 3


def test_huge_list_of_members_is_refused_before_it_is_read(read: Read) -> None:
    """The size of a ZIP archive's list is what the archive says; zipfile would read it at once."""
    raw = bytearray(zipped({"a.txt": "文"}))
    struct.pack_into("<L", raw, raw.rfind(b"PK\x05\x06") + 12, 1 << 30)
    documents, lines = read(bytes(raw), "x.zip")
    assert documents == []
    assert "it has more than 100,000 members" in lines[0]


def test_member_larger_than_declared_is_cut_there(read: Read) -> None:
    """zipfile reads no member beyond the size that the archive declares, and finds the damage."""
    raw = bytearray(zipped({"a.txt": "文字" * 1000}))
    struct.pack_into("<L", raw, raw.find(b"PK\x01\x02") + 24, 60)
    documents, lines = read(bytes(raw), "x.zip")
    assert all(len(document.body) <= 20 for document in documents)
    assert len(lines) == 1


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(zipped(PAGES)[:-30], id="zip-cut"),
        pytest.param(b"PK\x03\x04" + b"\xff" * 300, id="zip-noise"),
        pytest.param(b"Rar!" + b"\xff" * 300, id="rar"),
        pytest.param(b"", id="empty"),
        pytest.param(b"x" * 600, id="text"),
    ],
)
@pytest.mark.parametrize("name", ["x.zip", "x.tar"])
def test_damaged_archive_is_one_line(content: bytes, name: str, read: Read) -> None:
    """Damage, other formats and emptiness: one line."""
    documents, lines = read(content, name)
    assert documents == []
    assert len(lines) == 1
    assert lines[0].startswith(f"rejected: {name}: the archive is not read: it is damaged or no archive (")


@pytest.mark.parametrize("compress", [bytes, gzip.compress])
def test_cut_tar_gives_what_is_there(compress: Callable[[bytes], bytes], read: Read) -> None:
    """Of a download that broke off, the members before its end are read, and the last line tells."""
    whole = compress(tarred({f"{number}.txt": f"第{number}号" + "文" * 900 for number in range(9)}))
    documents, lines = read(whole[: len(whole) // 2], "x.tar")
    assert 0 < len(documents) < 9
    assert "rejected: x.tar: the archive is cut off; what follows is unread, copy or download it again" in lines


def test_damaged_member_is_one_line(read: Read) -> None:
    """The other members are read."""
    content = zipped({"a.txt": "文字文字", "b.txt": "其他"}, compression=zipfile.ZIP_STORED)
    documents, lines = read(content.replace("文字文字".encode(), "文字文学".encode()), "x.zip")
    assert "其他" in [document.title for document in documents]
    assert [line.split(": ")[1] for line in lines] == ["x.zip/a.txt"]


def test_many_archives_need_few_open_files(tmp_path: Path, read_files: ReadFiles) -> None:
    """A folder may hold more archives than a process may open files; two members may have one name."""
    for number in range(40):
        (tmp_path / f"{number:02}.zip").write_bytes(zipped({"a.txt": f"第{number}号", "b.txt": f"附件{number}"}))
    before = len(list(Path("/proc/self/fd").iterdir()))
    files, problems = find_files([tmp_path, tmp_path / "00.zip"])
    assert (len(files), problems) == (80, [])
    assert len(list(Path("/proc/self/fd").iterdir())) < before + 10
    assert len([item for item in read_files(files) if isinstance(item, Document)]) == 80
    del files
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_index_of_an_archive_is_not_built_again_unchanged(tmp_path: Path) -> None:
    """Members count as sources do: an unchanged archive changes nothing, a changed member does."""
    source = tmp_path / "a.zip"
    settings = Settings(index=str(tmp_path / "index"))
    source.write_bytes(zipped(PAGES))
    assert build_index([source], settings).indexed == 3
    assert build_index([source], settings).is_unchanged
    source.write_bytes(zipped({**PAGES, "导出/第二篇.md": "# 第二篇\n\n其他。"}))
    assert not build_index([source], settings).is_unchanged


def test_document_called_archive_is_read(read: Read) -> None:
    """A Word file that was renamed is one document, not a folder of XML."""
    word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    body = f'<w:document xmlns:w="{word}"><w:body><w:p><w:r><w:t>正文</w:t></w:r></w:p></w:body></w:document>'
    documents, lines = read(zipped({"[Content_Types].xml": "<Types/>", "word/document.xml": body}), "a.zip")
    assert ([document.title for document in documents], lines) == (["正文"], [])
